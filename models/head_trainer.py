"""The corpus read, encoded and turned into numbers once; fits of the turn model and of the heads over parts of it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.example_turns import EXAMPLES, read_examples
from models.head_training import (
    Fitted,
    Options,
    TurnData,
    fit_binary,
    fit_levels,
    fit_projection,
    fit_turns,
    fit_types,
    scales,
    type_scales,
)
from models.reader_training import ReaderSample, train_reader
from models.turn_noise import noisy_copy
from pipeline.interfaces import Encoder
from pipeline.learning.labels import Label, LearningSample, data_hash
from pipeline.prescoring.call_features import (
    CALL_TYPES,
    CONCERN,
    CUES,
    LEVELS,
    TurnLabels,
    call_block,
    turn_blocks,
    word_blocks,
)
from pipeline.prescoring.dialogue_reader import DialogueReaders
from pipeline.prescoring.head_artefact import Facts
from pipeline.prescoring.head_names import is_own
from pipeline.prescoring.heads import APPLIES, agent_turns
from pipeline.prescoring.ladder import Case, Ladder
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.rule_rung import RuleRung
from pipeline.prescoring.rules import RULES
from pipeline.prescoring.turn_features import SHAPE_WIDTH, Matrix, turn_matrix
from pipeline.records import Dialogue, Role, Utterance

LANGUAGES = ("ru", "en", "pl")
INNER_FOLDS = 4
LEFT_TO_RULES = ("greeting",)  # what an opening holds is read off it word by word: networks only blur that
_OPENING_LINES = 4
UNKNOWN = Label(False, None)
Blocks = list[dict[str, Matrix]]  # of one dialogue, by copy
Told = NDArray[np.bool_]  # shape: (turn labels,)
Columns = NDArray[np.int_]  # of turn labels


@dataclass
class Sample:
    """One labelled dialogue, as written and as a recogniser might have heard it; a call as it was heard, twice."""

    known: LearningSample
    cases: tuple[Case, ...]
    rows: list[Matrix] = field(default_factory=list)  # turn_matrix, by copy
    words: Blocks = field(default_factory=list)  # blocks that no turn model changes, by copy
    targets: Matrix = field(default_factory=lambda: np.zeros((0, 0)))
    told: Told = field(default_factory=lambda: np.zeros(0, bool))  # of which turn labels the targets say anything


def turn_targets(known: LearningSample, labels: TurnLabels) -> tuple[Matrix, Told]:
    """1 where a turn is evidence of a level, voices the concern, is in a call of a type or tells a cue; what is known.

    What nobody answered, and an answer without its turns, says nothing: those columns stay 0 and are not told.
    """
    targets, told = np.zeros((len(known.dialogue.utterances), labels.count)), np.zeros(labels.count, bool)
    for criterion_id in labels.criteria:
        gold = known.labels.get(criterion_id)
        if gold is None or gold.evidence is None:
            continue
        told[labels.of(criterion_id)] = True
        if gold.value is not None:
            column = labels.of(criterion_id).start + LEVELS.index(nearest(gold.value))
            targets[list(gold.evidence), column] = 1
    told[labels.concern] = told[labels.of("objection")].all() if "objection" in labels.criteria else False
    concern = concern_turn(known)
    if concern is not None:
        targets[concern, labels.concern] = 1
    if known.call_type is not None:
        targets[:, labels.types.start + CALL_TYPES.index(known.call_type)] = 1
        told[labels.types] = True
    if known.cues is not None:
        told[labels.cues] = True
        for place, cue in enumerate(CUES):
            targets[list(known.cues.get(cue, ())), labels.cues.start + place] = 1
    return targets, told


def nearest(value: float) -> float:
    """The level that a value of any scale is nearest to; the lower of two."""
    return min(LEVELS, key=lambda level: (abs(level - value), level))


def concern_turn(known: LearningSample) -> int | None:
    """The client's turn before the first answer to the objection; the labels name the answers."""
    gold = known.labels.get("objection", UNKNOWN)
    roles = [turn.role for turn in known.dialogue.utterances]
    if not gold.applicable or not gold.evidence:
        return None
    answers = [index for index in gold.evidence if roles[index] == "agent"]
    if not answers:
        return min(gold.evidence)
    return next((index for index in range(min(answers) - 1, -1, -1) if roles[index] == "client"), None)


