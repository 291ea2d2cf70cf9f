"""Two versions of a checklist beside each other: what was written anew, and what that changed on the same calls."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from pipeline.changes import CHANGES, Changes
from pipeline.store import Store
from pipeline.store.rows import Row, fetch
from review.access import may
from review.catalogue import Catalogue
from review.checklist_versions import KnownChecklist, KnownVersion
from review.pages.checklist import find_checklist
from review.pages.checklist_changes import ChangeGroup, change_groups
from review.refusals import Refusal
from review.site import Site, ThisSite

router = APIRouter(dependencies=[Depends(may("see_checklists"))])
MOVED_CALLS = 10


@dataclass(frozen=True, slots=True)
class MovedCall:
    """A call whose suggested CQR differs between the two versions."""

    call_id: str
    started_at: datetime | None
    manager: str | None
    cqr_before: float
    cqr_after: float
    passed_before: bool | None
    passed_after: bool | None


@dataclass(frozen=True, slots=True)
class ChangedAnswers:
    """How answers changed: a row per criterion, a column per way that occurs. Suggestions only, no verdicts."""

    changes: Changes
    titles: Mapping[str, str]  # of criteria, by id

    @property
    def kinds(self) -> tuple[str, ...]:
        """The ways in which any answer changed, in their usual order."""
        found = {kind for counts in self.changes.by_criterion.values() for kind in counts}
        return tuple(kind for kind in CHANGES if kind in found)


@dataclass(frozen=True, slots=True)
class ComparePage:
    """`answers` is None where one of the two versions has judged nothing yet."""

    known: KnownChecklist
    before: KnownVersion
    after: KnownVersion
    groups: tuple[ChangeGroup, ...]
    answers: ChangedAnswers | None
    moved: tuple[MovedCall, ...]


@router.get("/checklists/{checklist_id}/compare")
def compare_versions(
    request: Request,
    site: ThisSite,
    checklist_id: str,
    from_: Annotated[str, Query(alias="from")] = "",
    to: str = "",
) -> Response:
    """Without versions in the address: the newest, and the one before it."""
    known = find_checklist(site, checklist_id)
    after = known.version(to) if to else known.versions[0]
    before = known.version(from_) if from_ else after and (known.before(after) or after)
    if before is None or after is None:
        raise Refusal(404, "no_such_version")
    words = site.words(request)
    changes, moved = find_changes(site, before, after)
    page = ComparePage(
        known=known,
        before=before,
        after=after,
        groups=change_groups(words, before.checklist, after.checklist),
        answers=None if changes is None else ChangedAnswers(changes, titles_of(words, before, after)),
        moved=moved,
    )
    return site.respond(request, "checklist_compare.html", page)


def titles_of(words: Catalogue, *versions: KnownVersion) -> dict[str, str]:
    """Titles of criteria by id; of the last version that has the criterion."""
    return {item.id: words.of(item.title) for version in versions for item in version.checklist.criteria}


def find_changes(site: Site, before: KnownVersion, after: KnownVersion) -> tuple[Changes | None, tuple[MovedCall, ...]]:
    """As old as `review/remembered.py` says. Raises StoreError like the store."""
    key = ("comparison", after.checklist.id, before.version, after.version)
    return site.figures.read(site.store.path, key, lambda: read_changes(site.store, before, after))


def read_changes(
    store: Store, before: KnownVersion, after: KnownVersion
) -> tuple[Changes | None, tuple[MovedCall, ...]]:
    """How the machine's answers differ on the calls that both have judged, and where its CQR differs most."""
    if before == after or not before.call_count or not after.call_count:
        return None, ()
    asked = {"checklist_id": after.checklist.id, "before": before.version, "after": after.version}
    with store.reading() as con:
        outcomes = fetch(con, "page_checklist_outcome", **asked)
        answers = fetch(con, "page_checklist_changes", **asked)
        moved = fetch(con, "page_checklist_moved", **asked, limit=MOVED_CALLS)
    order = [criterion.id for criterion in after.checklist.criteria]
    return changes_of(outcomes, answers, order), tuple(MovedCall(**row) for row in moved)


def changes_of(outcomes: Sequence[Row], answers: Sequence[Row], order: Sequence[str]) -> Changes:
    """The counts of the store as `pipeline.changes` holds them, criteria in that order."""
    changes = Changes()
    for row in outcomes:
        changes.calls += row["call_count"]
        changes.cqr_calls += row["cqr_count"]
        changes.cqr_before_sum += row["cqr_before_sum"]
        changes.cqr_after_sum += row["cqr_after_sum"]
        changes.passes_gained += row["gained_count"]
        changes.passes_lost += row["lost_count"]
        if row["type_before"] != row["type_after"]:
            changes.call_types[row["type_before"], row["type_after"]] = row["call_count"]
    for row in sorted(answers, key=lambda row: order.index(row["criterion_id"])):
        changes.by_criterion.setdefault(row["criterion_id"], Counter())[row["change"]] = row["call_count"]
    return changes
