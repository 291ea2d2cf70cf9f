"""Rows of the list and of the queue: what a supervisor decides by at a glance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from review.call_facts import CallFacts
from review.desk.claims import Claim
from review.desk.people import Person
from review.need import Reason
from review.pages.checklist_view import SURE_FROM

CALLS_ON_A_PAGE = 50
LAST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One call. `is_hidden`: what the machine suggests is not shown: the person works blind and has not reviewed it.

    `reviewers`: names; `holder`: who has claimed it, None when nobody or the person; `call_type`, `cqr` and so on are
    None where they are not known or not shown.
    """

    call: CallFacts
    address: str
    call_type: str | None
    confidence: float | None
    cqr: float | None
    passed: bool | None
    is_hidden: bool
    reasons: tuple[Reason, ...] = ()
    reviewers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    holder: str | None = None
    is_own: bool = False

    @property
    def is_unsure(self) -> bool:
        return self.confidence is not None and self.confidence < SURE_FROM


@dataclass(frozen=True, slots=True)
class RowMaker:
    """What every row needs: who looks, people's names by login, the claims, and the filters that lead back here."""

    person: Person
    names: Mapping[str, str]
    claims: Mapping[str, Claim]
    checklist: str | None
    query: str

    def rows(self, calls: Sequence[tuple[CallFacts, tuple[Reason, ...]]]) -> tuple[ShownRow, ...]:
        return tuple(self.row(call, reasons) for call, reasons in calls)

    def row(self, call: CallFacts, reasons: tuple[Reason, ...] = ()) -> ShownRow:
        """Managers see neither flags nor who of the supervisors works on their call."""
        person, score = self.person, call.score(self.checklist)
        is_hidden = person.blind and person.login not in call.reviewers
        shown = None if is_hidden else score
        is_colleague = person.role != "manager"
        claim = self.claims.get(call.call_id) if is_colleague else None
        is_own = claim is not None and claim.person_id == person.person_id
        return ShownRow(
            call=call,
            address=f"/calls/{quote(call.call_id, safe='')}{f'?{self.query}' if self.query else ''}",
            call_type=shown.call_type if shown else None,
            confidence=shown.call_type_confidence if shown else None,
            cqr=shown.cqr if shown else None,
            passed=shown.passed if shown else None,
            is_hidden=is_hidden and score is not None,
            reasons=reasons,
            reviewers=tuple(self.names.get(login, login) for login in call.reviewers) if is_colleague else (),
            flags=call.flags if is_colleague else (),
            holder=None if claim is None or is_own else claim.name,
            is_own=is_own,
        )


@dataclass(frozen=True, slots=True)
class Paging:
    """`page` from 1; the last one where the address asks for more. `path`: of the list that is paged."""

    page: int
    page_count: int
    path: str

    @property
    def rows(self) -> slice:
        """The places of the page's rows."""
        return slice((self.page - 1) * CALLS_ON_A_PAGE, self.page * CALLS_ON_A_PAGE)


def page_number(text: str) -> int:
    """From 1; anything else is the first page."""
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() else 1


def paging(asked: str, row_count: int, path: str) -> Paging:
    page_count = max(1, -(-row_count // CALLS_ON_A_PAGE))
    return Paging(min(page_number(asked), page_count), page_count, path)
