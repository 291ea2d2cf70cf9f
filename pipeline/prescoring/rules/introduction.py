"""How a call is opened, word by word: greeting, names, company, and where the matter itself begins.

A recogniser may leave out capitals, quotation marks and full stops, so the kinds follow from phrase lists, dictionary
and place; what is written only confirms them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.lemmas import russian_readings
from pipeline.prescoring.reading import Line, Reading
from pipeline.prescoring.rules.word_kind import COMPANY_KINDS, Kind, kind_of_word
from pipeline.prescoring.tokens import Token

_MOST_TOKENS = 40  # who introduces himself later than that is not opening the call
INTRODUCING: frozenset[Kind] = frozenset({"greeting", "intro_before", "intro_after", "intro_around"})
_OPENERS, _CLOSERS = "«“„", "»”"
# Phrase list -> kind, the first that covers a word decides. Names are looked up between the two rows.
_BEFORE_NAMES: tuple[tuple[str, Kind], ...] = (
    ("greeting", "greeting"),
    ("asks_for", "asks_for"),
    ("intro_around", "intro_around"),
    ("from_word", "from"),
    ("intro_after", "intro_after"),
    ("intro_before", "intro_before"),
    ("introduction_end", "end"),
)
_AFTER_NAMES: tuple[tuple[str, Kind], ...] = (
    ("department", "department"),
    ("org", "org"),
    ("its", "role"),
    ("listening", "listening"),
    ("filler", "listening"),
)


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
        inside = kind != "end" and (inside or place in starts or kind in INTRODUCING or kind == "asks_for")
        apart = place in starts or bool(between.strip(" '&+"))
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
            kind = "word" if _is_company_word(line.tokens[place : place + 2], kinds, reading) else "name"
        else:
            kind = after.get(place) or kind_of_word(token, kinds[-1] if kinds else "end", reading.lexicon.language)
        kinds.append(kind)
    return kinds


def _is_company_word(tokens: Sequence[Token], kinds: Sequence[Kind], reading: Reading) -> bool:
    """Of two names behind a kind of company the first is the company's: `салон красоты Пенелопа, Майя`."""
    behind = [kind for kind in kinds if kind != "dependent"][-1:] == ["org"]
    is_cased_name = tokens[0].text[:1].isupper() and kinds[-1:] == ["org"]
    return behind and (is_cased_name or (len(tokens) == 2 and is_first_name(tokens[1], reading)))


def _covered(line: Line, lists: tuple[tuple[str, Kind], ...]) -> dict[int, Kind]:
    """Which words the phrases of the lists cover, and as what."""
    covered: dict[int, Kind] = {}
    for category, kind in lists:
        for hit in line.hits.get(category, ()):
            for place in range(hit.first, hit.last):
                covered.setdefault(place, kind)
    return covered


def _with_surnames(pieces: Sequence[Piece], reading: Reading) -> Iterator[Piece]:
    """The words behind a first name or `mr`, without a mark between, that belong to the same person."""
    previous: Kind = "end"
    for place, piece in enumerate(pieces):
        kind = piece.kind
        if kind in ("name", "word", "dependent") and not piece.apart and not piece.quoted:
            if previous == "asks_for":
                kind = "addressed"
            elif previous in ("name", "role", "addressed") and (previous, kind) != ("role", "name"):
                looks_like_one = _looks_like_surname(place, pieces, previous, reading.lexicon.language)
                kind = kind if not looks_like_one else "addressed" if previous == "addressed" else "surname"
        previous = kind
        yield replace(piece, kind=kind)


def _looks_like_surname(place: int, pieces: Sequence[Piece], previous: Kind, language: str) -> bool:
    """By its capital; without capitals by the dictionary, or because no company's name goes on behind it."""
    piece = pieces[place]
    if is_cased(pieces):
        return piece.capital
    if language == "ru":
        return any("Surn" in tags for tags in russian_readings(piece.token.form))
    behind = [other.kind in COMPANY_KINDS for other in pieces[place + 1 : place + 3]]
    is_before_org = behind == [True, True] and pieces[place + 1].kind == "org"
    return previous != "role" and piece.kind == "word" and (behind[:1] != [True] or is_before_org)


def _is_quoted(text: str, token: Token) -> bool:
    """Whether the word stands in quotation marks."""
    opened = max(text.rfind(mark, 0, token.start) for mark in _OPENERS)
    if opened >= 0:
        return not any(mark in text[opened : token.start] for mark in _CLOSERS)
    return text.count('"', 0, token.start) % 2 == 1
