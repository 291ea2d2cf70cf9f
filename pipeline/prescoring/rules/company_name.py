"""Whether the agent names his company: a kind of company or a department alone names none."""

from collections.abc import Iterator, Sequence

from pipeline.prescoring.rules.introduction import COMPANY_KINDS, Piece, is_cased


def names_company(pieces: Sequence[Piece], language: str) -> bool:
    """Whether a stretch of the opening's words is a company's name."""
    cased = is_cased(pieces)
    return any(is_company(run, cased, language) for run in company_runs(pieces))


def company_runs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Neighbouring words that may name a company, a mark or another kind of word ends the run."""
    run: list[Piece] = []
    for piece in pieces:
        fits = piece.kind in COMPANY_KINDS
        if run and (not fits or (piece.apart and not _goes_on(run[-1], piece))):
            yield run
            run = []
        if fits and (run or piece.kind not in ("dependent", "joins") or piece.quoted or piece.capital):
            run.append(piece)
    if run:
        yield run


def is_company(run: Sequence[Piece], cased: bool, language: str) -> bool:
    """Quoted, or written with capitals, or (where nothing is) a kind of company and a name, or a bare noun."""
    if any(piece.quoted for piece in run):
        return True
    kinds = [piece.kind for piece in run]
    if "department" in kinds:
        return False
    names = [piece for piece in run if piece.kind in ("word", "dependent")]
    if cased:
        return _is_written_name(run, names)
    return bool(names) and (len(run) > 1 or language != "ru" or not _is_plural(names[0]))


def _is_written_name(run: Sequence[Piece], names: Sequence[Piece]) -> bool:
    """A capital that the start of a sentence does not explain; there a second capital, or a single word."""
    if any(piece.capital and not piece.first for piece in run):
        return bool(names) or len(run) > 1
    return bool(names) and run[0].capital and len(run) == 1


def _goes_on(before: Piece, piece: Piece) -> bool:
    """A quotation mark opens inside the company's description: `компания «Маяк»`."""
    return not before.quoted and piece.quoted or (before.quoted and piece.quoted)


def _is_plural(piece: Piece) -> bool:
    from pipeline.lemmas import russian_readings

    return "plur" in russian_readings(piece.token.form)[0]
