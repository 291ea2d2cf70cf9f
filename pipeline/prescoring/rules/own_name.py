"""Whether the agent tells his own name, and not the client's."""

from collections.abc import Sequence

from pipeline.lemmas import russian_readings
from pipeline.prescoring.reading import Line, Reading
from pipeline.prescoring.rules.company_name import company_places, company_runs, is_unlisted_name
from pipeline.prescoring.rules.introduction import Piece, is_cased

_PASSED_OVER = frozenset({"role", "surname", "listening"})
_INTRO_AFTER = frozenset({"intro_after", "intro_around"})
_SAME_LETTERS = 4  # so many letters are shared by the cases of a name
_ANSWER_WORDS = 4


def names_himself(pieces: Sequence[Piece], line: Line, reading: Reading) -> bool:
    """Introduced, or a bare name beside the company, or one by which the client then calls him."""
    language = reading.lexicon.language
    company = company_places(pieces, language, departments=True)
    for place, piece in enumerate(pieces):
        if piece.kind == "name" and _is_own(place, pieces, company, line, reading):
            return True
        if piece.kind == "surname" and place and pieces[place - 1].kind == "role":
            return True
    runs = list(company_runs(pieces))
    return any(is_unlisted_name(run, pieces, language) or _stands_alone(run, pieces, company, language) for run in runs)


def _is_own(place: int, pieces: Sequence[Piece], company: set[int], line: Line, reading: Reading) -> bool:
    piece = pieces[place]
    after = _after(place, pieces)
    if is_introduced(place, pieces):
        return not piece.asked
    if piece.asked or (after < len(pieces) and pieces[after].kind == "patronymic"):
        return False
    if _client_answers_with(piece, line, reading):
        return True
    return _beside(place, after, pieces, company)


def is_introduced(place: int, pieces: Sequence[Piece]) -> bool:
    """Whether a word such as `это` stands before the name, or `на связи` behind it."""
    before = place - 1
    while before >= 0 and pieces[before].kind in _PASSED_OVER and not pieces[before + 1].first:
        if pieces[before].kind == "role" and not pieces[before + 1].apart:
            return True
        before -= 1
    if before >= 0 and pieces[before].kind in ("intro_before", "intro_around") and not pieces[before + 1].first:
        return True
    if before >= 0 and _describes(pieces[before], pieces[before + 1]):
        return True
    after = _after(place, pieces)
    if after >= len(pieces) or pieces[after].first:
        return False
    if pieces[after].kind in _INTRO_AFTER:
        while after < len(pieces) and pieces[after].kind in _INTRO_AFTER:
            after += 1
        return after >= len(pieces) or pieces[after].apart or pieces[after].kind != "name"
    return pieces[after].kind == "from" and not pieces[after].apart


def _describes(piece: Piece, following: Piece) -> bool:
    """A lower-case word right before a capital is an office that no list knows: `центр «Слух», сурдолог Аркадий`."""
    return piece.kind == "word" and piece.apart and not piece.capital and not following.apart and following.capital


def _beside(place: int, after: int, pieces: Sequence[Piece], company: set[int]) -> bool:
    """A bare name in one breath with the company (or department) is the agent's."""
    before = place - 1
    while before >= 0 and pieces[before].kind == "greeting":
        before -= 1
    if before in company:
        return True
    if after < len(pieces) and after in company:
        return not (pieces[after].first and place > 0 and pieces[place - 1].kind == "greeting")
    has_role = after < len(pieces) and pieces[after].kind == "role"
    return has_role and (pieces[after].apart or not is_cased(pieces))


def _stands_alone(run: Sequence[int], pieces: Sequence[Piece], company: set[int], language: str) -> bool:
    """A name that no list knows, between two marks, where the company stands elsewhere: `«Полка», Лиана, добрый день`.

    Two words of it must both have a capital.
    """
    following = pieces[run[-1] + 1] if run[-1] + 1 < len(pieces) else None
    words = [pieces[place] for place in run]
    if len(run) > 2 or (len(run) == 1 and words[0].first) or not words[0].apart or not bool(company - set(run)):
        return False
    if language == "ru" and any("Geox" in tags for word in words for tags in russian_readings(word.token.form)):
        return False
    alone = following is None or following.apart
    return alone and all(word.kind == "word" and word.capital and not word.quoted for word in words)


def _client_answers_with(piece: Piece, line: Line, reading: Reading) -> bool:
    """The client's answer begins with the name: `Нелли, здравствуйте`."""
    answer = next((other for other in reading.lines[line.position + 1 :] if other.role == "client"), None)
    if answer is None:
        return False
    start = piece.token.form[:_SAME_LETTERS]
    for place, token in enumerate(answer.tokens[:_ANSWER_WORDS]):
        if token.form.startswith(start):
            return not any(
                hit.last == place for kind in ("intro_before", "intro_around") for hit in answer.hits.get(kind, ())
            )
    return False


def _after(place: int, pieces: Sequence[Piece]) -> int:
    """The place behind the name and its surname."""
    place += 1
    while place < len(pieces) and pieces[place].kind == "surname":
        place += 1
    return place
