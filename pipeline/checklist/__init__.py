"""Checklists belong to users: YAML, validated with messages that name file, criterion, key and remedy.

The version is a hash of the content that is judged by, so a reformatted or re-commented file stays the same version.
"""

from pipeline.checklist.reading import CHECKLISTS, load_checklist, parse_checklist
from pipeline.checklist.rules import Condition, MetricRule, PhraseRule
from pipeline.checklist.scales import SCALES, Text
from pipeline.checklist.schema import (
    SCORED_TYPES,
    Checklist,
    Criterion,
    RuleName,
)

__all__ = [
    "CHECKLISTS",
    "SCALES",
    "SCORED_TYPES",
    "Checklist",
    "Condition",
    "Criterion",
    "MetricRule",
    "PhraseRule",
    "RuleName",
    "Text",
    "load_checklist",
    "parse_checklist",
]
