"""Dialogues of the corpus that are nearly the same text: `python -m models.near_duplicates`, exit code 1 if refused.

A copy with other names on both sides of the split would make every measured figure a lie. Texts are compared by their
runs of five characters within words, rare ones counting more (tf-idf), and the cosine between two texts. The bounds
were set on the first 648 dialogues, of which half of all pairs of one language were below 0.05, one in a thousand was
above 0.25, and the highest was 0.47, two robots that offer the same loan. Of 60 copies in which every name and number
was changed none was below 0.71, with every tenth word changed as well none below 0.67; copies of every second turn had
a median of 0.57. Turns are compared in the same way: at 0.85 they are the same sentence, and of 6,900 turns three pairs
were. The command says what the corpus of today holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.checklist import load_checklist
from pipeline.corpus import LabelledDialogue, Splits, load_corpus, load_splits
from pipeline.corpus_cues import TypeOnlyCall, load_type_only_calls
from pipeline.errors import ConfigurationError
from pipeline.invented_text import normalise

RUN = 5  # characters
ALIKE = 0.55  # cosine from which two dialogues are one
SAME_TURN = 0.85
TURN_WORDS = 6  # shorter ones are what everybody says
Written = LabelledDialogue | TypeOnlyCall
MANY = 4  # dialogues that share a turn: fewer share it by chance
BLOCK = 1000  # rows compared at a time


@dataclass(frozen=True, slots=True)
class Pair:
    """Two dialogues that are nearly the same. `leaks`: one is trained on and the other measured on."""

    first_id: str
    second_id: str
    similarity: float
    leaks: bool


@dataclass(frozen=True, slots=True)
class RepeatedTurn:
    """One sentence that stands in many dialogues: (id, turn index from 0) of each."""

    places: tuple[tuple[str, int], ...]
    leaks: bool

    @property
    def dialogue_count(self) -> int:
        return len({dialogue_id for dialogue_id, _ in self.places})


@dataclass(frozen=True)
class NearDuplicates:
    """What was found. `highest` is the similarity of the most alike pair across splits, refused or not."""

    dialogue_count: int
    pairs: tuple[Pair, ...]
    turns: tuple[RepeatedTurn, ...]
    highest: float

    @property
    def leaks(self) -> list[str]:
        """One line for each that must not be."""
        return [
            *(
                f'dialogues "{pair.first_id}" and "{pair.second_id}" are nearly the same ({pair.similarity:.2f}) and '
                "lie in different splits; write one of them anew"
                for pair in self.pairs
                if pair.leaks
            ),
            *(
                f"one sentence stands in {turn.dialogue_count} dialogues of both splits: "
                f"{', '.join(f'{name} turn {index}' for name, index in turn.places)}; write it anew in one split"
                for turn in self.turns
                if turn.leaks
            ),
        ]


def all_written() -> list[Written]:
    """Dialogues, and calls written for the type alone, of all splits."""
    return [*load_corpus(load_checklist("cqr")), *load_type_only_calls()]


def find_near_duplicates(corpus: Sequence[Written], splits: Splits) -> NearDuplicates:
    """All pairs and repeated turns, within a split and across."""
    pairs, highest = _alike_pairs(corpus, splits)
    return NearDuplicates(len(corpus), tuple(pairs), tuple(_repeated_turns(corpus, splits)), highest)


def refuse_leaks(found: NearDuplicates) -> None:
    """Raises ConfigurationError with a line for each near-duplicate across splits."""
    if found.leaks:
        raise ConfigurationError("data/corpus: " + "\n".join(found.leaks))


def _alike_pairs(corpus: Sequence[Written], splits: Splits) -> tuple[list[Pair], float]:
    if len(corpus) < 2:
        return [], 0.0
    rows = _rows([" ".join(one.texts) for one in corpus])
    similar = np.triu((rows @ rows.T).toarray(), k=1)
    split = np.array([splits.of(one.trade) for one in corpus])
    across = split[:, None] != split[None, :]
    pairs = [
        Pair(corpus[one].id, corpus[two].id, float(similar[one, two]), bool(across[one, two]))
        for one, two in np.argwhere(similar >= ALIKE)
    ]
    return sorted(pairs, key=lambda pair: -pair.similarity), float(similar[across].max(initial=0.0))


def _repeated_turns(corpus: Sequence[Written], splits: Splits) -> list[RepeatedTurn]:
    """Groups of turns that are linked by near sameness and stand in many dialogues, the most common first."""
    from scipy.sparse.csgraph import connected_components

    places = [
        (one, index, text) for one in corpus for index, text in enumerate(one.texts) if len(text.split()) >= TURN_WORDS
    ]
    if len(places) < MANY:
        return []
    _, labels = connected_components(_same_turns(_rows([text for *_, text in places])), directed=False)
    groups: dict[int, list[tuple[Written, int]]] = {}
    for label, (one, index, _) in zip(labels.tolist(), places, strict=True):
        groups.setdefault(label, []).append((one, index))
    found = [
        RepeatedTurn(
            tuple((one.id, index) for one, index in group), len({splits.of(one.trade) for one, _ in group}) > 1
        )
        for group in groups.values()
    ]
    return sorted((turn for turn in found if turn.dialogue_count >= MANY), key=lambda turn: -turn.dialogue_count)


def _same_turns(rows: Any) -> Any:
    """Sparse, nonzero where two turns are the same. shape: (turns, turns)"""
    from scipy.sparse import vstack

    blocks = []
    for first in range(0, rows.shape[0], BLOCK):
        block = rows[first : first + BLOCK] @ rows.T
        block.data[block.data < SAME_TURN] = 0.0
        block.eliminate_zeros()
        blocks.append(block)
    return vstack(blocks).tocsr()


def _rows(texts: Sequence[str]) -> Any:
    """One sparse row of length 1 per text; every number is the same number."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    runs = TfidfVectorizer(analyzer="char_wb", ngram_range=(RUN, RUN), sublinear_tf=True, preprocessor=_plain)
    return runs.fit_transform(texts)


def _plain(text: str) -> str:
    return " ".join("#" if word.isdigit() else word for word in normalise(text).split())


def describe(found: NearDuplicates) -> list[str]:
    """What was looked at and what was found, in lines; ids only."""
    within = sum(not pair.leaks for pair in found.pairs)
    return [
        f"{found.dialogue_count} dialogues: the most alike across splits {found.highest:.2f}, refused from {ALIKE}; "
        f"{within} pairs from {ALIKE} within a split; {len(found.turns)} sentences of {TURN_WORDS} words or more in "
        f"{MANY} or more dialogues",
        *(f"within a split: {p.first_id} and {p.second_id} ({p.similarity:.2f})" for p in found.pairs if not p.leaks),
        *found.leaks,
    ]


def main() -> int:
    found = find_near_duplicates(all_written(), load_splits())
    print("\n".join(describe(found)))
    return 1 if found.leaks else 0


if __name__ == "__main__":
    raise SystemExit(main())
