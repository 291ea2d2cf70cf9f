"""Greeting and introduction: a greeting word, own name, and the company, in the opening and unasked."""

from collections.abc import Iterable

from pipeline.lemmas import russian_tags
from pipeline.prescoring.findings import Finding, distinct
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.reading import Line, Reading
from pipeline.prescoring.tokens import Token
from pipeline.records import Evidence

_OPENING_LINES = 7  # of both sides
_SHORT_WORDS = 6  # an agent line so short ("Алло?") does not end the opening
_QUOTES = '«»“”„"'


def judge_greeting(case: Case) -> Finding:
    """Counts the three parts."""
    reading = case.reading
    lines = opening(reading)
    if not lines:
        return Finding(0.0, 0.6, "none", distinct([line.quote() for line in [*reading.of("agent")][:1]]))
    parts = {
        "greeting": next((line for line in lines if line.has("greeting")), None),
        "name": next((line for line in lines if own_name(line, reading)), None),
        "company": next((line for line in lines if company(line, reading, line is lines[0])), None),
    }
    found = [line for line in parts.values() if line]
    missing = [part for part, line in parts.items() if line is None]
    value = 1.0 if not missing else 0.5 if found else 0.0
    reason = "done" if not missing else "none" if not found else f"no_{missing[0]}" if len(missing) == 1 else "one_part"
    return Finding(value, 0.6 if len(missing) == 1 else 0.8, reason, distinct(_quotes(found or lines[:1])))


def opening(reading: Reading) -> list[Line]:
    """The agent's lines that open the call: until he has been asked who he is, or has said something at length."""
    lines: list[Line] = []
    words = 0
    for line in reading.lines[:_OPENING_LINES]:
        if line.role == "client" and lines and line.has("asks_who") and len(line.tokens) <= 12:
            break
        if line.role == "agent":
            if lines and words > _SHORT_WORDS and len(lines) >= 2:
                break
            lines.append(line)
            words += len(line.tokens)
    return lines[:3]


def own_name(line: Line, reading: Reading) -> bool:
    """Whether the agent names himself: an introducing phrase, or a first name beside the company."""
    for place, token in enumerate(line.tokens):
        if not is_first_name(token, reading):
            continue
        after = line.tokens[place + 1] if place + 1 < len(line.tokens) else None
        if after and reading.lexicon.language == "ru" and "Patr" in russian_tags(after.form):
            before_intro = _introduced(line, place, 1)
            if not before_intro:
                continue  # so one addresses the client
        if _introduced(line, place, 3) or _addresses_nobody(line, place):
            return True
    return line.has("name_said")


def _introduced(line: Line, place: int, within: int) -> bool:
    """Whether a word such as `это` or `меня зовут` stands right before or after."""
    return any(
        (hit.last <= place and place - hit.last < within) or hit.first == place + 1 for hit in line.hits.get("its", ())
    )


def _addresses_nobody(line: Line, place: int) -> bool:
    """A bare name is the agent's own when the company stands in the same breath and nobody is being asked."""
    sentence = line.sentence_at(place)
    if sentence.asks:
        return False
    text = line.utterance.text[sentence.start : sentence.end]
    has_company = line.has("org") or any(mark in line.utterance.text for mark in _QUOTES)
    return has_company or (line.within(sentence, "listening") and len(text.split()) <= 10)


def is_first_name(token: Token, reading: Reading) -> bool:
    """By the lexicon's list, and for Russian by the dictionary."""
    if token.form in reading.lexicon.names:
        return token.text[:1].isupper() or token.form not in reading.lexicon.ambiguous_names
    return reading.lexicon.language == "ru" and "Name" in russian_tags(token.form) and len(token.form) > 2


def company(line: Line, reading: Reading, first: bool) -> bool:
    """Whether a company is named: in quotation marks, after a word for one, or as a name of its own."""
    text = line.utterance.text
    if any(mark in text for mark in "«“„") or line.has("company_said"):
        return True
    for hit in line.hits.get("org", ()):
        if hit.last < len(line.tokens) or hit.first > 0:
            return True
    return _capitalised_company(line, reading) or (first and _left_over(line, reading))


def _capitalised_company(line: Line, reading: Reading) -> bool:
    """A capitalised word inside a sentence that is no person's name."""
    for sentence in line.sentences:
        if sentence.asks:
            continue
        for place in range(sentence.first, sentence.last):
            token = line.tokens[place]
            capital = token.text[:1].isupper() and (place > sentence.first or token.text[1:2].isupper())
            if capital and not _is_person(token, line, place, reading):
                return True
    return False


def _is_person(token: Token, line: Line, place: int, reading: Reading) -> bool:
    if is_first_name(token, reading) or (place and is_first_name(line.tokens[place - 1], reading)):
        return True
    if reading.lexicon.language == "ru":
        return bool(russian_tags(token.form) & {"Surn", "Patr", "Name", "Geox"})
    return token.form in {"i", "i'm", "mr", "mrs", "ms", "i'd", "i've", "i'll", "pan", "pani"} or (
        place > 0 and line.tokens[place - 1].form in {"mr", "mrs", "ms", "pan", "pani", "panie", "pana"}
    )


def _left_over(line: Line, reading: Reading) -> bool:
    """A short first line with a word that is neither greeting, name nor filler names the company.

    So a recogniser writes it: `вектор лизинг алла слушаю вас`.
    """
    if len(line.tokens) > 9 or not line.has("greeting", "listening") or any(s.asks for s in line.sentences):
        return False
    covered = {
        place
        for category in ("greeting", "listening", "its", "name_intro", "filler")
        for hit in line.hits.get(category, ())
        for place in range(hit.first, hit.last)
    }
    rest = [token for place, token in enumerate(line.tokens) if place not in covered]
    return any(len(token.form) > 3 and not is_first_name(token, reading) and _is_noun(token, reading) for token in rest)


def _is_noun(token: Token, reading: Reading) -> bool:
    if reading.lexicon.language != "ru":
        return True
    tags = russian_tags(token.form)
    return "NOUN" in tags and not tags & {"Patr", "Name", "Surn"}


def _quotes(lines: Iterable[Line]) -> list[Evidence]:
    """Each line once, quoted at its best part."""
    return [line.quote_of("greeting", "its", "org") for line in dict.fromkeys(lines)]
