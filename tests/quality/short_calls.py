"""The call type of short calls, and whether the turns quoted for a type are ones that tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.checklist import Checklist
from pipeline.corpus_cues import Cues, ShortCall
from pipeline.interfaces import Encoder
from pipeline.prescoring import Judge
from pipeline.prescoring.call_features import CALL_TYPES, CUES
from pipeline.records import CallType, CallTypeSuggestion
from tests.quality.judging import Judged, encode_all, judge_dialogues
from tests.quality.measures import Numbers, confusion, macro_f1s, with_interval
from tests.quality.metrics import Share
from tests.quality.tables import interval, percent_of, table


@dataclass(frozen=True, slots=True)
class Answered:
    """A short call and what the judge says that it is for."""

    call: ShortCall
    answer: CallTypeSuggestion


def answer_all(calls: Sequence[ShortCall], checklist: Checklist, judge: Judge, encoder: Encoder) -> list[Answered]:
    dialogues = [call.dialogue for call in calls]
    evaluations = judge_dialogues(dialogues, encode_all(dialogues, encoder), checklist, judge)
    return [Answered(call, found.call_type) for call, found in zip(calls, evaluations, strict=True)]


def answered_cells(answered: Sequence[Answered]) -> Numbers:
    """shape: (calls, call types, call types)"""
    gold = [each.call.call_type for each in answered]
    return confusion(gold, [each.answer.call_type for each in answered], CALL_TYPES)


def section(answered: Sequence[Answered], judged: Sequence[Judged], cues: Mapping[str, Cues]) -> list[str]:
    """`answered` and `judged`: held back; `cues` of the dialogues by id."""
    cells = answered_cells(answered)
    counts = cells.sum(axis=0).astype(int)
    right = Share(int(counts.trace()), int(counts.sum()))
    short = [(each.call.cues, each.call.call_type, each.answer) for each in answered]
    whole = [
        (cues[item.labelled.id], item.labelled.call_type, item.evaluation.call_type)
        for item in judged
        if item.labelled.id in cues
    ]
    rows = [
        [CALL_TYPES[place], *(f"**{n}**" if place == column else str(n) for column, n in enumerate(line))]
        for place, line in enumerate(counts.tolist())
    ]
    return [
        f"{len(answered)} calls of 6 to 10 turns, of lines of business that were held back, most written in pairs in",
        f"which one fact makes the type. Macro-F1 {interval(with_interval(macro_f1s, cells))},",
        f"right {percent_of(right)}.",
        "",
        table(["label", *CALL_TYPES], rows),
        "",
        "Evidence of the type, where it was right and a reader had marked turns that tell it: such a turn is quoted",
        f"in {percent_of(evidence(whole))} of the whole dialogues, first in {percent_of(evidence(whole, 1))};",
        f"in {percent_of(evidence(short))} of the short calls, first in {percent_of(evidence(short, 1))}.",
    ]


def evidence(told: Sequence[tuple[Cues, CallType, CallTypeSuggestion]], quotes: int | None = None) -> Share:
    """Of the right answers to calls with marked turns: those in which one of the first `quotes` is such a turn."""
    counted = [
        (marked, answer)
        for cues, gold, answer in told
        if answer.call_type == gold and (marked := turns_of(cues, gold)) and answer.evidence
    ]
    found = [any(item.utterance_index in marked for item in answer.evidence[:quotes]) for marked, answer in counted]
    return Share(sum(found), len(found))


def turns_of(cues: Cues, call_type: CallType) -> frozenset[int]:
    """Turns that tell cues which speak for the type."""
    return frozenset(turn for cue, turns in cues.items() if CUES[cue] == call_type for turn in turns)
