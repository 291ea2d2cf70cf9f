"""The criteria of an evaluation, as the API tells them: what can be answered, what was suggested and said."""

from collections.abc import Sequence

from pydantic import Field

from pipeline.checklist import Checklist
from pipeline.records import Evidence
from review.api.schemas import Title, Told, texts_of
from review.catalogue import Catalogue
from review.pages.checklist_view import (
    SURE_FROM,
    Answer,
    EvaluationView,
    ShownCriterion,
    ShownVerdict,
    State,
    build_criterion,
)


class EvidenceTold(Told):
    """The place that decided."""

    utterance_index: int = Field(description="Of the transcript.", examples=[4])
    quote: str = Field(description="The words, exactly; numbers, names and addresses hidden where they have to be.")
    start_s: float | None = Field(examples=[12.4])
    end_s: float | None = Field(examples=[15.1])


class SuggestionTold(Told):
    """The machine's answer; never a verdict."""

    state: State = Field(description="valued: `label` says how; not_applicable; not_enough: no evidence was found.")
    label: str | None = Field(description="On the criterion's own scale.", examples=["0.5"])
    confidence: float = Field(description="0..1.", examples=[0.87])
    sure: bool = Field(description=f"Whether the confidence is at least {SURE_FROM}.")
    reason: str = Field(description="A code.", examples=["greeting.no_company"])
    reason_text: str = Field(description="In the language of Accept-Language; empty where the code has no words.")
    evidence: list[EvidenceTold]


class VerdictTold(Told):
    """A person's answer, or that of a rule which a person switched on."""

    state: State
    label: str | None = Field(examples=["1"])
    reviewer: str = Field(examples=["Anna"])
    comment: str
    override_reason: str = Field(description="Why it differs from the suggestion: a code, or empty.")


class CriterionTold(Told):
    """One line of the checklist."""

    criterion_id: str = Field(examples=["greeting"])
    title: Title = Field(description="By language.", examples=[{"en": "Greeting", "ru": "Приветствие"}])
    group: Title = Field(description="The title of its group, by language.")
    critical: bool = Field(description="At its lowest label it fails the call.")
    weight: float | None = Field(description="In the CQR of this call; null: no part of it, or the type is hidden.")
    scale: list[str] = Field(description="The labels that can be answered, the worst first.")
    suggestion: SuggestionTold | None = Field(description="Null while hidden, and where there is none.")
    verdicts: list[VerdictTold] = Field(description="The one that counts first.")


def shown_criteria(view: EvaluationView, words: Catalogue) -> list[CriterionTold]:
    return [
        criterion_told(item, group.title, item.verdicts, suggestion_told(item, words))
        for group in view.groups
        for item in group.criteria
    ]


def hidden_criteria(checklist: Checklist | None) -> list[CriterionTold]:
    """What can be answered, and nothing of any answer."""
    criteria = checklist.criteria if checklist else ()
    groups = checklist.groups if checklist else {}
    return [
        criterion_told(build_criterion(item, None, None, frozenset()), groups.get(item.group, {"en": item.group}))
        for item in criteria
    ]


def criterion_told(
    item: ShownCriterion,
    group: Title,
    verdicts: Sequence[ShownVerdict] = (),
    suggestion: SuggestionTold | None = None,
) -> CriterionTold:
    return CriterionTold(
        criterion_id=item.criterion_id,
        title=texts_of(item.title),
        group=texts_of(group),
        critical=item.critical,
        weight=item.weight,
        scale=list(item.scale),
        suggestion=suggestion,
        verdicts=[verdict_told(verdict) for verdict in verdicts],
    )


def suggestion_told(item: ShownCriterion, words: Catalogue) -> SuggestionTold | None:
    answer: Answer | None = item.suggestion
    if answer is None:
        return None
    return SuggestionTold(
        state=answer.state,
        label=answer.label,
        confidence=item.confidence,
        sure=item.sure,
        reason=item.reason,
        reason_text=words.reason(item.reason),
        evidence=[evidence_told(place) for place in item.evidence],
    )


def evidence_told(place: Evidence) -> EvidenceTold:
    return EvidenceTold(
        utterance_index=place.utterance_index,
        quote=place.quote,
        start_s=place.start_s,
        end_s=place.end_s,
    )


def verdict_told(verdict: ShownVerdict) -> VerdictTold:
    answer = verdict.answer
    return VerdictTold(
        state=answer.state,
        label=answer.label,
        reviewer=verdict.reviewer,
        comment=verdict.comment,
        override_reason=verdict.override_reason,
    )
