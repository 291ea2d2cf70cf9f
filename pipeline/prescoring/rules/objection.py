"""Objection handled: taken seriously, answered by something that fits, and settled."""

from pipeline.prescoring.findings import Finding, distinct
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.reading import Line, Reading

_ARGUMENT_WORDS = 12
_CONCERN_WORDS = 4  # a shorter line is a bare no
_ARGUMENTS = ("argument", "benefit", "offer", "terms")


def raised(reading: Reading) -> list[Line]:
    """The client's lines that voice a concern or a refusal with a reason."""
    return [line for line in reading.of("client") if line.has("concern") and len(line.tokens) >= _CONCERN_WORDS]


def judge_objection(case: Case) -> Finding:
    """Applicability, then argument and settlement after the first objection."""
    reading = case.reading
    objections = raised(reading)
    if not objections:
        return Finding(None, 0.65, "not_raised", applicable=False)
    after = reading.lines[objections[0].position + 1 :]
    arguments = [
        line for line in after if line.role == "agent" and len(line.tokens) >= _ARGUMENT_WORDS and line.has(*_ARGUMENTS)
    ]
    if not arguments:
        return _unanswered(after, objections)
    quotes = [line.quote_of("argument", "benefit", "offer") for line in arguments]
    settled = _settlement(after, arguments[0].position)
    if settled:
        closing = [line.quote_of("settle_check", "settled") for line in settled]
        return Finding(1.0, 0.55, "settled", distinct(quotes[:2] + closing))
    return Finding(0.5, 0.5, "unfinished", distinct(quotes))


def _settlement(after: tuple[Line, ...], argued_at: int) -> list[Line]:
    """Where the manager checks or, after the first argument, the client says that it is settled."""
    checks = [line for line in after if line.role == "agent" and line.has("settle_check")]
    return checks + [
        line for line in after if line.role == "client" and line.has("settled") and line.position > argued_at
    ]


def _unanswered(after: tuple[Line, ...], objections: list[Line]) -> Finding:
    """No argument at all: points at the answers that should have been one."""
    replies = [line for line in after if line.role == "agent"][:2]
    reason = "dismissed" if any(line.has("dismiss") for line in replies) else "gave_up"
    quotes = [line.quote_of("dismiss", "give_up") for line in replies] or [objections[0].quote_of("concern")]
    return Finding(0.0, 0.6, reason, distinct(quotes))
