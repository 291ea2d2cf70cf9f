"""The deterministic rules, by the name under which a checklist refers to them."""

from pipeline.prescoring.findings import Finding, Rule
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.rules.closing import judge_closing
from pipeline.prescoring.rules.greeting import judge_greeting
from pipeline.prescoring.rules.initiative import judge_initiative
from pipeline.prescoring.rules.needs import judge_needs
from pipeline.prescoring.rules.objection import judge_objection
from pipeline.prescoring.rules.politeness import judge_politeness
from pipeline.prescoring.rules.product import judge_product
from pipeline.prescoring.rules.upsell import judge_upsell

RULES: dict[str, Rule] = {
    "greeting": judge_greeting,
    "needs": judge_needs,
    "initiative": judge_initiative,
    "product": judge_product,
    "objection": judge_objection,
    "closing": judge_closing,
    "upsell": judge_upsell,
    "politeness": judge_politeness,
}
BY_CALL_TYPE = frozenset({"needs"})  # the rules whose answer depends on the call type


def find_by_rule(name: str, case: Case) -> Finding:
    """The rule's finding, worked out once: the heads ask for it before the ladder does."""
    key = (name, case.call_type if name in BY_CALL_TYPE else None)
    known = case.reading.findings.get(key)
    if known is None:
        known = case.reading.findings[key] = RULES[name](case)
    found: Finding = known
    return found
