"""Auto-confirmation played through on the corpus: `python -m tests.quality.auto_confirmation`.

Answers of the judge to dialogues that it was not trained on come in a random order, each with its label in the place of
a supervisor's verdict. When the verdicts bear a threshold out, the rest is confirmed from there, but for the audit
share; when the audits break the promise, it stops. 200 orders of the answers that there are; and, because those are few
against a month of a department, 200 streams of 1,000 answers drawn from them with replacement: the same judge, a longer
time. There the true error at a threshold is known, so that the promise itself can be checked.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.auto_confirmation.audits import evidence_against
from pipeline.auto_confirmation.rules import LEARNED_RUNG
from pipeline.auto_confirmation.thresholds import (
    ROUNDING,
    THRESHOLDS,
    Counts,
    Numbers,
    chance_of_look,
    loosest_holding,
    next_look,
    tally,
)
from pipeline.checklist import Checklist
from pipeline.settings import TrustSettings
from tests.quality.text import Judged

ORDERS = 200
STREAM = 1000
FIRST_LOOKS = (59, 118, 236)
SHORT_FIRST_LOOK = 90  # leaves some of the corpus's answers to be confirmed
SEED = 20_260


@dataclass(frozen=True)
class Answered:
    """Answers that could be confirmed, and whether each is wrong. shapes: (answers,)"""

    confidences: Numbers
    errors: NDArray[np.bool_]


@dataclass(frozen=True)
class Played:
    """What happened over all orders of one criterion; shares are 0..1, None where nothing ever started."""

    criterion_id: str
    first_look: int
    answer_count: int  # in each order
    error_share: float  # of all answers, confirmed or not
    started_share: float  # of the orders
    verdict_count: float | None  # median at the start
    coverage: float | None  # confirmed, of the answers after the start; mean over the orders that started
    error: float | None  # of all confirmed ones
    broken_share: float  # of all orders: more than promised of what was confirmed was wrong
    unsound_share: float  # of all orders: the threshold's true error is above the promise
    stopped_share: float  # of the orders: the audit stopped it


def answers_of(judged: Sequence[Judged], checklist: Checklist) -> dict[str, Answered]:
    """The learned heads' answers by criterion, as auto-confirmation takes them: no abstention, no critical 0."""
    found: dict[str, Answered] = {}
    for criterion in checklist.criteria:
        cells = [(item.labelled.gold[criterion.id], item.suggestion(criterion.id)) for item in judged]
        kept = [
            (answer.confidence, (answer.applicable, answer.value) != (gold.applicable, gold.value))
            for gold, answer in cells
            if answer is not None and answer.rung == LEARNED_RUNG
            if (answer.value is not None or not answer.applicable)
            if not (criterion.critical and answer.value == 0)
        ]
        confidences, errors = zip(*kept, strict=True) if kept else ((), ())
        found[criterion.id] = Answered(np.array(confidences, float), np.array(errors, bool))
    return found


def orders_of(answered: Answered, stream: int | None, generator: np.random.Generator) -> Answered:
    """200 permutations, or with `stream` as many draws with replacement each. shapes: (200, answers)"""
    count = len(answered.errors)
    if stream is None:
        places = generator.permuted(np.tile(np.arange(count), (ORDERS, 1)), axis=1)
    else:
        places = generator.integers(count, size=(ORDERS, stream))
    return Answered(answered.confidences[places], answered.errors[places])


def starts(orders: Answered, trust: TrustSettings, first_look: int) -> tuple[Counts, Counts]:
    """For each order, after how many verdicts it starts, and the place in THRESHOLDS; -1 where it never does."""
    total = orders.errors.shape[1]
    began, places = np.full(len(orders.errors), -1), np.full(len(orders.errors), -1)
    look, needed = 0, first_look
    while needed <= total:
        counts, wrong = tally(orders.confidences[:, :needed], orders.errors[:, :needed])
        found = loosest_holding(counts, wrong, trust.promised_error, chance_of_look(trust, look))
        new = (began < 0) & (found >= 0)
        began[new], places[new] = needed, found[new]
        look, needed = look + 1, next_look(first_look, needed)
    return began, places


