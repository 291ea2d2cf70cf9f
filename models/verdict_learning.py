"""People's verdicts made into new heads: hold out the newest, learn from the rest, compare, and only then adopt.

The newest calls (by their first verdict) measure both models; those from which the model in use has learned measure
nothing, for it knows their answers. A model that is adopted is learned again from all calls, the held-out ones among
them: the figures are those of the comparison, and it has seen more since. Its confidence is calibrated on answers of
cross-validation, to calls that the answering model had not seen.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.checklist import Checklist
from pipeline.interfaces import Encoder
from pipeline.learning.adoption import CALL_TYPE, Answer, Decision, Pair, decide
from pipeline.learning.labels import (
    ChecklistKey,
    LearningSample,
    VerdictCall,
    data_hash,
    keep_heads,
    trainable,
)
from pipeline.learning.versions import HeadModel
from pipeline.prescoring import Judge, build_judge, evaluate
from pipeline.prescoring.head_artefact import HeadArtefact, save_artefact
from pipeline.records import Evaluation
from pipeline.settings import EvaluationSettings, LearningSettings

Learn = Callable[[Sequence[LearningSample]], HeadArtefact]  # calibrated by cross-validation
ANY_LENGTH = EvaluationSettings(min_words=1, min_duration_s=0)  # a person gave verdicts: it was long enough


@dataclass(frozen=True, slots=True)
class Lessons:
    """What calls are made of. `checklists`: those that verdicts answer, by id and version."""

    corpus: tuple[LearningSample, ...]
    samples: Mapping[str, LearningSample]  # of calls with verdicts, by recording; with vectors
    checklists: Mapping[ChecklistKey, Checklist]
    default: Checklist  # judges the call type where there is no other verdict


@dataclass(frozen=True, slots=True)
class HoldOut:
    """`older` calls teach, `newer` ones measure. `missing`: why nothing can be learned yet, as a sentence."""

    older: tuple[VerdictCall, ...]
    newer: tuple[VerdictCall, ...]
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """New heads and what was decided about them. `taught`: the calls that they learned from, beside the corpus."""

    decision: Decision
    artefact: HeadArtefact
    taught: tuple[VerdictCall, ...]
    samples: tuple[LearningSample, ...]

    def model(self, version: str, parent: str) -> HeadModel:
        """What the store remembers of them under the version that their file got."""
        encoder = self.artefact.facts.encoder
        found = {name: figure for name, figure in self.artefact.facts.figures.items() if math.isfinite(figure)}
        return HeadModel(
            version=version,
            parent=parent,
            encoder=encoder,
            data_hash=data_hash(self.samples, encoder),
            dialogue_count=len(self.samples),
            verdict_call_count=len(self.taught),
            verdict_count=sum(call.verdict_count for call in self.taught),
            learned_until=max(call.first_at for call in self.taught),
            figures=self.decision.as_figures() | {"cross_validated": found},
        )


def hold_out(calls: Sequence[VerdictCall], settings: LearningSettings, learned_until: datetime | None) -> HoldOut:
    """The calls in the order of their first verdict, cut where the newest share begins.

    `learned_until`: of the model in use. Newest calls that it has learned from teach, and do not measure.
    """
    calls = sorted(calls, key=lambda call: (call.first_at, call.content_sha256))[-settings.max_calls :]
    cut = len(calls) - math.ceil(len(calls) * settings.held_out_share)
    newer = [call for call in calls[cut:] if learned_until is None or call.first_at > learned_until]
    older = [call for call in calls if call not in newer]
    missing = None
    if len(calls) < settings.min_calls:
        lacking = settings.min_calls - len(calls)
        missing = f"{len(calls)} calls with verdicts; {lacking} more are needed before anything is learned from them"
    elif len(newer) < settings.min_held_out:
        lacking = settings.min_held_out - len(newer)
        missing = (
            f"{len(newer)} calls with verdicts that the heads in use have not learned from; {lacking} more are needed "
            "to compare new heads with them"
        )
    return HoldOut(tuple(older), tuple(newer), missing)


def learn_from_verdicts(
    lessons: Lessons,
    held: HoldOut,
    current: Path,
    encoder: Encoder,
    learn: Learn,
    settings: LearningSettings,
    again: bool = True,
) -> Learned:
    """Learn from corpus and older calls, and compare on the newer ones with the heads in the file `current`.

    `held` lacks nothing. What is adopted is learned again from all calls, unless `again` is False.
    """
    own = trainable((call.labels for call in held.older), settings.own_criterion_verdicts)
    samples = _samples(lessons, held.older, own)
    artefact = learn(samples)
    with TemporaryDirectory(prefix="prescore-heads-") as folder:
        candidate = Path(folder) / "candidate.npz"
        save_artefact(artefact, candidate)
        decision = decide(compare(lessons, held.newer, current, candidate, encoder), settings)
    if not (decision.adopted and again):
        return Learned(decision, artefact, held.older, samples)
    taught = held.older + held.newer
    samples = _samples(lessons, taught, own)
    return Learned(decision, learn(samples), taught, samples)


def _samples(lessons: Lessons, calls: Sequence[VerdictCall], own: frozenset[str]) -> tuple[LearningSample, ...]:
    return (*lessons.corpus, *(keep_heads(lessons.samples[call.content_sha256], own) for call in calls))


def compare(
    lessons: Lessons, calls: Sequence[VerdictCall], current: Path, candidate: Path, encoder: Encoder
) -> list[Pair]:
    """Both models' answers to every verdict of the calls: as a run would give them, by the cheap rungs."""

    @cache
    def judge_of(key: ChecklistKey | None, path: Path) -> Judge:
        return build_judge(lessons.default if key is None else lessons.checklists[key], encoder, heads=path)

    pairs: list[Pair] = []
    for call in calls:
        sample = lessons.samples[call.content_sha256]
        for key in dict.fromkeys([answer.checklist for answer in call.answers]) or [None]:
            checklist = lessons.default if key is None else lessons.checklists[key]
            both = [
                evaluate(sample.dialogue, checklist, judge_of(key, path), ANY_LENGTH, sample.vectors)
                for path in (current, candidate)
            ]
            pairs += _criterion_pairs(call, key, *both)
        pairs += _type_pairs(call, *both)
    return pairs


def _criterion_pairs(
    call: VerdictCall, key: ChecklistKey | None, current: Evaluation, candidate: Evaluation
) -> list[Pair]:
    by_current, by_candidate = (
        {item.criterion_id: Answer(item.applicable, item.value) for item in made.suggestions}
        for made in (current, candidate)
    )
    return [
        Pair(
            answer.head,
            call.content_sha256,
            Answer(answer.label.applicable, answer.label.value),
            by_current[answer.criterion_id],
            by_candidate[answer.criterion_id],
        )
        for answer in call.answers
        if answer.checklist == key and answer.criterion_id in by_current and answer.criterion_id in by_candidate
    ]


def _type_pairs(call: VerdictCall, current: Evaluation, candidate: Evaluation) -> list[Pair]:
    if call.call_type is None:
        return []
    answers = (Answer(True, float(made.call_type.call_type == call.call_type)) for made in (current, candidate))
    return [Pair(CALL_TYPE, call.content_sha256, Answer(True, 1.0), *answers)]


def learner(encoder: Encoder) -> Learn:
    """The real trainer, on the vectors of that encoder."""
    from models.head_learning import learn  # the fits need scikit-learn, which only whoever learns waits for
    from models.head_trainer import Trainer
    from models.head_training import Options

    return lambda samples: learn(Trainer(samples, encoder, Options()))[0]
