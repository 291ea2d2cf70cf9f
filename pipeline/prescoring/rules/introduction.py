"""How a call is opened, word by word: greeting, names, company, and where the matter itself begins.

A recogniser may leave out capitals, quotation marks and full stops, so the kinds follow from phrase lists, dictionary
and place; what is written only confirms them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.lemmas import russian_readings
from pipeline.prescoring.reading import Line, Reading
from pipeline.prescoring.tokens import Token

Kind = Literal[
    "greeting",
    "introduces",  # `это`, `меня зовут`, `this is`
    "names_before",  # `Анна на связи`, `Anna here`
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
_MOST_TOKENS = 40  # who introduces himself later than that is not opening the call
_OPENERS, _CLOSERS = "«“„", "»”"
# Phrase list -> kind, the first that covers a word decides. Names are looked up between the two rows.
_BEFORE_NAMES: tuple[tuple[str, Kind], ...] = (
    ("greeting", "greeting"),
    ("asks_for", "asks_for"),
    ("names_before", "names_before"),
    ("name_said", "introduces"),
    ("introduces", "introduces"),
    ("from_word", "from"),
    ("introduction_end", "end"),
)
_AFTER_NAMES: tuple[tuple[str, Kind], ...] = (
    ("department", "department"),
    ("org", "org"),
    ("its", "role"),
    ("listening", "listening"),
    ("filler", "listening"),
)
_RUSSIAN_CONTENT = frozenset({"NOUN", "ADJF", "ADJS", "PRTF", "NUMR", "LATN", "UNKN"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A word of the opening. `apart`: a mark or a quotation mark stands before it; `first`: of its sentence."""

    kind: Kind
    token: Token
    quoted: bool = False
    apart: bool = False
    first: bool = False
    asked: bool = False  # a question mark follows right away

    @property
    def capital(self) -> bool:
        return self.token.text[:1].isupper()


def pieces_of(line: Line, reading: Reading) -> tuple[Piece, ...]:
    """The words of a line by kind; from where the matter begins everything is `end`, until one introduces oneself."""
    kinds = _kinds(line, reading)
    starts = {sentence.first for sentence in line.sentences}
    pieces: list[Piece] = []
    inside = True
    for place, (token, kind) in enumerate(zip(line.tokens, kinds, strict=False)):
        between = line.utterance.text[line.tokens[place - 1].end if place else 0 : token.start]
        after = line.utterance.text[token.end : token.end + 2].lstrip("»” ")
        quoted = _is_quoted(line.utterance.text, token)
        inside = kind != "end" and (
            inside or place in starts or kind in ("greeting", "introduces", "names_before", "asks_for")
        )
        apart = place in starts or bool(between.strip(" '"))
        shown: Kind = kind if inside else "end"
        pieces.append(Piece(shown, token, quoted, apart, place in starts, after.startswith("?")))
    return tuple(_with_surnames(pieces, reading))


def is_cased(pieces: Sequence[Piece]) -> bool:
    """Whether capitals were written at all."""
    return any(piece.capital for piece in pieces)


def is_first_name(token: Token, reading: Reading) -> bool:
    """By the lexicon's list, and for Russian by the dictionary: in the nominative, as one introduces oneself."""
    lexicon = reading.lexicon
    if token.form in lexicon.names:
        return token.text[:1].isupper() or token.form not in lexicon.ambiguous_names
    if lexicon.language != "ru" or len(token.form) < 3:
        return False
    return any({"Name", "nomn"} <= tags for tags in russian_readings(token.form))


def _kinds(line: Line, reading: Reading) -> list[Kind]:
    """Each word's kind by itself."""
    before, after = _covered(line, _BEFORE_NAMES), _covered(line, _AFTER_NAMES)
    kinds: list[Kind] = []
    for place, token in enumerate(line.tokens[:_MOST_TOKENS]):
        kind: Kind
        if _is_quoted(line.utterance.text, token):
            kind = "word"
        elif place in before:
            kind = before[place]
        elif is_first_name(token, reading):
            kind = "name"
        else:
            kind = after.get(place) or _kind_of_word(token, kinds[-1] if kinds else "end", reading)
        kinds.append(_behind(kinds, kind))
    return kinds


