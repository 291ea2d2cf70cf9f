"""What the measured runs of a set come to: a table, and beside each aim what was reached."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.ways import BATCHED, OURS, OURS_ALONE, PYANNOTE, PYANNOTE_ONE, WAYS, WHISPERX, Run, errors_of
from tests.quality.metrics import Share
from tests.quality.tables import table, yes_no

PIPELINE_RATIO = 0.6  # of plain batched faster-whisper, on stereo
WHISPERX_TIMES = 3.0
MONO_RATIO = 1.1  # of pyannote alone and recognition alone together
WER_POINTS = 0.5
MEMORY_RATIO = 1.2  # a long call beside short ones, three hours beside half an hour
TITLES = {
    "stereo": "stereo calls",
    "mono": "mono calls",
    "8khz": "8 kHz",
    "16khz": "16 kHz",
    "short": "short calls",
    "long": "a call of half an hour",
    "longest": "a call of three hours",
}


@dataclass(frozen=True)
class SetResult:
    """Every run on one set, by way and round. `audio_s`: of the set, once whatever its channels."""

    name: str
    calls: int
    audio_s: float
    runs: Mapping[str, Sequence[Run]]

    def wall_s(self, way: str) -> list[float]:
        return [run.measured.wall_s for run in self.runs[way]]

    def peak_mb(self, way: str) -> float:
        return max(run.measured.peak_mb for run in self.runs[way])

    def ratio(self, way: str, *others: str) -> float:
        """The median over the rounds of the way's time to that of the others together; nan where one was not run."""
        if not all(name in self.runs for name in (way, *others)):
            return math.nan
        below = [sum(times) for times in zip(*map(self.wall_s, others), strict=True)]
        return statistics.median(mine / theirs for mine, theirs in zip(self.wall_s(way), below, strict=True))

    def errors(self, way: str, name: str | None = None) -> Share:
        """Of all recordings, or of that file."""
        texts = self.runs[way][-1].texts
        return errors_of(texts if name is None else {name: texts.get(name, [])})


@dataclass(frozen=True)
class Aim:
    """`value` is nan where nothing was measured: such an aim does not hold."""

    name: str
    bound: str
    value: float
    shown: str
    holds: bool


def speed_table(found: SetResult) -> str:
    rows = []
    for way, runs in found.runs.items():
        wall_s = statistics.median(found.wall_s(way))
        cpu_s = statistics.median(run.measured.cpu_s for run in runs)
        errors = found.errors(way)
        rows.append(
            [
                WAYS[way].title,
                f"{wall_s:.1f}",
                f"{wall_s / found.audio_s:.4f}",
                f"{found.ratio(way, BATCHED):.2f}" if BATCHED in found.runs else "-",
                f"{cpu_s:.1f}",
                f"{found.peak_mb(way):.0f}",
                f"{errors.value:.2%} of {errors.whole:.0f}" if errors.whole else "-",
            ]
        )
    header = ["", "wall, s", "real-time factor", "ratio to batched", "CPU, s", "peak memory, MB", "word error rate"]
    return table(header, rows)


def aims_of(found: SetResult, before: Mapping[str, SetResult]) -> list[Aim]:
    """Those that the set can tell. `before`: what was measured in the same session: its memory is the measure."""
    if found.name == "stereo":
        return [
            at_most("time to plain batched", PIPELINE_RATIO, found.ratio(OURS, BATCHED)),
            at_least("WhisperX's time to ours", WHISPERX_TIMES, found.ratio(WHISPERX, OURS)),
            same_errors(found),
        ]
    if found.name == "mono":
        ratios = [found.ratio(OURS, BATCHED, way) for way in (PYANNOTE, PYANNOTE_ONE)]
        known = [ratio for ratio in ratios if not math.isnan(ratio)]
        quicker = max(known, default=math.nan)  # whichever of the two left us less time
        return [at_most("time to pyannote alone, the quicker, and recognition alone", MONO_RATIO, quicker)]
    if found.name in ("8khz", "16khz"):
        return [at_most("time to plain batched", PIPELINE_RATIO, found.ratio(OURS, BATCHED)), same_errors(found)]
    if found.name == "long" and (short := before.get("short")):
        rise = found.peak_mb(OURS) / short.peak_mb(OURS_ALONE)
        return [at_most(f"memory, to that of one worker for {short.calls} short calls", MEMORY_RATIO, rise)]
    if found.name == "longest" and (long := before.get("long")):
        return [
            at_most(
                "memory, to that of the call of half an hour", MEMORY_RATIO, found.peak_mb(OURS) / long.peak_mb(OURS)
            )
        ]
    return []


def same_errors(found: SetResult) -> Aim:
    ours, theirs = found.errors(OURS), found.errors(BATCHED)
    points = 100 * (ours.value - theirs.value) if ours.whole and theirs.whole else math.nan
    shown = number(points) if math.isnan(points) else f"{points:+.2f} points"
    name = "word error rate above plain batched"
    return Aim(name, f"at most {WER_POINTS:g} points", points, shown, points <= WER_POINTS)


def widest_apart(found: SetResult) -> str | None:
    """The recording whose word errors differ most from plain batched's; None where nobody wrote down what was said."""
    apart = [
        (abs(ours.part - theirs.part), name, ours, theirs)
        for name in found.runs[OURS][-1].texts
        if (ours := found.errors(OURS, name)).whole and (theirs := found.errors(BATCHED, name)).whole
    ]
    if not apart:
        return None
    _, name, ours, theirs = max(apart, key=lambda item: item[:2])
    return f"Widest apart: {name}, {ours.part} of {ours.whole} words wrong, by plain batched {theirs.part}."


def at_most(name: str, bound: float, value: float) -> Aim:
    return Aim(name, f"at most {bound:g}", value, number(value), value <= bound)


def at_least(name: str, bound: float, value: float) -> Aim:
    return Aim(name, f"at least {bound:g}", value, number(value), value >= bound)


def number(value: float) -> str:
    return "not measured" if math.isnan(value) else f"{value:.2f}"


def section(found: SetResult, before: Mapping[str, SetResult], intro: str) -> tuple[str, str]:
    """The heading, and the section of docs/performance.md that begins with it."""
    heading = f"## Speed: {TITLES[found.name]}"
    rounds = len(next(iter(found.runs.values())))
    calls = f"{found.calls} call{'s' if found.calls > 1 else ''}, {found.audio_s / 60:.1f} minutes"
    lines = [heading, "", f"{intro} {calls}; {rounds} round{'s' if rounds > 1 else ''}.", "", speed_table(found)]
    if aims := aims_of(found, before):
        rows = [[aim.name, aim.bound, aim.shown, yes_no(aim.holds)] for aim in aims]
        lines += ["", table(["", "aim", "measured", "holds"], rows, words=4)]
    if OURS in found.runs and BATCHED in found.runs:
        mine, theirs = found.wall_s(OURS), found.wall_s(BATCHED)
        ratios = ", ".join(f"{one / other:.2f}" for one, other in zip(mine, theirs, strict=True))
        apart = widest_apart(found)
        lines += ["", f"Ours to plain batched, round by round: {ratios}." + (f" {apart}" if apart else "")]
    return heading, "\n".join([*lines, ""])
