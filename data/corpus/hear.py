"""Speak dialogues of this corpus with synthesizers, as telephone calls, and keep what the pipeline makes of them.

Only text is kept, in `heard/LANGUAGE.jsonl` (pipeline/corpus_heard.py says what a line holds); the sound is deleted.
A dialogue that is there and has not been rewritten since is skipped, so a run may be ended at any time and started
again. Needs what data/samples/render.py needs. One process and one thread: about 16 s of a core per
minute of call.

    .venv/bin/python data/corpus/hear.py [--language ru|en|pl ...] [--split test|dev|blind] [--limit N]
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "data" / "samples")]  # this script lies in no package

from casting import render  # noqa: E402

from models.build import build_models  # noqa: E402
from pipeline.checklist import load_checklist  # noqa: E402
from pipeline.corpus import LANGUAGES, LabelledDialogue, load_corpus  # noqa: E402
from pipeline.corpus_heard import (  # noqa: E402
    HEARD,
    HeardDialogue,
    HeardTurn,
    HeardUtterance,
    Recognition,
    load_heard,
    load_heard_file,
    written_sha256,
)
from pipeline.errors import ConfigurationError, PrescoreError, RecordingError  # noqa: E402
from pipeline.interfaces import Models  # noqa: E402
from pipeline.records import Utterance  # noqa: E402
from pipeline.settings import Settings, load_settings  # noqa: E402
from tests.quality.gold import GoldCall  # noqa: E402
from tests.quality.heard import report  # noqa: E402
from tests.quality.metrics import role_accuracy  # noqa: E402
from tests.quality.recognition import recognise  # noqa: E402


def hear(labelled: LabelledDialogue, settings: Settings, models: Models) -> HeardDialogue:
    """One dialogue spoken and recognised. Raises RecordingError when nothing at all is recognised."""
    with tempfile.TemporaryDirectory(prefix="prescore-hear-") as folder:
        path = Path(folder) / "call.bin"
        casting, gold = render(labelled, path.with_suffix(".ogg" if labelled.language == "pl" else ".wav"))
        (found,) = recognise([(gold.path, labelled.direction)], settings, models, Path(folder))
    dialogue = found.analysed.dialogue
    roles = role_accuracy(gold, dialogue.utterances)
    return HeardDialogue(
        id=labelled.id,
        written_sha256=written_sha256(labelled),
        layout=casting.recording["layout"],
        voice=casting.engine,
        language=dialogue.language,
        duration_s=round(found.duration_s, 2),
        counted_words=int(roles.whole),
        right_role_words=int(roles.part),
        utterances=tuple(
            HeardUtterance(
                role=said.role,
                speaker=said.speaker,
                text=said.text,
                start_s=round(said.start_s or 0.0, 2),
                end_s=round(said.end_s or 0.0, 2),
            )
            for said in dialogue.utterances
        ),
        turns=tuple(
            HeardTurn(text=text, start_s=round(turn.start_s, 2), end_s=round(turn.end_s, 2))
            for turn, text in zip(gold.turns, texts_of_turns(gold, dialogue.utterances), strict=True)
        ),
    )


def texts_of_turns(gold: GoldCall, utterances: Sequence[Utterance]) -> list[str]:
    """The recognised words of each written turn: a word belongs to the turn nearest to its middle.

    Where each side has its own channel, to the nearest turn on that channel: word times are good to about 0.3 s only.
    """
    texts: list[list[tuple[float, str]]] = [[] for _ in gold.turns]
    for utterance in utterances:
        channel = utterance.speaker.removeprefix("CHANNEL_") if gold.layout == "stereo" else ""
        own = [i for i, turn in enumerate(gold.turns) if not channel.isdigit() or turn.channel == int(channel)]
        for word in utterance.words:
            middle_s = (word.start_s + word.end_s) / 2
            away_s = {i: max(gold.turns[i].start_s - middle_s, middle_s - gold.turns[i].end_s, 0.0) for i in own}
            texts[min(own, key=away_s.__getitem__)].append((word.start_s, word.text))
    return [" ".join(text for _, text in sorted(words, key=lambda timed: timed[0])) for words in texts]


def by_turns_of_trades(corpus: Sequence[LabelledDialogue]) -> Iterator[LabelledDialogue]:
    """One dialogue of every trade, then another of each: a run that is cut short has seen all trades.

    A trade's file goes by call type, so each trade starts at another place of its file: it has seen all types too.
    """
    trades: dict[str, list[LabelledDialogue]] = {}
    for labelled in corpus:
        trades.setdefault(labelled.trade, []).append(labelled)
    rotated = [found[i % len(found) :] + found[: i % len(found)] for i, found in enumerate(trades.values())]
    for row in zip_longest(*rotated):
        yield from (labelled for labelled in row if labelled is not None)


def keep_current(path: Path, models: Models, corpus: dict[str, LabelledDialogue]) -> set[str]:
    """Ids that need not be heard again; lines of dialogues that were rewritten or removed leave the file.

    Raises ConfigurationError when other models heard the file.
    """
    header = Recognition(
        transcriber=models.transcriber.identity,
        speech_detector=models.speech_detector.identity,
        diarizer=models.diarizer.identity,
        encoder=models.encoder.identity,
    )
    dialogues: list[HeardDialogue] = []
    if path.exists():
        found, numbered = load_heard_file(path)
        if found != header:
            raise ConfigurationError(f"{path}: was heard by {found}, not by {header}; move it away to hear all again")
        dialogues = [heard for _, heard in numbered]
    current = [d for d in dialogues if d.id in corpus and d.written_sha256 == written_sha256(corpus[d.id])]
    write(path, header, current)
    return {heard.id for heard in current}


def write(path: Path, header: Recognition, dialogues: Sequence[HeardDialogue]) -> None:
    """The whole file at once, in order of id, as small changes to it are to be read."""
    lines = [header.model_dump_json(), *(d.model_dump_json() for d in sorted(dialogues, key=lambda d: d.id))]
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".fresh")
    fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
    fresh.replace(path)


def append(path: Path, heard: HeardDialogue) -> None:
    """In one write, so that a kill leaves no half line."""
    with path.open("ab", buffering=0) as file:
        file.write(f"{heard.model_dump_json()}\n".encode())


def hear_language(language: str, options: argparse.Namespace, settings: Settings, models: Models) -> float:
    """Hear what is missing of one language; the seconds of calls heard."""
    checklist, path = load_checklist("cqr"), options.out / f"{language}.jsonl"
    everything = {d.id: d for d in load_corpus(checklist) if d.language == language}
    wanted = [d for d in load_corpus(checklist, options.split) if d.language == language]
    wanted = list(by_turns_of_trades(wanted))[: options.limit]
    known = keep_current(path, models, everything)
    missing = [labelled for labelled in wanted if labelled.id not in known]
    print(f"{language}: {len(missing)} of {len(wanted)} dialogues to hear", flush=True)
    heard_s = 0.0
    for count, labelled in enumerate(missing, start=1):
        started_s = time.perf_counter()
        try:
            heard = hear(labelled, settings, models)
        except RecordingError as error:
            print(f"{labelled.id}: {error.code}", flush=True)
            continue
        append(path, heard)
        heard_s += heard.duration_s
        seconds = time.perf_counter() - started_s
        print(f"{count:4d} {labelled.id}: {heard.layout}, {heard.duration_s:.0f} s in {seconds:.0f} s", flush=True)
    keep_current(path, models, everything)
    return heard_s


def cpu_s() -> float:
    """Processor time of this process and of the synthesizers that it started."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", action="append", choices=LANGUAGES, help="ru and en when not given")
    parser.add_argument("--split", choices=("test", "dev", "blind"), help="all when not given")
    parser.add_argument("--limit", type=int, help="dialogues per language, every trade in turn")
    parser.add_argument("--out", type=Path, default=HEARD)
    options = parser.parse_args(arguments)
    os.environ["OMP_NUM_THREADS"] = "1"
    settings = load_settings(profile="offline")
    models = build_models(settings.active)
    heard_s = sum(hear_language(language, options, settings, models) for language in options.language or ("ru", "en"))
    print(f"{heard_s / 60:.0f} minutes of calls heard, {cpu_s() / 60:.1f} minutes of processor time\n")
    print("\n".join(report(load_heard(options.out), load_corpus(load_checklist("cqr")))))


if __name__ == "__main__":
    try:
        main()
    except PrescoreError as error:
        raise SystemExit(str(error)) from None
