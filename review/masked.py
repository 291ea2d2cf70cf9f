"""The page of a call for people from whom numbers, names and addresses are hidden: the one place where that is done.

What the store holds stays as it was said. Their own drafts stay as they wrote them: a form must give back what it got.
"""

from dataclasses import dataclass, replace

from pipeline.masking import Hidden, find_hidden_in_lines, hide, mask, mask_words
from pipeline.records import AnalysedDialogue, CallTypeSuggestion, Evidence, Utterance
from review.desk.submissions import Submission
from review.pages.call_view import CallPage, ShownUtterance, ShownWord
from review.pages.checklist_view import EvaluationView, ShownCriterion
from review.pages.review_form import ReviewForm
from review.pages.standing import Standing

UNKNOWN = "en"  # digits and addresses of the web are alike everywhere


@dataclass(frozen=True)
class MaskedLines:
    """The lines of a dialogue, each with what is to be hidden in it."""

    language: str
    lines: tuple[str, ...]
    hidden: tuple[tuple[Hidden, ...], ...]

    def quote(self, evidence: Evidence) -> Evidence:
        """Hidden as in the line that it comes from: a piece of a line tells less of what is a name."""
        line = self.lines[evidence.utterance_index] if evidence.utterance_index < len(self.lines) else ""
        start = line.find(evidence.quote)
        if start < 0:
            return replace(evidence, quote=mask(evidence.quote, self.language))
        end = start + len(evidence.quote)
        inside = [
            Hidden(max(item.start, start) - start, min(item.end, end) - start, item.kind)
            for item in self.hidden[evidence.utterance_index]
            if item.start < end and start < item.end
        ]
        return replace(evidence, quote=hide(evidence.quote, self.language, inside))

    def shown(self, place: int) -> str:
        """The line at that place as it may be read."""
        return hide(self.lines[place], self.language, self.hidden[place])

    def written(self, text: str) -> str:
        """A comment or a note."""
        return mask(text, self.language)


def read_lines(analysed: AnalysedDialogue | None) -> MaskedLines:
    """What is to be hidden in the dialogue; nothing where there is none."""
    if analysed is None:
        return MaskedLines(UNKNOWN, (), ())
    lines = tuple(map(line_of, analysed.dialogue.utterances))
    return MaskedLines(analysed.dialogue.language, lines, find_hidden_in_lines(lines, analysed.dialogue.language))


def line_of(utterance: Utterance) -> str:
    """As it is shown: word by word where the words are known."""
    return " ".join(word.text for word in utterance.words) or utterance.text


def masked_page(page: CallPage) -> CallPage:
    """The page without what is hidden, and without the sound, in which it would be heard."""
    lines = read_lines(page.analysed)
    wanted = page.looked_for.casefold()
    return replace(
        page,
        call=replace(page.call, client_phone_last4=None, client_phone_hash=None, file_name=None),
        sound="masked" if page.sound == "playable" else page.sound,
        transcript=tuple(_utterance(item, place, lines, wanted) for place, item in enumerate(page.transcript)),
        analysed=None if page.analysed is None else _without_words(page.analysed),
        evaluation=None if page.evaluation is None else masked_evaluation(page.evaluation, lines),
        review=None if page.review is None else masked_form(page.review, lines),
        standing=_standing(page.standing, lines),
    )


def masked_form(form: ReviewForm, lines: MaskedLines) -> ReviewForm:
    """The form with its evidence hidden."""
    return replace(
        form,
        suggested_type=None if form.suggested_type is None else _type(form.suggested_type, lines),
        groups=tuple(
            replace(
                group,
                criteria=tuple(replace(asked, shown=_criterion(asked.shown, lines)) for asked in group.criteria),
            )
            for group in form.groups
        ),
    )


def _utterance(utterance: ShownUtterance, place: int, lines: MaskedLines, wanted: str) -> ShownUtterance:
    """`wanted` is looked for in what is shown: whoever guesses a number learns nothing."""
    hidden = lines.hidden[place]
    text = hide(lines.lines[place], lines.language, hidden)
    words = mask_words([word.text for word in utterance.words], lines.language, hidden) if utterance.words else ()
    return replace(
        utterance,
        text=text,
        words=tuple(
            ShownWord(
                item.text,
                utterance.words[item.first].start_s,
                utterance.words[item.last].end_s,
                utterance.words[item.first].faint,
            )
            for item in words
        ),
        found=bool(wanted) and wanted in text.casefold(),
    )


def _without_words(analysed: AnalysedDialogue) -> AnalysedDialogue:
    return replace(analysed, dialogue=replace(analysed.dialogue, utterances=()))


def masked_evaluation(view: EvaluationView, lines: MaskedLines) -> EvaluationView:
    """The suggestions with their evidence hidden, and what people wrote."""
    return replace(
        view,
        suggested_type=_type(view.suggested_type, lines),
        groups=tuple(
            replace(group, criteria=tuple(_criterion(item, lines) for item in group.criteria)) for group in view.groups
        ),
    )


def _criterion(criterion: ShownCriterion, lines: MaskedLines) -> ShownCriterion:
    return replace(
        criterion,
        evidence=tuple(map(lines.quote, criterion.evidence)),
        verdicts=tuple(replace(item, comment=lines.written(item.comment)) for item in criterion.verdicts),
    )


def _type(suggestion: CallTypeSuggestion, lines: MaskedLines) -> CallTypeSuggestion:
    return replace(suggestion, evidence=tuple(map(lines.quote, suggestion.evidence)))


def _standing(standing: Standing, lines: MaskedLines) -> Standing:
    masked = {item.submission_id: masked_submission(item, lines) for item in standing.submissions}
    return replace(
        standing,
        submissions=tuple(masked.values()),
        own=None if standing.own is None else masked.get(standing.own.submission_id, standing.own),
    )


def masked_submission(submission: Submission, lines: MaskedLines) -> Submission:
    """Note and comments as they may be read."""
    draft = submission.draft
    answers = tuple(
        item.model_copy(update={"comment": lines.written(item.comment)}) if item.comment else item
        for item in draft.answers
    )
    return replace(submission, draft=draft.model_copy(update={"note": lines.written(draft.note), "answers": answers}))
