"""The judge on dialogues whose authors knew neither the corpus nor the program, with the heads that a run judges by."""

from collections.abc import Mapping, Sequence

from pipeline.checklist import Checklist
from pipeline.prescoring.call_features import CALL_TYPES
from tests.quality.agreement import LANGUAGE_NAMES, OVERVIEW_HEADER, overview_row
from tests.quality.figures import criterion_figures, overview, type_cells
from tests.quality.judging import Judged
from tests.quality.metrics import Share
from tests.quality.tables import interval, percent_of, table
from tests.quality.text_to_audio import Loss, criteria_lines, losses_table

SURE = 0.9  # confidence from which a supervisor may look elsewhere first


def section(judged: Sequence[Judged], losses: Mapping[str, Loss], checklist: Checklist) -> list[str]:
    """`judged`: the blind dialogues, by the heads that ship; `losses`: of those that were spoken, by group."""
    if not judged:
        return ["Not measured: the corpus holds no such dialogues."]
    groups = {
        name: [item for item in judged if item.labelled.language == code] for code, name in LANGUAGE_NAMES.items()
    }
    counts = type_cells(judged).sum(axis=0).astype(int)
    rows = [
        [name, *(f"**{n}**" if place == column else str(n) for column, n in enumerate(counts[place]))]
        for place, name in enumerate(CALL_TYPES)
    ]
    trades = len({item.labelled.trade for item in judged})
    figures = [criterion_figures(judged, criterion) for criterion in checklist.criteria]
    return [
        f"{len(judged)} dialogues of {trades} lines of business. Their authors had the users' rules alone:",
        "neither the corpus nor docs/labelling.md nor an answer of this program. No heads learn from them, those that",
        "ship neither: these are measured here. Authors and labels are a language model's, as in the corpus.",
        "",
        table(
            OVERVIEW_HEADER,
            [
                overview_row(name, overview(group, checklist))
                for name, group in {"all": list(judged), **groups}.items()
                if group
            ],
        ),
        "",
        "Call type: rows are the labels, columns are the answers.",
        "",
        table(["label", *CALL_TYPES], rows),
        "",
        f"Types named with a confidence of {SURE:g} and more: right in {percent_of(sure_share(judged, sure=True))};",
        f"with less: in {percent_of(sure_share(judged, sure=False))}.",
        "",
        table(
            ["criterion", "kappa", "exact", "applicability wrong", "evidence found"],
            [
                [
                    found.criterion_id,
                    interval(found.kappa),
                    interval(found.exact),
                    percent_of(found.wrong_applicability),
                    percent_of(found.evidence),
                ]
                for found in figures
            ],
        ),
        *(
            [
                "",
                "The same as written and as heard (text / audio):",
                "",
                losses_table(losses),
                "",
                *criteria_lines(losses),
            ]
            if losses
            else []
        ),
    ]


def sure_share(judged: Sequence[Judged], *, sure: bool) -> Share:
    """Right types among those named with a confidence of SURE, or with less."""
    right = [
        item.evaluation.call_type.call_type == item.labelled.call_type
        for item in judged
        if (item.evaluation.call_type.confidence >= SURE) == sure
    ]
    return Share(sum(right), len(right))
