"""A dialogue as a recogniser might have written it: words lost or misheard, no quotation marks, often no marks at all.

Every second copy keeps capitals and full stops, as Whisper writes; the others have neither, as other recognisers do.
"""

import random
import re

from pipeline.records import Dialogue, Utterance

_MARKS = re.compile(r"[^\w\s'-]")
_QUOTATION = re.compile(r"[«»“”„\"…—–]")
_LETTERS = {"ru": "аеиоутнсрлвк", "en": "aeiotnsrlk", "pl": "aeioutnsrzwk"}
_DROPPED, _MISHEARD = 0.03, 0.06  # shares of words
_BARE = 0.5  # share of dialogues without marks and capitals


def noisy_copy(dialogue: Dialogue, seed: str) -> Dialogue:
    """The same for the same seed."""
    source = random.Random(seed)  # noqa: S311 - imitates errors, protects nothing
    bare = source.random() < _BARE
    utterances = tuple(
        Utterance(utterance.index, utterance.role, _mishear(utterance.text, dialogue.language, source, bare))
        for utterance in dialogue.utterances
    )
    return Dialogue(dialogue.language, utterances, dialogue.duration_s)


def _mishear(text: str, language: str, source: random.Random, bare: bool) -> str:
    words = (_MARKS.sub(" ", text.lower()) if bare else _QUOTATION.sub(" ", text)).split()
    kept: list[str] = []
    for word in words:
        chance = source.random()
        if chance < _DROPPED and len(words) > 2:
            continue
        kept.append(_misspell(word, language, source) if chance > 1 - _MISHEARD and len(word) > 3 else word)
    return " ".join(kept or words)


def _misspell(word: str, language: str, source: random.Random) -> str:
    place, kind = source.randrange(1, len(word) - 1), source.randrange(3)
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[:place] + source.choice(_LETTERS.get(language, _LETTERS["en"])) + word[place + 1 :]
    return word[: max(2, len(word) - 2)]
