"""Additional offer: a further product or service beyond what the client asked for."""

from pipeline.prescoring.findings import Finding, distinct
from pipeline.prescoring.ladder import Case


def judge_upsell(case: Case) -> Finding:
    """An offer in words of addition, a hint, or neither."""
    reading = case.reading
    lines = reading.with_hits("agent", "upsell")
    hints = reading.with_hits("agent", "upsell_hint")
    full = [line for line in lines if line not in hints and len(line.tokens) >= 8 and line.has("offer", "terms")]
    if full:
        return Finding(1.0, 0.5, "offered", distinct([line.quote_of("upsell") for line in full]))
    if hints:
        return Finding(0.5, 0.5, "hinted", distinct([line.quote_of("upsell_hint") for line in hints]))
    return Finding(0.0, 0.6, "none")
