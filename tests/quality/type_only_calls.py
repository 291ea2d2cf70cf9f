"""The type of calls that were written for it alone, and whether the turns quoted for a type are ones that tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.checklist import Checklist
from pipeline.corpus_cues import KINDS, Cues, Kind, TypeOnlyCall
from pipeline.interfaces import Encoder
from pipeline.prescoring import Judge
from pipeline.prescoring.call_features import CALL_TYPES, CUES
from pipeline.records import CallType, CallTypeSuggestion
from tests.quality.judging import Judged, encode_all, judge_dialogues
from tests.quality.measures import Numbers, confusion, macro_f1s, with_interval
from tests.quality.metrics import Share
from tests.quality.tables import interval, percent_of, table

WHAT: Mapping[Kind, str] = {
    "short": "of 6 to 10 turns",
    "rambling": "of 8 to 26 turns, as typed out from a recording, the decisive fact often said in passing",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """A call and what the judge says that it is for."""

    call: TypeOnlyCall
    answer: CallTypeSuggestion


def answer_all(calls: Sequence[TypeOnlyCall], checklist: Checklist, judge: Judge, encoder: Encoder) -> list[Answered]:
    dialogues = [call.dialogue for call in calls]
    evaluations = judge_dialogues(dialogues, encode_all(dialogues, encoder), checklist, judge)
    return [Answered(call, found.call_type) for call, found in zip(calls, evaluations, strict=True)]


def answered_cells(answered: Sequence[Answered]) -> Numbers:
    """shape: (calls, call types, call types)"""
    gold = [each.call.call_type for each in answered]
    return confusion(gold, [each.answer.call_type for each in answered], CALL_TYPES)


def section(answered: Sequence[Answered], judged: Sequence[Judged], cues: Mapping[str, Cues]) -> list[str]:
    """`answered` and `judged`: held back; `cues` of the dialogues by id."""
    groups = {kind: [each for each in answered if each.call.kind == kind] for kind in KINDS}
    marked = {
        kind: [(each.call.cues, each.call.call_type, each.answer) for each in group] for kind, group in groups.items()
    }
    whole = [
        (cues[item.labelled.id], item.labelled.call_type, item.evaluation.call_type)
        for item in judged
        if item.labelled.id in cues
    ]
    return [
        "Of lines of business that were held back, most written in pairs in which one fact makes the type.",
        "",
        *(line for kind, group in groups.items() for line in kind_lines(kind, group)),
        "Evidence of the type, where it was right and a reader had marked turns that tell it: such a turn is quoted",
        f"in {percent_of(evidence(whole))} of the whole dialogues, first in {percent_of(evidence(whole, 1))};",
        *(
            f"in {percent_of(evidence(told))} of the {kind} calls, first in {percent_of(evidence(told, 1))}."
            for kind, told in marked.items()
        ),
    ]


def kind_lines(kind: Kind, answered: Sequence[Answered]) -> list[str]:
    """The figures of one kind and its confusion of types."""
    cells = answered_cells(answered)
    counts = cells.sum(axis=0).astype(int)
    right = Share(int(counts.trace()), int(counts.sum()))
    rows = [
        [CALL_TYPES[place], *(f"**{n}**" if place == column else str(n) for column, n in enumerate(line))]
        for place, line in enumerate(counts.tolist())
    ]
    return [
        f"{len(answered)} {kind} calls, {WHAT[kind]}:",
        f"macro-F1 {interval(with_interval(macro_f1s, cells))}, right {percent_of(right)}.",
        "",
        table(["label", *CALL_TYPES], rows),
        "",
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
