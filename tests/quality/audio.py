"""Word error rate, role accuracy and diarization error rate of a profile, on data/samples and real recordings.

    python -m tests.quality.audio [--profile NAME] [--out FILE.md] [--diarization FOLDER]

Prints a table of figures with their bounds and what they were measured on, and one line per recording. Exits with 1
when a bound is missed.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.build import build_models
from pipeline.interfaces import Models
from pipeline.settings import ROOT, Settings, load_settings
from tests.quality.gold import GoldCall, load_gold, load_rttm
from tests.quality.metrics import Share, diarization_error_rate, role_accuracy, role_accuracy_by_time, word_error_rate
from tests.quality.recognition import Recognised, diarize, recognise

MOSTLY = 0.5  # of the words with the right role
REAL_RECORDINGS = ROOT.parent / "shared" / "data_dev" / "diarization" / "pyannote"  # not in the repository


@dataclass(frozen=True, slots=True)
class CallResult:
    """One sample measured. `der` only where the diarizer is needed: mono."""

    gold: GoldCall
    wer: Share
    roles: Share
    roles_by_time: Share
    role_confidence: float
    der: Share | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured share and the bound that it must hold; None where nothing was promised."""

    name: str
    share: Share
    measured_on: str
    bound: float | None = None
    side: Literal["below", "at least"] = "below"

    @property
    def value(self) -> str:
        return f"{self.share.value:.1%}" if self.share.whole else "not measured"

    @property
    def must_be(self) -> str:
        return "-" if self.bound is None else f"{self.side} {self.bound:.0%}"

    @property
    def holds(self) -> bool:
        """Never holds without anything measured."""
        if self.bound is None:
            return True
        if not self.share.whole:
            return False
        return self.share.value < self.bound if self.side == "below" else self.share.value >= self.bound


def measure_call(gold: GoldCall, heard: Recognised) -> CallResult:
    """What the recogniser, the diarizer and the roles made of one sample."""
    utterances = heard.analysed.dialogue.utterances
    der = None if heard.turns is None else diarization_error_rate(gold.speaker_turns, heard.turns, heard.duration_s)
    return CallResult(
        gold=gold,
        wer=word_error_rate(gold, utterances),
        roles=role_accuracy(gold, utterances),
        roles_by_time=role_accuracy_by_time(gold, utterances),
        role_confidence=heard.analysed.roles.confidence,
        der=der,
    )


def measure_samples(settings: Settings, models: Models, scratch: Path) -> list[CallResult]:
    golds = {gold.path: gold for gold in load_gold()}
    calls = [(path, gold.direction) for path, gold in golds.items()]
    return [measure_call(golds[heard.path], heard) for heard in recognise(calls, settings, models, scratch)]


def measure_real(folder: Path, settings: Settings, models: Models, scratch: Path) -> dict[str, Share]:
    """DER by recording of `folder`: every wav of which an RTTM file there knows the turns."""
    reference = {uri: turns for rttm in sorted(folder.glob("*.rttm")) for uri, turns in load_rttm(rttm).items()}
    paths = [path for path in sorted(folder.glob("*.wav")) if path.stem in reference]
    found = diarize(paths, settings, models, scratch)
    return {p.stem: diarization_error_rate(reference[p.stem], turns, duration_s) for p, turns, duration_s in found}


