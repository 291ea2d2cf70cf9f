"""`make evaluate`: every quality figure in one page, printed and written to docs/quality.md.

    python -m tests.quality [--limit N] [--no-audio] [--out FILE.md]

The judge: the lines of business that were held back from training. Recognition: the rendered samples and real
recordings. Exits with 1 when a bound of the recognition, or the promise that every quote stands word for word, does not
hold; the judge's aims are reported, not enforced.
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
from tests.quality.aims import aims_table
from tests.quality.page import judge_page, sha256_of
from tests.quality.tables import table

PAGE = ROOT / "docs" / "quality.md"


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
    except PrescoreError as error:
        print(error, file=sys.stderr)
        return 1
    recognition, holds = ([], True) if options.no_audio else recognition_section(settings, models)
    page = [
        "# Quality",
        "",
        *identities(settings, models, checklist.version),
        "",
        "## Does it reach what was promised?",
        "",
        aims_table(judged.aims),
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
    return 0 if holds and all(aim.holds for aim in judged.aims if aim.must) else 1


def recognition_section(settings: Settings, models: Models) -> tuple[list[str], bool]:
    """Words, roles and speakers of the samples, and whether their bounds hold."""
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
    return lines, all(figure.holds for figure in figures)


def identities(settings: Settings, models: Models, checklist_version: str) -> list[str]:
    """When, by which command, and exactly what was measured."""
    rows = [
        ["profile", settings.profile],
        ["heads measured here, trained without the held-back trades", _heads(HELD_OUT_HEADS)],
        ["heads that a run judges by, trained in the same way on all dialogues", _heads(HEADS)],
        ["encoder", models.encoder.dialogue_identity],
        ["role weights", roles_identity()],
        ["recogniser", models.transcriber.identity],
        ["checklist `cqr`, version", checklist_version],
    ]
    return [
        f"Written by `make evaluate` (`python -m tests.quality`) on {datetime.now(UTC):%Y-%m-%d}. The first",
        "12 digits of each file's sha256 say which model it was:",
        "",
        table(["what", "identity"], [[name, f"`{identity}`"] for name, identity in rows], words=2),
    ]


def _heads(path: Path) -> str:
    return f"{sha256_of(path)}, trained on {load_artefact(path).facts.dialogues} dialogues, short calls included"


if __name__ == "__main__":
    raise SystemExit(main())
