"""The single example turns of `configs/heads/example_turns.yaml`, as what they speak of."""

from pathlib import Path

from pipeline.prescoring.call_features import CALL_TYPES, LEVELS, TurnLabels
from pipeline.prescoring.head_artefact import HEADS
from pipeline.records import Role
from pipeline.settings import load_yaml

EXAMPLES = HEADS.parent / "example_turns.yaml"


def read_examples(path: Path, labels: TurnLabels) -> list[tuple[str, str, Role, str, int | None]]:
    """(what it speaks of, language, role, text, column of the label; None where the label is absent)."""
    content = load_yaml(path)
    found: list[tuple[str, str, Role, str, int | None]] = []
    for call_type, by_language in content["call_type"].items():
        column = labels.types.start + CALL_TYPES.index(call_type)
        for language, by_role in by_language.items():
            for role, texts in by_role.items():
                found += [("call_type", language, role, text, column) for text in texts]
    for label, by_language in content["concern"].items():
        column_or_none = labels.concern if label == "raised" else None
        for language, texts in by_language.items():
            found += [("concern", language, "client", text, column_or_none) for text in texts]
    for criterion_id, by_level in content["criteria"].items():
        for level, by_language in by_level.items():
            column = labels.of(criterion_id).start + LEVELS.index(float(level))
            for language, texts in by_language.items():
                found += [(criterion_id, language, "agent", text, column) for text in texts]
    return found
