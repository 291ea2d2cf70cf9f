"""Each rung of the judge's ladder measured alone, and the ladder as it ships."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.checklist import Checklist
from pipeline.corpus import LabelledDialogue
from pipeline.errors import WeightsError
from pipeline.interfaces import Models, Vectors
from pipeline.prescoring import Judge, build_judge, rules_judge
from pipeline.prescoring.head_artefact import HELD_OUT_HEADS, load_artefact
from pipeline.settings import JudgeSettings, RungName
from tests.quality.agreement import OVERVIEW_HEADER, overview_row
from tests.quality.figures import overview
from tests.quality.judging import Judged, judge_timed
from tests.quality.tables import NOTHING, number, table

LEARNED = "learned heads over rules"
EXAMPLES = "examples only, a criterion that nobody labelled"
LADDER = "the profile's ladder"
CHEAP: tuple[RungName, ...] = ("heads", "vectors")


@dataclass(frozen=True)
class RungResult:
    """One way to judge, measured; `judged` is empty, and `reason` says why, where it could not be."""

    name: str
    judged: Sequence[Judged] = ()
    ms_per_call: float = float("nan")
    reason: str = ""


@dataclass(frozen=True)
class Way:
    """A judge and the checklist put before it; no judge: `reason` says why it is not measured."""

    name: str
    checklist: Checklist
    judge: Judge | None = None
    reason: str = ""


def ladder_of(checklist: Checklist, models: Models, settings: JudgeSettings, heads: Path = HELD_OUT_HEADS) -> Judge:
    """The ladder of those settings, with heads that never saw the held-back trades.

    Raises WeightsError where the heads were trained on another encoder's vectors: the ladder would silently be the
    rules alone.
    """
    trained_on, encoder = load_artefact(heads).facts.encoder, models.encoder
    if trained_on != encoder.dialogue_identity:
        raise WeightsError(
            f"{heads}: trained on vectors of {trained_on}, the profile's encoder is {encoder.dialogue_identity}; "
            "run `make learn`, then measure again"
        )
    return build_judge(checklist, encoder, heads, settings, models.entailer, models.instructor)


def without_rules(checklist: Checklist) -> Checklist:
    """The same checklist as if each criterion were new: its texts and examples, no rule and so no learned head."""
    criteria = tuple(criterion.model_copy(update={"rule": None}) for criterion in checklist.criteria)
    return checklist.model_copy(update={"criteria": criteria})


def ways(checklist: Checklist, models: Models, settings: JudgeSettings, heads: Path = HELD_OUT_HEADS) -> list[Way]:
    """The rungs, cheapest first, and the profile's ladder last where it has more of them than the cheap two.

    A model that the profile does not name cannot be measured.
    """
    stripped = without_rules(checklist)
    cheap = settings.model_copy(update={"rungs": CHEAP})
    found = [
        Way("rules alone", checklist, rules_judge()),
        Way(LEARNED, checklist, ladder_of(checklist, models, cheap, heads)),
        Way(EXAMPLES, stripped, ladder_of(stripped, models, cheap, heads)),
    ]
    for name, model in {"nli": models.entailer, "instruct": models.instructor}.items():
        if model is None:
            found.append(Way(f"{name} alone", stripped, reason="the profile names no model for it"))
        else:
            alone = settings.model_copy(update={"rungs": (name,)})
            found.append(Way(f"{name} alone", stripped, ladder_of(stripped, models, alone, heads)))
    if settings.rungs != CHEAP:
        found.append(Way(LADDER, checklist, ladder_of(checklist, models, settings, heads)))
    return found


def as_shipped(results: Sequence[RungResult]) -> RungResult:
    """What a run judges by: the profile's ladder, where one more than the cheap two was measured."""
    by_name = {result.name: result for result in results if result.judged}
    return by_name.get(LADDER) or by_name[LEARNED]


def measure(way: Way, corpus: Sequence[LabelledDialogue], vectors: Sequence[Vectors]) -> RungResult:
    """The answers of one way. A rung that could not answer every call is not measured."""
    if way.judge is None:
        return RungResult(way.name, reason=way.reason)
    found, ms_per_call = judge_timed([labelled.dialogue for labelled in corpus], vectors, way.checklist, way.judge)
    if any(evaluation.judge != way.judge.identity for evaluation in found):
        return RungResult(way.name, reason="its model did not answer")
    judged = [Judged(one, one.dialogue, evaluation) for one, evaluation in zip(corpus, found, strict=True)]
    return RungResult(way.name, judged, ms_per_call)


def section(results: Sequence[RungResult], checklist: Checklist, encode_ms: float) -> list[str]:
    rows = []
    for result in results:
        if result.judged:
            rows.append([*overview_row(result.name, overview(result.judged, checklist)), number(result.ms_per_call, 1)])
        else:
            rows.append([f"{result.name}: not measured, {result.reason}", *[NOTHING] * len(OVERVIEW_HEADER)])
    return [
        "The judge asks its cheapest rung first. Rules read words alone. Learned heads weigh the rules and the",
        "sentence vectors, and were trained on labelled calls of other trades. The third line is what a supervisor's",
        "new criterion gets on its first day: its own text and examples, nothing learned; the call type and whether",
        'an objection was raised come from the other rungs. Answered: the share of cells with a value or a "does not',
        'apply"; the rest says that the evidence is not enough.',
        "",
        table([*OVERVIEW_HEADER, "ms a call"], rows),
        "",
        f"Sentence vectors are made once per call, {number(encode_ms, 0)} ms on average here, and stored; the last",
        "column is what comes after. Both are processor time of one core.",
    ]
