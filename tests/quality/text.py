"""How well the judge agrees with the corpus, as text: `python -m tests.quality.text [--test] [--language ru]`.

Development trades by default; `--test` measures the held-back ones, once, after all choices are made.
"""

import argparse
import time
from collections.abc import Sequence

from pipeline.checklist import Checklist, load_checklist
from pipeline.corpus import load_corpus
from pipeline.prescoring import heads_judge, rules_judge
from pipeline.prescoring.head_artefact import HELD_OUT_HEADS
from tests.quality.agreement import criteria_section, language_section, type_section
from tests.quality.figures import overview
from tests.quality.judging import Judged, judge_all

__all__ = ["Judged", "judge_all", "report"]


def report(judged: Sequence[Judged], checklist: Checklist) -> list[str]:
    """The call type, each criterion, each language."""
    found = overview(judged, checklist)
    return [
        "### Call type",
        *type_section(judged, found),
        "",
        "### Criteria",
        *criteria_section(judged, checklist, found),
        "",
        "### By language",
        *language_section(judged, checklist),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.quality.text", description=__doc__)
    parser.add_argument("--test", action="store_true", help="the held-back trades")
    parser.add_argument("--rules", action="store_true", help="the rules alone")
    parser.add_argument("--language", choices=["ru", "en", "pl"])
    parser.add_argument("--limit", type=int, help="only so many dialogues")
    options = parser.parse_args(arguments)
    checklist = load_checklist("cqr")
    corpus = [
        labelled
        for labelled in load_corpus(checklist, "test" if options.test else "dev")
        if options.language in (None, labelled.language)
    ][: options.limit]
    judge = rules_judge() if options.rules else heads_judge(HELD_OUT_HEADS)
    started = time.perf_counter()
    judged = judge_all(corpus, checklist, judge)
    rate = len(corpus) / (time.perf_counter() - started)
    print(f"{len(corpus)} dialogues, {judge.identity}, {rate:.0f} calls/s (vectors and lemmas made on the way)\n")
    print("\n".join(report(judged, checklist)))


if __name__ == "__main__":
    main()
