"""The judge beside the labels: call type, each criterion, each language."""

from collections.abc import Sequence

from pipeline.checklist import Checklist
from pipeline.prescoring.call_features import CALL_TYPES
from tests.quality.figures import CriterionFigures, Overview, criterion_figures, overview, type_cells
from tests.quality.judging import Judged
from tests.quality.measures import f1s
from tests.quality.metrics import Share
from tests.quality.tables import interval, number, of, percent, percent_of, table

LANGUAGE_NAMES = {"ru": "Russian", "en": "English", "pl": "Polish"}


def type_section(judged: Sequence[Judged], found: Overview) -> list[str]:
    counts = type_cells(judged).sum(axis=0).astype(int)
    rows = [
        [
            name,
            *(f"**{n}**" if place == column else str(n) for column, n in enumerate(counts[place])),
            number(float(f1s(counts)[place])),
        ]
        for place, name in enumerate(CALL_TYPES)
    ]
    return [
        f"What is the call for? Macro-F1 is {interval(found.macro_f1)}: 1 would be every call right, each of the six",
        "answers counting alike, however rare. In brackets is the range in which the figure lies with 95 % confidence",
        "(drawn again 1,000 times from the same dialogues). Rows are the labels, columns are the answers.",
        "",
        table(["label", *CALL_TYPES, "F1"], rows),
    ]


def criteria_section(judged: Sequence[Judged], checklist: Checklist, found: Overview) -> list[str]:
    figures = [criterion_figures(judged, criterion) for criterion in checklist.criteria]
    agreed = [
        [f.criterion_id, interval(f.kappa), interval(f.exact), percent(f.near), str(int(f.counts.sum()))]
        for f in figures
    ]
    rest = [
        [
            f.criterion_id,
            percent_of(f.wrong_applicability),
            str(f.missed),
            str(f.invented),
            percent_of(f.abstained),
            percent_of(f.evidence),
        ]
        for f in figures
    ]
    levels = [[f.criterion_id, *(" / ".join(str(int(n)) for n in row) for row in f.counts)] for f in figures]
    return [
        "Kappa is agreement beyond chance, a larger difference counting more: 1 is always the same value, 0 is no",
        "better than chance. It is taken where both gave a value. Exact is the share of identical values, near the",
        "share within half a point.",
        "",
        table(
            ["criterion", "kappa", "exact", "near", "values"],
            [*agreed, ["**mean kappa**", f"**{interval(found.mean_kappa)}**", "", "", ""]],
        ),
        "",
        "Applicability wrong: the machine says that a criterion applies and it does not, or the other way round.",
        "Abstained: it says that the evidence is not enough. Evidence: a turn that the labels name is among those",
        "that it quotes.",
        "",
        table(
            ["criterion", "applicability wrong", "left out wrongly", "asked wrongly", "abstained", "evidence found"],
            [
                *rest,
                ["**all**", f"**{percent_of(found.wrong_applicability)}**", "", "", "", percent_of(found.evidence)],
            ],
        ),
        "",
        f"Quotes that stand word for word in the turn that they name: {percent_of(found.verbatim)}.",
        "",
        "Where it goes wrong: for each label, how often the machine answered 0 / 0.5 / 1.",
        "",
        table(["criterion", "label 0", "label 0.5", "label 1"], levels),
    ]


def language_section(judged: Sequence[Judged], checklist: Checklist) -> list[str]:
    """Languages in the order of their names; few dialogues make wide intervals, and the table shows them."""
    groups = {name: [j for j in judged if j.labelled.language == code] for code, name in LANGUAGE_NAMES.items()}
    spoken = {name: group for name, group in groups.items() if group}
    criteria = {name: [criterion_figures(group, one) for one in checklist.criteria] for name, group in spoken.items()}
    kappas = [
        [criterion.id, *(interval(figures[place].kappa) for figures in criteria.values())]
        for place, criterion in enumerate(checklist.criteria)
    ]
    header = ["language", "dialogues", "macro-F1", "mean kappa", "applicability wrong", "abstained", "evidence found"]
    return [
        "The same figures by language. Few dialogues make wide ranges.",
        "",
        table(header, [_language_row(name, overview(spoken[name], checklist), criteria[name]) for name in spoken]),
        "",
        "Kappa of each criterion by language:",
        "",
        table(["criterion", *spoken], kappas),
    ]


def _language_row(name: str, found: Overview, criteria: Sequence[CriterionFigures]) -> list[str]:
    return [
        name,
        str(found.dialogue_count),
        interval(found.macro_f1),
        interval(found.mean_kappa),
        percent_of(found.wrong_applicability),
        percent_of(sum((figures.abstained for figures in criteria), Share(0, 0))),
        percent_of(found.evidence),
    ]


def overview_row(name: str, found: Overview) -> list[str]:
    """One line for a table of `OVERVIEW_HEADER`."""
    return [
        name,
        str(found.dialogue_count),
        interval(found.macro_f1),
        interval(found.mean_kappa),
        percent(found.wrong_applicability),
        percent(found.answered),
        percent(found.evidence),
        of(found.verbatim),
    ]


OVERVIEW_HEADER = [
    "",
    "dialogues",
    "macro-F1",
    "mean kappa",
    "applicability wrong",
    "answered",
    "evidence found",
    "verbatim quotes",
]
