"""What part of an introduction a word plays that no phrase list knows, for Russian by part of speech and case."""

from typing import Literal

from pipeline.lemmas import russian_readings
from pipeline.prescoring.tokens import Token

Kind = Literal[
    "greeting",
    "intro_before",  # `это`, `my name is`: the name follows
    "intro_after",  # `слушает`, `speaking`: the name went before
    "intro_around",  # `беспокоит`, `z tej strony`: either
    "listening",  # and other words that carry nothing
    "asks_for",  # `is that`, `mr`: the name behind it is the client's
    "name",
    "addressed",  # the client's name
    "patronymic",
    "surname",
    "role",
    "from",
    "org",
    "department",  # whom one has reached inside the company
    "word",
    "dependent",  # belongs to the word before it
    "joins",  # `and`
    "end",  # the matter itself
]
COMPANY_KINDS: frozenset[Kind] = frozenset({"org", "department", "word", "dependent", "joins"})
_PATRONYMIC_ENDINGS = ("вна", "ична", "вич", "ьич", "лыч", "ныч")
_NEVER_NAMES = frozenset({"PREP", "CONJ", "PRCL", "NPRO", "VERB", "INFN", "GRND", "Apro", "Surn"})
_RUSSIAN_CONTENT = frozenset({"NOUN", "ADJF", "ADJS", "PRTF", "NUMR", "LATN", "UNKN"})


def kind_of_word(token: Token, before: Kind, language: str) -> Kind:
    """The kind of a word behind one of the kind `before`."""
    if language == "ru":
        return _kind_of_russian(token, before)
    if token.form in ("and", "i", "&") and before in COMPANY_KINDS:
        return "joins"
    return "dependent" if token.form[0].isdigit() else "word"


def _kind_of_russian(token: Token, before: Kind) -> Kind:
    """By part of speech and case: what is no noun or stands in another case belongs to the matter itself."""
    readings = russian_readings(token.form)
    is_patronymic = token.form.endswith(_PATRONYMIC_ENDINGS) or any("Patr" in tags for tags in readings)
    if is_patronymic and before in ("name", "addressed"):
        return "patronymic"
    if any({"Name", "voct"} <= tags for tags in readings):
        return "addressed"
    if token.form == "и" and before in COMPANY_KINDS:
        return "joins"
    if before != "org" and (token.form[0].isdigit() or "NUMR" in readings[0]):
        return "dependent" if before in COMPANY_KINDS else "end"
    if before == "org" and not readings[0] & _NEVER_NAMES:
        return "dependent" if "gent" in readings[0] and "-" not in token.form else "word"
    if readings[0].isdisjoint(_RUSSIAN_CONTENT) or "Apro" in readings[0]:
        return "end"
    nouns = [tags for tags in readings if not tags.isdisjoint({"NOUN"})]
    nominative = [tags for tags in readings if "nomn" in tags]
    if nouns and all("anim" in tags and not tags & {"Surn", "Name"} for tags in nouns) and nominative:
        return "word" if token.text[:1].isupper() and before in ("org", "role") else "role"
    if nominative or _is_compound(token) or not readings[0].isdisjoint({"LATN", "UNKN"}):
        return "word"
    return "dependent" if before in (*COMPANY_KINDS, "from", "role") and any("gent" in t for t in readings) else "end"


def _is_compound(token: Token) -> bool:
    """`стандарт-полис`, whose case the dictionary can only guess; a particle makes no compound."""
    return "-" in token.form and not token.form.endswith(("-то", "-ка", "-таки", "-нибудь"))