class Trainer:
    """The dialogues, read and encoded once, and the fits over parts of them.

    Beside the rules' criteria there is a head for each of the users' own that a label speaks of.
    """

    def __init__(self, corpus: Sequence[LearningSample], encoder: Encoder, options: Options) -> None:
        self.lexicons = Lexicons()
        self.rules = RuleRung(self.lexicons)
        self.ladder = Ladder([self.rules], self.lexicons)
        own = sorted({name for known in corpus for name in known.labels if is_own(name)})
        self.labels = TurnLabels((*RULES, *own))
        self.encoder, self.options, self.corpus = encoder, options, corpus
        languages = sorted({known.dialogue.language for known in corpus}.union(LANGUAGES))
        self.categories = tuple(sorted(set().union(*(self.lexicons.of(code).categories for code in languages))))
        self.samples = [Sample(known, self._cases(known)) for known in corpus]
        vectors = np.vstack([case.vectors for sample in self.samples for case in sample.cases])  # type: ignore[misc]
        self.projection = fit_projection(vectors.astype(float))
        for sample in self.samples:
            sample.rows = [self._matrix(case) for case in sample.cases]
            sample.words = [self._word_blocks(case) for case in sample.cases]
            sample.targets, sample.told = turn_targets(sample.known, self.labels)
        self.examples = self._example_data()

    @cached_property
    def groups(self) -> list[str]:
        return [sample.known.group for sample in self.samples]

    def _cases(self, known: LearningSample) -> tuple[Case, ...]:
        """Both copies. A call was heard already: it is both, so that it weighs as much as a written dialogue."""
        if known.vectors is not None:
            return (self.ladder.read(known.dialogue, known.vectors),) * 2
        copies = (known.dialogue, known.heard or noisy_copy(known.dialogue, known.sample_id))
        return tuple(self._read(dialogue) for dialogue in copies)

    def _read(self, dialogue: Dialogue) -> Case:
        return self.ladder.read(dialogue, self.encoder.encode_dialogue(dialogue))

    def _matrix(self, case: Case) -> Matrix:
        return turn_matrix(case.reading, self._projected(case), self.categories)

    def _projected(self, case: Case) -> Matrix:
        assert case.vectors is not None
        return self.projection.apply(case.vectors)

    def _word_blocks(self, case: Case) -> dict[str, Matrix]:
        """What no turn model changes."""
        words = word_blocks(case, self.labels.criteria, self.categories)
        return words | call_block(case.reading, self._projected(case))

    def _example_data(self) -> list[TurnData]:
        """The written example turns, grouped by what they speak of."""
        grouped: dict[str, list[tuple[Matrix, int | None]]] = {}
        for name, language, role, text, column in read_examples(EXAMPLES, self.labels):
            row = self._matrix(self._read(Dialogue(language, (Utterance(0, role, text),))))
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

    def _columns(self, name: str) -> Columns:
        places = np.arange(self.labels.count)
        if name == CONCERN:
            return places[[self.labels.concern]]
        return places[self.labels.types if name == "call_type" else self.labels.of(name)]

    def turn_model(self, chosen_samples: Sequence[int]) -> Fitted:
        """Weights for rows of `turn_matrix`."""
        samples = [self.samples[index] for index in chosen_samples]
        rules = [self._columns(name) for name in (*RULES, CONCERN)]
        own = [self._columns(name) for name in self.labels.criteria if is_own(name)]
        data = [part for groups in (rules, *([group] for group in own)) for part in self._turn_data(samples, groups)]
        data += self._turn_data(samples, [self._columns("call_type")], self.options.type_lines)
        data += self._turn_data(samples, [np.arange(self.labels.count)[self.labels.cues]])
        return fit_turns([*data, *self.examples], self.labels.count, self.options.turn_penalty)

    def _turn_data(
        self, samples: Sequence[Sample], groups: Sequence[Columns], lines: int | None = None
    ) -> Iterator[TurnData]:
        """The first `lines` of each sample: together where a sample tells of all the labels, else by groups of labels.

        Summing up the rows is what costs, and written dialogues tell of all.
        """
        every = np.hstack(groups)
        whole = [sample for sample in samples if sample.told[every].all()]
        rest = [sample for sample in samples if not sample.told[every].all()]
        parts = [(every, whole), *((group, [item for item in rest if item.told[group].all()]) for group in groups)]
        for columns, telling in parts:
            if telling:
                rows = np.vstack([row[:lines] for sample in telling for row in sample.rows])
                targets = np.vstack([sample.targets[:lines] for sample in telling for _ in sample.rows])
                yield TurnData(rows, targets, columns)

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

    def fit_readers(self, indexes: Sequence[int]) -> DialogueReaders:
        """Networks over both copies of the given samples, each from another start, for what they know better."""
        criteria = [name for name in self.labels.criteria if not is_own(name) and name not in LEFT_TO_RULES]
        samples = [self._reader_sample(index, copy, criteria) for index in indexes for copy in self._copies(index)]
        return DialogueReaders(
            tuple(train_reader(samples, criteria, APPLIES, seed, self.options) for seed in range(self.options.readers))
        )

    def _copies(self, index: int) -> list[int]:
        """Those that readers learn from: imitated errors are milder than a recogniser's, and most copies have them."""
        really_heard = self.samples[index].known.heard is not None
        return [0] + [1] * (self.options.heard_times if really_heard else 1)

    def _reader_sample(self, index: int, copy: int, criteria: Sequence[str]) -> ReaderSample:
        sample = self.samples[index]
        known, labels = sample.known, [sample.known.labels.get(name, UNKNOWN) for name in criteria]
        levels = [math.nan if label.value is None or label.is_coarse else nearest(label.value) for label in labels]
        is_told = known.call_type != "spam" and "objection" in known.labels
        return ReaderSample(
            sample.rows[copy],
            agent_turns(sample.cases[copy]),
            np.hstack(list(sample.words[copy].values())),
            sample.targets,
            sample.told,
            np.array(levels),
            -1 if known.call_type is None else CALL_TYPES.index(known.call_type),
            float(known.labels.get("objection", UNKNOWN).applicable) if is_told else math.nan,
        )

    def read(self, index: int, copy: int, readers: DialogueReaders) -> dict[str, Matrix]:
        """What readers say of a copy of a dialogue, by head."""
        sample = self.samples[index]
        words = np.hstack(list(sample.words[copy].values()))
        return readers.read(sample.rows[copy], agent_turns(sample.cases[copy]), words)

    def facts(self, figures: dict[str, float]) -> Facts:
        return Facts(
            self.encoder.dialogue_identity,
            len(self.projection.mean_vector),
            self.labels.criteria,
            self.categories,
            self.lexicons.identity,
            data_hash(self.corpus, self.encoder.dialogue_identity),
            len(self.corpus),
            figures,
            self.options.reader_share if self.options.readers else 0.0,
        )

    def fit_heads(self, features: dict[int, Blocks]) -> dict[str, Fitted]:
        """Every head over the features of the given samples, both copies."""
        options = self.options
        indexes = [index for index in features for _ in features[index]]
        rows = [blocks for index in features for blocks in features[index]]
        widths = {name: len(block) for name, block in rows[0].items()}
        matrix = np.array([np.hstack(list(blocks.values())) for blocks in rows])
        gold = [self.samples[index].known for index in indexes]
        typed = np.array([item.call_type is not None for item in gold])
        types = [item.call_type for item in gold if item.call_type is not None]
        heads = {"call_type": fit_types(matrix[typed], types, type_scales(widths, options), options.type_strength)}
        for name in self.labels.criteria:
            labels = [item.labels.get(name, UNKNOWN) for item in gold]
            known = np.array([label.value is not None for label in labels])
            values = np.array([label.value for label in labels if label.value is not None])
            coarse = np.array([label.is_coarse for label in labels])[known]
            heads[name] = fit_levels(matrix[known], values, scales(widths, name, options), options.strength, coarse)
        sellable = np.array([item.call_type != "spam" and "objection" in item.labels for item in gold])
        applies = np.array([item.labels.get("objection", UNKNOWN).applicable for item in gold])[sellable]
        scale = scales(widths, "objection", options)
        heads[APPLIES] = fit_binary(matrix[sellable], applies, scale, options.applies_strength)
        return heads