def figures_of(results: Sequence[CallResult], real: dict[str, Share]) -> list[Figure]:
    """The figures that issue 2 promises, and those that explain them."""

    def over(
        pick: Callable[[CallResult], Share | None], language: str | None = None, layout: str | None = None
    ) -> tuple[Share, str]:
        chosen = [r for r in results if layout in {None, r.gold.layout} and language in {None, r.gold.language}]
        return total(share for share in map(pick, chosen) if share), f"{len(chosen)} rendered samples"

    sample = {uri: share for uri, share in real.items() if uri == "sample"}
    others = {uri: share for uri, share in real.items() if uri != "sample"}
    return [
        Figure("WER, Russian, stereo", *over(lambda r: r.wer, "ru", "stereo"), bound=0.15),
        Figure("WER, Russian, noisy mono", *over(lambda r: r.wer, "ru", "mono"), bound=0.22),
        Figure("WER, English", *over(lambda r: r.wer, "en"), bound=0.10),
        Figure("WER, Polish (espeak)", *over(lambda r: r.wer, "pl")),
        Figure(
            "words with the right role, stereo", *over(lambda r: r.roles, None, "stereo"), bound=1.0, side="at least"
        ),
        Figure("words with the right role, mono", *over(lambda r: r.roles, None, "mono"), bound=0.95, side="at least"),
        Figure("the same, every word, by time alone, stereo", *over(lambda r: r.roles_by_time, None, "stereo")),
        Figure("the same, every word, by time alone, mono", *over(lambda r: r.roles_by_time, None, "mono")),
        Figure("DER, real telephone call", total(sample.values()), "sample.wav, 30 s", bound=0.10),
        Figure("DER, real meetings", total(others.values()), f"{len(others)} files of 30 s (AMI)"),
        Figure("DER, rendered mono", *over(lambda r: r.der, None, "mono")),
    ]


def total(shares: Iterable[Share]) -> Share:
    return sum(shares, Share(0, 0))


def figures_table(figures: Sequence[Figure]) -> str:
    lines = ["| figure | value | must be | holds | measured on |", "|---|---|---|---|---|"]
    for figure in figures:
        holds = "" if figure.bound is None else ("yes" if figure.holds else "NO")
        on = f"{figure.measured_on}, {figure.share.whole:.0f} {'s of speech' if 'DER' in figure.name else 'words'}"
        lines.append(f"| {figure.name} | {figure.value} | {figure.must_be} | {holds} | {on} |")
    return "\n".join(lines)


def calls_table(results: Sequence[CallResult]) -> str:
    lines = ["| recording | layout | WER | right roles | confidence of roles | DER |", "|---|---|---|---|---|---|"]
    for result in results:
        der = f"{result.der.value:.1%}" if result.der else ""
        lines.append(
            f"| {result.gold.path.name} | {result.gold.layout} | {result.wer.value:.1%} "
            f"| {result.roles.value:.1%} | {result.role_confidence:.2f} | {der} |"
        )
    return "\n".join(lines)


def exchanged_line(results: Sequence[CallResult]) -> str:
    """The recordings in which manager and client were taken for each other, whole calls of wrong roles."""
    calls = [
        f"{result.gold.path.name} (confidence of roles {result.role_confidence:.2f})"
        for result in results
        if result.roles.whole and result.roles.value < MOSTLY
    ]
    return f"Manager and client exchanged: {', '.join(calls) or 'in no recording'}."


def report(settings: Settings, results: Sequence[CallResult], figures: Sequence[Figure]) -> str:
    """The whole page: which models, the figures, each recording."""
    profile = settings.active
    return (
        f"Profile `{settings.profile}`: recogniser {profile.transcriber.model} ({profile.transcriber.precision}, "
        f"beam {profile.transcriber.beam_size}), diarizer {profile.diarizer.model}.\n\n"
        f"{figures_table(figures)}\n\n{exchanged_line(results)}\n\n{calls_table(results)}\n"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.quality.audio", description=__doc__)
    parser.add_argument("--profile", help="a profile of configs/pipeline.yaml")
    parser.add_argument("--out", type=Path, help="also write the tables to this Markdown file")
    parser.add_argument("--diarization", type=Path, default=REAL_RECORDINGS, help="a folder of wav files with RTTM")
    options = parser.parse_args(arguments)
    settings = load_settings(profile=options.profile)
    models = build_models(settings.active)
    with tempfile.TemporaryDirectory(prefix="prescore-quality-") as scratch:
        real = measure_real(options.diarization, settings, models, Path(scratch))
        results = measure_samples(settings, models, Path(scratch))
    figures = figures_of(results, real)
    page = report(settings, results, figures)
    print(page)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(page, encoding="utf-8")
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
