"""Where a value of a criterion would show, for judges that know the value but not the words."""

from pipeline.prescoring.findings import distinct
from pipeline.prescoring.reading import Line, Reading
from pipeline.prescoring.rules.objection import raised
from pipeline.records import Evidence

_PHRASES: dict[str, tuple[str, ...]] = {
    "needs": ("question_need", "question_logistics", "question_word", "summary"),
    "initiative": ("offer", "promise", "upsell", "question_need"),
    "product": ("benefit", "terms"),
    "objection": ("argument", "settle_check", "acknowledge", "offer"),
    "closing": ("time", "promise", "schedule", "vague", "document"),
    "upsell": ("upsell", "upsell_hint"),
    "politeness": ("insult", "curt", "irony", "dismiss"),
}
_LAST_LINES = 2


def quotes_for(rule: str, value: float, reading: Reading) -> tuple[Evidence, ...]:
    """The lines with most phrases of the criterion's kind; for 0 where the thing should have been."""
    agent = list(reading.of("agent"))
    if value == 0 and rule not in {"politeness", "needs", "upsell"}:
        return distinct([line.quote() for line in _missing(rule, reading, agent)])
    if (rule == "politeness" and value == 1) or (value == 0 and rule != "politeness"):
        return ()
    categories = _PHRASES.get(rule, ())
    lines = [line for line in agent if line.has(*categories)]
    if rule == "objection":
        first = min((line.position for line in raised(reading)), default=-1)
        lines = [line for line in lines if line.position > first] or lines
    lines.sort(key=lambda line: -sum(len(line.hits.get(category, ())) for category in categories))
    if rule == "closing":
        lines.sort(key=lambda line: -line.position)
    return distinct([line.quote_of(*categories) for line in lines])


def _missing(rule: str, reading: Reading, agent: list[Line]) -> list[Line]:
    if rule == "greeting":
        return agent[:1]
    if rule == "objection":
        first = min((line.position for line in raised(reading)), default=0)
        return [line for line in agent if line.position > first][:_LAST_LINES] or agent[-1:]
    return agent[-_LAST_LINES:]
