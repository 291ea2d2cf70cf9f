"""Trains the learned heads on the labelled dialogues, and says how good they are.

`python -m models.head_learning` cross-validates by whole lines of business, calibrates on answers to calls that were
not trained on, and writes two artefacts: `configs/heads/held_out.npz`, which never saw the held-back trades and is what
`make evaluate` measures, and `configs/heads/heads.npz`, made in the same way from all dialogues, which a run judges by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.head_trainer import Blocks, Trainer
from models.head_training import Fitted, Options, calibration_error, chosen, fit_calibration
from models.usem3_encoder import Usem3Encoder
from pipeline.checklist import load_checklist
from pipeline.corpus import Split, load_corpus
from pipeline.prescoring.call_features import CALL_TYPES
from pipeline.prescoring.head_artefact import HEADS, HELD_OUT_HEADS, Head, HeadArtefact, save_artefact
from pipeline.prescoring.heads import APPLIES, sigmoid, softmax
from pipeline.prescoring.turn_features import Matrix

FOLDS = 5
COPIES = ("as written", "as heard")


@dataclass(frozen=True)
class Answers:
    """Of one head, for every dialogue: what it answered and how probable that was. nan gold: does not apply."""

    gold: Matrix
    values: Matrix
    probabilities: Matrix

    @property
    def known(self) -> Matrix:
        return np.asarray(~np.isnan(self.gold))

    @property
    def right(self) -> Matrix:
        return np.asarray(self.values[self.known] == self.gold[self.known])


def answer(heads: Mapping[str, Fitted], features: Sequence[Blocks], copy: int) -> dict[str, Fitted]:
    """By head: answers (levels; places in CALL_TYPES; 0 or 1) and their probabilities, in the order of `features`."""
    matrix = np.array([np.hstack(list(found[copy].values())) for found in features])
    answers: dict[str, Fitted] = {}
    for name, (weights, bias) in heads.items():
        logits = matrix @ weights + bias
        if name == "call_type":
            answers[name] = logits.argmax(axis=1), softmax(logits).max(axis=1)
        elif name == APPLIES:
            yes = sigmoid(logits)[:, 0]
            answers[name] = (yes >= 0.5).astype(float), np.maximum(yes, 1 - yes)
        else:
            answers[name] = chosen(logits)
    return answers


def cross_validate(trainer: Trainer) -> tuple[dict[str, Answers], ...]:
    """By copy, then by head: every dialogue answered by models that never saw its line of business."""
    from sklearn.model_selection import GroupKFold

    found = tuple({name: _unanswered(trainer, name) for name in _names(trainer)} for _ in COPIES)
    for seen, unseen in GroupKFold(FOLDS).split(trainer.groups, groups=trainer.groups):
        model = trainer.turn_model(seen.tolist())
        heads = trainer.fit_heads(trainer.honest_features(seen.tolist()))
        features = [trainer.features(index, model) for index in unseen.tolist()]
        for copy, answers in enumerate(found):
            for name, (values, probabilities) in answer(heads, features, copy).items():
                answers[name].values[unseen], answers[name].probabilities[unseen] = values, probabilities
    return found


def _names(trainer: Trainer) -> list[str]:
    return ["call_type", APPLIES, *trainer.labels.criteria]


def _unanswered(trainer: Trainer, name: str) -> Answers:
    labelled = [sample.labelled for sample in trainer.samples]
    if name == "call_type":
        gold = [float(CALL_TYPES.index(item.call_type)) for item in labelled]
    elif name == APPLIES:
        gold = [np.nan if item.call_type == "spam" else float(item.gold["objection"].applicable) for item in labelled]
    else:
        values = [item.gold[name].value for item in labelled]
        gold = [np.nan if value is None else value for value in values]
    return Answers(np.array(gold), np.zeros(len(gold)), np.zeros(len(gold)))


def figures_of(answers: Mapping[str, Answers], calibration: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Kappa and exact share of each criterion, macro-F1 of the type, calibration error of each head."""
    from sklearn.metrics import cohen_kappa_score, f1_score

    figures: dict[str, float] = {}
    for name, found in answers.items():
        gold, values = found.gold[found.known].tolist(), found.values[found.known].tolist()
        if name == "call_type":
            figures["call_type.macro_f1"] = float(f1_score(gold, values, average="macro"))
        elif name != APPLIES:
            places = [[round(2 * level) for level in side] for side in (gold, values)]
            figures[f"{name}.kappa"] = float(cohen_kappa_score(*places, weights="quadratic"))
        figures[f"{name}.exact"] = float(found.right.mean())
        head = Head(np.zeros((0, 0)), np.zeros(0), *calibration[name])
        confidences = np.array([head.confidence(float(chance)) for chance in found.probabilities[found.known]])
        figures[f"{name}.calibration_error"] = calibration_error(confidences, found.right)
    kappas = [value for key, value in figures.items() if key.endswith(".kappa")]
    return {"mean.kappa": float(np.mean(kappas))} | figures


def learn(trainer: Trainer) -> tuple[HeadArtefact, tuple[dict[str, float], ...]]:
    """The artefact of the whole of the trainer's dialogues, and the cross-validated figures by copy."""
    answers = cross_validate(trainer)
    calibration = {
        name: fit_calibration(
            np.hstack([copy[name].probabilities[copy[name].known] for copy in answers]),
            np.hstack([copy[name].right for copy in answers]),
        )
        for name in _names(trainer)
    }
    figures = tuple(figures_of(copy, calibration) for copy in answers)
    everything = list(range(len(trainer.samples)))
    model = trainer.projection.fold(*trainer.turn_model(everything))
    fitted = trainer.fit_heads(trainer.honest_features(everything))
    heads = {name: Head(weights, bias, *calibration[name]) for name, (weights, bias) in fitted.items()}
    facts = trainer.facts({name: round(value, 4) for name, value in figures[0].items()})
    return HeadArtefact(facts, trainer.projection.mean_vector, *model, heads), figures


def train(split: Split | None, out: Path) -> None:
    """Learn from one split (from all dialogues when None), print what was cross-validated, write the artefact."""
    trainer = Trainer(load_corpus(load_checklist("cqr"), split), Usem3Encoder(), Options())
    artefact, figures = learn(trainer)
    save_artefact(artefact, out)
    for copy, found in zip(COPIES, figures, strict=True):
        print(f"{len(trainer.samples)} dialogues {copy}, cross-validated by line of business")
        print("\n".join(f"  {name:32s} {value:.3f}" for name, value in found.items()))
    print(f"wrote {out} ({out.stat().st_size / 1e6:.2f} MB)", flush=True)


def main() -> None:
    train("dev", HELD_OUT_HEADS)
    train(None, HEADS)


if __name__ == "__main__":
    main()
