"""A store as a sales team's weeks leave it, evaluations and verdicts among them; and the shards of another night."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np

from pipeline.checklist import load_checklist
from pipeline.corpus import LabelledDialogue, load_corpus
from pipeline.cqr import Rated, cqr
from pipeline.records import (
    AnalysedDialogue,
    AudioFacts,
    Call,
    CallTypeSuggestion,
    ChannelTranscript,
    Evaluation,
    Evidence,
    Recording,
    Role,
    Span,
    Suggestion,
    Transcription,
    Utterance,
    Word,
)
from pipeline.stages import DialogueVectors, StageResult
from pipeline.store import Store
from pipeline.store.calls import Delivery, register_recordings
from pipeline.store.evaluations import evaluation_id, write_checklist
from pipeline.store.results import write_results
from pipeline.store.rows import utc_now
from pipeline.store.submissions import GivenVerdict, SubmittedReview, append_reviews
from pipeline.store.versions import write_default_checklist
from tests.bench.rescore_store import spoken, varied_words

CHECKLIST = load_checklist("cqr")
JUDGE, ENCODER, DIMENSION = "bench:1", "bench", 1152  # of the encoders that the default profile has
CALLS_AT_ONCE = 250
MANAGERS = 12
SPAN = timedelta(weeks=8)
REVIEWED, REVIEWERS = 0.2, ("earlier-1", "earlier-2", "earlier-3")
RIGHT = 0.8  # how often the machine suggests what people say


@dataclass(frozen=True)
class MadeCall:
    """A call with everything that a night stores of it, and what people say of it: criterion and value."""

    delivery: Delivery
    results: tuple[StageResult, ...]
    truth: dict[str, float | None]
    suggested: Evaluation


@cache
def read_corpus() -> tuple[LabelledDialogue, ...]:
    return load_corpus(CHECKLIST)


def make_calls(numbers: Sequence[int], seed: int = 5) -> Iterator[MadeCall]:
    """The calls of those numbers, no two alike; the same number gives the same call."""
    corpus = read_corpus()
    for number in numbers:
        yield make_call(number, corpus[number % len(corpus)], random.Random(seed * 1_000_003 + number))


def make_call(number: int, labelled: LabelledDialogue, source: random.Random) -> MadeCall:
    sha = hashlib.sha256(f"page {number}".encode()).hexdigest()
    turns: list[tuple[Role, str]] = [
        (turn.role, varied_words(turn.text, source)) for turn in labelled.dialogue.utterances
    ]
    analysed = spoken(labelled.language, turns)
    length_s = analysed.metrics.duration_s
    truth = {name: gold.value for name, gold in labelled.gold.items()}
    evaluation = suggest(labelled, analysed, source)
    dense = np.random.default_rng(number).standard_normal((len(turns), DIMENSION), dtype=np.float32)
    results = (
        StageResult(sha, "transcription", "t", transcription(analysed), 5.0, length_s),
        StageResult(sha, "dialogue", "d", analysed, 0.1, length_s),
        StageResult(sha, "vectors", "v", DialogueVectors(ENCODER, dense), 0.5, length_s, "d"),
        StageResult(sha, "evaluation", "e", evaluation, 0.1, length_s, "d"),
    )
    return MadeCall(delivery(sha, number, length_s), results, truth, evaluation)


def suggest(labelled: LabelledDialogue, analysed: AnalysedDialogue, source: random.Random) -> Evaluation:
    """What people say of the dialogue, with the errors and the doubts of a machine."""
    suggestions = []
    for criterion in CHECKLIST.criteria:
        gold = labelled.gold[criterion.id]
        value, confidence = gold.value, source.uniform(0.3, 1.0)
        if gold.applicable and source.random() > RIGHT:
            value = source.choice([criterion.value_of(label) for label in criterion.scale])
        evidence = tuple(quoted(analysed.dialogue.utterances[place]) for place in gold.evidence)
        reason = f"{criterion.id}.bench"
        suggestions.append(Suggestion(criterion.id, gold.applicable, value, confidence, reason, evidence, "heads"))
    weights = {item.id: item.weights.get(labelled.call_type) for item in CHECKLIST.criteria}
    rated = [
        Rated(item.value, weight, CHECKLIST.criterion(item.criterion_id).critical)
        for item in suggestions
        if item.applicable and (weight := weights[item.criterion_id]) is not None
    ]
    rate = cqr(rated, CHECKLIST.threshold)
    call_type = CallTypeSuggestion(labelled.call_type, source.uniform(0.5, 1.0))
    return Evaluation("cqr", CHECKLIST.version, JUDGE, call_type, tuple(suggestions), rate.cqr, rate.passed)


def quoted(utterance: Utterance) -> Evidence:
    return Evidence(utterance.index, utterance.text, utterance.start_s, utterance.end_s)


def transcription(analysed: AnalysedDialogue) -> Transcription:
    channels = []
    for place, role in enumerate(("agent", "client")):
        words: tuple[Word, ...] = tuple(
            word for item in analysed.dialogue.utterances if item.role == role for word in item.words
        )
        channels.append(ChannelTranscript(place, (Span(0.0, analysed.metrics.duration_s),), words))
    audio = AudioFacts(analysed.metrics.duration_s, 8000, 2, "pcm_alaw", "stereo")
    return Transcription(audio, analysed.dialogue.language, 0.99, tuple(channels))


def delivery(sha: str, number: int, length_s: float) -> Delivery:
    """Calls of eight weeks up to now, in working hours or not: the page does not mind."""
    started_at = (utc_now() - SPAN * random.Random(number).random()).replace(microsecond=0)
    name = f"page-{number}.wav"
    call = Call(
        sha[:16],
        content_sha256=sha,
        journal_call_id=str(number),
        source="office",
        manager=f"Manager {number % MANAGERS}",
        direction="incoming" if number % 2 else "outgoing",
        client_phone_last4=f"{number % 10_000:04d}",
        started_at=started_at,
        duration_s=length_s,
        answered=True,
        file_name=name,
    )
    return Delivery(call, Recording(sha, Path("/bench") / name, 1000), 1)


def build_store(store: Store, count: int) -> None:
    """Writes that many calls; of a fifth of them people have given verdicts."""
    with store.writing() as con:
        write_checklist(con, CHECKLIST)
        write_default_checklist(con, CHECKLIST.id)
    for first in range(0, count, CALLS_AT_ONCE):
        made = list(make_calls(range(first, min(count, first + CALLS_AT_ONCE))))
        with store.writing() as con:
            ids = register_recordings(con, [item.delivery for item in made])
            write_results(con, [result for item in made for result in item.results], "bench")
            heard = made[: int(len(made) * REVIEWED)]
            append_reviews(con, [review_of(item, ids, place) for place, item in enumerate(heard, first)])


def review_of(item: MadeCall, ids: dict[str, str], number: int) -> SubmittedReview:
    """What somebody has handed in a day after the call."""
    sha, call = item.delivery.recording.content_sha256, item.delivery.call
    judged = next(result for result in item.results if result.stage == "evaluation")
    suggested = item.suggested
    assert call.started_at is not None
    return SubmittedReview(
        submission_id=f"{number:032x}",
        call_id=ids[sha],
        evaluation_id=evaluation_id(judged, "d"),
        reviewer=REVIEWERS[number % len(REVIEWERS)],
        blind=False,
        call_type=suggested.call_type.call_type,
        cqr=suggested.cqr,
        passed=suggested.passed,
        verdicts=tuple(
            GivenVerdict(criterion.id, value is not None, value)
            for criterion in CHECKLIST.criteria_for(suggested.call_type.call_type)
            for value in (item.truth[criterion.id],)
        ),
        flags=(),
        note="",
        started_at=None,
        submitted_at=min(call.started_at + timedelta(days=1), utc_now()),
    )
