"""What the desk knows of a call for the person who looks: claims, submissions, and what they may not see yet."""

from dataclasses import dataclass
from datetime import datetime

from review.desk.audit import AuditFilter, read_audit
from review.desk.claims import Claim, standing_claims
from review.desk.database import Desk, moment_of, now_s
from review.desk.people import Person
from review.desk.submissions import Submission, submissions_of_call, undoable

SEEN = "call.seen"  # in the audit, with whether suggestions were shown
ENTRIES = 1000
TOAST_S = 120.0  # for how long after submitting the next page says so


@dataclass(frozen=True, slots=True)
class ShownSubmission:
    """What somebody handed in, as it stands beside the suggestions."""

    submission: Submission
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """`submissions`: everybody's of the evaluation that were not taken back, the newest first.

    `blind`: the machine's and other people's answers are hidden from the person, until they submit.
    `asks`: the person may answer now. `others_claim`: somebody else works on the call.
    `seen_before`: they asked for a blind page too late.
    """

    submissions: tuple[Submission, ...] = ()
    own: Submission | None = None
    others_claim: Claim | None = None
    blind: bool = False
    asks: bool = False
    seen_before: bool = False

    @property
    def shown(self) -> tuple[Submission, ...]:
        """What the person may see of the submissions: while they answer themselves, nothing."""
        return () if self.asks or self.blind else self.submissions

    @property
    def shown_submissions(self) -> tuple[ShownSubmission, ...]:
        return tuple(map(show_submission, self.shown))

    @property
    def known(self) -> tuple[str, ...]:
        """Others' submissions beside which the person answers."""
        return tuple(item.submission_id for item in self.submissions if item is not self.own)


def read_standing(
    desk: Desk, person: Person, call_id: str, evaluation_id: str, *, is_current: bool, blind: bool, beside: bool
) -> Standing:
    """`blind`: the address asks for a blind page; `beside`: for an own verdict beside somebody else's."""
    submissions = tuple(
        item
        for item in submissions_of_call(desk, call_id)
        if item.evaluation_id == evaluation_id and item.undone_s is None
    )
    if not person.may("review"):
        return Standing(submissions)
    own = next((item for item in submissions if item.person_id == person.person_id), None)
    seen = blind and not person.blind and has_seen(desk, person, call_id)
    hidden = own is None and (person.blind or (blind and not seen))
    claim = standing_claims(desk).get(call_id)
    return Standing(
        submissions=submissions,
        own=own,
        others_claim=None if claim is None or claim.person_id == person.person_id else claim,
        blind=hidden,
        asks=is_current and own is None and (hidden or beside or not submissions),
        seen_before=seen,
    )


def has_seen(desk: Desk, person: Person, call_id: str) -> bool:
    """Whether the machine's or other people's answers to the call were ever shown to the person."""
    entries = read_audit(desk, AuditFilter(person_id=person.person_id, action=SEEN, subject=call_id), limit=ENTRIES)
    return any(entry.detail.get("suggestions") for entry in entries)


def is_news(submission: Submission | None) -> bool:
    """Whether it was handed in a moment ago."""
    return submission is not None and abs(now_s() - submission.submitted_s) < TOAST_S


def show_submission(submission: Submission) -> ShownSubmission:
    return ShownSubmission(submission, moment_of(submission.submitted_s))


def read_undoable(desk: Desk, person: Person) -> tuple[Submission, ...]:
    """The person's last submissions that they may take back, the newest first; none for those who submit nothing."""
    return undoable(desk, person) if person.may("review") else ()
