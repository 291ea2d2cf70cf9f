"""One call from recording to evaluation, doing only the stages that are missing. Computes and returns; never stores."""

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from pipeline import watching
from pipeline.analysis import analyse, needs_diarization
from pipeline.audio import DecodedRecording, decode
from pipeline.checklist import Checklist
from pipeline.errors import PrescoreError, RecordingError
from pipeline.hearing import hear
from pipeline.ingest import refuse_changed
from pipeline.interfaces import Models
from pipeline.invented_text import invented_phrases_identity
from pipeline.prescoring.evaluation import evaluate
from pipeline.prescoring.ladder import Judge, rung_names
from pipeline.records import AnalysedDialogue, Call, Evaluation, Recording, Transcription
from pipeline.roles import roles_identity
from pipeline.settings import EvaluationSettings, Settings
from pipeline.stages import DialogueVectors, Failure, Record, Stage, StageResult, stage_key

# Raise a stage's number when its code changes so that old results no longer hold.
CODE_VERSIONS: Mapping[Stage, int] = {
    "transcription": 1, "diarization": 1, "dialogue": 1, "vectors": 1, "evaluation": 2,
}  # fmt: skip
Kind = TypeVar("Kind", Transcription, AnalysedDialogue, DialogueVectors)
MEMORY_CODE = "out_of_memory"


@dataclass(frozen=True)
class Workshop:
    """What a worker needs to process calls."""

    settings: Settings
    models: Models
    checklist: Checklist
    judge: Judge
    ffmpeg_program: str
    scratch: Path


@dataclass(frozen=True)
class StageKeys:
    """The key of each stage under one configuration; later stages hold the keys that they build on."""

    transcription: str
    diarization: str
    dialogue: str
    vectors: str
    evaluation: str

    def of(self, stage: Stage) -> str:
        key: str = getattr(self, stage)
        return key


@dataclass(frozen=True)
class CallTask:
    """A call to process: the keys under which its results belong, and earlier results that still hold."""

    recording: Recording
    call: Call
    keys: StageKeys
    known: Mapping[Stage, Record] = field(default_factory=dict)


@dataclass(frozen=True)
class CallResult:
    """What was missing and is now computed; a failure says at which stage it ended and why.

    `left_out` names the rungs that could not be asked: the evaluation is that of a judge without them. `kept` counts
    the answers that were taken over from an earlier evaluation.
    """

    content_sha256: str
    results: tuple[StageResult, ...]
    failure: Failure | None = None
    left_out: tuple[str, ...] = ()
    kept: int = 0


def stage_keys(workshop: Workshop, call: Call) -> StageKeys:
    """Keys from configuration, model identities and what the journal says of the call; no model is loaded for it.

    Source and direction help to tell the roles: a journal that arrives later decides them again, and so does a person.
    """
    settings, models, checklist, judge = workshop.settings, workshop.models, workshop.checklist, workshop.judge
    transcription = stage_key(
        CODE_VERSIONS["transcription"],
        models.transcriber.identity,
        models.speech_detector.identity,
        settings.languages,
        settings.vocabulary,
        invented_phrases_identity(),
        settings.audio.model_dump(mode="json"),
    )
    diarization = stage_key(CODE_VERSIONS["diarization"], models.diarizer.identity)
    dialogue = stage_key(
        CODE_VERSIONS["dialogue"],
        transcription,
        diarization,
        models.encoder.identity,
        roles_identity(),
        settings.roles.model_dump(mode="json"),
        (call.source, call.direction),
        *(() if call.agent_at_s is None else (call.agent_at_s,)),
    )
    vectors = vectors_key(dialogue, models.encoder.dialogue_identity)
    evaluation = evaluation_key(vectors, checklist, judge.identity, settings.evaluation)
    return StageKeys(transcription, diarization, dialogue, vectors, evaluation)


def vectors_key(dialogue_key: str, encoder: str) -> str:
    """The key of a dialogue's vectors."""
    return stage_key(CODE_VERSIONS["vectors"], dialogue_key, encoder)


def evaluation_key(vectors: str, checklist: Checklist, judge: str, settings: EvaluationSettings) -> str:
    """The key of an evaluation made from the vectors of that key: the same from a recording and in a re-score.

    `judge` is the identity of the judge that answered (`Evaluation.judge`). It lacks a rung that could not be asked:
    such an evaluation does not stand for one by the whole judge, which the next run makes.
    """
    return stage_key(
        CODE_VERSIONS["evaluation"],
        vectors,
        checklist.id,
        checklist.version,
        judge,
        settings.model_dump(mode="json"),
    )


