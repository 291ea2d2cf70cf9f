"""What is lost between the written text of a dialogue and what the pipeline hears of it, spoken by a synthesizer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.turn_noise import noisy_copy
from pipeline.checklist import Checklist
from pipeline.corpus import LabelledDialogue
from pipeline.corpus_heard import HeardDialogue, written_sha256
from pipeline.interfaces import Encoder
from pipeline.prescoring import Judge
from pipeline.settings import EvaluationSettings
from tests.quality.agreement import LANGUAGE_NAMES
from tests.quality.figures import Overview, overview, type_cells, value_cells
from tests.quality.judging import Judged, encode_all, judge_dialogues
from tests.quality.measures import Interval, Numbers, kappas, macro_f1s, mean_kappas, with_interval
from tests.quality.tables import interval, number, percent, table

IMITATED = "imitated"
ROBOT = "espeak"  # a voice that nobody speaks with, and the only Polish one that a business may use
ALL_SPOKEN = "**all spoken**"
A_ROBOT = "a robot's voice"


@dataclass(frozen=True)
class Both:
    """The same dialogue judged as written and as heard. `layout`: mono, stereo, or imitated errors without a voice."""

    layout: str
    voice: str
    written: Judged
    heard: Judged


@dataclass(frozen=True)
class Loss:
    """Figures of the same dialogues both ways, and text less audio with the range of that difference."""

    written: Overview
    heard: Overview
    macro_f1: Interval
    mean_kappa: Interval
    kappas: Mapping[str, tuple[float, float, Interval]]  # by criterion: written, heard, lost


def still_as_spoken(
    corpus: Sequence[LabelledDialogue], heard: Mapping[str, HeardDialogue]
) -> list[tuple[LabelledDialogue, HeardDialogue]]:
    """Dialogues that were heard and not rewritten since."""
    return [
        (labelled, heard[labelled.id])
        for labelled in corpus
        if labelled.id in heard and heard[labelled.id].written_sha256 == written_sha256(labelled)
    ]


def judge_heard(
    pairs: Sequence[tuple[LabelledDialogue, HeardDialogue]],
    written: Mapping[str, Judged],
    checklist: Checklist,
    judge: Judge,
    encoder: Encoder,
    settings: EvaluationSettings,
) -> list[Both]:
    """What a run makes of each recording, `settings` for calls too short to score included; `written` by id."""
    dialogues = [heard.dialogue for _, heard in pairs]
    found = judge_dialogues(dialogues, encode_all(dialogues, encoder), checklist, judge, settings)
    both = []
    for (labelled, heard), dialogue, evaluation in zip(pairs, dialogues, found, strict=True):
        turns = {utterance.index: heard.turns_of(utterance) for utterance in dialogue.utterances}
        judged = Judged(labelled, dialogue, evaluation, turns)
        both.append(Both(heard.layout, heard.voice, written[labelled.id], judged))
    return both


def judge_imitated(written: Sequence[Judged], checklist: Checklist, judge: Judge, encoder: Encoder) -> list[Both]:
    """The written text with a recogniser's usual errors put in by rule: no marks, words lost and misspelt."""
    dialogues = [noisy_copy(item.labelled.dialogue, f"evaluate:{item.labelled.id}") for item in written]
    found = judge_dialogues(dialogues, encode_all(dialogues, encoder), checklist, judge)
    return [
        Both(IMITATED, "", item, Judged(item.labelled, dialogue, evaluation))
        for item, dialogue, evaluation in zip(written, dialogues, found, strict=True)
    ]


def loss_of(both: Sequence[Both], checklist: Checklist) -> Loss:
    written, heard = [each.written for each in both], [each.heard for each in both]
    types = np.stack([type_cells(written), type_cells(heard)], axis=1)
    values = np.stack([_all_values(written, checklist), _all_values(heard, checklist)], axis=1)
    return Loss(
        overview(written, checklist),
        overview(heard, checklist),
        with_interval(_difference(macro_f1s), types),
        with_interval(_difference(mean_kappas), values),
        {
            criterion.id: (
                *kappas(values[:, :, place].sum(axis=0)),
                with_interval(_difference(kappas), values[:, :, place]),
            )
            for place, criterion in enumerate(checklist.criteria)
        },
    )


def _all_values(judged: Sequence[Judged], checklist: Checklist) -> Numbers:
    """shape: (dialogues, criteria, levels, levels)"""
    return np.stack([value_cells(judged, criterion) for criterion in checklist.criteria], axis=1)


