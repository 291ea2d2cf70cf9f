"""`make evaluate`: every quality figure in one page, printed and written to docs/quality.md.

    python -m tests.quality [--limit N] [--no-audio] [--out FILE.md]

The judge: the lines of business that were held back from training. Recognition: the rendered samples and real
recordings. What does not reach its aim is said at the top of the page and at the end of the output. Exits with 1 when a
bound of the recognition, or the promise that every quote stands word for word, does not hold; the judge's other aims
are reported, not enforced. Also where the page could not be made.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from models.build import build_models
from pipeline.checklist import load_checklist
from pipeline.errors import PrescoreError
from pipeline.interfaces import Models
from pipeline.prescoring.head_artefact import HEADS, HELD_OUT_HEADS, load_artefact
from pipeline.roles import roles_identity
from pipeline.settings import ROOT, Settings, load_settings
from tests.quality import audio
from tests.quality.aims import Aim, aims_table
from tests.quality.page import judge_page, sha256_of
from tests.quality.tables import table

PAGE = ROOT / "docs" / "quality.md"
OF_WEIGHTS = "configs/weights.yaml has the sha256 of each file"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.quality", description=__doc__)
    parser.add_argument("--limit", type=int, help="only so many dialogues; docs/quality.md is not written")
    parser.add_argument("--no-audio", action="store_true", help="leave recognition out; docs/quality.md is not written")
    parser.add_argument("--out", type=Path, help="where to write the page instead of docs/quality.md")
    options = parser.parse_args(arguments)
    settings, checklist = load_settings(), load_checklist("cqr")
    models = build_models(settings.active)
    try:
        judged = judge_page(settings, models, checklist, options.limit)
        recognition, figures = ([], []) if options.no_audio else recognition_section(settings, models)
    except PrescoreError as error:
        print(error, file=sys.stderr)
        return 1
    missed = missed_of(judged.aims, figures)
    page = [
        "# Quality",
        "",
        *identities(settings, models, checklist.version),
        "",
        "## Does it reach what was promised?",
        "",
        aims_table(judged.aims),
        "",
        *missed_lines(missed),
        "",
        "Ranges in brackets hold with 95 % confidence. What each line means stands below.",
        "",
        "## The judge",
        "",
        *judged.lines,
        *recognition,
    ]
    text = "\n".join(page).rstrip() + "\n"
    print(text)
    out = options.out or (None if options.limit or options.no_audio else PAGE)
    if out:
        out.write_text(text, encoding="utf-8")
        print(f"Wrote {out}.", file=sys.stderr)
    print("\n".join(missed_lines(missed)), file=sys.stderr)
    holds = all(figure.holds for figure in figures) and all(aim.holds for aim in judged.aims if aim.must)
    return 0 if holds else 1


def missed_of(aims: Sequence[Aim], figures: Sequence[audio.Figure]) -> list[str]:
    """What the judge or the recognition does not reach, what was not measured included."""
    return [
        *(f"{aim.name}: {aim.shown}, aim {aim.aim}" for aim in aims if not aim.holds),
        *(f"{figure.name}: {figure.value}, must be {figure.must_be}" for figure in figures if not figure.holds),
    ]


def missed_lines(missed: Sequence[str]) -> list[str]:
    """For the page and for the terminal."""
    if not missed:
        return ["Everything that was measured reaches its aim."]
    return [f"Not reached ({len(missed)}):", "", *(f"- {one}" for one in missed)]


def recognition_section(settings: Settings, models: Models) -> tuple[list[str], list[audio.Figure]]:
    """Words, roles and speakers of the samples: the page's lines, and the figures with their bounds."""
    with tempfile.TemporaryDirectory(prefix="prescore-quality-") as scratch:
        real = audio.measure_real(audio.REAL_RECORDINGS, settings, models, Path(scratch))
        results = audio.measure_samples(settings, models, Path(scratch))
    figures = audio.figures_of(results, real)
    lines = [
        "## Recognition",
        "",
        "WER is the share of words heard wrongly, lost or invented. DER is the share of time missed, invented, or",
        "given to the wrong speaker.",
        "",
        audio.report(settings, results, figures),
    ]
    return lines, figures


def identities(settings: Settings, models: Models, checklist_version: str) -> list[str]:
    """When, by which command, and exactly what was measured."""
    of_file = "first 12 digits of the file's sha256"
    rows = [
        ["profile", settings.profile, "name in configs/pipeline.yaml"],
        ["heads measured here, trained without the held-back trades", _heads(HELD_OUT_HEADS), of_file],
        ["heads that a run judges by, trained in the same way on all dialogues", _heads(HEADS), of_file],
        ["encoder", models.encoder.dialogue_identity, f"its models and their versions; {OF_WEIGHTS}"],
        ["role weights", roles_identity(), "first 12 digits of the sha256 of its two files together"],
        ["recogniser", models.transcriber.identity, f"library, model, precision, parameters; {OF_WEIGHTS}"],
        ["checklist `cqr`, version", checklist_version, "first 16 digits of the sha256 of what calls are judged by"],
    ]
    return [
        f"Written by `make evaluate` (`python -m tests.quality`) on {datetime.now(UTC):%Y-%m-%d}. What was measured,",
        "exactly:",
        "",
        table(["what", "identity", "which is"], [[name, f"`{found}`", kind] for name, found, kind in rows], words=3),
    ]


def _heads(path: Path) -> str:
    count = load_artefact(path).facts.dialogues
    return f"{sha256_of(path)}, trained on {count} dialogues, calls for the type alone included"


if __name__ == "__main__":
    raise SystemExit(main())
