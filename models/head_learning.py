"""Trains the learned heads on the labelled dialogues, and says how good they are.

`python -m models.head_learning` cross-validates by whole lines of business, calibrates on answers to calls that were
not trained on, and writes two artefacts: `configs/heads/held_out.npz`, which never saw the held-back trades and is what
`make evaluate` measures, and `configs/heads/heads.npz`, fitted in the same way to all dialogues, which a run judges by.
The second takes its calibration and figures over from the first: cross-validating again would double the hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.build import build_encoder
from models.hardware import find_hardware
from models.head_trainer import Blocks, Trainer, nearest
from models.head_training import Fitted, Options, calibration_error, chosen, fit_calibration
from models.near_duplicates import all_written, find_near_duplicates, refuse_leaks
from models.remembering_encoder import RememberingEncoder
from pipeline.checklist import load_checklist
from pipeline.corpus import LEARNED, LabelledDialogue, Split, load_corpus, load_splits
from pipeline.corpus_cues import load_cues, load_type_only_calls
from pipeline.corpus_heard import is_current, load_heard
from pipeline.interfaces import Encoder
from pipeline.learning.labels import Label, LearningSample, corpus_samples, type_only_samples
from pipeline.prescoring.call_features import CALL_TYPES
from pipeline.prescoring.head_artefact import HEADS, HELD_OUT_HEADS, Head, HeadArtefact, save_artefact
from pipeline.prescoring.heads import APPLIES, blend, sigmoid, softmax
from pipeline.prescoring.turn_features import Matrix
from pipeline.records import Dialogue
from pipeline.settings import load_settings

FOLDS = 5
COPIES = ("as written", "as heard")


@dataclass(frozen=True)
class Answers:
    """Of one head, for every dialogue: what it answered and how probable that was. nan gold: unknown."""

    gold: Matrix
    values: Matrix
    probabilities: Matrix

    @property
    def known(self) -> Matrix:
        return np.asarray(~np.isnan(self.gold))

    @property
    def right(self) -> Matrix:
        return np.asarray(self.values[self.known] == self.gold[self.known])


def answer(
    heads: Mapping[str, Fitted],
    features: Sequence[Blocks],
    read: Sequence[Mapping[str, Matrix]],
    copy: int,
    share: float,
) -> dict[str, Fitted]:
    """By head: answers (levels; places in CALL_TYPES; 0 or 1) and their probabilities, in the order of `features`.

    `read`: what the readers say of the same copies.
    """
    matrix = np.array([np.hstack(list(found[copy].values())) for found in features])
    answers: dict[str, Fitted] = {}
    for name, (weights, bias) in heads.items():
        said = np.array([logits[name] for logits in read]) if read and name in read[0] else None
        logits = blend(matrix @ weights + bias, said, share)
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
        readers = trainer.fit_readers(seen.tolist())
        features = [trainer.features(index, model) for index in unseen.tolist()]
        for copy, answers in enumerate(found):
            read = [trainer.read(index, copy, readers) for index in unseen.tolist()]
            answered = answer(heads, features, read, copy, trainer.options.reader_share)
            for name, (values, probabilities) in answered.items():
                answers[name].values[unseen], answers[name].probabilities[unseen] = values, probabilities
    return found


def _names(trainer: Trainer) -> list[str]:
    return ["call_type", APPLIES, *trainer.labels.criteria]


def _unanswered(trainer: Trainer, name: str) -> Answers:
    known = [sample.known for sample in trainer.samples]
    labels = [item.labels.get("objection" if name == APPLIES else name) for item in known]
    if name == "call_type":
        typed = [item.call_type if item.is_measured else None for item in known]
        gold = [np.nan if call_type is None else float(CALL_TYPES.index(call_type)) for call_type in typed]
    elif name == APPLIES:
        sellable = [item.call_type != "spam" for item in known]
        gold = [float(label.applicable) if label and ok else np.nan for label, ok in zip(labels, sellable, strict=True)]
    else:
        gold = [_level(label) for label in labels]
    return Answers(np.array(gold), np.zeros(len(gold)), np.zeros(len(gold)))


def _level(label: Label | None) -> float:
    """The level that is right; nan where none is known, as of a "no" on a scale without a middle."""
    if label is None or label.value is None or (label.is_coarse and label.value == 0):
        return float("nan")
    return nearest(label.value)


def figures_of(answers: Mapping[str, Answers], calibration: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Kappa and exact share of each criterion, macro-F1 of the type, calibration error of each head."""
    from sklearn.metrics import cohen_kappa_score, f1_score

    figures: dict[str, float] = {}
    for name, found in answers.items():
        if not found.known.any():  # nobody answered it: no figure
            continue
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
    return fit(trainer, calibration, figures[0]), figures


