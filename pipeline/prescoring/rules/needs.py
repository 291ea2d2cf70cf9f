"""Problem identified: questions about the client's situation, need or what stops them."""

from pipeline.prescoring.findings import Finding, distinct
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.questions import find_questions


def judge_needs(case: Case) -> Finding:
    """Counts needs questions; in a running deal a question is about logistics until it says otherwise."""
    reading = case.reading
    questions = find_questions(reading)
    needs = [q for q in questions if q.kind == "need"]
    others = [q for q in questions if q.kind in {"logistics", "schedule"}]
    if case.call_type == "accelerating":
        clear = [q for q in needs if q.line.has("question_need") and not q.line.has("question_logistics")]
        others += [q for q in needs if q not in clear]
        needs = clear
    summary = reading.with_hits("agent", "summary")
    if len(needs) >= 2 or (needs and summary):
        quotes = [q.evidence for q in needs] + [line.quote_of("summary") for line in summary]
        return Finding(1.0, 0.75 if len(needs) > 2 else 0.6, "two_questions", distinct(quotes))
    if needs:
        return Finding(0.5, 0.55, "one_question", distinct([q.evidence for q in needs]))
    logistics = [q for q in others if q.kind != "schedule"]
    if logistics:
        return Finding(0.5, 0.55, "logistics_only", distinct([q.evidence for q in logistics]))
    decisions = [q.evidence for q in questions if q.kind == "decision"]
    return Finding(0.0, 0.7, "decision_only" if decisions else "none", distinct(decisions))
