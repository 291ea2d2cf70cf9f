"""Who speaks when. A person names the agent by a second: the speakers' labels change when a call is heard again."""

from collections.abc import Iterable
from functools import partial

from pipeline.records import AnalysedDialogue, Role

Spoken = tuple[float, float]  # from second, to second


def client_second(analysed: AnalysedDialogue) -> float | None:
    """A second at which the client speaks, far from all that others say: when times shift a little, it is still theirs.

    None where no client was heard.
    """
    spoken = _spoken(analysed)
    others = [span for role, span in spoken if role != "client"]
    middles = [(first + last) / 2 for role, (first, last) in spoken if role == "client"]
    return round(max(middles, key=partial(nearest_s, others)), 2) if middles else None


def role_at(analysed: AnalysedDialogue, second: float) -> Role | None:
    """Who speaks at that second, or nearest to it; None where nobody was heard."""
    spoken = _spoken(analysed)
    return min(spoken, key=lambda item: distance_s(item[1], second))[0] if spoken else None


def nearest_s(spans: Iterable[Spoken], second: float) -> float:
    """How far the second is from the nearest of them; infinite where there is none."""
    return min((distance_s(span, second) for span in spans), default=float("inf"))


def distance_s(span: Spoken, second: float) -> float:
    """0 within."""
    return max(span[0] - second, second - span[1], 0.0)


def _spoken(analysed: AnalysedDialogue) -> list[tuple[Role, Spoken]]:
    """By word: an utterance may have another's words in its midst."""
    return [(item.role, (word.start_s, word.end_s)) for item in analysed.dialogue.utterances for word in item.words]
