"""How well the heard dialogues of data/corpus were recognised: `python -m tests.quality.heard`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.checklist import load_checklist
from pipeline.corpus import LabelledDialogue, Split, load_corpus, load_splits
from pipeline.corpus_heard import HEARD, HeardDialogue, load_heard
from tests.quality.metrics import Share, word_errors
from tests.quality.normalisation import normalise

ROBOT_HEARD = HEARD / "espeak"  # apart: heads learn from what stands in HEARD itself
HEADER = (
    "| language | split | layout | voice | dialogues | minutes | words | WER | empty turns | right role |",
    "|---|---|---|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One heard dialogue against what was written."""

    labelled: LabelledDialogue
    heard: HeardDialogue
    split: Split
    errors: Share
    roles: Share
    empty: Share


def load_all_heard() -> dict[str, HeardDialogue]:
    """What was spoken by voices like people's, and what by a robot's."""
    return {**load_heard(), **load_heard(ROBOT_HEARD)}


def measure(labelled: LabelledDialogue, heard: HeardDialogue, split: Split) -> Measured:
    """Word errors of the turns in their order, so that a word across the border of two turns is no error."""
    said = " ".join(text for turn in labelled.turns for text in turn.values())
    words = [normalise(text, labelled.language) for text in (said, " ".join(heard.turn_texts))]
    return Measured(
        labelled=labelled,
        heard=heard,
        split=split,
        errors=word_errors(*words),
        roles=Share(heard.right_role_words, heard.counted_words),
        empty=Share(sum(not text for text in heard.turn_texts), len(heard.turns)),
    )


def report(heard: Mapping[str, HeardDialogue], corpus: Iterable[LabelledDialogue]) -> list[str]:
    """A table by language, split, layout and kind of voice. Dialogues rewritten since they were heard may be in it."""
    splits = load_splits()
    measured = [
        measure(labelled, heard[labelled.id], splits.of(labelled.trade))
        for labelled in corpus
        if labelled.id in heard and len(labelled.turns) == len(heard[labelled.id].turns)
    ]
    groups: dict[tuple[str, ...], list[Measured]] = {}
    for one in measured:
        key = (one.labelled.language, one.split, one.heard.layout, one.heard.voice)
        groups.setdefault(key, []).append(one)
    return [*HEADER, *(row(key, groups[key]) for key in sorted(groups))]


def row(key: Sequence[str], group: Sequence[Measured]) -> str:
    errors, roles, empty = (
        sum((getattr(one, name) for one in group), Share(0, 0)) for name in ("errors", "roles", "empty")
    )
    minutes = sum(one.heard.duration_s for one in group) / 60
    return (
        f"| {' | '.join(key)} | {len(group)} | {minutes:.0f} | {errors.whole:.0f} | {errors.value:.1%} "
        f"| {empty.value:.1%} | {roles.value:.1%} |"
    )


if __name__ == "__main__":
    print("\n".join(report(load_all_heard(), load_corpus(load_checklist("cqr")))))
