"""What the words of a checklist's line tell: its language, an id, and which well-known criterion it is."""

import re
import unicodedata
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from pipeline.checklist.reading import read_yaml
from pipeline.checklist.rules import MetricRule, Within
from pipeline.checklist.schema import RuleName
from pipeline.errors import ConfigurationError
from pipeline.frozen import Frozen
from pipeline.settings import CONFIGS, describe_validation_error

KNOWN = CONFIGS / "known_criteria.yaml"
_ID_WORDS = 4
_ID_CHARACTERS = 40
_CYRILLIC = re.compile(r"[а-яёіїєґ]", re.IGNORECASE)
_POLISH = re.compile(r"[ąćęłńóśźż]|\b(?:klienta|rozmow\w+|czy|oraz|się|sie)\b", re.IGNORECASE)
_SMALL_WORDS = frozenset("и в во на с со о об к по за для не ли а что как или от до из у".split()) | frozenset(  # noqa: SIM905
    {"the", "a", "an", "of", "to", "and", "in", "on", "for", "is", "was", "i", "w", "z", "na", "do", "o"}
)
_LATIN = str.maketrans("абвгдеёзийклмнопрстуфыэіїєґł", "abvgdeeziyklmnoprstufyeiyegl", "ъь") | str.maketrans(
    {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"}
)


class KnownPhrases(Frozen):
    """`otherwise`: not_enough_evidence where what was not said in these words may have been said in others."""

    within: Within = "anywhere"
    otherwise: Literal["no", "not_enough_evidence"] = "no"


class KnownCriterion(Frozen):
    """A common line of checklists and how it is answered: by a rule of ours, by phrases, or by a metric."""

    id: str
    wording: tuple[str, ...]
    rule: RuleName | None = None
    phrases: KnownPhrases | None = None
    found: dict[str, tuple[str, ...]] = {}
    metric: MetricRule | None = None

    def fits(self, line: str) -> bool:
        return any(re.fullmatch(pattern, line) for pattern in self.wording)


def language_of(text: str) -> str:
    """ru, pl or en."""
    if _CYRILLIC.search(text):
        return "ru"
    return "pl" if _POLISH.search(text) else "en"


def recognise(title: str) -> KnownCriterion | None:
    """The well-known criterion that the line clearly is; none where it is two of them in one."""
    line = _plain(title)
    fitting = [known for known in load_known() if known.fits(line)]
    return fitting[0] if len(fitting) == 1 else None


def make_id(title: str, taken: Collection[str]) -> str:
    """A readable id out of the first telling words, in Latin letters; a number behind it where it is taken."""
    words = [word for word in re.findall(r"[^\W_]+", title.lower()) if word not in _SMALL_WORDS] or ["criterion"]
    latin = "_".join(filter(None, (_to_latin(word) for word in words[:_ID_WORDS])))[:_ID_CHARACTERS].strip("_")
    base = latin if latin[:1].isalpha() else f"c_{latin}".rstrip("_")
    number, found = 2, base
    while found in taken:
        number, found = number + 1, f"{base}_{number}"
    return found


@cache
def load_known(path: Path = KNOWN) -> tuple[KnownCriterion, ...]:
    """Raises ConfigurationError that names file and key."""
    try:
        return tuple(KnownCriterion.model_validate(entry) for entry in read_yaml(path))
    except ValidationError as error:
        raise ConfigurationError(describe_validation_error(path, error)) from error


def _to_latin(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", word.translate(_LATIN)))


def _plain(title: str) -> str:
    """Small letters and single spaces, without punctuation, accents and what stands in brackets."""
    text = re.sub(r"\([^)]*\)", " ", title.lower()).replace("ё", "е").replace("ł", "l").replace("й", "\0")
    text = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", text.replace("\0", "й").replace("'", "")))