def play(
    criterion_id: str,
    answered: Answered,
    trust: TrustSettings,
    first_look: int,
    stream: int | None = None,
    seed: int = SEED,
) -> Played:
    """Plays 200 orders through, each as far as its answers go."""
    generator = np.random.default_rng(seed)
    orders = orders_of(answered, stream, generator) if len(answered.errors) else Answered(*np.zeros((2, ORDERS, 0)))
    errors = orders.errors.astype(bool)
    began, places = starts(Answered(orders.confidences, errors), trust, first_look)
    after = (began >= 0)[:, None] & (np.arange(errors.shape[1]) >= began[:, None])
    would = after & (orders.confidences >= THRESHOLDS[np.maximum(places, 0)][:, None] - ROUNDING)
    audited = would & (generator.random(would.shape) < trust.audit_share)
    gathered = _gathered(errors, audited, trust)
    running = np.maximum.accumulate(gathered, axis=1) < trust.audits_per_false_stop
    confirmed = would & ~audited & running
    right_after, confirmed_count = after.sum(axis=1), confirmed.sum(axis=1)
    wrong_count = (confirmed & errors).sum(axis=1)
    ran = right_after > 0
    started = began >= 0
    return Played(
        criterion_id,
        first_look,
        errors.shape[1],
        float(answered.errors.mean()) if len(answered.errors) else math.nan,
        float(started.mean()),
        float(np.median(began[started])) if started.any() else None,
        float((confirmed_count[ran] / right_after[ran]).mean()) if ran.any() else None,
        float(wrong_count.sum() / confirmed_count.sum()) if confirmed_count.any() else None,
        float((wrong_count > trust.promised_error * confirmed_count).mean()),
        _unsound(answered, places, trust),
        float((~running).any(axis=1).mean()) if errors.shape[1] else 0.0,
    )


def _gathered(errors: NDArray[np.bool_], audited: NDArray[np.bool_], trust: TrustSettings) -> Numbers:
    """Evidence against the promise at each place of each order: of the audits up to there."""
    order = np.argsort(~audited, axis=1, kind="stable")  # each order's audits first, in their order
    evidence = evidence_against(np.take_along_axis(errors, order, axis=1), trust.promised_error)
    number = np.cumsum(audited, axis=1)
    return np.where(number > 0, np.take_along_axis(evidence, np.maximum(number - 1, 0), axis=1), 0.0)


def _unsound(answered: Answered, places: Counts, trust: TrustSettings) -> float:
    """Share of the orders whose threshold has a larger error over all answers than was promised."""
    counts, wrong = tally(answered.confidences, answered.errors)
    unsound = wrong > trust.promised_error * counts
    return float((unsound[np.maximum(places, 0)] & (places >= 0)).mean())


def simulate(
    answers: Mapping[str, Answered],
    trust: TrustSettings,
    first_looks: Sequence[int] = FIRST_LOOKS,
    stream: int | None = None,
) -> list[Played]:
    """Every criterion with every first look."""
    return [
        play(criterion_id, answered, trust, first_look, stream)
        for criterion_id, answered in answers.items()
        for first_look in first_looks
    ]


def lines_of(played: Sequence[Played]) -> list[str]:
    """A table; a criterion that never starts says so."""
    lines = [
        "criterion    answers wrong  first test | "
        "started  verdicts  confirmed  wrong of those  broken  unsound  stopped"
    ]
    for row in played:
        head = f"{row.criterion_id:12s} {row.answer_count:7d} {_share(row.error_share):>5s} {row.first_look:11d} |"
        if row.verdict_count is None:
            too_few = row.answer_count < row.first_look
            lines.append(f"{head} never: {'too few answers' if too_few else 'no threshold is borne out'}")
            continue
        lines.append(
            f"{head} {_share(row.started_share):>7s} {row.verdict_count:9.0f} {_share(row.coverage):>10s} "
            f"{_share(row.error, 1):>15s} {_share(row.broken_share, 1):>7s} {_share(row.unsound_share, 1):>8s} "
            f"{_share(row.stopped_share, 1):>8s}"
        )
    return lines


def report(judged: Sequence[Judged], checklist: Checklist, trust: TrustSettings) -> list[str]:
    """What docs/quality.md shows: the answers that there are, then streams of 1,000."""
    answers = answers_of(judged, checklist)
    return [
        f"Promise: at most {trust.promised_error:.0%} wrong, {trust.confidence:.0%} sure; "
        f"{trust.audit_share:.0%} audited; first test after {trust.first_test} verdicts unless one says otherwise.",
        "",
        f"{ORDERS} random orders of the answers to {len(judged)} dialogues",
        *lines_of(simulate(answers, trust, (trust.min_verdicts, SHORT_FIRST_LOOK))),
        "",
        f"{ORDERS} streams of {STREAM} answers drawn from them with replacement",
        *lines_of(simulate(answers, trust, FIRST_LOOKS, STREAM)),
    ]


def _share(value: float | None, digits: int = 0) -> str:
    return "-" if value is None or math.isnan(value) else f"{100 * value:.{digits}f}%"


def main() -> None:
    from pipeline.checklist import load_checklist
    from pipeline.corpus import load_corpus
    from pipeline.prescoring import heads_judge
    from pipeline.prescoring.head_artefact import HELD_OUT_HEADS
    from pipeline.settings import load_settings
    from tests.quality.text import judge_all

    checklist = load_checklist("cqr")
    judged = judge_all(load_corpus(checklist, "test"), checklist, heads_judge(HELD_OUT_HEADS))
    print("\n".join(report(judged, checklist, load_settings().trust)))


if __name__ == "__main__":
    main()
