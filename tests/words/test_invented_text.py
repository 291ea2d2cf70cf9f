import pytest

from pipeline.invented_text import drop_invented, load_invented_phrases, reason_to_drop, without_loops
from pipeline.records import Segment, Word


def segment(text: str, **facts: float) -> Segment:
    words = tuple(Word(word, index * 0.5, index * 0.5 + 0.4, 0.9) for index, word in enumerate(text.split()))
    defaults = {"mean_log_probability": -0.3, "no_speech_probability": 0.1, "compression_ratio": 1.1}
    return Segment(text, 0.0, len(words) * 0.5, words, **(defaults | facts))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "Продолжение следует..."),
        ("ru", "Субтитры сделал DimaTorzok"),
        ("en", "Thank you for watching!"),
        ("pl", "Dziękuję za oglądanie."),
    ],
)
def test_known_phrase_alone_is_dropped(language: str, text: str) -> None:
    assert reason_to_drop(segment(text), load_invented_phrases()[language]) == "known_phrase"


def test_known_phrase_inside_speech_stays() -> None:
    text = "ну тогда продолжение следует завтра созвонимся"
    assert reason_to_drop(segment(text), load_invented_phrases()["ru"]) is None


def test_silence_needs_both_signs() -> None:
    phrases = frozenset[str]()
    assert reason_to_drop(segment("да", no_speech_probability=0.9, mean_log_probability=-1.4), phrases) == "silence"
    assert reason_to_drop(segment("да", no_speech_probability=0.9), phrases) is None
    assert reason_to_drop(segment("да", mean_log_probability=-1.4), phrases) is None


def test_segment_without_words_is_dropped() -> None:
    assert reason_to_drop(segment(""), frozenset()) == "no_words"


def test_loop_is_said_once_and_assent_stays() -> None:
    loop = without_loops(segment("ну хорошо " + "спасибо за звонок " * 6 + "до свидания"))
    assert loop.text == "ну хорошо спасибо за звонок до свидания"
    assert loop.end_s == loop.words[-1].end_s
    assent = segment("да да да конечно")
    assert without_loops(assent) is assent


def test_five_times_one_word_is_a_loop() -> None:
    assert without_loops(segment("а а а а а а вот")).text == "а вот"


def test_reasons_never_hold_the_text() -> None:
    kept, reasons = drop_invented(
        [segment("Продолжение следует"), segment("секрет " * 7), segment("цена пять тысяч")],
        load_invented_phrases()["ru"],
    )
    assert [part.text for part in kept] == ["секрет", "цена пять тысяч"]
    assert reasons == ("known_phrase", "repeated_phrase")
