"""Which speaker is the agent and which the client, decided from the words, with a confidence.

The words' weights are learned on labelled dialogues (`models.role_learning`) and lie in `configs/role_weights.json`.
Automatic voices (IVR, voicemail, queue) and third voices are `other`: they never become the client.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from pipeline.errors import ConfigurationError
from pipeline.invented_text import normalise
from pipeline.records import Call, Role, RoleAssignment
from pipeline.settings import CONFIGS, RoleSettings, load_yaml

WEIGHTS = CONFIGS / "role_weights.json"
AUTOMATIC = CONFIGS / "automatic_voices.yaml"
CHARACTERS_PER_UNIT = 300  # talk length enters as a small number, like the counts of words


def configured_agent_channel(call: Call, settings: RoleSettings) -> int | None:
    """The agent's channel by the first rule that fits the call's source and direction; None: the words decide."""
    for rule in settings.agent_channels:
        if rule.source in (None, call.source) and rule.direction in (None, call.direction):
            return rule.agent_channel
    return None


def roles_by_channel(agent_channel: int) -> RoleAssignment:
    """Stereo with a configured agent channel: nothing to decide."""
    return RoleAssignment(
        {f"CHANNEL_{agent_channel}": "agent", f"CHANNEL_{1 - agent_channel}": "client"}, 1.0, "configured"
    )


def roles_by_words(said: Sequence[tuple[str, str]], language: str) -> RoleAssignment:
    """Roles of the speakers in `said`, (speaker, text) in order.

    The two who say most are agent and client, the likelier agent first; automatic voices and everybody else are
    `other`. A lone speaker gets the likelier role.
    """
    human = [(speaker, text) for speaker, text in said if not is_automatic(text, language)]
    roles: dict[str, Role] = dict.fromkeys(sorted({speaker for speaker, _ in said}), "other")
    if not human:
        return RoleAssignment(roles, 0.0, "words")
    words = Counter(speaker for speaker, text in human for _ in text.split())
    pair = [speaker for speaker, _ in words.most_common(2)]
    features = speaker_features(human, language)
    scores = {speaker: _score(features[speaker], load_role_weights()) for speaker in pair}
    if len(pair) == 1:
        roles[pair[0]] = "agent" if scores[pair[0]] >= 0 else "client"
        return RoleAssignment(roles, _confidence(abs(scores[pair[0]])), "words")
    agent, client = sorted(pair, key=lambda speaker: -scores[speaker])
    roles |= {agent: "agent", client: "client"}
    return RoleAssignment(roles, _confidence(scores[agent] - scores[client]), "words")


def speaker_features(said: Sequence[tuple[str, str]], language: str) -> dict[str, dict[str, float]]:
    """What each speaker's words say about the role: words and pairs of words, those of the first utterance apart."""
    counts: dict[str, Counter[str]] = {}
    for speaker, text in said:
        opening = speaker not in counts
        found = counts.setdefault(speaker, Counter())
        found.update(f"{language}:{token}" for token in set(_tokens(text)))
        if opening:
            found.update(f"{language}:open:{token}" for token in set(_tokens(text)))
        found["question"] += "?" in text
    features = {who: {name: math.log1p(count) for name, count in found.items()} for who, found in counts.items()}
    for speaker in features:
        length = sum(len(text) for who, text in said if who == speaker)
        features[speaker]["length"] = math.log1p(length / CHARACTERS_PER_UNIT)
    return features


def is_automatic(text: str, language: str) -> bool:
    """An IVR prompt, a queue's announcement or voicemail: nobody's utterance."""
    pattern = load_automatic_voices().get(language)
    return pattern is not None and bool(pattern.search(normalise(text)))


@lru_cache
def load_role_weights(path: Path = WEIGHTS) -> Mapping[str, float]:
    """Weight of each feature. Raises ConfigurationError when the file is missing or no JSON."""
    try:
        weights: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))["weights"]
    except (OSError, ValueError, KeyError) as error:
        raise ConfigurationError(f"{path}: cannot be read; `python -m models.role_learning` writes it") from error
    return weights


@lru_cache
def load_automatic_voices(path: Path = AUTOMATIC) -> dict[str, re.Pattern[str]]:
    """One pattern per language. Raises ConfigurationError that names the language."""
    found = {}
    for language, patterns in load_yaml(path).items():
        try:
            found[language] = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
        except (re.error, TypeError) as error:
            raise ConfigurationError(f"{path}: {language}: not a list of regular expressions: {error}") from error
    return found


def _tokens(text: str) -> list[str]:
    words = ["#" if word.isdigit() else word for word in normalise(text).split()]
    return words + [f"{one}_{two}" for one, two in pairwise(words)]


def _score(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return sum(weights.get(name, 0.0) * value for name, value in features.items())


def _confidence(margin: float) -> float:
    return round(1 / (1 + math.exp(-margin)), 3)
