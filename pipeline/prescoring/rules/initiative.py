"""Initiative: the manager leads, asks, offers and proposes the next step unasked."""

from pipeline.prescoring.findings import Finding, distinct
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.questions import find_questions


def judge_initiative(case: Case) -> Finding:
    """One point each for a question, an offer, and a next step of his own."""
    reading = case.reading
    questions = [q for q in find_questions(reading) if q.kind not in {"phatic", "decision"}]
    offers = reading.with_hits("agent", "offer", "upsell")
    steps = [line for line in reading.with_hits("agent", "promise", "offer") if line.has("time", "document")]
    promises = reading.with_hits("agent", "promise")
    quotes = [line.quote_of("offer", "promise") for line in [*reversed(steps), *offers, *promises]]
    quotes += [q.evidence for q in questions]
    given_up = reading.with_hits("agent", "give_up")
    points = min(len(questions), 2) + min(len(offers), 2) + 2 * bool(steps) + bool(promises)
    if given_up and points < 4:
        points -= 1
    if points >= 4 and (steps or len(offers) >= 2):
        return Finding(1.0, 0.6, "leads", distinct(quotes))
    if points >= 1:
        return Finding(0.5, 0.5, "some", distinct(quotes))
    last = given_up or list(reading.of("agent"))[-2:]
    return Finding(0.0, 0.6, "gave_up" if given_up else "only_answers", distinct([line.quote() for line in last]))
