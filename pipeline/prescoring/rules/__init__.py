"""The deterministic rules, by the name under which a checklist refers to them."""

from pipeline.prescoring.findings import Rule
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
