"""How well the judge agrees with the corpus, as text: `python -m tests.quality.text [--test] [--language ru]`.

Development trades by default; `--test` measures the held-back ones, once, after all choices are made.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from models.usem3_encoder import Usem3Encoder
from pipeline.checklist import Checklist, load_checklist
from pipeline.corpus import CORPUS, LabelledDialogue, load_corpus
from pipeline.prescoring import Judge, evaluate, heads_judge, rules_judge
from pipeline.prescoring.head_artefact import HELD_OUT_HEADS
from pipeline.records import Evaluation, Suggestion
from pipeline.settings import EvaluationSettings, load_yaml
from tests.quality.measures import VALUES, macro_f1, weighted_kappa


@dataclass(frozen=True)
class Judged:
    """A labelled dialogue with the judge's answer. Calls that were not scored have an answer of the type only."""

    labelled: LabelledDialogue
    evaluation: Evaluation

    def suggestion(self, criterion_id: str) -> Suggestion | None:
        return next((s for s in self.evaluation.suggestions if s.criterion_id == criterion_id), None)


def judge_all(corpus: Sequence[LabelledDialogue], checklist: Checklist, judge: Judge) -> list[Judged]:
    settings = EvaluationSettings(min_words=0, min_duration_s=0)
    encoder = Usem3Encoder()
    judged = []
    for labelled in corpus:
        vectors = encoder.encode([utterance.text for utterance in labelled.dialogue.utterances])
        judged.append(Judged(labelled, evaluate(labelled.dialogue, checklist, judge, settings, vectors)))
    return judged


def criterion_row(judged: Sequence[Judged], criterion_id: str) -> str:
    """Kappa over the cells where both gave a value; the rest is counted."""
    gold_values, values = [], []
    wrong_applicability = abstained = hits = quoted = 0
    for item in judged:
        gold, answer = item.labelled.gold[criterion_id], item.suggestion(criterion_id)
        assert answer is not None
        if gold.applicable != answer.applicable:
            wrong_applicability += 1
        elif gold.applicable and gold.value is not None:
            if answer.value is None:
                abstained += 1
                continue
            gold_values.append(gold.value)
            values.append(answer.value)
            if gold.evidence and answer.evidence:
                quoted += 1
                hits += bool({e.utterance_index for e in answer.evidence} & set(gold.evidence))
    exact = sum(a == b for a, b in zip(gold_values, values, strict=True)) / max(1, len(values))
    table = Counter(zip(gold_values, values, strict=True))
    cells = " ".join("/".join(f"{table[g, v]:2d}" for v in VALUES) for g in VALUES)
    return (
        f"{criterion_id:12s} kappa {weighted_kappa(gold_values, values):5.2f}  exact {exact:4.2f}  "
        f"applicability errors {wrong_applicability / len(judged):5.3f}  abstained {abstained:3d}  "
        f"evidence {hits / max(1, quoted):4.2f}  n {len(values):3d}  gold 0|.5|1: {cells}"
    )


def report(judged: Sequence[Judged], checklist: Checklist) -> list[str]:
    """Lines: the call type with its confusion, then each criterion, then the means."""
    gold = [item.labelled.call_type for item in judged]
    answers = [item.evaluation.call_type.call_type for item in judged]
    lines = [f"call type: macro-F1 {macro_f1(gold, answers):.3f}"]
    for name in sorted(set(gold)):
        row = Counter(answer for truth, answer in zip(gold, answers, strict=True) if truth == name)
        lines.append(f"   {name:14s} {dict(row)}")
    kappas = []
    for criterion in checklist.criteria:
        row_text = criterion_row(judged, criterion.id)
        kappas.append(float(row_text.split("kappa")[1].split()[0]))
        lines.append(row_text)
    lines.append(f"mean kappa {sum(kappas) / len(kappas):.3f}")
    cells = [
        (j.labelled.gold[c.id].applicable, s.applicable)
        for j in judged
        for c in checklist.criteria
        if (s := j.suggestion(c.id)) is not None
    ]
    lines.append(f"applicability wrong in {sum(a != b for a, b in cells) / len(cells):.3f} of {len(cells)} cells")
    return lines


def ceiling(checklist: Checklist) -> list[str]:
    """Agreement of the second, blind labelling with the first: the height to reach."""
    second: dict[str, dict[str, object]] = load_yaml(CORPUS / "second_labels.yaml")
    first = {labelled.id: labelled for labelled in load_corpus(checklist) if labelled.id in second}
    same_type = sum(first[name].call_type == labels["call_type"] for name, labels in second.items())
    lines = [f"call type: {same_type} of {len(second)} the same"]
    for criterion in checklist.criteria:
        pairs = [(first[name].gold[criterion.id], labels[criterion.id]) for name, labels in second.items()]
        both = [(gold.value, float(str(label))) for gold, label in pairs if gold.value is not None and label != "na"]
        apart = sum(gold.applicable == (label == "na") for gold, label in pairs)
        kappa = weighted_kappa([one for one, _ in both], [two for _, two in both])
        lines.append(f"{criterion.id:12s} kappa {kappa:5.2f}  applicability apart in {apart}  n {len(both)}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--test", action="store_true", help="the held-back trades")
    parser.add_argument("--rules", action="store_true", help="the rules alone")
    parser.add_argument("--language", choices=["ru", "en", "pl"])
    options = parser.parse_args()
    checklist = load_checklist("cqr")
    corpus = [
        labelled
        for labelled in load_corpus(checklist, "test" if options.test else "dev")
        if options.language in (None, labelled.language)
    ]
    judge = rules_judge() if options.rules else heads_judge(HELD_OUT_HEADS)
    started = time.perf_counter()
    judged = judge_all(corpus, checklist, judge)
    elapsed_s = time.perf_counter() - started
    rate = len(corpus) / elapsed_s
    print(f"{len(corpus)} dialogues, {judge.identity}, {rate:.0f} calls/s (vectors and lemmas made on the way)")
    print("\n".join(report(judged, checklist)))


if __name__ == "__main__":
    main()
