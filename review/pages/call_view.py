"""The context of a call's page: its facts and its transcript, ready to be shown."""

from dataclasses import dataclass
from typing import Literal

from pipeline.checklist import Text
from pipeline.records import AnalysedDialogue, Call, Role, Utterance, Word
from pipeline.sides import client_second
from review.desk.submissions import Submission
from review.pages.checklist_view import EvaluationView
from review.pages.review_form import Problem, ReviewForm
from review.pages.standing import ShownSubmission, Standing
from review.sides import State as SwapState

Sound = Literal["playable", "masked", "removed", "missing", "none"]
FAINT_BELOW = 0.5  # a word that the recogniser itself doubts
ROLES_SURE_FROM = 0.6


@dataclass(frozen=True, slots=True)
class ShownWord:
    text: str
    start_s: float
    end_s: float
    faint: bool


@dataclass(frozen=True, slots=True)
class ShownUtterance:
    """`words` is empty where only the text is known."""

    index: int
    role: Role
    text: str
    start_s: float | None
    end_s: float | None
    words: tuple[ShownWord, ...]
    interrupts: bool
    found: bool = False  # holds the words that are looked for


@dataclass(frozen=True, slots=True)
class ChecklistLink:
    """One of several checklists that have judged the call."""

    checklist_id: str
    title: Text
    address: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class VersionLink:
    """One of several versions of the shown checklist; `verdict_count`: criteria with a verdict on that version."""

    number: int
    address: str
    is_current: bool
    is_shown: bool
    verdict_count: int


@dataclass(frozen=True, slots=True)
class CallPage:
    """`sound`: missing where the recording's file is gone, masked where the person may not hear it.

    `review` is the form for somebody who may answer now; else `evaluation` is shown, unless that is `hidden` from them.
    `undoable`: the person's submission of this call that they may take back; `last`: their last one of all; `is_news`:
    it was handed in a moment ago. `query`: of the address, for the page's forms.
    """

    call: Call
    status: str
    failure_codes: tuple[str, ...]
    duration_s: float | None
    language: str | None
    sound: Sound
    transcript: tuple[ShownUtterance, ...]
    analysed: AnalysedDialogue | None
    evaluation: EvaluationView | None
    checklists: tuple[ChecklistLink, ...]
    versions: tuple[VersionLink, ...]
    back: str
    standing: Standing
    review: ReviewForm | None = None
    problem: Problem | None = None
    may_review: bool = False
    hidden: bool = False
    last: ShownSubmission | None = None
    is_news: bool = False
    undoable: Submission | None = None
    query: str = ""
    kept: tuple[tuple[str, str], ...] = ()  # of the query, for a form that looks for words
    looked_for: str = ""
    style_nonce: str = ""
    removed_days: int | None = None  # after how many days retention removed the recording
    damaged: bool = False  # part of the recording could not be heard
    swap: SwapState = "none"  # of the sides

    @property
    def client_second(self) -> float | None:
        """For the form that says that the client is the agent."""
        return None if self.analysed is None else client_second(self.analysed)

    @property
    def may_swap(self) -> bool:
        return self.may_review and self.swap != "working" and self.client_second is not None

    @property
    def call_id(self) -> str:
        return self.call.call_id

    @property
    def is_older_version(self) -> bool:
        return any(link.is_shown and not link.is_current for link in self.versions)

    @property
    def roles_unsure(self) -> bool:
        return self.analysed is not None and self.analysed.roles.confidence < ROLES_SURE_FROM


def build_transcript(analysed: AnalysedDialogue | None, looked_for: str = "") -> tuple[ShownUtterance, ...]:
    """The utterances in order, each with whether it starts by interrupting, and holds what is looked for."""
    if analysed is None:
        return ()
    starts = {(item.by, item.start_s) for item in analysed.interruptions}
    wanted = looked_for.casefold()
    return tuple(
        _utterance(item, (item.role, item.start_s) in starts, bool(wanted) and wanted in item.text.casefold())
        for item in analysed.dialogue.utterances
    )


def _utterance(utterance: Utterance, interrupts: bool, found: bool) -> ShownUtterance:
    return ShownUtterance(
        index=utterance.index,
        role=utterance.role,
        text=utterance.text,
        start_s=utterance.start_s,
        end_s=utterance.end_s,
        words=tuple(_word(word) for word in utterance.words),
        interrupts=interrupts,
        found=found,
    )


def _word(word: Word) -> ShownWord:
    return ShownWord(word.text, word.start_s, word.end_s, word.probability < FAINT_BELOW)
