"""No verdict lost or doubled: what the page acknowledged against what the store holds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.store import Store
from tests.bench.page_store import CHECKLIST
from tests.bench.page_supervisor import Acknowledged, Day

Key = tuple[str, str, str]  # login, call, evaluation


@dataclass(frozen=True)
class Proof:
    """`lost` and `doubled`: submissions and undos; `differing`: standing verdicts unlike the given answers."""

    submitted: int
    undone: int
    verdicts: int
    lost: int
    doubled: int
    differing: int
    unclear: int

    @property
    def holds(self) -> bool:
        return self.submitted > 0 and not (self.lost or self.doubled or self.differing)

    def told(self) -> str:
        return (
            f"Acknowledged: {self.submitted} submissions and {self.undone} undos; in the store: {self.lost} lost, "
            f"{self.doubled} doubled, {self.differing} of {self.verdicts} standing verdicts unlike the answers. "
            f"Answered by neither yes nor no: {self.unclear}."
        )


def prove(store: Store, days: Sequence[Day]) -> Proof:
    made = [item for day in days for item in day.acknowledged]
    with store.reading() as con:
        rows = con.execute(
            "SELECT reviewer, call_id, evaluation_id, withdrawn, count(*) FROM base.submissions GROUP BY ALL"
        ).fetchall()
        verdicts = con.execute(
            "SELECT submission.reviewer, submission.call_id, submission.evaluation_id, verdict.criterion_id, "
            "verdict.applicable, verdict.value FROM base.verdicts AS verdict "
            "JOIN base.standing_submissions AS submission USING (submission_id) WHERE NOT verdict.withdrawn"
        ).fetchall()
    people = {item.login for item in made}
    stored = Counter({(*key, taken): count for *key, taken, count in rows if key[0] in people})
    expected = Counter((*key_of(item), item.undone) for item in made)
    answers = {(*key_of(item), name): value for item in standing(made) for name, value in item.answers.items()}
    kept = [
        ((login, call_id, evaluation_id, name), state_of(name, applicable, value))
        for login, call_id, evaluation_id, name, applicable, value in verdicts
        if login in people
    ]
    names = {key for key, _ in kept}
    return Proof(
        submitted=sum(not item.undone for item in made),
        undone=sum(item.undone for item in made),
        verdicts=len(kept),
        lost=(expected - stored).total(),
        doubled=(stored - expected).total() + len(kept) - len(names),
        differing=sum(answers.get(key) != value for key, value in kept) + len(set(answers) - names),
        unclear=sum(len(day.unclear) for day in days),
    )


def key_of(item: Acknowledged) -> Key:
    return item.login, item.call_id, item.evaluation_id


def standing(made: Sequence[Acknowledged]) -> list[Acknowledged]:
    """The last submission of each person and evaluation, unless it was taken back."""
    last = {key_of(item): item for item in made}
    return [item for item in last.values() if not item.undone]


def state_of(criterion_id: str, applicable: bool, value: float | None) -> str:
    """The stored verdict as the form calls it."""
    if not applicable:
        return "not_applicable"
    if value is None:
        return "not_enough"
    label = CHECKLIST.criterion(criterion_id).label_of(value)
    return f"={label}"
