"""What the API tells of one call."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from pydantic import Field

from pipeline.records import Utterance
from review.api.criteria import CriterionTold, hidden_criteria, shown_criteria
from review.api.schemas import Title, Told, aware, aware_s, page_url, texts_of
from review.catalogue import Catalogue
from review.desk.people import Person
from review.masked import MaskedLines, masked_evaluation, masked_submission
from review.pages.call_reading import FoundCall, ShownEvaluation
from review.pages.checklist_view import SURE_FROM, EvaluationView, build_evaluation
from review.pages.standing import ShownSubmission, Standing


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that was read of a call. `masked`: what to hide from the person; None: nothing."""

    found: FoundCall
    evaluation: ShownEvaluation | None
    standing: Standing
    sound: str
    words: Catalogue
    masked: MaskedLines | None = None


class TypeSuggestion(Told):
    """What kind of call the machine takes it for."""

    call_type: str = Field(examples=["objection"])
    confidence: float = Field(description="0..1.", examples=[0.91])
    sure: bool = Field(description=f"Whether the confidence is at least {SURE_FROM}.")


class SubmissionTold(Told):
    """What a person has handed in."""

    submission_id: str
    reviewer: str = Field(description="Their name.", examples=["Anna"])
    submitted_at: datetime = Field(description="UTC.")
    blind: bool = Field(description="Whether the suggestions were hidden from them.")
    call_type: str
    cqr: float | None = Field(description="By their answers, 0..100.")
    passed: bool | None
    flags: list[str] = Field(description="Managers are not told.")
    note: str = Field(description="Managers are not told.")
    mine: bool = Field(description="Whether the person of the token handed it in.")


class EvaluationTold(Told):
    """How one version of a checklist judges the call."""

    evaluation_id: str = Field(description="What a verdict names.")
    checklist_id: str = Field(examples=["cqr"])
    version: int | None = Field(description="Of the checklist, counted from 1.", examples=[2])
    is_current: bool = Field(description="Whether no newer version has judged the call; only then it can be answered.")
    title: Title = Field(description="Of the checklist, by language.")
    threshold: float | None = Field(description="The CQR from which a call is good.", examples=[80.0])
    judge: str | None = Field(description="Who made the suggestions; null while hidden.")
    scored: bool = Field(description="False: too short or cut off; counted, not scored.")
    call_type: str | None = Field(description="The one that counts; null while hidden.", examples=["objection"])
    suggested_call_type: TypeSuggestion | None = Field(description="Null while hidden.")
    cqr: float | None = Field(description="By verdicts, by suggestions where there are none; null while hidden.")
    passed: bool | None = Field(description="Null while hidden, or when nothing is rated.")
    criteria: list[CriterionTold] = Field(description="In the checklist's order; all of its criteria while hidden.")


class UtteranceTold(Told):
    """What somebody says."""

    index: int
    role: str = Field(description="agent, client or other.", examples=["agent"])
    text: str
    start_s: float | None
    end_s: float | None


class CallDetails(Told):
    """Everything about one call that this person may know."""

    call_id: str = Field(examples=["9f2c4e01aa7b53d8"])
    journal_call_id: str | None = Field(description="In the journal of the telephone system.", examples=["100482"])
    source: str | None = Field(description="Where it was recorded.", examples=["office"])
    manager: str | None = Field(examples=["Olga"])
    direction: str | None = Field(description="incoming or outgoing.", examples=["incoming"])
    client_phone_last4: str | None = Field(description="Null for who sees masked transcripts.", examples=["0101"])
    started_at: datetime | None = Field(description="UTC.")
    duration_s: float | None = Field(examples=[184.0])
    answered: bool | None
    language: str | None = Field(examples=["ru"])
    status: str = Field(description="As in the list.", examples=["done"])
    failure_codes: list[str] = Field(description="Why its recording failed.")
    sound: str = Field(description="playable, missing (the file is gone) or none.", examples=["playable"])
    hidden: bool = Field(description="The person works blind: suggestions and verdicts are hidden until they submit.")
    may_answer: bool = Field(description="Whether this person may submit a verdict now.")
    held_by: str | None = Field(description="Who else works on it; until `held_until`.")
    held_until: datetime | None = Field(description="UTC.")
    evaluation: EvaluationTold | None = Field(description="Null where nothing has judged it.")
    submissions: list[SubmissionTold] = Field(description="Those of the evaluation that stand, the newest first.")
    transcript: list[UtteranceTold] | None = Field(description="With ?transcript=true alone.")
    url: str = Field(description="The page of the call.")


