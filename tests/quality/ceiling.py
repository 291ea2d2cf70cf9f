"""How far two labellers agree: nobody can ask more of a machine."""

from collections.abc import Mapping
from typing import Any

from pipeline.checklist import Checklist
from pipeline.corpus import CORPUS, LabelledDialogue
from pipeline.prescoring.call_features import CALL_TYPES
from pipeline.settings import load_yaml
from tests.quality.measures import confusion, exact_shares, kappas, macro_f1s, share_of, with_interval
from tests.quality.tables import interval, percent, table

DOES_NOT_APPLY = "na"
SECOND = CORPUS / "second_labels.yaml"
Labels = Mapping[str, Any]  # call_type and each criterion: a value, or `na`


def load_second() -> dict[str, Labels]:
    """The blind labels by dialogue id."""
    found: dict[str, Labels] = load_yaml(SECOND)
    return found


def section(first: Mapping[str, LabelledDialogue], second: Mapping[str, Labels], checklist: Checklist) -> list[str]:
    """Dialogues that were labelled twice; one that is no longer in the corpus is left out."""
    ids = [name for name in second if name in first]
    types = confusion([first[name].call_type for name in ids], [second[name]["call_type"] for name in ids], CALL_TYPES)
    rows = [["call type", "", interval(with_interval(exact_shares, types)), "", str(len(ids))]]
    for criterion in checklist.criteria:
        pairs = [(first[name].gold[criterion.id], second[name][criterion.id]) for name in ids]
        values = [None if label == DOES_NOT_APPLY else float(label) for _, label in pairs]
        cells = confusion([gold.value for gold, _ in pairs], values, criterion.values)
        rows.append(
            [
                criterion.id,
                interval(with_interval(kappas, cells)),
                interval(with_interval(exact_shares, cells)),
                percent(share_of([gold.applicable == (label == DOES_NOT_APPLY) for gold, label in pairs])),
                str(int(cells.sum())),
            ]
        )
    return [
        f"{len(ids)} dialogues were labelled a second time, blind to the first labels. What two labellers disagree on,",
        "no machine can get right: this is the ceiling. Both labellers were language models (docs/labelling.md), so it",
        f"is the ceiling for labels made this way. Macro-F1 between them: {interval(with_interval(macro_f1s, types))}.",
        "",
        table(["", "kappa", "exact", "applicability apart", "values"], rows),
    ]
