"""The judge's part of docs/quality.md, from measured answers to a page that a head of sales can read."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.near_duplicates import NearDuplicates, describe, find_near_duplicates, refuse_leaks
from models.remembering_encoder import RememberingEncoder
from pipeline.checklist import Checklist
from pipeline.corpus import LEARNED, LabelledDialogue, load_corpus, load_splits
from pipeline.corpus_cues import load_cues, load_type_only_calls
from pipeline.interfaces import Models
from pipeline.prescoring import Judge
from pipeline.prescoring.head_artefact import HEADS
from pipeline.settings import Settings
from tests.quality import (
    blind,
    calibration,
    ceiling,
    confirming,
    heard,
    outside,
    rungs,
    text_to_audio,
    twins,
    type_only_calls,
)
from tests.quality.agreement import criteria_section, language_section, type_section
from tests.quality.aims import Aim, aims_of
from tests.quality.figures import Overview, overview
from tests.quality.judging import Judged, encode_timed, judge_all
from tests.quality.text_to_audio import Loss


@dataclass(frozen=True)
class JudgePage:
    """The sections as (title, lines), and the aims that go above them."""

    aims: list[Aim]
    sections: list[tuple[str, Sequence[str]]]

    @property
    def lines(self) -> list[str]:
        return [line for title, lines in self.sections for line in (f"### {title}", "", *lines, "")]


def judge_page(settings: Settings, models: Models, checklist: Checklist, limit: int | None = None) -> JudgePage:
    """Measures everything that needs no audio. `limit`: only so many dialogues, to try the page.

    Raises ConfigurationError when dialogues to be measured on are nearly the same as ones that were trained on.
    """
    everything, type_only, splits = load_corpus(checklist), load_type_only_calls(), load_splits()
    duplicates = find_near_duplicates([*everything, *type_only], splits)
    refuse_leaks(duplicates)
    trades = {one.trade for one in everything} | {call.trade for call in type_only}
    with_twin = twins.load_twins(trades, splits)
    test = [labelled for labelled in everything if splits.of(labelled.trade) == "test"]
    corpus = test[:: max(1, len(test) // limit)] if limit else test
    vectors, encode_ms = encode_timed([labelled.dialogue for labelled in corpus], models.encoder)
    results = [rungs.measure(way, corpus, vectors) for way in rungs.ways(checklist, models, settings.active.judge)]
    judged = rungs.as_shipped(results).judged
    judge, encoder = rungs.ladder_of(checklist, models, settings.active.judge), RememberingEncoder(models.encoder)
    losses, rewritten = spoken_losses(settings, checklist, judge, encoder, judged)
    found = overview(judged, checklist)
    second = ceiling.load_second()
    first = {labelled.id: labelled for labelled in everything if splits.of(labelled.trade) in LEARNED}
    first_blind = {labelled.id: labelled for labelled in everything if labelled.id not in first}
    recognition = heard.report(heard.load_all_heard(), everything)
    unseen = [labelled for labelled in everything if splits.of(labelled.trade) == "blind"]
    shipped = rungs.ladder_of(checklist, models, settings.active.judge, HEADS)
    judged_blind = judge_all(unseen[:limit], checklist, shipped, encoder)
    losses_blind, _ = spoken_losses(settings, checklist, shipped, encoder, judged_blind)
    calls = [call for call in type_only if splits.of(call.trade) == "test"]
    answered = type_only_calls.answer_all(calls, checklist, judge, encoder)
    sections = [
        ("Data", data_lines(corpus, found, duplicates)),
        ("Call type", type_section(judged, found)),
        ("Calls written for the type alone, and what shows it", type_only_calls.section(answered, judged, load_cues())),
        ("Criteria", criteria_section(judged, checklist, found)),
        ("Lines of business that have a twin in development", twins.section(judged, answered, with_twin, checklist)),
        ("By language", language_section(judged, checklist)),
        ("Dialogues by authors who knew nothing of this", blind.section(judged_blind, losses_blind, checklist)),
        ("Text and audio", text_to_audio.section(losses, recognition, rewritten)),
        ("Rung by rung", rungs.section(results, checklist, encode_ms)),
        ("Can its confidence be believed?", calibration.section(judged, checklist)),
        ("Ceiling: a second labelling", ceiling.section(first, second, checklist)),
        ("Ceiling of the dialogues by other authors", ceiling.section(first_blind, second, checklist)),
        ("Outside check", outside.section(checklist, judge, encoder)),
        ("Auto-confirmation, simulated", confirming.section(judged, checklist, settings.trust)),
    ]
    return JudgePage(aims_of(found, losses.get(text_to_audio.ALL_SPOKEN)), sections)


def spoken_losses(
    settings: Settings, checklist: Checklist, judge: Judge, encoder: RememberingEncoder, judged: Sequence[Judged]
) -> tuple[dict[str, Loss], int]:
    """Losses by group, and how many heard dialogues no longer fit what is written. `judged`: as written, by `judge`."""
    heard_ones = heard.load_all_heard()
    corpus = [item.labelled for item in judged]
    pairs = text_to_audio.still_as_spoken(corpus, heard_ones)
    both = [
        *text_to_audio.judge_heard(
            pairs, {item.labelled.id: item for item in judged}, checklist, judge, encoder, settings.evaluation
        ),
        *text_to_audio.judge_imitated(judged, checklist, judge, encoder),
    ]
    groups = text_to_audio.groups_of(both)
    rewritten = sum(labelled.id in heard_ones for labelled in corpus) - len(pairs)
    return {name: text_to_audio.loss_of(found, checklist) for name, found in groups.items()}, rewritten


def data_lines(measured: Sequence[LabelledDialogue], found: Overview, duplicates: NearDuplicates) -> list[str]:
    trades = len({(labelled.language, labelled.trade) for labelled in measured})
    return [
        f"{found.dialogue_count} written dialogues of {trades} lines of business that were held back by their names:",
        "no rule was tuned on them and no head was trained on them. Some of these lines have a twin that was trained",
        "on, under another name or in another language: below stands what that changes. Dialogues and labels are",
        "synthetic (docs/labelling.md): the figures say how well the machine follows the written standards, not yet",
        "how well it agrees with your supervisors.",
        "",
        f"Near-duplicates: {'; '.join(describe(duplicates))}.",
    ]


def sha256_of(path: Path) -> str:
    """12 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
