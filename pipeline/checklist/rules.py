"""What a supervisor may state without code: phrases and metrics that decide a criterion, and when one applies."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from pipeline.checklist.scales import Label, Texts, read_label_keys
from pipeline.frozen import Frozen
from pipeline.records import Role

RoleMetric = Literal["talk_share", "longest_monologue_s", "pace_wpm", "interruptions", "response_time_s", "words"]
CallMetric = Literal["silence_share", "longest_silence_s", "duration_s"]
Metric = Literal[RoleMetric, CallMetric]
SHARES = frozenset({"talk_share", "silence_share"})
WITHOUT_TIMES = frozenset({"words"})  # measured in a chat too
Within = Literal["opening", "ending", "anywhere"]
Speaker = Role | Literal["anyone"]
WithoutAudio = Literal["not_enough_evidence", "does_not_apply"]


def refuse(problems: list[str]) -> None:
    """Raises ValueError with a line per problem, if there is any."""
    if problems:
        raise ValueError("\n".join(problems))


def phrase_problems(key: str, phrases: Texts) -> list[str]:
    """What is wrong with the phrases by language, each problem under its key."""
    if not phrases:
        return [f"{key}: has no language; write e.g. {{ru: [добрый день], en: [good morning]}}"]
    problems = []
    for language, texts in phrases.items():
        if not any(text.strip() for text in texts):
            problems.append(f"{key}.{language}: has no phrases; write at least one or remove the language")
        problems += [f'{key}.{language}: phrase "{text}": {wrong}' for text in texts if (wrong := _form_problem(text))]
    return problems


def _form_problem(text: str) -> str | None:
    """What of the phrase's form `pipeline.prescoring.patterns` would refuse; no dictionary is read for it."""
    parts = text.split()
    parts = parts[1:] if parts[:1] == ["^"] else parts
    parts = parts[1:] if parts[:1] and parts[0].startswith("!") else parts
    if text.strip() and (not parts or parts[0] in {"~", "_"}):
        return "begin with a word, a stem or a number"
    if any(choice.startswith("<") for part in parts for choice in part.split("|")):
        return "word lists are for our own phrases; write the words with | between them"
    return None


class PhraseRule(Frozen):
    """Labels by the phrases that were said.

    `otherwise` is the label when none of them was; "not_enough_evidence" leaves the answer to the examples. Where
    phrases of several labels were said, `prefer` decides.
    """

    found: Annotated[dict[str, Texts], BeforeValidator(read_label_keys)]
    otherwise: Label
    within: Within = "anywhere"
    said_by: Speaker | None = None  # None: whose words the criterion judges
    prefer: Literal["best", "worst"] = "best"

    @model_validator(mode="after")
    def _phrases_hold(self) -> Self:
        problems = [] if self.found else ["found: has no label; write label: {language: [phrases]}"]
        for label, phrases in self.found.items():
            problems += phrase_problems(f"found.{label}", phrases)
        refuse(problems)
        return self


class Threshold(Frozen):
    """The label of values up to and including `up_to`; of all values above when it is left out."""

    up_to: float | None = None
    label: Label


class MetricRule(Frozen):
    """A label by a conversation metric. Metrics of a role need `of`, or take whose words the criterion judges."""

    name: Metric
    of: Literal["agent", "client"] | None = None
    thresholds: tuple[Threshold, ...] = Field(min_length=2)
    without_audio: WithoutAudio = "not_enough_evidence"

    @model_validator(mode="after")
    def _thresholds_ascend(self) -> Self:
        *inner, last = self.thresholds
        problems = []
        if last.up_to is not None:
            problems.append("thresholds: the last one is for all values above: leave its up_to out")
        bounds = [threshold.up_to for threshold in inner if threshold.up_to is not None]
        if len(bounds) < len(inner):
            problems.append("thresholds: only the last one may lack up_to; give the others theirs")
        if bounds != sorted(set(bounds)):
            found = ", ".join(f"{bound:g}" for bound in bounds)
            problems.append(f"thresholds: up_to must ascend (is {found}); put the smallest first")
        refuse(problems + share_problems(self.name, "thresholds", bounds))
        return self


def share_problems(metric: str, key: str, bounds: list[float]) -> list[str]:
    """A percent written where a share is measured."""
    wrong = [bound for bound in bounds if not 0 <= bound <= 1] if metric in SHARES else []
    if not wrong:
        return []
    return [f"{key}: {metric} is a share from 0 to 1 (is {wrong[0]:g}); write {wrong[0] / 100:g} for {wrong[0]:g} %"]


class Condition(Frozen):
    """When a criterion applies: one of the phrases was said, or a metric lies between two bounds."""

    said: Texts | None = None
    said_by: Speaker | None = None  # None: the client
    within: Within = "anywhere"
    metric: Metric | None = None
    of: Literal["agent", "client"] | None = None
    at_least: float | None = None
    at_most: float | None = None
    without_audio: WithoutAudio = "not_enough_evidence"

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        bounds = [bound for bound in (self.at_least, self.at_most) if bound is not None]
        if (self.said is None) == (self.metric is None):
            refuse(["give either said (phrases by language) or metric (with at_least or at_most)"])
        if self.said is not None:
            refuse(phrase_problems("said", self.said))
        if self.metric is not None and not bounds:
            refuse(["at_least: add it, or at_most: the bound from or up to which the criterion applies"])
        if self.metric is not None:
            refuse(share_problems(self.metric, "at_least" if self.at_least is not None else "at_most", bounds))
        if bounds != sorted(bounds):
            refuse([f"at_least must not be above at_most (is {bounds[0]:g} and {bounds[1]:g}); swap them"])
        return self
