"""The tables of the page about trust, as files hold them: shares are of 0..1, each with the ends of its interval."""

from collections.abc import Callable

from pipeline.agreement import Agreement, Figure
from review.catalogue import Catalogue
from review.exports import Column, Row, local_time
from review.pages.trust_rules import RuleLine
from review.pages.trust_view import TrustPage

Table = tuple[tuple[Column, ...], list[Row]]
FIGURES = ("kappa", "exact", "near", "identical", "applicability")


def agreement_table(page: TrustPage, words: Catalogue) -> Table:
    """Two rows where there is a "last 25" too."""
    figures = [end for name in FIGURES for end in (name, f"{name}_low", f"{name}_high")]
    rows: list[Row] = []
    for row in page.agreement:
        title = page.title(words, row.key)
        rows.append((title, words("trust.all_verdicts"), *figures_of(row.whole)))
        if row.recent is not None:
            rows.append((title, words("trust.last", count=page.recent), *figures_of(row.recent)))
    return named(words, ("what", "over", "verdicts", "abstained", *figures)), rows


def figures_of(found: Agreement) -> Row:
    figures: list[Figure] = [getattr(found, name) for name in FIGURES]
    return (
        found.pair_count,
        found.abstained_count,
        *(end for figure in figures for end in (figure.value, figure.low, figure.high)),
    )


def reliability_table(page: TrustPage, words: Catalogue) -> Table:
    rows: list[Row] = [
        (item.said, item.right.count, item.right.value, item.right.low, item.right.high) for item in page.bins
    ]
    return named(words, ("said", "answers", "right", "right_low", "right_high")), rows


def change_table(page: TrustPage, words: Catalogue) -> Table:
    rows: list[Row] = []
    for row in page.change.rows if page.change else ():
        counts = (row.before.pair_count, row.after.pair_count)
        kappas = (row.before.kappa.value, row.after.kappa.value)
        nears = (row.before.near.value, row.after.near.value, row.apart.value, row.apart.low, row.apart.high)
        rows.append((page.criterion_title(words, row.key), *counts, *kappas, *nears))
    counted = ("what", "verdicts_before", "verdicts_after", "kappa_before", "kappa_after")
    return named(words, (*counted, "near_before", "near_after", "change", "change_low", "change_high")), rows


def rules_table(page: TrustPage, words: Catalogue) -> Table:
    keys = ("what", "state", "coverage", "confirmed", "suggestions", "reason", "allowed_by", "allowed_at")
    rests = ("threshold", "rests_on", "rests_errors", "bound", "audits", "audits_answered", "audit_errors")
    rows: list[Row] = []
    for line in page.rules:
        counts = (line.coverage, line.confirmed_count, line.suggestion_count)
        rows.append((words.of(line.title), words(f"trust.states.{line.state}"), *counts, *standing_of(line, words)))
    return named(words, (*keys, *rests)), rows


def standing_of(line: RuleLine, words: Catalogue) -> Row:
    found = line.standing
    if found is None:
        return (None,) * 10
    reason = words(f"trust.reasons.{found.stop_reason}") if found.stop_reason else None
    rests = (found.threshold, found.verdict_count, found.error_count, found.upper_bound)
    audits = (found.audit_count, found.audit_answered_count, found.audit_error_count)
    return (reason, found.allowed_by, local_time(words, found.allowed_at), *rests, *audits)


def named(words: Catalogue, keys: tuple[str, ...]) -> tuple[Column, ...]:
    return tuple(words(f"trust.columns.{key}") for key in keys)


TABLES: dict[str, Callable[[TrustPage, Catalogue], Table]] = {
    "agreement": agreement_table,
    "reliability": reliability_table,
    "change": change_table,
    "rules": rules_table,
}