def _behind(kinds: Sequence[Kind], kind: Kind) -> Kind:
    """A name behind `is that` or `mr` is the client's, and so is whatever belongs to it."""
    before = kinds[-1] if kinds else "end"
    if before == "asks_for" and kind in ("name", "word", "surname", "addressed", "dependent"):
        return "addressed"
    return kind


def _covered(line: Line, lists: tuple[tuple[str, Kind], ...]) -> dict[int, Kind]:
    """Which words the phrases of the lists cover, and as what."""
    covered: dict[int, Kind] = {}
    for category, kind in lists:
        for hit in line.hits.get(category, ()):
            for place in range(hit.first, hit.last):
                covered.setdefault(place, kind)
    return covered


def _kind_of_word(token: Token, before: Kind, reading: Reading) -> Kind:
    if reading.lexicon.language == "ru":
        return _kind_of_russian(token, before)
    if token.form in ("and", "i", "&") and before in COMPANY_KINDS:
        return "joins"
    return "dependent" if token.form[0].isdigit() else "word"


def _kind_of_russian(token: Token, before: Kind) -> Kind:
    """By part of speech and case: what is no noun or stands in another case belongs to the matter itself."""
    readings = russian_readings(token.form)
    if any("Patr" in tags for tags in readings) and before in ("name", "addressed"):
        return "patronymic"
    if any({"Name", "voct"} <= tags for tags in readings):
        return "addressed"
    if token.form == "и" and before in COMPANY_KINDS:
        return "joins"
    if token.form[0].isdigit() or "NUMR" in readings[0]:
        return "dependent" if before in COMPANY_KINDS else "end"
    if readings[0].isdisjoint(_RUSSIAN_CONTENT) or "Apro" in readings[0]:
        return "end"
    nouns = [tags for tags in readings if not tags.isdisjoint({"NOUN"})]
    nominative = [tags for tags in readings if "nomn" in tags]
    if nouns and all("anim" in tags and not tags & {"Surn", "Name"} for tags in nouns) and nominative:
        return "role"
    if nominative or not readings[0].isdisjoint({"LATN", "UNKN"}):
        return "word"
    return "dependent" if before in (*COMPANY_KINDS, "from", "role") and any("gent" in t for t in readings) else "end"


def _with_surnames(pieces: Sequence[Piece], reading: Reading) -> Iterator[Piece]:
    """A word right behind a first name, without a mark between, is the surname where it looks like one."""
    cased, previous = is_cased(pieces), None
    for place, piece in enumerate(pieces):
        kind = piece.kind
        if previous in ("name", "role", "addressed") and kind in ("word", "dependent", "name") and not piece.apart:
            following = pieces[place + 1] if place + 1 < len(pieces) else None
            if not piece.quoted and _looks_like_surname(piece, following, cased, reading, previous):
                kind = "addressed" if previous == "addressed" else "surname"
        previous = kind
        yield piece if kind == piece.kind else Piece(
            kind, piece.token, piece.quoted, piece.apart, piece.first, piece.asked
        )


def _looks_like_surname(
    piece: Piece, following: Piece | None, cased: bool, reading: Reading, previous: Kind
) -> bool:
    if cased:
        return piece.capital
    if reading.lexicon.language == "ru":
        return any("Surn" in tags for tags in russian_readings(piece.token.form))
    alone = following is None or following.kind not in COMPANY_KINDS - {"org"}
    return previous == "name" and piece.kind == "word" and alone


def _is_quoted(text: str, token: Token) -> bool:
    """Whether the word stands in quotation marks."""
    opened = max(text.rfind(mark, 0, token.start) for mark in _OPENERS)
    if opened >= 0:
        return not any(mark in text[opened : token.start] for mark in _CLOSERS)
    return text.count('"', 0, token.start) % 2 == 1
