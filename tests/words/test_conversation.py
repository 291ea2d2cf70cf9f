import pytest

from pipeline.conversation import find_interruptions, measure, merge_spans
from pipeline.records import Role, Span, Utterance, Word


def utterance(index: int, role: Role, start_s: float, end_s: float, words: int) -> Utterance:
    step = (end_s - start_s) / max(words, 1)
    spoken = tuple(Word("слово", start_s + i * step, start_s + (i + 1) * step, 1.0) for i in range(words))
    return Utterance(index, role, " ".join(w.text for w in spoken), role, start_s, end_s, spoken)


TALK = [utterance(0, "agent", 0, 30, 60), utterance(1, "client", 32, 42, 10), utterance(2, "agent", 43, 53, 20)]
SPEECH: list[tuple[Role, Span]] = [("agent", Span(0, 30)), ("client", Span(32, 42)), ("agent", Span(43, 53))]


def test_metrics_of_a_plain_talk() -> None:
    metrics = measure(TALK, SPEECH, (), 60.0)
    agent, client = metrics.roles
    assert (agent.role, client.role) == ("agent", "client")
    assert agent.talk_share == pytest.approx(0.8)
    assert client.talk_share == pytest.approx(0.2)
    assert agent.longest_monologue_s == 30
    assert agent.pace_wpm == pytest.approx(120)
    assert client.response_time_s == 2
    assert agent.response_time_s == 1
    assert metrics.silence_share == pytest.approx(10 / 60, abs=1e-4)
    assert metrics.longest_silence_s == 7  # after the last word


def test_nobody_speaks() -> None:
    metrics = measure([], [], (), 20.0)
    assert metrics.silence_share == 1.0
    assert metrics.longest_silence_s == 20
    assert metrics.roles[0].talk_share is None
    assert metrics.roles[1].pace_wpm is None
    assert measure([], [], (), 0.0).silence_share == 1.0


def test_speaking_into_the_other_is_an_interruption() -> None:
    speech: list[tuple[Role, Span]] = [("agent", Span(0, 10)), ("client", Span(8, 12))]
    found = find_interruptions(speech, [("client", 8.1), ("client", 8.6)])
    assert [(i.by, i.of, i.start_s, i.overlap_s) for i in found] == [("client", "agent", 8, 2)]
    assert measure([], speech, found, 12).overlap_s == 2


def test_one_word_of_assent_or_a_short_overlap_is_none() -> None:
    speech: list[tuple[Role, Span]] = [("agent", Span(0, 10)), ("client", Span(8, 8.5))]
    assert find_interruptions(speech, [("client", 8.1)]) == ()
    assert find_interruptions([("agent", Span(0, 10)), ("client", Span(9.9, 12))], [("client", 9.9)] * 3) == ()


def test_spans_merge() -> None:
    assert merge_spans([Span(5, 6), Span(0, 2), Span(1, 3)]) == [Span(0, 3), Span(5, 6)]
