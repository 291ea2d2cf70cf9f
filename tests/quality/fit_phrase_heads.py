"""Fits the learned heads on the development trades: `python -m tests.quality.fit_phrase_heads [--check]`.

`--check` leaves trades out in turn, prints the agreement, and writes nothing.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.checklist import load_checklist
from pipeline.corpus import LabelledDialogue, load_corpus
from pipeline.prescoring import Lexicons, phrase_judge
from pipeline.prescoring.phrase_features import features
from pipeline.prescoring.phrase_head_rung import CALL_TYPE_HEAD
from pipeline.prescoring.phrase_heads import HEADS, PhraseHeads, fit_head, save_phrase_heads, standardise
from pipeline.prescoring.reading import read_dialogue
from tests.quality.text import judge_all, report

PENALTIES = {CALL_TYPE_HEAD: 10.0}
PENALTY = 20.0
RULES_ONLY = {"greeting"}  # cross-validation: the rule is as good
FOLDS = 6


def fit(corpus: Sequence[LabelledDialogue], rows: Sequence[dict[str, float]]) -> PhraseHeads:
    """PhraseHeads for the call type, for whether an objection was raised, and for each criterion."""
    heads = standardise(rows)
    table = np.array([heads.row(row) for row in rows])
    fitted = {CALL_TYPE_HEAD: fit_head(table, [d.call_type for d in corpus], PENALTIES[CALL_TYPE_HEAD])}
    open_calls = [i for i, d in enumerate(corpus) if d.call_type != "spam"]
    applies = ["yes" if corpus[i].gold["objection"].applicable else "no" for i in open_calls]
    fitted["objection.applies"] = fit_head(table[open_calls], applies, PENALTY)
    for criterion_id in corpus[0].gold:
        chosen = [i for i, d in enumerate(corpus) if d.gold[criterion_id].applicable]
        labels = [f"{corpus[i].gold[criterion_id].value:g}" for i in chosen]
        if criterion_id not in RULES_ONLY:
            fitted[criterion_id] = fit_head(table[chosen], labels, PENALTY)
    return replace(heads, heads=fitted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    checklist = load_checklist("cqr")
    corpus = load_corpus(checklist, "dev")
    lexicons = Lexicons()
    rows = [features(d.dialogue, read_dialogue(d.dialogue, lexicons.of(d.language))) for d in corpus]
    if not options.check:
        save_phrase_heads(fit(corpus, rows), HEADS)
        print(f"{HEADS}: fitted on {len(corpus)} dialogues")
        return
    trades = sorted({d.trade for d in corpus})
    judged = []
    for fold in range(FOLDS):
        held = {trade for place, trade in enumerate(trades) if place % FOLDS == fold}
        train = [i for i, d in enumerate(corpus) if d.trade not in held]
        heads = fit([corpus[i] for i in train], [rows[i] for i in train])
        judge = phrase_judge(heads)
        judged += judge_all([d for d in corpus if d.trade in held], checklist, judge)
    print(f"{len(corpus)} dialogues, each judged by heads that never saw its trade")
    report(judged, checklist)


if __name__ == "__main__":
    main()
