"""Labelled dialogues put before a judge: the one door through which every figure over text gets its answers."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.build import build_models
from models.remembering_encoder import RememberingEncoder
from pipeline.checklist import Checklist
from pipeline.corpus import LabelledDialogue
from pipeline.interfaces import Encoder, Vectors
from pipeline.prescoring import Judge, evaluate
from pipeline.records import Dialogue, Evaluation, Evidence, Suggestion
from pipeline.settings import EvaluationSettings, load_settings

ANY_LENGTH = EvaluationSettings(min_words=0, min_duration_s=0)


@dataclass(frozen=True)
class Judged:
    """A labelled dialogue with the judge's answer. Calls that were not scored have an answer of the type only.

    `dialogue` is what was judged: the written one, or what was heard of it. Then `written_turns` says during which
    turns of the written one each of its utterances was spoken.
    """

    labelled: LabelledDialogue
    dialogue: Dialogue
    evaluation: Evaluation
    written_turns: Mapping[int, tuple[int, ...]] | None = None

    def suggestion(self, criterion_id: str) -> Suggestion | None:
        return next((s for s in self.evaluation.suggestions if s.criterion_id == criterion_id), None)

    def turns_of(self, evidence: Evidence) -> tuple[int, ...]:
        """Where the evidence stands among the turns that the labels count."""
        if self.written_turns is None:
            return (evidence.utterance_index,)
        return self.written_turns.get(evidence.utterance_index, ())


@lru_cache(maxsize=1)
def active_encoder() -> Encoder:
    """The encoder of the configured profile; it remembers dialogues that were measured or trained on before."""
    return RememberingEncoder(build_models(load_settings().active).encoder)


def encode(dialogue: Dialogue, encoder: Encoder) -> Vectors:
    """The vectors that a run would store. shape: (num_utterances, dimension)"""
    return encoder.encode_dialogue(dialogue)


def encode_all(dialogues: Sequence[Dialogue], encoder: Encoder) -> list[Vectors]:
    """Made once for all judges."""
    return [encode(dialogue, encoder) for dialogue in dialogues]


def judge_dialogues(
    dialogues: Sequence[Dialogue],
    vectors: Sequence[Vectors],
    checklist: Checklist,
    judge: Judge,
    settings: EvaluationSettings = ANY_LENGTH,
) -> list[Evaluation]:
    """One evaluation per dialogue, in order."""
    return [evaluate(each, checklist, judge, settings, rows) for each, rows in zip(dialogues, vectors, strict=True)]


def judge_all(
    corpus: Sequence[LabelledDialogue], checklist: Checklist, judge: Judge, encoder: Encoder | None = None
) -> list[Judged]:
    """The dialogues as written, whatever their length."""
    dialogues = [labelled.dialogue for labelled in corpus]
    vectors = encode_all(dialogues, encoder or active_encoder())
    found = judge_dialogues(dialogues, vectors, checklist, judge)
    return [Judged(labelled, labelled.dialogue, one) for labelled, one in zip(corpus, found, strict=True)]


def judge_timed(
    dialogues: Sequence[Dialogue], vectors: Sequence[Vectors], checklist: Checklist, judge: Judge
) -> tuple[list[Evaluation], float]:
    """As `judge_dialogues`, and the milliseconds of processor time that one took on average.

    Every dialogue is read once before, so that no judge pays for the dictionaries that all of them look words up in.
    """
    for dialogue in dialogues:
        judge.read(dialogue, None)
    started_s = time.process_time()
    found = judge_dialogues(dialogues, vectors, checklist, judge)
    return found, 1000 * (time.process_time() - started_s) / max(1, len(found))


def encode_timed(dialogues: Sequence[Dialogue], encoder: Encoder) -> tuple[list[Vectors], float]:
    """Vectors of each dialogue, and the milliseconds of processor time that one took on average."""
    started_s = time.process_time()
    vectors = encode_all(dialogues, encoder)
    return vectors, 1000 * (time.process_time() - started_s) / max(1, len(vectors))
