"""Conversation metrics: facts about how the talk went, from times alone."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from pipeline.records import ConversationMetrics, Interruption, Role, RoleMetrics, Span, Utterance

MEASURED_ROLES: tuple[Role, ...] = ("agent", "client")
SHORTEST_INTERRUPTION_S = 0.3
SHORTEST_INTERRUPTION_WORDS = 2  # a "yes" or "mhm" under the other's speech is listening


def find_interruptions(
    speech: Sequence[tuple[Role, Span]], words: Sequence[tuple[Role, float]] = ()
) -> tuple[Interruption, ...]:
    """Starts of one role inside the speech of another that last at least 0.3 s, in order.

    `speech`: stretches of speech by role. `words`: (role, start_s) of each word, to tell a real interruption from a
    single word of assent.
    """
    found = []
    ordered = sorted(speech, key=lambda item: item[1].start_s)
    for index, (by, span) in enumerate(ordered):
        for of, other in ordered[:index]:
            overlap_s = min(span.end_s, other.end_s) - span.start_s
            if of == by or overlap_s < SHORTEST_INTERRUPTION_S or span.start_s <= other.start_s:
                continue
            said = sum(1 for role, start_s in words if role == by and span.start_s - 0.1 <= start_s <= span.end_s)
            if said >= SHORTEST_INTERRUPTION_WORDS:
                found.append(Interruption(by, of, span.start_s, round(overlap_s, 3)))
                break
    return tuple(found)


def measure(
    utterances: Sequence[Utterance],
    speech: Sequence[tuple[Role, Span]],
    interruptions: Sequence[Interruption],
    duration_s: float,
) -> ConversationMetrics:
    """Metrics of the whole call and of agent and client. `speech` may overlap; `utterances` carry times."""
    everything = merge_spans([span for _, span in speech])
    silences = [b.start_s - a.end_s for a, b in pairwise([Span(0, 0), *everything, Span(duration_s, duration_s)])]
    spoken_s = sum(span.duration_s for span in everything)
    talk_s = {role: _talk_s(speech, role) for role in MEASURED_ROLES}
    total_s = sum(span.duration_s for _, span in speech)
    return ConversationMetrics(
        duration_s=round(duration_s, 3),
        silence_share=round(max(0.0, 1 - spoken_s / duration_s), 4) if duration_s else 1.0,
        longest_silence_s=round(max([0.0, *silences]), 3),
        overlap_s=round(max(0.0, total_s - spoken_s), 3),
        roles=tuple(
            RoleMetrics(
                role=role,
                talk_s=round(talk_s[role], 3),
                talk_share=round(talk_s[role] / sum(talk_s.values()), 4) if sum(talk_s.values()) else None,
                longest_monologue_s=_longest_monologue_s(utterances, role),
                pace_wpm=_pace_wpm(utterances, role, talk_s[role]),
                interruptions=sum(1 for interruption in interruptions if interruption.by == role),
                response_time_s=_response_time_s(utterances, role),
            )
            for role in MEASURED_ROLES
        ),
    )


def merge_spans(spans: Sequence[Span]) -> list[Span]:
    """The same stretches of time, in order, without overlap."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start_s):
        if merged and span.start_s <= merged[-1].end_s:
            merged[-1] = Span(merged[-1].start_s, max(merged[-1].end_s, span.end_s))
        else:
            merged.append(span)
    return merged


def _talk_s(speech: Sequence[tuple[Role, Span]], role: Role) -> float:
    return sum(span.duration_s for span in merge_spans([span for who, span in speech if who == role]))


def _longest_monologue_s(utterances: Sequence[Utterance], role: Role) -> float:
    return round(max([0.0, *(_end(u) - _start(u) for u in utterances if u.role == role)]), 3)


def _pace_wpm(utterances: Sequence[Utterance], role: Role, talk_s: float) -> float | None:
    words = sum(len(u.words) for u in utterances if u.role == role)
    return round(words / talk_s * 60, 1) if talk_s >= 1 else None


def _response_time_s(utterances: Sequence[Utterance], role: Role) -> float | None:
    """Median time from the end of the other side's utterance to the start of the answer; 0 where they overlap."""
    gaps = [
        max(0.0, _start(after) - _end(before))
        for before, after in pairwise(utterances)
        if after.role == role and before.role in MEASURED_ROLES and before.role != role
    ]
    return round(median(gaps), 3) if gaps else None


def _start(utterance: Utterance) -> float:
    return utterance.start_s or 0.0


def _end(utterance: Utterance) -> float:
    return utterance.end_s or 0.0
