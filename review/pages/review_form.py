"""The checklist as it is filled in: each criterion with its answers, the suggestion beside them, and the score."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, repeat

from pipeline.checklist import Checklist, Criterion, Text
from pipeline.records import CallType, CallTypeSuggestion, Evaluation, Suggestion
from review.desk.claims import Claim
from review.desk.database import moment_of
from review.desk.drafts import FLAGS, OVERRIDE_REASONS, Draft, Flag, GivenAnswer
from review.pages.answer_form import CALL_TYPES, LABEL, STATES, value_of_answer
from review.pages.checklist_view import SURE_FROM, Answer, ShownCriterion, Tone, answer_of, build_criterion, tone_of
from review.scoring import CALL_TYPE, DraftScore, accept_sure, known_suggestions, score_draft

KEYS = "1234567890"  # of the labels of a scale, the lowest first
STATE_KEYS = {"not_applicable": "n", "not_enough": "u"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be given. `label`: of the scale; empty for the two answers that every criterion has."""

    value: str  # in the form
    label: str
    key: str  # that chooses it; empty after the tenth
    meaning: Text  # by language; empty where the checklist does not say
    tone: Tone | None
    is_given: bool
    is_suggested: bool


@dataclass(frozen=True, slots=True)
class AskedCriterion:
    """A criterion with its choices; `shown` holds the suggestion, or nothing of it."""

    shown: ShownCriterion
    scale: tuple[Choice, ...]
    states: tuple[Choice, ...]
    given: GivenAnswer | None


@dataclass(frozen=True, slots=True)
class AskedGroup:
    title: Text
    criteria: tuple[AskedCriterion, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was not done: `code` under `conflicts` of the catalogue, `by` whose work it is."""

    code: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """`suggested_type` None: hidden. `folded`: criteria that do not belong to the call type.

    `sure_count`: answers that "accept all that is sure" would give. `known`: others' submissions that it stands beside.
    """

    call_id: str
    evaluation_id: str
    title: Text
    threshold: float
    version_number: int | None
    judge: str
    blind: bool
    known: tuple[str, ...]
    claim: Claim | None
    suggested_type: CallTypeSuggestion | None
    score: DraftScore
    missing: tuple[tuple[str, Text], ...]
    critical_failures: tuple[Text, ...]
    groups: tuple[AskedGroup, ...]
    folded: tuple[Text, ...]
    draft: Draft
    sure_count: int
    scored: bool
    problem: Problem | None = None
    call_types: tuple[CallType, ...] = CALL_TYPES
    flags: tuple[Flag, ...] = FLAGS
    override_reasons: tuple[str, ...] = OVERRIDE_REASONS

    @property
    def claim_ends(self) -> datetime | None:
        return None if self.claim is None else moment_of(self.claim.ends_s)

    @property
    def type_missing(self) -> bool:
        return CALL_TYPE in self.score.missing

    @property
    def type_sure(self) -> bool:
        return self.suggested_type is not None and self.suggested_type.confidence >= SURE_FROM

    @property
    def is_locked(self) -> bool:
        """Whether nothing can be saved as things stand."""
        return self.claim is not None


def build_review(
    call_id: str,
    evaluation_id: str,
    checklist: Checklist,
    evaluation: Evaluation,
    draft: Draft,
    *,
    measured: frozenset[str],
    version_number: int | None = None,
    blind: bool = False,
    known: Sequence[str] = (),
    claim: Claim | None = None,
    problem: Problem | None = None,
) -> ReviewForm:
    """The form as it stands. When `blind`, nothing that the machine said enters it. `measured`: names of heads."""
    said = blinded(evaluation) if blind else evaluation
    score = score_draft(checklist, said, draft, blind=blind)
    suggestions = known_suggestions(said)
    asked = [
        ask(item, suggestions.get(item.id), draft, score.call_type, measured)
        for item in checklist.criteria_for(score.call_type)
    ]
    titles = {criterion.id: criterion.title for criterion in checklist.criteria}
    accepted = draft if blind else accept_sure(checklist, evaluation, draft, SURE_FROM)
    return ReviewForm(
        call_id=call_id,
        evaluation_id=evaluation_id,
        title=checklist.title,
        threshold=checklist.threshold,
        version_number=version_number,
        judge="" if blind else evaluation.judge,
        blind=blind,
        known=tuple(known),
        claim=claim,
        suggested_type=None if blind else evaluation.call_type,
        score=score,
        missing=tuple((item, titles[item]) for item in score.missing if item in titles),
        critical_failures=tuple(titles[item] for item in score.critical_failures),
        groups=by_groups(checklist, asked),
        folded=tuple(title for item, title in titles.items() if item not in score.applicable),
        draft=draft,
        sure_count=len(accepted.answers) - len(draft.answers),
        scored=evaluation.scored,
        problem=None if problem is not None and problem.code == "missing" and not score.missing else problem,
    )


def blinded(evaluation: Evaluation) -> Evaluation:
    """The evaluation without a word or number of what the machine found."""
    unknown = CallTypeSuggestion("unknown", 0.0)
    return replace(evaluation, judge="", call_type=unknown, suggestions=(), cqr=None, passed=None)


def ask(
    criterion: Criterion, suggestion: Suggestion | None, draft: Draft, call_type: CallType, measured: frozenset[str]
) -> AskedCriterion:
    """The criterion with its choices, the given one and the suggested one marked."""
    weight = next((weight for code, weight in criterion.weights.items() if code == call_type), None)
    given = draft.answer_to(criterion.id)
    chosen = value_of_answer(given) if given else ""
    suggested = value_of_suggestion(criterion, suggestion)
    scale = tuple(
        Choice(
            value=LABEL + label,
            label=label,
            key=key,
            meaning=criterion.levels.get(label, {}),
            tone=tone_of(value),
            is_given=LABEL + label == chosen,
            is_suggested=LABEL + label == suggested,
        )
        for label, value, key in zip(criterion.scale, criterion.values, chain(KEYS, repeat("")), strict=False)
    )
    states = tuple(
        Choice(state, "", STATE_KEYS[state], {}, None, state == chosen, state == suggested) for state in STATES[1:]
    )
    return AskedCriterion(build_criterion(criterion, suggestion, weight, measured), scale, states, given)


def value_of_suggestion(criterion: Criterion, suggestion: Suggestion | None) -> str:
    """How the form calls the machine's answer; empty where it has none."""
    if suggestion is None:
        return ""
    answer: Answer = answer_of(criterion, suggestion.applicable, suggestion.value)
    return answer.state if answer.label is None else LABEL + answer.label


def by_groups(checklist: Checklist, asked: Sequence[AskedCriterion]) -> tuple[AskedGroup, ...]:
    """In the checklist's order."""
    group_of = {criterion.id: criterion.group for criterion in checklist.criteria}
    groups: dict[str, list[AskedCriterion]] = {}
    for item in asked:
        groups.setdefault(group_of[item.shown.criterion_id], []).append(item)
    return tuple(AskedGroup(checklist.groups.get(key, {"en": key}), tuple(items)) for key, items in groups.items())
