"""The rung of an instruct model: one question per call about every criterion of which no cheaper rung is sure."""

import json
from collections.abc import Mapping, Sequence

from pipeline.checklist import Criterion
from pipeline.interfaces import Instructor, Message
from pipeline.prescoring.availability import Availability
from pipeline.prescoring.findings import MAX_EVIDENCE
from pipeline.prescoring.instruct_answers import (
    NOT_ENOUGH,
    abstain,
    call_type_schema,
    check_call_type,
    check_criterion,
    criteria_schema,
    has_condition,
    read_call_type,
    read_criteria,
)
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.premises import MIN_WORDS
from pipeline.prescoring.prompts import (
    CallTypeWords,
    InstructPrompts,
    content_hash,
    fence_of,
    fill,
    in_language,
    write_transcript,
)
from pipeline.records import CallType, CallTypeSuggestion, Suggestion

VERSION = "1"  # raise it when the code changes an answer


class InstructRung:
    """Asks once, and once more about what was answered outside the schema; the rest becomes an abstention."""

    name = "instruct"

    def __init__(
        self,
        instructor: Instructor,
        prompts: InstructPrompts,
        call_types: Mapping[CallType, CallTypeWords],
        max_words: int,
    ) -> None:
        self._instructor = instructor
        self._prompts = prompts
        self._call_types = call_types
        self._max_words = max_words
        self._availability = Availability(self.name)
        own = content_hash(VERSION, prompts, dict(call_types), max_words)
        self.identity = f"instruct-{instructor.identity}-{own}"

    def classify(self, case: Case) -> CallTypeSuggestion | None:
        """The type; None for calls of a few words, which the rules know as well, and for too long ones."""
        if not MIN_WORDS <= case.reading.word_count <= self._max_words:
            return None
        messages, schema = self._type_question(case), call_type_schema(list(self._call_types))
        text = self._ask(messages, schema)
        answer, problems = read_call_type(text)
        if answer is None:
            answer, _ = read_call_type(self._ask(self._corrected(messages, text, problems), schema))
        return check_call_type(answer, case) if answer else None

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion | None:
        """The answer to one criterion."""
        return self.suggest_all(case, (criterion,)).get(criterion.id)

    def suggest_all(self, case: Case, criteria: Sequence[Criterion]) -> dict[str, Suggestion]:
        """The answers by criterion id; none for a call without words or with too many, and for metrics of the audio."""
        criteria = [criterion for criterion in criteria if criterion.metric is None]
        if not criteria or not 0 < case.reading.word_count <= self._max_words:
            return {}
        messages = self._question(case, criteria)
        text = self._ask(messages, criteria_schema(criteria))
        answers, problems = read_criteria(text, criteria)
        if problems:
            missing = [criterion for criterion in criteria if criterion.id not in answers]
            again = self._ask(self._corrected(messages, text, problems), criteria_schema(missing))
            answers |= read_criteria(again, missing)[0]
        return {
            criterion.id: check_criterion(answers[criterion.id], criterion, case)
            if criterion.id in answers
            else abstain(criterion, "instruct.malformed")
            for criterion in criteria
        }

    def _ask(self, messages: Sequence[Message], schema: Mapping[str, object]) -> str:
        return self._availability.ask(lambda: self._instructor.answer(messages, schema))

    def _question(self, case: Case, criteria: Sequence[Criterion]) -> list[Message]:
        described = [self._describe(criterion, case.dialogue.language) for criterion in criteria]
        fence = fence_of(case.dialogue)
        asked = fill(
            self._prompts.criteria,
            fence=fence,
            transcript=write_transcript(case.dialogue),
            count=len(criteria),
            criteria="\n".join(json.dumps(item, ensure_ascii=False) for item in described),
            most_evidence=MAX_EVIDENCE,
            not_enough=NOT_ENOUGH,
        )
        return [Message("system", fill(self._prompts.system, fence=fence)), Message("user", asked)]

    def _type_question(self, case: Case) -> list[Message]:
        fence, language = fence_of(case.dialogue), case.dialogue.language
        types = [
            {
                "call_type": str(name),
                "title": in_language(words.title, language)[1],
                "definition": in_language(words.definition, language)[1],
            }
            for name, words in self._call_types.items()
        ]
        asked = fill(
            self._prompts.call_type,
            fence=fence,
            transcript=write_transcript(case.dialogue),
            types="\n".join(json.dumps(item, ensure_ascii=False) for item in types),
            most_evidence=MAX_EVIDENCE,
        )
        return [Message("system", fill(self._prompts.system, fence=fence)), Message("user", asked)]

    def _describe(self, criterion: Criterion, language: str) -> dict[str, object]:
        """The criterion as the checklist has it, worst level first, in the dialogue's language where it is written."""
        condition = {"applies_only_when": self._prompts.objection_raised} if has_condition(criterion) else {}
        levels = {label: in_language(texts, language)[1] for label, texts in criterion.levels.items() if texts}
        examples = {label: texts.get(language, ()) for label, texts in criterion.examples.items()}
        described: dict[str, object] = {
            "criterion": criterion.id,
            "title": in_language(criterion.title, language)[1],
            "judged_role": criterion.role,
            "labels_worst_first": criterion.scale,
            "definitions": {label: levels[label] for label in criterion.scale if label in levels},
            "examples": {label: examples[label] for label in criterion.scale if examples.get(label)},
        }
        return described | condition

    def _corrected(self, messages: Sequence[Message], text: str, problems: Sequence[str]) -> list[Message]:
        correction = fill(self._prompts.correction, problems="; ".join(problems))
        return [*messages, Message("assistant", text), Message("user", correction)]
