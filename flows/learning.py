"""Learning from verdicts without any server: read, learn, compare, and put into use what is better."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flows.batch import RUN_LOCK_S
from flows.workshop import WorkOrder, checklist_named, models_of
from models.head_learning import corpus_with_type_only_calls
from models.remembering_encoder import RememberingEncoder
from models.verdict_learning import HoldOut, Learn, Learned, Lessons, hold_out, learn_from_verdicts, learner
from pipeline.errors import InputError
from pipeline.interfaces import Encoder
from pipeline.learning.files import ChosenHeads, check_heads, heads_named, save_version
from pipeline.learning.labels import LearningSample, VerdictCall
from pipeline.learning.versions import HeadEvent, HeadHistory
from pipeline.store import Store
from pipeline.store import heads as head_store
from pipeline.store.dialogues import StoredDialogue, stream_dialogues_with_vectors
from pipeline.store.heads_labels import Checklists, read_verdict_calls
from pipeline.store.lock import locked

ACTOR = "prescore learn"


@dataclass(frozen=True)
class LearningSummary:
    """What one learning did. `learned` is None while verdicts are missing; `version` None where nothing was kept."""

    current: str  # version in use before
    calls: int
    verdicts: int
    held: HoldOut
    learned: Learned | None = None
    version: str | None = None

    @property
    def adopted(self) -> bool:
        return self.learned is not None and self.learned.decision.adopted

    @property
    def sentence(self) -> str:
        """What was decided, and why."""
        if self.learned is None:
            return f"nothing learned: {self.held.missing}"
        decided = "adopted" if self.adopted else "not adopted"
        if self.version is None:
            return f"dry run, nothing kept; would be {decided}: {self.learned.decision.reason}"
        return f"{decided}: {self.learned.decision.reason}"

    def counts(self) -> dict[str, int]:
        return {
            "calls_with_verdicts": self.calls,
            "verdicts": self.verdicts,
            "held_out": len(self.held.newer),
            "adopted": int(self.adopted and self.version is not None),
        }


def run_learning(
    order: WorkOrder,
    *,
    since: datetime | None = None,
    dry_run: bool = False,
    actor: str = ACTOR,
    learn: Learn | None = None,
    lock_timeout_s: float = RUN_LOCK_S,
) -> LearningSummary:
    """Learn from the verdicts in the store, given `since` (UTC) or ever, and adopt what is better on held-out ones.

    `learn` None: the real trainer. A dry run keeps nothing. Raises WeightsError when the heads in use are not what was
    adopted, StoreError while a run works on the data, InputError when other heads were chosen meanwhile.
    """
    store = Store(order.data.store)
    encoder = models_of(order).encoder
    settings = order.settings.learning
    with store.reading() as con:
        history = head_store.read_history(con)
        calls, checklists = read_verdict_calls(con, since)
    current = heads_named(order.data.heads, history.in_use)
    path = check_heads(current, encoder.dialogue_identity)
    known = history.model(current.version)
    held = hold_out(calls, settings, known.learned_until if known else None)
    summary = LearningSummary(current.version, len(calls), sum(call.verdict_count for call in calls), held)
    if held.missing is not None:
        return summary
    lessons = read_lessons(store, order, encoder, held.older + held.newer, checklists)
    held = _spoken(held, lessons)
    learn = learn or learner(RememberingEncoder(encoder, order.data.corpus_vectors))
    learned = learn_from_verdicts(lessons, held, path, encoder, learn, settings, again=not dry_run)
    version = None if dry_run else keep(order, store, learned, current, actor, lock_timeout_s)
    return LearningSummary(summary.current, summary.calls, summary.verdicts, held, learned, version)


def read_lessons(
    store: Store, order: WorkOrder, encoder: Encoder, calls: Iterable[VerdictCall], checklists: Checklists
) -> Lessons:
    """The corpus that came with the program, and the stored dialogues of the calls, with vectors."""
    by_sha = {call.content_sha256: call for call in calls}
    samples: dict[str, LearningSample] = {}
    for batch in stream_dialogues_with_vectors(store, encoder.dialogue_identity, list(by_sha)):
        for stored in batch:
            samples[stored.content_sha256] = _sample(by_sha[stored.content_sha256], stored, encoder)
    return Lessons(
        tuple(corpus_with_type_only_calls()),
        samples,
        checklists,
        checklist_named(order.settings.checklist),
    )


def _sample(call: VerdictCall, stored: StoredDialogue, encoder: Encoder) -> LearningSample:
    dialogue = stored.analysed.dialogue
    vectors = stored.vectors.vectors if stored.vectors else None
    if vectors is None:
        vectors = encoder.encode_dialogue(dialogue)
    sha = call.content_sha256
    return LearningSample(sha, sha, dialogue, call.call_type, call.labels, vectors)


def _spoken(held: HoldOut, lessons: Lessons) -> HoldOut:
    """Without the calls whose dialogue is not stored any more. Raises InputError when none is left on one side."""
    older, newer = (
        tuple(call for call in calls if call.content_sha256 in lessons.samples) for calls in (held.older, held.newer)
    )
    if not older or not newer:
        raise InputError("the dialogues of the calls with verdicts are not stored; run `prescore run` on them again")
    return HoldOut(older, newer)


def keep(
    order: WorkOrder, store: Store, learned: Learned, current: ChosenHeads, actor: str, lock_timeout_s: float
) -> str:
    """Stores the model with its figures, and adopts it where that was decided. Returns its version.

    No run may work meanwhile: it would judge some calls by the old heads and some by the new ones.
    """
    with locked(order.data.run_lock, exclusive=True, timeout_s=lock_timeout_s):
        with store.reading() as con:
            in_use = head_store.read_history(con).in_use
        if in_use != current.version:
            raise InputError(f"heads {in_use} were chosen while learning compared with {current.version}; learn again")
        version = save_version(learned.artefact, order.data.heads).version
        event = HeadEvent(
            "adopted" if learned.decision.adopted else "rejected", version, actor, learned.decision.reason
        )
        with store.writing() as con:
            head_store.write_model(con, learned.model(version, current.version))
            head_store.append_event(con, event)
    return version


def choose(order: WorkOrder, version: str, person: str, reason: str = "") -> str:
    """A person puts a model into use. Returns its version. Raises InputError, WeightsError without its file."""
    store = Store(order.data.store)
    with store.reading() as con:
        found = head_store.find_version(head_store.read_history(con), version)
    check_heads(heads_named(order.data.heads, found), models_of(order).encoder.dialogue_identity)
    with locked(order.data.run_lock, exclusive=True, timeout_s=RUN_LOCK_S), store.writing() as con:
        return head_store.use(con, found, person, reason)


def roll_back(order: WorkOrder, person: str, reason: str = "") -> str:
    """The model before is in use again. Returns its version."""
    store = Store(order.data.store)
    with locked(order.data.run_lock, exclusive=True, timeout_s=RUN_LOCK_S), store.writing() as con:
        return head_store.roll_back(con, person, reason)


def read_heads(order: WorkOrder) -> HeadHistory:
    """All that happened to heads; nothing where there is no store yet."""
    if not order.data.store.exists():
        return HeadHistory()
    with Store(order.data.store).reading() as con:
        return head_store.read_history(con)
