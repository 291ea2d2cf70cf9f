"""PersuasionForGood (Wang et al. 2019): what people marked in 100 human dialogues beside what the judge answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.records import Evaluation
from tests.quality.measures import share_of
from tests.quality.metrics import Share
from tests.quality.outside_texts import OutsideDialogue
from tests.quality.tables import percent_of, table

REFUSALS = frozenset({"disagree-donation", "disagree-donation-more", "negative-reaction-to-donation"})
INQUIRIES = frozenset({"task-related-inquiry", "personal-related-inquiry"})
GREETING = frozenset({"greeting"})
APPEALS = frozenset(
    {"logical-appeal", "emotion-appeal", "credibility-appeal", "foot-in-the-door", "self-modeling", "personal-story"}
)


@dataclass(frozen=True)
class Compared:
    """What annotators marked in a dialogue beside what the judge answered, one pair of booleans per dialogue."""

    pairs: tuple[tuple[bool, bool], ...]  # (marked, answered)

    @property
    def found(self) -> Share:
        """Of the marked ones, those that the judge found."""
        return share_of([answered for marked, answered in self.pairs if marked])

    @property
    def right(self) -> Share:
        """Of those that the judge found, the marked ones."""
        return share_of([marked for marked, answered in self.pairs if answered])

    @property
    def same(self) -> Share:
        return share_of([marked == answered for marked, answered in self.pairs])


def compare(
    dialogues: Sequence[OutsideDialogue],
    evaluations: Sequence[Evaluation],
    marked: Callable[[OutsideDialogue], bool],
    criterion_id: str,
    least: float | None,
) -> Compared:
    """Acts beside a criterion: that it applies (`least` None), or that its value is at least so much."""
    pairs = []
    for dialogue, evaluation in zip(dialogues, evaluations, strict=True):
        answer = next((s for s in evaluation.suggestions if s.criterion_id == criterion_id), None)
        if answer is None or (least is not None and answer.value is None):
            continue
        answered = answer.applicable if least is None else (answer.value or 0.0) >= least
        pairs.append((marked(dialogue), answered))
    return Compared(tuple(pairs))


def has(role: str, acts: frozenset[str], first: int | None = None) -> Callable[[OutsideDialogue], bool]:
    """Whether one side does such an act, in its first so many utterances."""

    def look(found: OutsideDialogue) -> bool:
        own = [done for spoken, done in zip(found.dialogue.utterances, found.acts, strict=True) if spoken.role == role]
        return any(acts & done for done in own[:first])

    return look


def appeals_after_refusal(found: OutsideDialogue) -> bool:
    """Whether the persuader still argues after the first refusal."""
    refused = False
    for spoken, done in zip(found.dialogue.utterances, found.acts, strict=True):
        if refused and spoken.role == "agent" and done & APPEALS:
            return True
        refused = refused or (spoken.role == "client" and bool(done & REFUSALS))
    return False


def refusal_quoted(dialogues: Sequence[OutsideDialogue], evaluations: Sequence[Evaluation]) -> Share:
    """Where a refusal was marked and the judge quotes for it: a quote from the refusal, or the answer right after."""
    hits = []
    for found, evaluation in zip(dialogues, evaluations, strict=True):
        refusals = {
            place
            for place, (spoken, done) in enumerate(zip(found.dialogue.utterances, found.acts, strict=True))
            if spoken.role == "client" and done & REFUSALS
        }
        answer = next((s for s in evaluation.suggestions if s.criterion_id == "objection"), None)
        if refusals and answer is not None and answer.applicable and answer.evidence:
            near = refusals | {place + 1 for place in refusals}
            hits.append(any(evidence.utterance_index in near for evidence in answer.evidence))
    return share_of(hits)


def persuasion_part(dialogues: Sequence[OutsideDialogue], evaluations: Sequence[Evaluation]) -> list[str]:
    """100 human dialogues: acts that people marked beside what the judge made of them."""
    compared = {
        ("the persuader greets in the first turn", "greeting above 0"): compare(
            dialogues, evaluations, has("agent", GREETING, first=1), "greeting", 0.5
        ),
        ("the persuader asks about the other's situation", "needs above 0"): compare(
            dialogues, evaluations, has("agent", INQUIRIES), "needs", 0.5
        ),
        ("the persuadee refuses or reacts negatively", "objection applies"): compare(
            dialogues, evaluations, has("client", REFUSALS), "objection", None
        ),
        ("after a refusal, the persuader appeals again", "objection handled above 0"): compare(
            dialogues, evaluations, appeals_after_refusal, "objection", 0.5
        ),
    }
    rows = [
        [act, answer, percent_of(found.found), percent_of(found.right), percent_of(found.same)]
        for (act, answer), found in compared.items()
    ]
    return [
        f"PersuasionForGood: {len(dialogues)} human dialogues in which one asks the other for a donation, each",
        "sentence annotated. Found: of the marked dialogues, those where the judge answers so; right: of its answers,",
        "the marked ones. Differences in meaning: our greeting is also above 0 for a name or an organisation without a",
        "greeting word; our objection also counts a worry or a doubt put as a question, their negative reaction also",
        "counts an excuse. Closings are not compared: theirs is a goodbye, ours is an agreed next step.",
        "",
        table(["people marked", "the judge answers", "found", "right", "the same"], rows, words=2),
        "",
        "Where a refusal was marked and the judge sees an objection, it quotes the refusal or the answer right after",
        f"in {percent_of(refusal_quoted(dialogues, evaluations))}.",
    ]
