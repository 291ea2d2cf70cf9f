"""`make evaluate`: every quality figure in one page, printed and written to docs/quality.md.

Audio: the rendered samples and real recordings. Text: the lines of business that were held back from training.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from models.build import build_models
from pipeline.checklist import load_checklist
from pipeline.corpus import load_corpus
from pipeline.prescoring import Judge, heads_judge, rules_judge
from pipeline.prescoring.head_artefact import HELD_OUT_HEADS
from pipeline.roles import roles_identity
from pipeline.settings import ROOT, load_settings
from tests.quality import audio, text

PAGE = ROOT / "docs" / "quality.md"


def main() -> int:
    settings, checklist = load_settings(), load_checklist("cqr")
    models = build_models(settings.active)
    with tempfile.TemporaryDirectory(prefix="prescore-quality-") as scratch:
        real = audio.measure_real(audio.REAL_RECORDINGS, settings, models, Path(scratch))
        results = audio.measure_samples(settings, models, Path(scratch))
    figures = audio.figures_of(results, real)
    judges: dict[str, Judge] = {"learned heads over rules": heads_judge(HELD_OUT_HEADS), "rules alone": rules_judge()}
    page = [
        "# Quality",
        "",
        f"Written by `make evaluate` on {datetime.now(UTC):%Y-%m-%d}. "
        f"Judge `{judges['learned heads over rules'].identity}`, "
        f"role weights `{roles_identity()}`, checklist version `{checklist.version}`.",
        "",
        "## Audio",
        audio.report(settings, results, figures),
        "## The judge, on text",
        "Lines of business that no rule was tuned on and no head was trained on. Kappa is quadratic weighted, over the",
        "cells where both gave a value. Dialogues and labels are synthetic (docs/labelling.md).",
    ]
    for name, judge in judges.items():
        judged = text.judge_all(load_corpus(checklist, "test"), checklist, judge)
        page += ["", f"### {name}: {len(judged)} dialogues", "```", *text.report(judged, checklist), "```"]
    page += ["", "### Ceiling: a second labelling, blind to the first", "```", *text.ceiling(checklist), "```", ""]
    PAGE.write_text("\n".join(page), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
