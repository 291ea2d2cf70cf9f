"""Politeness by words only: insults and mockery, irritation, or neither."""

from pipeline.prescoring.findings import Finding, distinct
from pipeline.prescoring.ladder import Case


def judge_politeness(case: Case) -> Finding:
    """One phrase of scorn alone may be chance; together with irritation, or twice, it is plain."""
    reading = case.reading
    insults = reading.with_hits("agent", "insult")
    curt = reading.with_hits("agent", "curt", "dismiss", "irony")
    if len(insults) > 1 or (insults and curt):
        return Finding(0.0, 0.6, "insult", distinct([line.quote_of("insult") for line in insults]))
    if insults or curt:
        quotes = [line.quote_of("insult", "curt", "dismiss", "irony") for line in insults + curt]
        return Finding(0.5, 0.45 + 0.1 * min(len(quotes), 3), "curt", distinct(quotes))
    return Finding(1.0, 0.75, "polite")