def _difference(figure: Callable[[Numbers], Numbers]) -> Callable[[Numbers], Numbers]:
    """Written less heard: the figure of both, which are the last axis that is left."""

    def between(tables: Numbers) -> Numbers:
        found = figure(tables)
        return np.asarray(found[..., 0] - found[..., 1])

    return between


def groups_of(both: Sequence[Both]) -> dict[str, list[Both]]:
    """All that was spoken, each layout, each language; a robot's voice and the imitated ones by themselves."""
    spoken = [each for each in both if each.layout != IMITATED and each.voice != ROBOT]
    groups = {ALL_SPOKEN: spoken}
    groups |= {layout: [each for each in spoken if each.layout == layout] for layout in ("stereo", "mono")}
    for code, name in LANGUAGE_NAMES.items():
        found = [each for each in spoken if each.written.labelled.language == code]
        voices = sorted({each.voice for each in found})
        groups[f"{name} ({', '.join(voices)})"] = found
    for code, name in LANGUAGE_NAMES.items():
        found = [each for each in both if each.voice == ROBOT and each.written.labelled.language == code]
        groups[f"{name} ({ROBOT}, {A_ROBOT})"] = found
    groups["errors imitated, not spoken"] = [each for each in both if each.layout == IMITATED]
    return {name: found for name, found in groups.items() if found}


ROBOT_LINES = (
    "Polish is spoken by espeak-ng, a robot's voice: no better Polish one may be used by a business (decision 9). The",
    "recogniser mishears it far more often than people, so its line is a lower bound. It stands by itself: it is in",
    "no other line, and no aim counts it.",
)
NO_POLISH_LINES = (
    "Polish was not spoken: no Polish voice but a robot's may be used by a business (decision 9). What is lost on",
    "Polish recordings is not known.",
)


def section(losses: Mapping[str, Loss], recognition: Sequence[str], rewritten_count: int) -> list[str]:
    """`losses` by group; `recognition` is the table of how well the words were heard."""
    has_robot = any(A_ROBOT in name for name in losses)
    missing = [] if ALL_SPOKEN in losses else ["", "No held-back dialogue has been spoken yet: data/corpus/hear.py."]
    left_out = f" {rewritten_count} that were rewritten since they were spoken are left out." if rewritten_count else ""
    return [
        "The same held-back dialogues, once as written and once as the whole pipeline heard them: spoken by",
        "synthesizers, sent through a telephone band, recognised, given their roles, then judged as in a nightly run.",
        "Each cell is text / audio; lost is the difference. In stereo each side has its own channel; in mono the",
        f"speakers have to be told apart.{left_out}",
        *missing,
        "",
        *(ROBOT_LINES if has_robot else NO_POLISH_LINES),
        "",
        losses_table(losses),
        "",
        *criteria_lines(losses),
        "How well the words were heard, training trades (dev) included:",
        "",
        *recognition,
    ]


def losses_table(losses: Mapping[str, Loss]) -> str:
    """A row for each group."""
    rows = [
        [
            name,
            str(loss.written.dialogue_count),
            interval_pair(loss.written.macro_f1, loss.heard.macro_f1),
            interval(loss.macro_f1),
            interval_pair(loss.written.mean_kappa, loss.heard.mean_kappa),
            interval(loss.mean_kappa),
            f"{percent(loss.written.wrong_applicability)} / {percent(loss.heard.wrong_applicability)}",
            f"{percent(loss.written.evidence)} / {percent(loss.heard.evidence)}",
            str(loss.heard.unscored_count),
        ]
        for name, loss in losses.items()
    ]
    header = [
        "",
        "dialogues",
        "macro-F1",
        "lost",
        "mean kappa",
        "lost",
        "applicability wrong",
        "evidence",
        "not scored",
    ]
    return table(header, rows)


def criteria_lines(losses: Mapping[str, Loss]) -> list[str]:
    """Where it is lost: the kappa of each criterion over all that was spoken."""
    if ALL_SPOKEN not in losses:
        return []
    rows = [
        [name, number(written), number(heard), interval(lost)]
        for name, (written, heard, lost) in losses[ALL_SPOKEN].kappas.items()
    ]
    return ["By criterion, over all that was spoken:", "", table(["", "kappa, text", "kappa, audio", "lost"], rows), ""]


def interval_pair(written: Interval, heard: Interval) -> str:
    """Without ranges: the difference has its own."""
    return f"{number(written.value)} / {number(heard.value)}"
