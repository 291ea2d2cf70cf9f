"""Which learned head answers a criterion: its name says what was learned, whatever checklist it stands in."""

import hashlib
import json

from pipeline.checklist import Criterion

_STANDARD = {"id", "title", "scale", "role", "levels"}  # what a person's verdict depends on; weights are not among it


def head_name(criterion: Criterion) -> str | None:
    """The rule's name where the criterion has one; else its id and a hash of its standard.

    So a reworded standard is another head, which verdicts on the old wording teach nothing, and two checklists that
    share a criterion share its head. None where the writer decided by phrases or a metric, or gave a rule of ours to
    the client's words: no head is asked there.
    """
    if criterion.rule is not None:
        return criterion.rule if criterion.role == "agent" else None
    if criterion.phrases is not None or criterion.metric is not None:
        return None
    standard = json.dumps(criterion.model_dump(mode="json", include=_STANDARD), ensure_ascii=False, sort_keys=True)
    return f"{criterion.id}.{hashlib.sha256(standard.encode()).hexdigest()[:8]}"


def is_own(name: str) -> bool:
    """Whether the head is of a user's own criterion: names of rules have no dot."""
    return "." in name
