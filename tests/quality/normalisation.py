"""Two texts that sound the same become the same words, so that a word error rate counts hearing, not spelling.

Lower case, ё is е, no punctuation, a hyphen is a space. Numbers: a recogniser writes "25 000" or "9:00" where the gold
text, which says what is audible, has "двадцать пять тысяч" or "девять". Both become the values of their spoken parts
(`20 5 1000`, `9`), whatever their case or ordinal form: a wrong number is an error, another way to write it is none.
"""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import yaml

NUMBER_WORDS = Path(__file__).with_name("number_words.yaml")
PERCENT = {"ru": "процентов", "en": "percent", "pl": "procent"}
NOT_WORD = re.compile(r"[^\w\s]|_")
DIGIT_GROUPS = re.compile(r"(?<=\d)[\s.,](?=\d{3}(?!\d))")  # 25 000, 25.000
FULL_HOUR = re.compile(r"\b(\d{1,2}):00\b")
DIGITS = re.compile(r"\d+")
ORDINAL_SUFFIX = re.compile(r"(\d)(?:-?(?:го|му|е|я|й|м|ое|ый|ая)|st|nd|rd|th)\b")


def normalise(text: str, language: str) -> list[str]:
    """The words of `text` as they sound, numbers as the values of their parts."""
    plain = FULL_HOUR.sub(r"\1", DIGIT_GROUPS.sub("", text.lower().replace("ё", "е")))
    plain = ORDINAL_SUFFIX.sub(r"\1", plain).replace("%", f" {PERCENT[language]}")
    plain = DIGITS.sub(lambda match: f" {' '.join(number_parts(int(match.group()), language))} ", plain)
    values = number_values(language)
    words = [values.get(word, word) for word in NOT_WORD.sub(" ", plain).split()]
    if language == "en":  # "one hundred" and "hundred" are one number
        pairs = pairwise([*words, ""])
        return [word for word, after in pairs if not (word == "1" and after in {"100", "1000"})]
    return words


def number_parts(number: int, language: str) -> list[str]:
    """How `number` is spoken: 25300 is 20 5 1000 300 (in English ... 3 100)."""
    for scale in (1_000_000, 1000):
        if number >= scale:
            count, rest = divmod(number, scale)
            head = [] if count == 1 else number_parts(count, language)
            return [*head, str(scale), *(number_parts(rest, language) if rest else [])]
    if number >= 100:
        count, rest = divmod(number, 100)
        head = ([] if count == 1 else [str(count)]) + ["100"] if language == "en" else [str(count * 100)]
        return [*head, *(number_parts(rest, language) if rest else [])]
    if number > 20 and number % 10:
        return [str(number - number % 10), str(number % 10)]
    return [str(number)]


@cache
def number_values(language: str) -> dict[str, str]:
    """Number word -> its value, every form of number_words.yaml written out."""
    table = yaml.safe_load(NUMBER_WORDS.read_text(encoding="utf-8"))[language]
    endings = table.pop("endings")
    values: dict[str, str] = {}
    for value, forms in table.items():
        for form in forms:
            spelled = [form[:-1] + ending for ending in endings] if form.endswith("+") else [form]
            values.update(dict.fromkeys((word.replace("ё", "е") for word in spelled), str(value)))
    return values
