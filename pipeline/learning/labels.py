"""People's answers as heads learn from them. What nobody answered is unknown, never "no"."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from types import MappingProxyType

from pipeline.checklist import Checklist
from pipeline.corpus import LabelledDialogue
from pipeline.corpus_cues import Cues, TypeOnlyCall
from pipeline.interfaces import Vectors
from pipeline.prescoring.head_names import head_name, is_own
from pipeline.records import CallType, Cue, Dialogue

ChecklistKey = tuple[str, str]  # id and version


@dataclass(frozen=True, slots=True)
class Label:
    """A person's answer to what one head answers. `evidence`: the turns that decided, or None where nobody said.

    `is_coarse`: given on a scale without a middle, so that 0 stands for "not done" and for "not finished" alike.
    """

    applicable: bool
    value: float | None
    evidence: tuple[int, ...] | None = None
    is_coarse: bool = False


@dataclass(frozen=True, slots=True)
class HumanAnswer:
    """A verdict that counts, with the head that answers its criterion."""

    checklist: ChecklistKey
    criterion_id: str
    head: str
    label: Label
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class VerdictCall:
    """A call with verdicts of people. `call_type` is None where nobody gave it. `first_at`: its first verdict ever."""

    content_sha256: str
    first_at: datetime
    answers: tuple[HumanAnswer, ...]
    call_type: CallType | None = None

    @property
    def verdict_count(self) -> int:
        return len(self.answers) + (self.call_type is not None)

    @property
    def labels(self) -> dict[str, Label]:
        """By head; of two verdicts that one head answers, on two checklists or versions, the newest."""
        return {answer.head: answer.label for answer in sorted(self.answers, key=lambda item: item.submitted_at)}


@dataclass(frozen=True, slots=True)
class LearningSample:
    """One dialogue with all that is known of it. `group` is never torn apart by cross-validation.

    A head that is missing in `labels` is unknown; so is a `call_type` of None. Without `vectors` they are made.
    `heard`: the same turns as a recogniser heard them. `cues`: the turns that tell each, None where nobody said.
    `is_measured`: counts in figures and calibration; what was written to teach one thing alone does not.
    """

    sample_id: str
    group: str
    dialogue: Dialogue
    call_type: CallType | None
    labels: Mapping[str, Label]
    vectors: Vectors | None = None  # shape: (num_utterances, dimension)
    heard: Dialogue | None = None
    cues: Mapping[Cue, tuple[int, ...]] | None = None
    is_measured: bool = True


def label_of(
    checklist: Checklist,
    criterion_id: str,
    call_type: CallType,
    applicable: bool,
    value: float | None,
    evidence: Sequence[int] | None,
) -> tuple[str, Label] | None:
    """Head and label of a verdict; None where it teaches no head.

    "Not enough evidence" teaches none. "Does not apply" to a call of a type for which the criterion has no weight says
    nothing about the words.
    """
    known = {criterion.id: criterion for criterion in checklist.criteria}
    criterion = known.get(criterion_id)
    name = head_name(criterion) if criterion else None
    if criterion is None or name is None or (applicable and value is None):
        return None
    if not applicable and call_type != "unknown" and call_type not in criterion.weights:
        return None
    is_coarse = not any(0 < level < 1 for level in criterion.values)
    return name, Label(applicable, value, None if evidence is None else tuple(evidence), is_coarse)


def corpus_samples(
    corpus: Iterable[LabelledDialogue],
    heard: Mapping[str, Dialogue] = MappingProxyType({}),
    cues: Mapping[str, Cues] = MappingProxyType({}),
) -> list[LearningSample]:
    """The dialogues that came with the program: everything about them is known, but cues of some may not be."""
    return [
        LearningSample(
            sample_id=item.id,
            group=item.trade,
            dialogue=item.dialogue,
            call_type=item.call_type,
            labels={name: Label(gold.applicable, gold.value, gold.evidence) for name, gold in item.gold.items()},
            heard=heard.get(item.id),
            cues=cues.get(item.id),
        )
        for item in corpus
    ]


def type_only_samples(calls: Iterable[TypeOnlyCall]) -> list[LearningSample]:
    """The calls that came with the program and tell of the call type alone."""
    return [
        LearningSample(item.id, item.trade, item.dialogue, item.call_type, {}, cues=item.cues, is_measured=False)
        for item in calls
    ]


def trainable(labels: Iterable[Mapping[str, Label]], min_verdicts: int) -> frozenset[str]:
    """Heads of users' own criteria that enough verdicts of at least two values speak of."""
    counts: Counter[str] = Counter()
    values: defaultdict[str, set[float]] = defaultdict(set)
    for found in labels:
        for name, label in found.items():
            if is_own(name) and label.value is not None:
                counts[name] += 1
                values[name].add(label.value)
    return frozenset(name for name in counts if counts[name] >= min_verdicts and len(values[name]) > 1)


def keep_heads(sample: LearningSample, own: frozenset[str]) -> LearningSample:
    """The sample without labels of users' own criteria that are not to be learned."""
    labels = {name: label for name, label in sample.labels.items() if not is_own(name) or name in own}
    return replace(sample, labels=labels)


def data_hash(samples: Sequence[LearningSample], encoder: str) -> str:
    """Hash of all that is learned from: dialogues, answers and whose vectors."""
    digest = hashlib.sha256(encoder.encode())
    for sample in samples:
        content = {
            "id": sample.sample_id,
            "words": [(turn.role, turn.text) for turn in sample.dialogue.utterances],
            "type": sample.call_type,
            "labels": {name: asdict(label) for name, label in sample.labels.items()},
            "cues": None if sample.cues is None else dict(sample.cues),
        }
        digest.update(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())
    return digest.hexdigest()[:16]
