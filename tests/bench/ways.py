"""The commands that are measured beside each other on one set of recordings, each a process of its own."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.weights import checked_files
from pipeline.records import Utterance
from pipeline.settings import ROOT
from pipeline.store import Store
from tests.bench.measuring import Measured, measure
from tests.bench.plain_whisper import MODEL
from tests.quality.gold import load_gold
from tests.quality.metrics import Share, word_error_rate

PEERS = ROOT / ".venv-peers" / "bin" / "python"
Texts = dict[str, list[Utterance]]  # by file name


@dataclass(frozen=True)
class Task:
    """A set of recordings, the folder they lie in, and a folder for this run's data that is not there yet."""

    paths: tuple[Path, ...]
    recordings: Path
    data: Path
    threads: int


@dataclass(frozen=True)
class Way:
    """A command. `texts`: what it heard, from what it printed or stored; None where it recognises nothing."""

    title: str
    command: Callable[[Task], list[str]]
    texts: Callable[[Task, str], Texts] | None = None


@dataclass(frozen=True)
class Run:
    """One measured run of a way."""

    measured: Measured
    texts: Texts


def run_way(way: Way, task: Task) -> Run:
    measured = measure(way.command(task))
    return Run(measured, way.texts(task, measured.output) if way.texts else {})


def module(name: str, *words: str) -> Callable[[Task], list[str]]:
    return lambda task: [sys.executable, "-m", f"tests.bench.{name}", *words, str(task.threads), *map(str, task.paths)]


def one_thread(command: Callable[[Task], list[str]]) -> Callable[[Task], list[str]]:
    return lambda task: command(replace(task, threads=1))


def prescore(*words: str) -> Callable[[Task], list[str]]:
    program = str(Path(sys.executable).with_name("prescore"))
    return lambda task: [program, "--data", str(task.data), "run", str(task.recordings), *words]


def whisperx(task: Task) -> list[str]:
    weights = str(checked_files(MODEL)["model.bin"].parent)
    return [str(PEERS), "-m", "tests.bench.whisperx_alone", weights, str(task.threads), *map(str, task.paths)]


def printed(output: str) -> list[dict[str, Any]]:
    """What a peer says of each file; WhisperX writes its log between the lines."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def printed_texts(_task: Task, output: str) -> Texts:
    """Of a peer: each channel is one utterance."""
    found = {}
    for item in printed(output):
        found[item["file"]] = [Utterance(n, "other", text, f"channel {n}") for n, text in enumerate(item["texts"])]
    return found


def stored_texts(task: Task, _output: str) -> Texts:
    """Of our run: what the store holds."""
    sql = """
        SELECT recording.file_name, utterance_index, role, text, start_s
        FROM main.utterances JOIN base.recordings AS recording USING (call_id) ORDER BY ALL
    """
    found: Texts = {path.name: [] for path in task.paths}
    with Store(task.data / "calls.duckdb").reading() as con:
        for name, index, role, text, start_s in con.execute(sql).fetchall():
            found[name].append(Utterance(index, role, text, role, start_s))
    return found


def errors_of(texts: Texts) -> Share:
    """Word errors over the recordings that have gold text: copies of samples, named SAMPLE-COPY."""
    gold = {item.path.stem: item for item in load_gold()}
    found = Share(0, 0)
    for name, utterances in texts.items():
        if (reference := gold.get(Path(name).stem.rpartition("-")[0])) is not None:
            found += word_error_rate(reference, utterances)
    return found


OURS, OURS_ALONE = "ours", "ours, one worker"
BATCHED, SEQUENTIAL, WHISPERX = "batched", "sequential", "whisperx"
PYANNOTE, PYANNOTE_ONE = "pyannote", "pyannote, one thread"  # on a busy machine two threads wait for each other
WAYS = {
    OURS: Way("`prescore run`: recognition, roles, judge, store, publish", prescore(), stored_texts),
    OURS_ALONE: Way("`prescore run --workers 1`", prescore("--workers", "1"), stored_texts),
    BATCHED: Way("faster-whisper, batched", module("plain_whisper", "batched"), printed_texts),
    SEQUENTIAL: Way("faster-whisper, sequential", module("plain_whisper", "sequential"), printed_texts),
    WHISPERX: Way("WhisperX 3.8.6, recognition alone", whisperx, printed_texts),
    PYANNOTE: Way("pyannote.audio alone, all threads", module("pyannote_alone")),
    PYANNOTE_ONE: Way("pyannote.audio alone, one thread", one_thread(module("pyannote_alone"))),
}


def ways_for(name: str, peers: bool) -> Sequence[str]:
    """What runs on that set of recordings, in turns."""
    if name == "stereo":
        return [OURS, BATCHED, SEQUENTIAL, *([WHISPERX] if peers else [])]
    if name == "mono":
        return [OURS, BATCHED, PYANNOTE, PYANNOTE_ONE]
    if name == "short":
        return [OURS, OURS_ALONE, BATCHED]
    return [OURS] if name == "longest" else [OURS, BATCHED]  # its time is that of the long one, only longer