def fit(trainer: Trainer, calibration: Mapping[str, tuple[float, float]], figures: Mapping[str, float]) -> HeadArtefact:
    """The artefact of the whole of the trainer's dialogues, with a calibration and figures that are known."""
    everything = list(range(len(trainer.samples)))
    model = trainer.turn_model(everything)
    fitted = trainer.fit_heads(trainer.honest_features(everything))
    heads = {name: Head(weights, bias, *calibration[name]) for name, (weights, bias) in fitted.items()}
    facts = trainer.facts({name: round(value, 4) for name, value in figures.items()})
    readers = trainer.fit_readers(everything)
    return HeadArtefact(facts, trainer.projection, *model, heads, readers)


def train(split: Split, encoder: Encoder, out: Path) -> HeadArtefact:
    """Learn from one split, print what was cross-validated, write the artefact."""
    trainer = corpus_trainer([split], encoder)
    artefact, figures = learn(trainer)
    save_artefact(artefact, out)
    measured = sum(sample.known.is_measured for sample in trainer.samples)
    for copy, found in zip(COPIES, figures, strict=True):
        print(f"{measured} of {len(trainer.samples)} dialogues {copy}, cross-validated by line of business")
        print("\n".join(f"  {name:32s} {value:.3f}" for name, value in found.items()))
    print(f"wrote {out} ({out.stat().st_size / 1e6:.2f} MB)", flush=True)
    return artefact


def train_like(known: HeadArtefact, encoder: Encoder, out: Path) -> None:
    """Fit all that may be learned from; calibration and figures are those of heads that were cross-validated."""
    calibration = {name: (head.slope, head.offset) for name, head in known.heads.items()}
    trainer = corpus_trainer(LEARNED, encoder)
    save_artefact(fit(trainer, calibration, known.facts.figures), out)
    print(f"wrote {out}, {len(trainer.samples)} dialogues ({out.stat().st_size / 1e6:.2f} MB)", flush=True)


def corpus_trainer(splits: Sequence[Split], encoder: Encoder) -> Trainer:
    """The trainer of the written dialogues, some of them heard, and of the calls written for the type alone."""
    return Trainer(corpus_with_type_only_calls(splits), encoder, Options())


def corpus_with_type_only_calls(splits: Sequence[Split] = LEARNED) -> list[LearningSample]:
    """All that came with the program to learn from, of those splits."""
    checklist = load_checklist("cqr")
    corpus = [labelled for split in splits for labelled in load_corpus(checklist, split)]
    calls = [call for split in splits for call in load_type_only_calls(split)]
    return [*corpus_samples(corpus, heard_turns(corpus), load_cues()), *type_only_samples(calls)]


def heard_turns(corpus: Sequence[LabelledDialogue]) -> dict[str, Dialogue]:
    """The written turns as a recogniser heard them, by dialogue, of those that were spoken and heard.

    Where nothing was heard of a turn it is a single dash: a recogniser loses such turns, the labels count them.
    """
    heard = load_heard()
    found: dict[str, Dialogue] = {}
    for item in corpus:
        if item.id in heard and is_current(item, heard[item.id]):
            turns = zip(item.dialogue.utterances, heard[item.id].turn_texts, strict=True)
            utterances = tuple(replace(turn, text=text or "-") for turn, text in turns)
            found[item.id] = replace(item.dialogue, utterances=utterances)
    return found


def main() -> None:
    refuse_leaks(find_near_duplicates(all_written(), load_splits()))
    encoder = RememberingEncoder(build_encoder(load_settings().active.encoder, find_hardware()))
    train_like(train("dev", encoder, HELD_OUT_HEADS), encoder, HEADS)


if __name__ == "__main__":
    main()
