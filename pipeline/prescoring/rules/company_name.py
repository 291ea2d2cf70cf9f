"""Whether the agent names his company: a kind of company or a department alone names none."""

from collections.abc import Iterator, Sequence

from pipeline.lemmas import russian_readings
from pipeline.prescoring.rules.introduction import Piece, is_cased
from pipeline.prescoring.rules.word_kind import COMPANY_KINDS


def names_company(pieces: Sequence[Piece], language: str) -> bool:
    """Whether a stretch of the opening's words is a company's name."""
    return bool(company_places(pieces, language))


def company_places(pieces: Sequence[Piece], language: str, departments: bool = False) -> set[int]:
    """Where the company's name stands; with `departments` also where the agent says whom one has reached."""
    cased = is_cased(pieces)
    return {
        place
        for run in company_runs(pieces)
        if not is_unlisted_name(run, pieces, language)
        and not _is_lone_sentence(run, pieces)
        and (
            is_company([pieces[place] for place in run], _following(run, pieces), cased, language)
            or (departments and any(pieces[place].kind in ("department", "org") for place in run))
        )
        for place in run
    }


def company_runs(pieces: Sequence[Piece]) -> Iterator[list[int]]:
    """Places of neighbouring words that may name a company; a mark or another kind of word ends the run."""
    run: list[int] = []
    for place, piece in enumerate(pieces):
        fits = piece.kind in COMPANY_KINDS
        if run and (not fits or (piece.apart and not piece.quoted) or (pieces[run[-1]].quoted and not piece.quoted)):
            yield run
            run = []
        if fits and (run or piece.kind not in ("dependent", "joins") or piece.quoted or piece.capital):
            run.append(place)
    if run:
        yield run


def is_unlisted_name(run: Sequence[int], pieces: Sequence[Piece], language: str) -> bool:
    """A single word that no list knows as a first name, where one introduces oneself: `this is Kestrin`."""
    place, piece = run[0], pieces[run[0]]
    if len(run) > 1 or piece.quoted or piece.kind != "word" or (is_cased(pieces) and not piece.capital):
        return False
    following = _following(run, pieces)
    if place and pieces[place - 1].kind == "role" and not piece.apart:
        return True
    if language == "ru" and not piece.capital:
        return False
    if language != "ru" and following is not None and following.kind == "from" and not following.apart:
        return not (place and pieces[place - 1].kind == "from")
    if place and pieces[place - 1].kind in ("intro_before", "intro_around") and not piece.first:
        return True
    return following is not None and following.kind in ("intro_after", "intro_around") and not following.apart


def is_company(run: Sequence[Piece], following: Piece | None, cased: bool, language: str) -> bool:
    """Quoted, or written with capitals, or (where nothing is) a kind of company and a name, or a bare noun."""
    if any(piece.quoted for piece in run):
        return True
    names = [piece for piece in run if piece.kind == "word" or (piece.kind == "dependent" and piece.capital)]
    if not names or (len(run) == 1 and _addresses(run[0], following)):
        return False
    if cased:
        return any(piece.capital and not piece.first for piece in run) or (run[0].capital and len(run) == 1)
    return len(run) > 1 or language != "ru" or not _is_plural_or_surname(names[0])


def _is_lone_sentence(run: Sequence[int], pieces: Sequence[Piece]) -> bool:
    """A sentence of one word behind another: `Latarnia, dzień dobry. Aktualne.`"""
    piece, following = pieces[run[0]], _following(run, pieces)
    return len(run) == 1 and run[0] > 0 and piece.first and not piece.quoted and (following is None or following.first)


def _addresses(piece: Piece, following: Piece | None) -> bool:
    """A single word with which a sentence begins and which the matter itself follows: `Yusuf, you got my proposal`."""
    if piece.asked:
        return True
    return piece.first and following is not None and following.kind == "end" and not following.first


def _following(run: Sequence[int], pieces: Sequence[Piece]) -> Piece | None:
    return pieces[run[-1] + 1] if run[-1] + 1 < len(pieces) else None


def _is_plural_or_surname(piece: Piece) -> bool:
    return not russian_readings(piece.token.form)[0].isdisjoint({"plur", "Surn"})
