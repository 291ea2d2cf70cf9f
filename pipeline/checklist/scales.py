"""Scales: the labels of a criterion, worst first, and what each is worth between 0 and 1."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BeforeValidator

SCALES: dict[str, tuple[str, ...]] = {
    "yes_no": ("no", "yes"),
    "0/0.5/1": ("0", "0.5", "1"),
    **{f"1-{best}": tuple(str(level) for level in range(1, best + 1)) for best in (4, 5, 10)},
}
_LANGUAGE = re.compile(r"^[a-z]{2,3}$")


def read_label(label: object) -> object:
    """A label as its writer meant it: YAML reads an unquoted yes, no, 1 and 0.5 as no text at all."""
    if isinstance(label, bool):
        return "yes" if label else "no"
    return f"{label:g}" if isinstance(label, int | float) else label


def read_labels(scale: object) -> object:
    """The labels of a scale, worst first, from its name or from a list."""
    if isinstance(scale, str):
        if scale not in SCALES:
            raise ValueError(
                f'unknown scale "{scale}"; use one of {", ".join(SCALES)} or a list of labels, worst first'
            )
        return SCALES[scale]
    return tuple(read_label(label) for label in scale) if isinstance(scale, Sequence) else scale


def read_label_keys(content: object) -> object:
    """The same mapping with labels as keys."""
    return {read_label(key): value for key, value in content.items()} if isinstance(content, Mapping) else content


def read_language_keys(content: object) -> object:
    """The same mapping with language codes as keys: YAML reads the code of Norwegian, `no`, as false.

    Raises ValueError for a key that is no code: inside braces a comma cuts a text that has no quotation marks.
    """
    if not isinstance(content, Mapping):
        return content
    texts = {"no" if key is False else key: value for key, value in content.items()}
    for key, value in texts.items():
        if value is None and not _LANGUAGE.match(str(key)):
            raise ValueError(f'a text is cut at the comma before "{key}"; put the whole text in quotation marks')
        if not _LANGUAGE.match(str(key)):
            raise ValueError(f'"{key}" is no language code; use ru, en, pl or another of two or three letters')
    return texts


def read_texts(content: object) -> object:
    """A single text stands for a list of one."""
    return (content,) if isinstance(content, str) else content


def values_of(scale: Sequence[str]) -> tuple[float, ...]:
    """0..1 for each label: by its number where all labels are ascending numbers, else evenly spaced."""
    try:
        numbers = [float(label) for label in scale]
    except ValueError:
        numbers = []
    if not numbers or numbers != sorted(numbers):
        numbers = [float(place) for place in range(len(scale))]
    return tuple((number - numbers[0]) / (numbers[-1] - numbers[0]) for number in numbers)


Label = Annotated[str, BeforeValidator(read_label)]
Text = Annotated[dict[str, str], BeforeValidator(read_language_keys)]  # by language
Texts = Annotated[  # several by language
    dict[str, Annotated[tuple[str, ...], BeforeValidator(read_texts)]], BeforeValidator(read_language_keys)
]
