"""Phrases are found by lemma, stem, number and place."""

import pytest

from pipeline.checklist import load_checklist
from pipeline.corpus import CORPUS, load_labelled
from pipeline.errors import ConfigurationError
from pipeline.lemmas import fold, lemma
from pipeline.prescoring.lexicon import Lexicons, load_lexicon
from pipeline.prescoring.patterns import Hit, Phrase, PhraseIndex, _match, compile_phrase
from pipeline.prescoring.tokens import Token, split_sentences, tokenise

WORDS = {"day": ["понедельник", "среда"], "number": ["#", "два"]}


def found(phrase: str, text: str, language: str = "ru") -> bool:
    index = PhraseIndex()
    index.add(compile_phrase("c", phrase, language, WORDS))
    return bool(index.find(tokenise(text, language)))


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("договор", "про договора", True),  # any inflection
        ("=договор", "про договора", False),  # only the word itself
        ("сомнева*", "мы сомневаемся", True),
        ("в <day>", "приеду в среду", True),
        ("в <number>", "в 15", True),
        ("через <number> дня", "через два дня", True),
        ("взять|купить ~ завтра", "купим мы у вас завтра", True),
        ("взять ~ завтра", "возьмем раз два три четыре завтра", False),
        ("меня _ зовут", "меня точно зовут", True),
        ("^ да", "да конечно", True),
        ("^ да", "раз два три да", False),
        ("!не дорого", "это дорого", True),
        ("!не дорого", "не дорого", False),
        ("полный договор", "полный", False),
    ],
)
def test_what_a_phrase_fits(phrase: str, text: str, expected: bool) -> None:
    assert found(phrase, text) is expected


@pytest.mark.parametrize("phrase", ["", "~ да", "_ да", "<nothing> да"])
def test_a_wrong_phrase_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match=r"begin with|no word list"):
        compile_phrase("c", phrase, "ru", WORDS)


def test_polish_diacritics_do_not_matter() -> None:
    assert found("środ*", "w srodę", "pl")
    assert fold("Łódź", "pl") == "lodz"
    assert lemma("umowe", "pl") == "umowe"
    assert lemma("companies", "en") == "company"


def test_sentences_keep_their_place() -> None:
    text = "Добрый день. А зачем вам?  Ну…"
    sentences = split_sentences(text, tokenise(text, "ru"))
    assert [text[s.start : s.end] for s in sentences] == ["Добрый день.", "А зачем вам?", "Ну…"]
    assert [s.asks for s in sentences] == [False, True, False]


def test_lexicons_hold_the_same_categories_and_unknown_languages_fall_back() -> None:
    lexicons = Lexicons()
    assert lexicons.of("ru").categories == lexicons.of("en").categories == lexicons.of("pl").categories
    assert lexicons.of("de") is lexicons.of("en")
    assert len(lexicons.identity) == 12


@pytest.mark.parametrize(
    ("content", "message"),
    [("phrases: {greeting: ['~ x']}", 'phrases of "greeting"'), ("phrases: {}", "phrases"), ("other: 1", "other")],
)
def test_a_wrong_lexicon_names_the_category(tmp_path, content: str, message: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "en.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        load_lexicon(path)


def phrases_of(index: PhraseIndex) -> list[Phrase]:
    found = [
        phrase
        for table in (index.by_form, index.by_lemma, index.by_stem)
        for phrases in table.values()
        for phrase in phrases
    ]
    return list({id(phrase): phrase for phrase in [*found, *index.numbers]}.values())


def tried_one_by_one(index: PhraseIndex, tokens: tuple[Token, ...]) -> set[Hit]:
    """Every phrase at every place, without what the index foresees."""
    hits = set()
    for place in range(len(tokens)):
        for phrase in phrases_of(index):
            if phrase.at_start and place >= 3:
                continue
            if phrase.not_before and place and phrase.not_before.accepts(tokens[place - 1]):
                continue
            last = _match(phrase.elements, 0, tokens, place)
            if last is not None:
                hits.add(Hit(phrase.category, place, last))
    return hits


@pytest.mark.parametrize("language", ["ru", "en", "pl"])
def test_what_the_index_foresees_loses_nothing(language: str) -> None:
    index = Lexicons().of(language).index
    folder = CORPUS / language
    lines = [
        utterance.text
        for path in sorted(folder.glob("*.yaml"))[:2]
        for labelled in load_labelled(path, load_checklist("cqr"))[:1]
        for utterance in labelled.dialogue.utterances
    ]
    found = 0
    for text in lines[:5]:
        for written in (text, text.lower().replace(",", "").replace(".", "")):
            tokens = tokenise(written, language)
            hits = index.find(tokens)
            assert set(hits) == tried_one_by_one(index, tokens)
            assert [hit.first for hit in hits] == sorted(hit.first for hit in hits)
            found += len(hits)
    assert found > 8
