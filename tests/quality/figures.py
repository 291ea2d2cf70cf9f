"""What a judge's answers to labelled dialogues are worth: figures over `Judged`, no words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.checklist import Checklist, Criterion
from pipeline.corpus import Gold
from pipeline.prescoring.call_features import CALL_TYPES
from pipeline.records import Suggestion
from tests.quality.judging import Judged
from tests.quality.measures import (
    Interval,
    Numbers,
    confusion,
    exact_shares,
    kappas,
    macro_f1s,
    mean_kappas,
    share_of,
    with_interval,
)
from tests.quality.metrics import Share

NEAR = 0.5


@dataclass(frozen=True, slots=True)
class CriterionFigures:
    """One criterion over some dialogues. `counts`: labels by rows, answers by columns, where both gave a value."""

    criterion_id: str
    kappa: Interval
    exact: Interval
    near: Share  # within half a point, of the values
    wrong_applicability: Share  # of all answers
    missed: int  # applies, and the judge said that it does not
    invented: int  # does not apply, and the judge said that it does
    abstained: Share  # of the answers where it applies and the judge said so
    evidence: Share  # gold turn among the quoted ones, of the answers that quote and whose label names turns
    counts: Numbers  # shape: (levels, levels)


@dataclass(frozen=True, slots=True)
class Overview:
    """All criteria and the type together. `answered`: cells with a value, or with a "does not apply"."""

    dialogue_count: int
    macro_f1: Interval
    mean_kappa: Interval
    wrong_applicability: Share
    answered: Share
    evidence: Share
    verbatim: Share
    unscored_count: int


def value_pair(gold: Gold, answer: Suggestion | None) -> tuple[float, float] | None:
    """Label and answer where both gave a value."""
    if answer is None or gold.value is None or not answer.applicable or answer.value is None:
        return None
    return gold.value, answer.value


def value_cells(judged: Sequence[Judged], criterion: Criterion) -> Numbers:
    """shape: (dialogues, levels, levels)"""
    pairs = [value_pair(item.labelled.gold[criterion.id], item.suggestion(criterion.id)) for item in judged]
    gold, answers = [pair and pair[0] for pair in pairs], [pair and pair[1] for pair in pairs]
    return confusion(gold, answers, criterion.values)


def type_cells(judged: Sequence[Judged]) -> Numbers:
    """shape: (dialogues, call types, call types)"""
    gold = [item.labelled.call_type for item in judged]
    return confusion(gold, [item.evaluation.call_type.call_type for item in judged], CALL_TYPES)


def criterion_figures(judged: Sequence[Judged], criterion: Criterion) -> CriterionFigures:
    answered = [
        (item, item.labelled.gold[criterion.id], answer)
        for item in judged
        if (answer := item.suggestion(criterion.id)) is not None
    ]
    cells = value_cells(judged, criterion)
    pairs = [pair for _, gold, answer in answered if (pair := value_pair(gold, answer))]
    return CriterionFigures(
        criterion.id,
        with_interval(kappas, cells),
        with_interval(exact_shares, cells),
        share_of([abs(one - two) <= NEAR for one, two in pairs]),
        share_of([gold.applicable != answer.applicable for _, gold, answer in answered]),
        sum(gold.applicable and not answer.applicable for _, gold, answer in answered),
        sum(answer.applicable and not gold.applicable for _, gold, answer in answered),
        share_of([answer.value is None for _, gold, answer in answered if gold.applicable and answer.applicable]),
        share_of([hit for item, gold, answer in answered if (hit := finds_evidence(item, gold, answer)) is not None]),
        cells.sum(axis=0),
    )


def finds_evidence(item: Judged, gold: Gold, answer: Suggestion) -> bool | None:
    """Whether a quoted turn is among those that the label names; None where there is nothing to compare."""
    if value_pair(gold, answer) is None or not gold.evidence or not answer.evidence:
        return None
    quoted = {turn for evidence in answer.evidence for turn in item.turns_of(evidence)}
    return not quoted.isdisjoint(gold.evidence)


def verbatim(judged: Sequence[Judged]) -> Share:
    """Quotes, those of the call type too, that stand letter by letter in the utterance that they name."""
    found = []
    for item in judged:
        texts = {utterance.index: utterance.text for utterance in item.dialogue.utterances}
        sources = (item.evaluation.call_type, *item.evaluation.suggestions)
        for evidence in (evidence for source in sources for evidence in source.evidence):
            found.append(bool(evidence.quote) and evidence.quote in texts.get(evidence.utterance_index, ""))
    return share_of(found)


def overview(judged: Sequence[Judged], checklist: Checklist) -> Overview:
    cells = np.stack([value_cells(judged, criterion) for criterion in checklist.criteria], axis=1)
    answers = [
        (item, item.labelled.gold[criterion.id], item.suggestion(criterion.id))
        for item in judged
        for criterion in checklist.criteria
    ]
    given = [(item, gold, answer) for item, gold, answer in answers if answer is not None]
    return Overview(
        len(judged),
        with_interval(macro_f1s, type_cells(judged)),
        with_interval(mean_kappas, cells),
        share_of([gold.applicable != answer.applicable for _, gold, answer in given]),
        share_of([answer is not None and not (answer.applicable and answer.value is None) for *_, answer in answers]),
        share_of([hit for item, gold, answer in given if (hit := finds_evidence(item, gold, answer)) is not None]),
        verbatim(judged),
        sum(not item.evaluation.scored for item in judged),
    )
