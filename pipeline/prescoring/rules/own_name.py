"""Whether the agent tells his own name, and not the client's."""

from collections.abc import Sequence

from pipeline.prescoring.reading import Line, Reading
from pipeline.prescoring.rules.company_name import company_runs, is_company
from pipeline.prescoring.rules.introduction import COMPANY_KINDS, Piece, is_cased

_PASSED_OVER = frozenset({"role", "surname", "listening"})
_SAME_LETTERS = 4  # so many letters are shared by the cases of a name
_ANSWER_WORDS = 5


def names_himself(pieces: Sequence[Piece], line: Line, reading: Reading) -> bool:
    """Introduced, or a bare name beside the company, or one by which the client then calls him."""
    company = _company_places(pieces, reading.lexicon.language)
    for place, piece in enumerate(pieces):
        if piece.kind == "name" and _is_own(place, pieces, company, line, reading):
            return True
        if piece.kind == "surname" and place and pieces[place - 1].kind == "role":
            return True
        if piece.kind == "word" and _is_unlisted_name(place, pieces, company):
            return True
    return False


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
    if before >= 0 and pieces[before].kind in ("introduces", "names_before") and not pieces[before + 1].first:
        return True
    after = _after(place, pieces)
    if after >= len(pieces) or pieces[after].first:
        return False
    if pieces[after].kind == "names_before":
        while after < len(pieces) and pieces[after].kind == "names_before":
            after += 1
        return after >= len(pieces) or pieces[after].apart or pieces[after].kind != "name"
    return pieces[after].kind == "from" and not pieces[after].apart


def _beside(place: int, after: int, pieces: Sequence[Piece], company: set[int]) -> bool:
    """A bare name in one breath with the company (or department) is the agent's."""
    if place - 1 in company:
        return True
    if after < len(pieces) and after in company:
        return not (pieces[after].first and place > 0 and pieces[place - 1].kind == "greeting")
    return after < len(pieces) and pieces[after].kind == "role" and pieces[after].apart


def _is_unlisted_name(place: int, pieces: Sequence[Piece], company: set[int]) -> bool:
    """A word that no list knows as a name: introduced, or alone between marks where the company stands elsewhere."""
    piece = pieces[place]
    following = pieces[place + 1] if place + 1 < len(pieces) else None
    if piece.quoted:
        return False
    ends = following is None or following.apart or following.kind not in COMPANY_KINDS
    if not ends or (is_cased(pieces) and not piece.capital):
        return False
    if place and pieces[place - 1].kind == "introduces" and not piece.first:
        return piece.capital or not is_cased(pieces)
    if following is not None and following.kind == "names_before" and not following.apart:
        return True
    alone = piece.apart and not piece.first and (following is None or following.apart)
    return alone and piece.capital and bool(company - {place})


def _client_answers_with(piece: Piece, line: Line, reading: Reading) -> bool:
    """The client's answer begins with the name: `Нелли, здравствуйте`."""
    answer = next((other for other in reading.lines[line.position + 1 :] if other.role == "client"), None)
    if answer is None:
        return False
    start = piece.token.form[:_SAME_LETTERS]
    for place, token in enumerate(answer.tokens[:_ANSWER_WORDS]):
        if token.form.startswith(start):
            return not any(
                hit.last == place for kind in ("introduces", "name_said") for hit in answer.hits.get(kind, ())
            )
    return False


def _after(place: int, pieces: Sequence[Piece]) -> int:
    """The place behind the name and its surname."""
    place += 1
    while place < len(pieces) and pieces[place].kind == "surname":
        place += 1
    return place


def _company_places(pieces: Sequence[Piece], language: str) -> set[int]:
    """Where company or department stand."""
    cased, position = is_cased(pieces), {id(piece): place for place, piece in enumerate(pieces)}
    return {
        position[id(piece)]
        for run in company_runs(pieces)
        if is_company(run, cased, language) or any(piece.kind in ("department", "org") for piece in run)
        for piece in run
    }
