"""Close and next step: something concrete that both agree on, with a day, time, document or payment."""

from pipeline.prescoring.findings import Finding, distinct
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.reading import Line, Reading
from pipeline.records import Evidence

_TAIL_SHARE = 0.45  # next steps are looked for in the last part of the call
_ANSWER_LINES = 3


def judge_closing(case: Case) -> Finding:
    """Looks for a proposal with a time or document, then for the other side's consent."""
    reading = case.reading
    tail = _tail(reading)
    concrete = [line for line in tail if line.role == "agent" and _is_concrete(line)]
    agreed: list[Evidence] = []
    for line in concrete:
        answer = _answer(reading, line)
        if answer is not None:
            agreed += [line.quote_of("time", "document"), answer.quote_of("agree", "time")]
    confirmed = [line for line in tail if line.role == "client" and line.has("time") and line.has("agree", "promise")]
    if agreed:
        return Finding(1.0, 0.65, "agreed", distinct(agreed))
    if confirmed and any(line.role == "agent" and line.has("agree", "promise") for line in tail):
        return Finding(1.0, 0.5, "agreed", distinct([line.quote_of("time") for line in confirmed]))
    steps = [line for line in tail if line.role == "agent" and line.has("promise", "vague", "offer")] or concrete
    if steps:
        reason = "one_sided" if concrete else "vague"
        return Finding(
            0.5, 0.55, reason, distinct([line.quote_of("promise", "vague", "offer") for line in reversed(steps)])
        )
    last = list(reading.of("agent"))[-1:]
    return Finding(0.0, 0.6, "none", distinct([line.quote() for line in last]))


def _tail(reading: Reading) -> list[Line]:
    lines = [line for line in reading.lines if line.role != "other"]
    return lines[min(int(len(lines) * (1 - _TAIL_SHARE)), max(0, len(lines) - 6)) :]


def _is_concrete(line: Line) -> bool:
    return (line.has("time") and line.has("promise", "offer", "document", "schedule", "agree")) or (
        line.has("document") and line.has("promise", "schedule")
    )


def _answer(reading: Reading, line: Line) -> Line | None:
    """The client's line that agrees soon after, unless he declines first."""
    for later in reading.lines[line.position + 1 : line.position + 1 + _ANSWER_LINES]:
        if later.role == "client":
            if later.has("disagree") and not later.has("agree"):
                return None
            if later.has("agree", "time"):
                return later
    return None