def details_of(shown: Shown, request: Request, person: Person, *, with_transcript: bool) -> CallDetails:
    """`with_transcript`: what was said too, as far as the person may read it."""
    call, found, standing = shown.found.call, shown.found, shown.standing
    is_unscored = shown.evaluation is not None and not shown.evaluation.evaluation.scored
    claim = standing.others_claim
    return CallDetails(
        call_id=call.call_id,
        journal_call_id=call.journal_call_id,
        source=call.source,
        manager=call.manager,
        direction=call.direction,
        client_phone_last4=call.client_phone_last4 if shown.masked is None else None,
        started_at=aware(call.started_at),
        duration_s=found.duration_s,
        answered=call.answered,
        language=found.language,
        status="not_scored" if is_unscored else found.status,
        failure_codes=list(found.failure_codes),
        sound=shown.sound,
        hidden=standing.blind,
        may_answer=standing.asks and claim is None,
        held_by=claim.name if claim else None,
        held_until=aware_s(claim.ends_s) if claim else None,
        evaluation=None if shown.evaluation is None else evaluation_of(shown, shown.evaluation),
        submissions=[]
        if standing.blind
        else [submission_told(item, person, shown) for item in standing.shown_submissions],
        transcript=transcript_of(shown) if with_transcript else None,
        url=page_url(request, call.call_id),
    )


def evaluation_of(shown: Shown, evaluation: ShownEvaluation) -> EvaluationTold:
    """Beside the submissions that the person may see; while hidden nothing that the machine or people said."""
    view = None if shown.standing.blind else build_evaluation(evaluation, shown.standing.shown)
    view = masked_evaluation(view, shown.masked) if view and shown.masked else view
    judged, checklist = evaluation.judged, evaluation.checklist
    return EvaluationTold(
        evaluation_id=judged.evaluation_id,
        checklist_id=judged.checklist_id,
        version=judged.version_number,
        is_current=judged.is_current,
        title=texts_of(checklist.title) if checklist else {"en": judged.checklist_id},
        threshold=checklist.threshold if checklist else None,
        judge=view.judge if view else None,
        scored=evaluation.evaluation.scored,
        call_type=view.call_type if view else None,
        suggested_call_type=type_of(view) if view else None,
        cqr=view.cqr if view else None,
        passed=view.passed if view else None,
        criteria=shown_criteria(view, shown.words) if view else hidden_criteria(checklist),
    )


def type_of(view: EvaluationView) -> TypeSuggestion:
    suggested = view.suggested_type
    return TypeSuggestion(call_type=suggested.call_type, confidence=suggested.confidence, sure=view.type_sure)


def submission_told(item: ShownSubmission, person: Person, shown: Shown) -> SubmissionTold:
    """Flags and note are for those who review."""
    given, may_know = item.submission, person.may("review")
    given = masked_submission(given, shown.masked) if shown.masked else given
    return SubmissionTold(
        submission_id=given.submission_id,
        reviewer=given.name,
        submitted_at=aware_s(given.submitted_s),
        blind=given.blind,
        call_type=given.call_type,
        cqr=given.cqr,
        passed=given.passed,
        flags=list(given.draft.flags) if may_know else [],
        note=given.draft.note if may_know else "",
        mine=given.person_id == person.person_id,
    )


def transcript_of(shown: Shown) -> list[UtteranceTold]:
    """As it was said, or as the person may read it."""
    analysed, masked = shown.found.analysed, shown.masked
    said = analysed.dialogue.utterances if analysed else ()
    if masked is None:
        return [utterance_told(item, item.text) for item in said]
    return [utterance_told(item, masked.shown(place)) for place, item in enumerate(said)]


def utterance_told(item: Utterance, text: str) -> UtteranceTold:
    return UtteranceTold(index=item.index, role=item.role, text=text, start_s=item.start_s, end_s=item.end_s)
