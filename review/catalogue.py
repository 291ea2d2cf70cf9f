"""Every word of the page, by language. Another language is another folder in `catalogues/`, and no code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigurationError
from pipeline.reasons import load_reasons
from pipeline.settings import CONFIGS, load_yaml

CATALOGUES = Path(__file__).resolve().parent / "catalogues"
REFERENCE = "en"  # the catalogue that says which keys there are
DASH = "—"
FRACTION = re.compile(r"\d+\.\d+")


@dataclass(frozen=True)
class Catalogue:
    """The words of one language, and how it writes numbers and times. Shown times are in `timezone`."""

    language: str
    texts: Mapping[str, str]
    reasons: Mapping[str, str]
    call_types: Mapping[str, str]
    timezone: tzinfo

    def __call__(self, key: str, **values: object) -> str:
        """The text under the key. Raises KeyError when there is none: a page never shows a key."""
        return self.texts[key].format(**values)

    def named(self, group: str, code: str) -> str:
        """The name of a status, role, language and so on; a code that the catalogue does not know is shown itself."""
        return self.texts.get(f"{group}.{code}", code)

    def call_type(self, code: str) -> str:
        return self.call_types.get(code, code)

    def reason(self, code: str) -> str:
        """Why the machine suggests what it does; empty when the code has no words in this language."""
        return self.reasons.get(code, "")

    def of(self, texts: Mapping[str, str]) -> str:
        """A user's own text in this language, else in English, else in the first that there is."""
        return texts.get(self.language) or texts.get(REFERENCE) or next(iter(texts.values()), "")

    def number(self, value: float, digits: int = 0) -> str:
        return f"{value:.{digits}f}".replace(".", self.texts["formats.decimal_sign"])

    def label(self, label: str) -> str:
        """A label of a scale as it is shown: yes, no and fractions are the page's, every other is the user's own."""
        if label in ("yes", "no"):
            return self(f"criterion.label_{label}")
        return label.replace(".", self.texts["formats.decimal_sign"]) if FRACTION.fullmatch(label) else label

    def percent(self, share: float | None) -> str:
        """A share of 0..1 in percent."""
        return DASH if share is None else self("formats.percent", number=self.number(100 * share))

    def seconds(self, value: float | None, digits: int = 1) -> str:
        return DASH if value is None else self("formats.seconds", number=self.number(value, digits))

    def clock(self, seconds: float | None) -> str:
        """Minutes and seconds, with hours where there are any."""
        if seconds is None:
            return DASH
        minutes, rest = divmod(int(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def moment(self, when: datetime | None) -> str:
        """A time of the store (UTC, naive) as a clock on the wall shows it."""
        if when is None:
            return DASH
        return when.replace(tzinfo=UTC).astimezone(self.timezone).strftime(self.texts["formats.moment"])


def load_catalogues(timezone: tzinfo, folder: Path = CATALOGUES, configs: Path = CONFIGS) -> dict[str, Catalogue]:
    """All catalogues by language. Raises ConfigurationError that names a file and the keys it lacks or has too many."""
    texts = {path.name: load_texts(path) for path in sorted(folder.iterdir()) if path.is_dir()}
    expected = set(texts[REFERENCE])
    for language, found in texts.items():
        refuse_other_keys(folder / language, expected, set(found))
    types = load_yaml(configs / "call_types.yaml")
    return {
        language: Catalogue(
            language=language,
            texts=found,
            reasons=load_reasons(language, configs / "reasons"),
            call_types={code: entry["title"].get(language) or entry["title"]["en"] for code, entry in types.items()},
            timezone=timezone,
        )
        for language, found in texts.items()
    }


def load_texts(folder: Path) -> dict[str, str]:
    """The keys of all files of a language. Raises ConfigurationError when two files have the same."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        texts = flat(load_yaml(path))
        if double := sorted(found.keys() & texts.keys()):
            raise ConfigurationError(f"{path}: another file there has {', '.join(double)} too; keep one of them")
        found |= texts
    return found


def refuse_other_keys(path: Path, expected: set[str], found: set[str]) -> None:
    for keys, remedy in ((expected - found, "add"), (found - expected, "remove")):
        if keys:
            raise ConfigurationError(
                f"{path}: {remedy} {', '.join(sorted(keys))}; {REFERENCE}/ says which keys are used"
            )


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested keys joined by dots."""
    found: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = str(value)
    return found
