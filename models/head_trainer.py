"""The corpus read, encoded and turned into numbers once; fits of the turn model and of the heads over parts of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from models.example_turns import EXAMPLES, read_examples
from models.head_training import (
    Fitted,
    Options,
    Projection,
    TurnData,
    fit_binary,
    fit_levels,
    fit_turns,
    fit_types,
    scales,
    type_scales,
)
from models.turn_noise import noisy_copy
from pipeline.corpus import LabelledDialogue
from pipeline.interfaces import Encoder
from pipeline.prescoring.call_features import CALL_TYPES, LEVELS, TurnLabels, turn_blocks, word_blocks
from pipeline.prescoring.head_artefact import Facts
from pipeline.prescoring.heads import APPLIES
from pipeline.prescoring.ladder import Case, Ladder
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.rule_rung import RuleRung
from pipeline.prescoring.rules import RULES
from pipeline.prescoring.turn_features import SHAPE_WIDTH, Matrix, turn_matrix
from pipeline.records import Dialogue, Role, Utterance

LANGUAGES = ("ru", "en", "pl")
INNER_FOLDS = 4
_OPENING_LINES = 4
Blocks = list[dict[str, Matrix]]  # of one dialogue, by copy


@dataclass
class Sample:
    """One labelled dialogue, as written and as a recogniser might have heard it."""

    labelled: LabelledDialogue
    cases: tuple[Case, ...]
    rows: list[Matrix] = field(default_factory=list)  # projected, by copy
    words: Blocks = field(default_factory=list)  # blocks that no turn model changes, by copy
    targets: Matrix = field(default_factory=lambda: np.zeros((0, 0)))


def turn_targets(labelled: LabelledDialogue, labels: TurnLabels) -> Matrix:
    """1 where a turn is gold evidence of a level, voices the concern, or stands in a call of a type."""
    targets = np.zeros((len(labelled.turns), labels.count))
    for criterion_id in labels.criteria:
        gold = labelled.gold[criterion_id]
        if gold.value in LEVELS:
            column = labels.of(criterion_id).start + LEVELS.index(gold.value)
            targets[list(gold.evidence), column] = 1
    concern = concern_turn(labelled)
    if concern is not None:
        targets[concern, labels.concern] = 1
    targets[:, labels.types.start + CALL_TYPES.index(labelled.call_type)] = 1
    return targets


def concern_turn(labelled: LabelledDialogue) -> int | None:
    """The client's turn before the first answer to the objection; the labels name the answers."""
    gold = labelled.gold["objection"]
    roles = [next(iter(turn)) for turn in labelled.turns]
    answers = [index for index in gold.evidence if roles[index] == "agent"]
    if not gold.applicable or not gold.evidence:
        return None
    if not answers:
        return min(gold.evidence)
    return next((index for index in range(min(answers) - 1, -1, -1) if roles[index] == "client"), None)


