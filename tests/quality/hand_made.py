"""Small labelled dialogues and answers to them, from which the right figures can be told by hand."""

from collections.abc import Mapping

from pipeline.checklist import Checklist, load_checklist
from pipeline.corpus import Gold, LabelledDialogue
from pipeline.records import CallType, CallTypeSuggestion, Evaluation, Evidence, Suggestion
from tests.quality.judging import Judged

CQR = load_checklist("cqr")
TWO: Checklist = CQR.model_copy(update={"criteria": (CQR.criterion("greeting"), CQR.criterion("objection"))})
TURNS = ({"client": "Алло."}, {"agent": "Добрый день, это Анна."}, {"client": "Мне дорого."})
NOT_APPLICABLE = Gold(applicable=False)
Answer = float | str | None  # a value; "na" for does not apply; None for not enough evidence


def labelled(
    name: str,
    greeting: float = 1.0,
    objection: float | None = None,
    call_type: CallType = "qualification",
    language: str = "ru",
    trade: str = "windows",
) -> LabelledDialogue:
    """`objection` None: it does not apply. Evidence is turn 1 for both."""
    return LabelledDialogue(
        id=name,
        language=language,  # type: ignore[arg-type]
        trade=trade,
        direction="outgoing",
        call_type=call_type,
        turns=TURNS,
        gold={
            "greeting": Gold(value=greeting, evidence=(1,)),
            "objection": NOT_APPLICABLE if objection is None else Gold(value=objection, evidence=(1,)),
        },
    )


def suggestion(criterion_id: str, answer: Answer, confidence: float = 0.9, turn: int = 1) -> Suggestion:
    """Quotes the first word of a turn wherever it gives a value."""
    if answer == "na":
        return Suggestion(criterion_id, False, None, confidence, rung="heads")
    (text,) = TURNS[turn].values()
    quotes = () if answer is None else (Evidence(turn, text.split()[0]),)
    value = None if answer is None else float(answer)
    return Suggestion(criterion_id, True, value, confidence, evidence=quotes, rung="heads")


def judged(
    item: LabelledDialogue,
    answers: Mapping[str, Answer],
    call_type: CallType = "qualification",
    confidence: float = 0.9,
    turn: int = 1,
    written_turns: Mapping[int, tuple[int, ...]] | None = None,
) -> Judged:
    found = tuple(suggestion(name, answer, confidence, turn) for name, answer in answers.items())
    guess = CallTypeSuggestion(call_type, confidence)
    evaluation = Evaluation("cqr", "v1", "hand-made", guess, found, None, None, scored=bool(found))
    return Judged(item, item.dialogue, evaluation, written_turns)
