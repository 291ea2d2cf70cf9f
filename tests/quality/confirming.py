"""The simulation of auto-confirmation as tables for the page; tests/quality/auto_confirmation.py plays it through."""

from collections.abc import Sequence

from pipeline.checklist import Checklist
from pipeline.settings import TrustSettings
from tests.quality.auto_confirmation import ORDERS, SHORT_FIRST_LOOK, STREAM, Played, answers_of, simulate
from tests.quality.judging import Judged
from tests.quality.tables import NOTHING, number, table

HEADER = [
    "criterion",
    "answers",
    "wrong",
    "orders that start",
    "verdicts before",
    "confirmed after",
    "wrong of those",
    "orders over the promise",
    "stopped by audit",
]


def section(judged: Sequence[Judged], checklist: Checklist, trust: TrustSettings) -> list[str]:
    """The answers that there are, then a longer time with the same judge."""
    answers = answers_of(judged, checklist)
    short = simulate(answers, trust, (SHORT_FIRST_LOOK,))
    return [
        "Off until a supervisor allows it for a criterion. Then verdicts are gathered; when they bear out a confidence",
        f"from which at most {100 * trust.promised_error:g} % are wrong (sure to {100 * trust.confidence:g} %), the",
        f"answers from there on are confirmed without a person, but for {100 * trust.audit_share:g} % that are still",
        f"asked about. Here the labels play the supervisor, in {ORDERS} random orders. A criterion that never starts",
        "needs more verdicts or a better judge: it does no harm, and saves no work.",
        "",
        f"The answers that there are, first test after {SHORT_FIRST_LOOK} verdicts:",
        "",
        played_table(short),
        "",
        *lucky_lines(short, trust),
        f"A month of a department: {STREAM:,} answers drawn from the same ones again and again, first test after",
        f"{trust.first_test} verdicts, as it ships. It checks the rule over a longer time, not the judge on new calls:",
        "",
        played_table(simulate(answers, trust, (trust.first_test,), STREAM)),
    ]


def lucky_lines(played: Sequence[Played], trust: TrustSettings) -> list[str]:
    """Why some criteria confirm more errors here than is promised; nothing where none does."""
    over = [row.criterion_id for row in played if row.error is not None and row.error > trust.promised_error]
    if not over:
        return []
    return [
        f"More than the promised {100 * trust.promised_error:g} % of what was confirmed is wrong for",
        f"{', '.join(over)}: few orders start there, and those are the lucky ones, whose first",
        f"{SHORT_FIRST_LOOK} verdicts held fewer errors than what came after. The larger first test with which it",
        "ships, in the next table, is there to prevent that.",
        "",
    ]


def played_table(played: Sequence[Played]) -> str:
    rows = [
        [
            row.criterion_id,
            str(row.answer_count),
            _percent(row.error_share),
            _percent(row.started_share),
            NOTHING if row.verdict_count is None else f"{row.verdict_count:.0f}",
            _percent(row.coverage),
            _percent(row.error),
            _percent(row.broken_share),
            _percent(row.stopped_share),
        ]
        for row in played
    ]
    return table(HEADER, rows)


def _percent(share: float | None) -> str:
    found = NOTHING if share is None else number(100 * share, 1)
    return found if found == NOTHING else f"{found} %"