def process_call(task: CallTask, workshop: Workshop) -> CallResult:
    """All missing stages of one call. A failure is the call's own: what came before it is kept and returned.

    Raises PrescoreError for what no call is to blame for: weights that are missing, an ffmpeg that does not start.
    """
    results: list[StageResult] = []
    stage: Stage = "transcription"
    try:
        with ExitStack() as stack:
            work = _CallWork(task, workshop, stack)
            for stage, compute in work.stages():
                if stage in work.known:
                    continue
                started_s = time.perf_counter()
                with watching.span(stage, {watching.STAGE: stage}):
                    record = compute()
                if record is None:
                    continue
                work.known[stage] = record
                seconds = round(time.perf_counter() - started_s, 3)
                sha, key = task.recording.content_sha256, _made_key(task, stage, record, workshop)
                results.append(StageResult(sha, stage, key, record, seconds, work.duration_s, task.keys.dialogue))
    except RecordingError as error:
        return _failed(task, results, stage, error.code, str(error))
    except MemoryError:
        reason = f"{task.recording.path.name}: not enough memory for its {stage}; free some, then `prescore retry`"
        return _failed(task, results, stage, MEMORY_CODE, reason)
    except PrescoreError:  # missing weights, no ffmpeg: the machine's fault and every call's, so the run ends
        raise
    except Exception as error:  # a defect of ours or of a model must not take the other calls along
        reason = f"{task.recording.path.name}: {stage} broke with {kind_and_place(error)}; report it, `prescore retry`"
        return _failed(task, results, stage, "internal_error", reason)
    left_out = tuple(name for item in results for name in left_out_of(item.record, workshop.judge.identity))
    return CallResult(task.recording.content_sha256, tuple(results), left_out=left_out)


def left_out_of(record: Record, judge: str) -> tuple[str, ...]:
    """The rungs of the judge of that identity that could not be asked for the evaluation."""
    if not isinstance(record, Evaluation) or record.judge == judge:
        return ()
    answered = rung_names(record.judge)
    return tuple(name for name in rung_names(judge) if name not in answered)


def _made_key(task: CallTask, stage: Stage, record: Record, workshop: Workshop) -> str:
    """The key of what was made: the planned one, but for an evaluation in which a rung of the judge is missing."""
    if not isinstance(record, Evaluation):
        return task.keys.of(stage)
    return evaluation_key(task.keys.vectors, workshop.checklist, record.judge, workshop.settings.evaluation)


class _CallWork:
    """The stages of one call; the recording is decoded once, and only when a stage needs to hear it."""

    def __init__(self, task: CallTask, workshop: Workshop, stack: ExitStack) -> None:
        self._task = task
        self._workshop = workshop
        self._stack = stack
        self._decoded: DecodedRecording | None = None
        self.known: dict[Stage, Record] = dict(task.known)

    def stages(self) -> Iterator[tuple[Stage, Callable[[], Record | None]]]:
        """In order. A dialogue that is known makes hearing the recording again unnecessary."""
        if "dialogue" not in self.known:
            yield "transcription", self._transcribe
            yield "diarization", self._diarize
        yield "dialogue", self._analyse
        yield "vectors", self._encode
        yield "evaluation", self._evaluate

    @property
    def duration_s(self) -> float:
        transcription, dialogue = self.known.get("transcription"), self.known.get("dialogue")
        if isinstance(transcription, Transcription):
            return transcription.audio.duration_s
        return (dialogue.dialogue.duration_s or 0.0) if isinstance(dialogue, AnalysedDialogue) else 0.0

    def _transcribe(self) -> Record:
        return hear(self._task.recording.path, self._decode(), self._workshop.models, self._workshop.settings)

    def _diarize(self) -> Record | None:
        transcription = self._known("transcription", Transcription)
        if not needs_diarization(transcription):
            return None
        speaking = next(channel.channel for channel in transcription.channels if channel.words)
        return self._workshop.models.diarizer.diarize(self._decode().channels[speaking])

    def _analyse(self) -> Record:
        diarization = self.known.get("diarization")
        return analyse(
            self._known("transcription", Transcription),
            diarization,  # type: ignore[arg-type]  # the key says what it is
            self._task.call,
            self._workshop.settings.roles,
            self._workshop.models.encoder,
        )

    def _encode(self) -> Record:
        dialogue = self._known("dialogue", AnalysedDialogue).dialogue
        encoder = self._workshop.models.encoder
        rows = np.asarray(encoder.encode_dialogue(dialogue), dtype=np.float32)
        return DialogueVectors(encoder.dialogue_identity, rows)

    def _evaluate(self) -> Record:
        return evaluate(
            self._known("dialogue", AnalysedDialogue).dialogue,
            self._workshop.checklist,
            self._workshop.judge,
            self._workshop.settings.evaluation,
            self._known("vectors", DialogueVectors).vectors,
        )

    def _known(self, stage: Stage, kind: type[Kind]) -> Kind:
        record = self.known[stage]
        if not isinstance(record, kind):
            raise TypeError(f"stage {stage} holds {type(record).__name__}, expected {kind.__name__}")
        return record

    def _decode(self) -> DecodedRecording:
        if self._decoded is None:
            workshop = self._workshop
            self._decoded = self._stack.enter_context(
                decode(
                    self._task.recording.path,
                    workshop.settings.audio,
                    workshop.settings.ingest.raw_formats,
                    workshop.scratch,
                    workshop.ffmpeg_program,
                )
            )
            refuse_changed(self._task.recording)
        return self._decoded


def kind_and_place(error: Exception) -> str:
    """Never the error's text: it might hold words that were spoken."""
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    return f"{type(error).__name__} ({Path(frame.f_code.co_filename).name}, line {line})"


def _failed(task: CallTask, results: list[StageResult], stage: Stage, code: str, reason: str) -> CallResult:
    sha = task.recording.content_sha256
    return CallResult(sha, tuple(results), Failure(sha, stage, task.keys.of(stage), code, reason))
