"""Conversation metrics that a checklist states thresholds for, from the times of the words alone."""

from functools import lru_cache
from typing import get_args

from pipeline.attribution import SpokenWord, gather_runs
from pipeline.checklist import Criterion, MetricRule
from pipeline.checklist.rules import CallMetric, Metric, WithoutAudio
from pipeline.conversation import MEASURED_ROLES, find_interruptions, measure
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.reading import Line, Reading
from pipeline.records import ConversationMetrics, Evidence, Interruption, Role, Span, Suggestion

_SURE = 0.9
_NEAR_BOUND = 0.1  # of the bound: so near, a second's error in the times gives another label
_NEAR_SURE = 0.6
_CALL_METRICS = get_args(CallMetric)
_MAX_EVIDENCE = 3


def judge_metric(case: Case, criterion: Criterion, rule: MetricRule) -> Suggestion:
    """The label of the range in which the metric lies; without audio as the rule says."""
    role = rule.of or criterion.role
    value = metric_value(case, rule.name, role)
    if value is None:
        return unmeasured(criterion, rule.without_audio, "metric.no_audio")
    bounds = [threshold.up_to for threshold in rule.thresholds if threshold.up_to is not None]
    label = next(item.label for item in rule.thresholds if item.up_to is None or value <= item.up_to)
    is_near = any(abs(value - bound) < _NEAR_BOUND * abs(bound) for bound in bounds)
    confidence = _NEAR_SURE if is_near else _SURE
    evidence = _evidence(case, rule.name, role)
    return Suggestion(criterion.id, True, criterion.value_of(label), confidence, f"metric.{rule.name}", evidence)


def unmeasured(criterion: Criterion, without_audio: WithoutAudio, reason: str) -> Suggestion:
    """A conversation without times, a chat for one, has no such metric."""
    return Suggestion(criterion.id, without_audio == "not_enough_evidence", None, _SURE, reason)


def metric_value(case: Case, name: Metric, role: Role) -> float | None:
    """The metric of the call or of a role; None where nothing can be measured."""
    if name == "words":
        return float(sum(len(line.tokens) for line in case.reading.of(role)))
    if name == "duration_s":
        return case.dialogue.duration_s
    talk = _talk(case)
    if talk is None:
        return None
    if name in _CALL_METRICS:
        return float(getattr(talk, name))
    value = next(getattr(metrics, name) for metrics in talk.roles if metrics.role == role)
    return None if value is None else float(value)


def _talk(case: Case) -> ConversationMetrics | None:
    return _measure(case.reading, case.dialogue.duration_s)


@lru_cache(maxsize=2)  # several criteria ask about the same call
def _measure(reading: Reading, duration_s: float | None) -> ConversationMetrics | None:
    """None without times. Speech is where words are, as in the stage `dialogue` of a stereo recording."""
    utterances = [line.utterance for line in reading.lines]
    if not utterances or duration_s is None or any(utterance.start_s is None for utterance in utterances):
        return None
    return measure(utterances, _speech(reading), _interruptions(reading), duration_s)


def _speech(reading: Reading) -> list[tuple[Role, Span]]:
    """Stretches of speech by role; the whole utterance where its words have no times."""
    speech: list[tuple[Role, Span]] = []
    for role in (*MEASURED_ROLES, "other"):
        said = [line.utterance for line in reading.of(role)]
        runs = gather_runs(SpokenWord(role, word) for utterance in said for word in utterance.words)
        speech += [(role, Span(run.start_s, run.end_s)) for run in runs]
        speech += [(role, Span(u.start_s, u.end_s)) for u in said if not u.words and u.start_s is not None and u.end_s]
    return speech


@lru_cache(maxsize=2)
def _interruptions(reading: Reading) -> tuple[Interruption, ...]:
    words = [(line.role, word.start_s) for line in reading.lines for word in line.utterance.words]
    return find_interruptions(_speech(reading), words)


def _evidence(case: Case, name: Metric, role: Role) -> tuple[Evidence, ...]:
    """What one can listen to: the longest monologue, the interruptions; a share or a pace is nowhere."""
    lines = [line for line in case.reading.of(role) if line.tokens]
    if name == "longest_monologue_s" and lines:
        return (max(lines, key=_duration_s).quote(),)
    if name == "interruptions":
        starts = [item.start_s for item in _interruptions(case.reading) if item.by == role]
        return tuple(line.quote() for line in lines if any(_holds(line, start_s) for start_s in starts))[:_MAX_EVIDENCE]
    return ()


def _duration_s(line: Line) -> float:
    return (line.utterance.end_s or 0.0) - (line.utterance.start_s or 0.0)


def _holds(line: Line, start_s: float) -> bool:
    return (line.utterance.start_s or 0.0) <= start_s <= (line.utterance.end_s or 0.0)
