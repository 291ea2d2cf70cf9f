"""The rung of natural language inference: which level's definition do the words entail?

Zero-shot, as in Yin et al. 2019 (arXiv:1909.00161): the premise is the part of the conversation that matters, the
hypotheses are the definitions of the levels. The sentence that entails the chosen level most is its evidence. Its
probabilities are the model's own and not calibrated on calls.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.checklist import Criterion
from pipeline.interfaces import Encoder, Entailer, Vectors
from pipeline.prescoring.availability import Availability
from pipeline.prescoring.findings import MAX_EVIDENCE, distinct
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.patterns import Hit
from pipeline.prescoring.premises import MIN_WORDS, choose_lines, opening_lines, write_premise
from pipeline.prescoring.prompts import CallTypeWords, NliPrompts, content_hash, fill, in_language
from pipeline.prescoring.reading import Line
from pipeline.records import CallType, CallTypeSuggestion, Evidence, Suggestion

ENTAILS = 0.5  # from here a hypothesis counts as entailed
EXCLUDES = 0.2  # up to here "an objection was raised" counts as refuted; between, the rung abstains
VERSION = "1"  # raise it when the code changes an answer
_MAX_SENTENCES = 16  # looked through for evidence


class NliRung:
    """Answers the call type and every criterion that has words: definitions of its levels, or at least a title."""

    name = "nli"

    def __init__(
        self,
        entailer: Entailer,
        encoder: Encoder,
        prompts: Mapping[str, NliPrompts],
        call_types: Mapping[CallType, CallTypeWords],
    ) -> None:
        """`encoder` made the sentence vectors of the calls: it chooses the turns that matter."""
        self._entailer = entailer
        self._encoder = encoder
        self._prompts = prompts
        self._call_types = {name: words for name, words in call_types.items() if name != "unknown"}
        self._text_vectors: dict[tuple[str, ...], Vectors] = {}
        self._availability = Availability(self.name)
        own = content_hash(VERSION, ENTAILS, EXCLUDES, dict(prompts), self._call_types)
        self.identity = f"nli-{entailer.identity}-{encoder.identity}-{own}"

    def classify(self, case: Case) -> CallTypeSuggestion | None:
        """The type whose definition the opening entails; None when none is."""
        lines = opening_lines(case.reading)
        if case.reading.word_count < MIN_WORDS or not lines:
            return None
        language, prompts = self._prompts_for(case)
        hypotheses = {
            name: fill(prompts.call_type, text=in_language(words.definition, language)[1])
            for name, words in self._call_types.items()
        }
        premise = write_premise(lines, prompts)
        probabilities = self._entail([(premise, text) for text in hypotheses.values()])
        chosen = _likeliest(probabilities)
        if chosen is None:
            return None
        place, confidence = chosen
        evidence = self._evidence(lines, list(hypotheses.values())[place])
        return CallTypeSuggestion(list(hypotheses)[place], confidence, evidence)

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion | None:
        """Applicability, then the entailed level; None when nothing is entailed, and for metrics of the audio."""
        if criterion.metric is not None:
            return None
        if criterion.applies_when == "objection_raised":
            raised = self._objection_raised(case)
            if raised is None or raised < ENTAILS:
                return _not_raised(criterion, raised)
        language, prompts = self._prompts_for(case)
        texts = level_texts(criterion, language)
        lines = choose_lines(case, criterion.role, self._vectors_of(tuple(text for _, text in texts)))
        if not lines:
            return None
        prompt = prompts.level[criterion.role] if criterion.levels else prompts.title
        hypotheses = [fill(prompt, text=text) for _, text in texts]
        premise = write_premise(lines, prompts, case.reading)
        chosen = _likeliest(self._entail([(premise, text) for text in hypotheses]))
        if chosen is None:
            return None
        place, confidence = chosen
        evidence = self._evidence(lines, hypotheses[place])
        return Suggestion(criterion.id, True, texts[place][0], confidence, "nli.entailed", evidence, self.name)

    def _objection_raised(self, case: Case) -> float | None:
        """How probable an objection is; None where the client says nothing."""
        _, prompts = self._prompts_for(case)
        lines = choose_lines(case, "client", self._vectors_of((prompts.objection_raised,)))
        if not lines:
            return None
        return float(self._entail([(write_premise(lines, prompts), prompts.objection_raised)])[0])

    def _evidence(self, lines: Sequence[Line], hypothesis: str) -> tuple[Evidence, ...]:
        """The sentences that entail the hypothesis, best first; at least the best one."""
        quotes = [
            line.quote(Hit("nli", sentence.first, sentence.last)) for line in lines for sentence in line.sentences
        ][:_MAX_SENTENCES]
        if not quotes:
            return ()
        probabilities = self._entail([(item.quote, hypothesis) for item in quotes])
        order = np.argsort(-probabilities, kind="stable")
        kept = [quotes[place] for place in order if probabilities[place] >= ENTAILS or place == order[0]]
        return distinct(kept)[:MAX_EVIDENCE]

    def _entail(self, pairs: Sequence[tuple[str, str]]) -> Vectors:
        return self._availability.ask(lambda: np.asarray(self._entailer.entail(pairs)))

    def _vectors_of(self, texts: tuple[str, ...]) -> Vectors:
        if texts not in self._text_vectors:
            self._text_vectors[texts] = self._encoder.encode(texts)
        return self._text_vectors[texts]

    def _prompts_for(self, case: Case) -> tuple[str, NliPrompts]:
        language = case.dialogue.language if case.dialogue.language in self._prompts else "en"
        return language, self._prompts[language]


def level_texts(criterion: Criterion, language: str) -> list[tuple[float, str]]:
    """(value, definition) of each level that has one; for a criterion of a title alone the best value and the title."""
    texts = [
        (criterion.value_of(label), in_language(criterion.levels[label], language)[1])
        for label in criterion.scale
        if criterion.levels.get(label)
    ]
    return texts or [(1.0, in_language(criterion.title, language)[1])]


def _not_raised(criterion: Criterion, raised: float | None) -> Suggestion | None:
    if raised is not None and raised > EXCLUDES:
        return None
    confidence = round(1 - raised, 4) if raised is not None else 1.0
    return Suggestion(criterion.id, False, None, confidence, "nli.not_applicable")


def _likeliest(probabilities: Vectors) -> tuple[int, float] | None:
    """Place of the most entailed hypothesis and the confidence in it; None when none is entailed.

    Two that are entailed alike cannot both hold: the probability counts by its share of the two.
    """
    place = int(probabilities.argmax())
    best = float(probabilities[place])
    if best < ENTAILS:
        return None
    second = float(np.delete(probabilities, place).max(initial=0.0))
    return place, round(best * best / (best + second), 4)