class Trainer:
    """The corpus, read and encoded once, and the fits over parts of it."""

    def __init__(self, corpus: Sequence[LabelledDialogue], encoder: Encoder, options: Options) -> None:
        self.lexicons = Lexicons()
        self.rules = RuleRung(self.lexicons)
        self.ladder = Ladder([self.rules], self.lexicons)
        self.labels = TurnLabels(tuple(RULES))
        self.encoder, self.options, self.corpus = encoder, options, corpus
        languages = sorted({labelled.language for labelled in corpus}.union(LANGUAGES))
        self.categories = tuple(sorted(set().union(*(self.lexicons.of(code).categories for code in languages))))
        self.samples = [Sample(labelled, self._cases(labelled)) for labelled in corpus]
        vectors = np.vstack([case.vectors for sample in self.samples for case in sample.cases])  # type: ignore[misc]
        self.projection = Projection(vectors.astype(float), len(self.categories))
        for sample in self.samples:
            sample.rows = [self.projection.apply(self._matrix(case)) for case in sample.cases]
            sample.words = [word_blocks(case, self.labels.criteria, self.categories) for case in sample.cases]
            sample.targets = turn_targets(sample.labelled, self.labels)
        self.examples = self._example_data()

    @cached_property
    def groups(self) -> list[str]:
        return [sample.labelled.trade for sample in self.samples]

    def _cases(self, labelled: LabelledDialogue) -> tuple[Case, ...]:
        copies = (labelled.dialogue, noisy_copy(labelled.dialogue, labelled.id))
        return tuple(self._read(dialogue) for dialogue in copies)

    def _read(self, dialogue: Dialogue) -> Case:
        return self.ladder.read(dialogue, self.encoder.encode([utterance.text for utterance in dialogue.utterances]))

    def _matrix(self, case: Case) -> Matrix:
        assert case.vectors is not None
        return turn_matrix(case, case.vectors, self.categories, self.projection.mean_vector)

    def _example_data(self) -> list[TurnData]:
        """The written example turns, grouped by what they speak of."""
        grouped: dict[str, list[tuple[Matrix, int | None]]] = {}
        for name, language, role, text, column in read_examples(EXAMPLES, self.labels):
            row = self.projection.apply(self._matrix(self._read(Dialogue(language, (Utterance(0, role, text),)))))
            row[0, -SHAPE_WIDTH:] = self._usual_shape(role, name == "call_type")
            grouped.setdefault(name, []).append((row, column))
        data = []
        for name, found in grouped.items():
            targets = np.zeros((len(found), self.labels.count))
            for number, (_, column) in enumerate(found):
                if column is not None:
                    targets[number, column] = 1
            rows = np.vstack([row for row, _ in found])
            weight = self.options.type_example_weight if name == "call_type" else self.options.example_weight
            data.append(TurnData(rows, targets, self._columns(name), weight))
        return data

    def _usual_shape(self, role: Role, opening: bool) -> Matrix:
        """An example stands nowhere, so it gets the mean place of its role."""
        rows = [
            row[line.position, -SHAPE_WIDTH:]
            for sample in self.samples
            for row, case in zip(sample.rows, sample.cases, strict=True)
            for line in case.reading.lines[: _OPENING_LINES if opening else None]
            if line.role == role
        ]
        return np.asarray(np.mean(rows, axis=0))

    def _columns(self, name: str) -> Any:
        if name == "call_type":
            return np.arange(self.labels.count)[self.labels.types]
        return (
            np.array([self.labels.concern]) if name == "concern" else np.arange(self.labels.count)[self.labels.of(name)]
        )

    def turn_model(self, chosen_samples: Sequence[int]) -> Fitted:
        """Weights for projected rows."""
        samples = [self.samples[index] for index in chosen_samples]
        types = np.arange(self.labels.count)[self.labels.types]
        rest = np.arange(self.labels.types.start)
        rows = np.vstack([row for sample in samples for row in sample.rows])
        targets = np.vstack([sample.targets for sample in samples for _ in sample.rows])
        lines = self.options.type_lines
        first_rows = np.vstack([row[:lines] for sample in samples for row in sample.rows])
        first = np.vstack([sample.targets[:lines] for sample in samples for _ in sample.rows])
        data = [TurnData(rows, targets, rest), TurnData(first_rows, first, types), *self.examples]
        return fit_turns(data, self.labels.count, self.options.turn_penalty)

    def features(self, index: int, model: Fitted) -> Blocks:
        """Of both copies of a dialogue, by block."""
        sample = self.samples[index]
        return [
            turn_blocks(case, row @ model[0] + model[1], self.labels) | words
            for case, row, words in zip(sample.cases, sample.rows, sample.words, strict=True)
        ]

    def honest_features(self, indexes: Sequence[int]) -> dict[int, Blocks]:
        """Features of each sample by a turn model that did not see its line of business."""
        from sklearn.model_selection import GroupKFold

        found: dict[int, Blocks] = {}
        array = np.array(indexes)
        for seen, unseen in GroupKFold(INNER_FOLDS).split(array, groups=[self.groups[index] for index in array]):
            model = self.turn_model(array[seen].tolist())
            found |= {index: self.features(index, model) for index in array[unseen].tolist()}
        return found

    def facts(self, figures: dict[str, float]) -> Facts:
        digest = hashlib.sha256("".join(labelled.model_dump_json() for labelled in self.corpus).encode()).hexdigest()
        return Facts(
            self.encoder.identity,
            len(self.projection.mean_vector),
            self.labels.criteria,
            self.categories,
            self.lexicons.identity,
            digest[:16],
            len(self.corpus),
            figures,
        )

    def fit_heads(self, features: dict[int, Blocks]) -> dict[str, Fitted]:
        """Every head over the features of the given samples, both copies."""
        options = self.options
        indexes = [index for index in features for _ in features[index]]
        rows = [blocks for index in features for blocks in features[index]]
        widths = {name: len(block) for name, block in rows[0].items()}
        matrix = np.array([np.hstack(list(blocks.values())) for blocks in rows])
        gold = [self.samples[index].labelled for index in indexes]
        heads = {
            "call_type": fit_types(
                matrix, [item.call_type for item in gold], type_scales(widths, options), options.type_strength
            )
        }
        for name in self.labels.criteria:
            known = np.array([item.gold[name].value is not None for item in gold])
            values = np.array([item.gold[name].value for item in gold if item.gold[name].value is not None])
            scale = scales(widths, name, options)
            heads[name] = fit_levels(matrix[known], values, scale, options.strength)
        sellable = np.array([item.call_type != "spam" for item in gold])
        applies = np.array([int(item.gold["objection"].applicable) for item in gold])[sellable]
        scale = scales(widths, "objection", options)
        heads[APPLIES] = fit_binary(matrix[sellable], applies == 1, scale, options.applies_strength)
        return heads
