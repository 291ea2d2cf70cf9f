from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigurationError
from pipeline.masking import find_hidden, find_hidden_in_lines, hide, mask, mask_words, vocabulary
from tests.privacy.marked_lines import measure, read_marked


@pytest.mark.parametrize("language", ["ru", "en", "pl"])
def test_the_marked_lines_are_hidden_as_marked(language: str) -> None:
    """docs/privacy.md says what these lines are worth: they were written by whoever wrote the rules."""
    figures = measure([line for line in read_marked() if line.language == language])
    assert figures.found == figures.marked
    assert figures.over_letters == 0


@pytest.mark.parametrize(
    ("text", "language", "masked"),
    [
        ("", "ru", ""),
        ("Мой номер 8-916-123-45-67, звоните", "ru", "Мой номер [номер], звоните"),
        ("код 12 34. 5 штук", "ru", "код [номер]. 5 штук"),
        ("номер 8 916. 123. 45. 67", "ru", "номер [номер]"),
        ("родился 12.05.1985", "ru", "родился [номер]"),
        ("встреча 12.05.2026 в 15:30, с 10-18", "ru", "встреча 12.05.2026 в 15:30, с 10-18"),
        ("цена 39 900 и 52 000", "ru", "цена 39 900 и 52 000"),
        ("стоит 45 990 за всё", "ru", "стоит 45 990 за всё"),
        ("$25000 now", "en", "$25000 now"),
        ("два миллиона сто пятьдесят тысяч", "ru", "два миллиона сто пятьдесят тысяч"),
        ("двадцать три пятьдесят пять", "ru", "двадцать три пятьдесят пять"),
        ("в мае 2025 и в 2026", "ru", "в мае 2025 и в 2026"),
        ("код 10-18", "ru", "код [номер]"),
        ("с 2200 до 2300 ватт", "ru", "с 2200 до 2300 ватт"),
        ("Гоголя, пять, квартира сто два, подъезд 3", "ru", "[адрес]"),
        ("мы на улице ленина дом пять", "ru", "мы на [адрес]"),
        ("стоит на Грабцевском шоссе. В четверг", "ru", "стоит на [адрес]. В четверг"),
        ("улица. Дом 5", "ru", "улица. [адрес]"),
        ("квартира 60 метров, дом 2 этажа", "ru", "квартира 60 метров, дом 2 этажа"),
        ("Кузнецов Пётр Ильич пришёл", "ru", "[имя] пришёл"),
        ("это иван петрович сидоров звонит", "ru", "это [имя] звонит"),
        ("Компания Анна, «Мария», Алло", "ru", "Компания Анна, «Мария», Алло"),
        ("Владимир, привет. Мы едем во Владимир", "ru", "[имя], привет. Мы едем во [имя]"),
        ("меня зовут как обычно", "ru", "меня зовут как обычно"),
        ("Kate's order, not May or June", "en", "[name]'s order, not May or June"),
        ("Speak to Mr. Okafor. You know him", "en", "Speak to Mr. [name]. You know him"),
        ("my name is zorgo", "en", "my name is [name]"),
        ("I'll be at home on the dot", "en", "I'll be at home on the dot"),
        ("write to sales at shop.com", "en", "write to [e-mail]"),
        ("write to a.b-c@d.org today", "en", "write to [e-mail] today"),
        ("john dot smith at mail dot com", "en", "[e-mail]"),
        ("I drive down the street, my house has 80 panels", "en", "I drive down the street, my house has 80 panels"),
        ("eight hundred dollars and two hundred units", "en", "eight hundred dollars and two hundred units"),
        ("zero eight hundred four four one nine nine one two", "en", "[number]"),
        ("na osiedlu wszyscy, ul. Długa 5 a", "pl", "na osiedlu wszyscy, [adres]"),
        ("mieszkam ulica długa 5", "pl", "mieszkam [adres]"),
        ("Z Markiem i Pawłem Wiśniewskim", "pl", "Z [imię] i [imię]"),
        ("Записка: Смирнов сказал", "pl", "Записка: [имя] сказал"),
    ],
)
def test_what_is_hidden_and_what_stays(text: str, language: str, masked: str) -> None:
    assert mask(text, language) == masked


def test_a_number_that_is_dictated_over_several_lines() -> None:
    lines = ["записывайте восемь девятьсот", "ага", "сто двадцать три", "так", "сорок пять", "это сорок пять тысяч"]
    hidden = find_hidden_in_lines(lines, "ru")
    shown = [hide(line, "ru", found) for line, found in zip(lines, hidden, strict=True)]
    assert shown == ["записывайте [номер]", "ага", "[номер]", "так", "[номер]", "это сорок пять тысяч"]
    assert find_hidden("сорок пять", "ru") == ()


def test_words_of_one_hidden_thing_become_one() -> None:
    words = ["Мой", "номер", "8", "916", "123-45-67,", "Анна."]
    shown = mask_words(words, "ru")
    assert [(item.first, item.last, item.text) for item in shown] == [
        (0, 0, "Мой"),
        (1, 1, "номер"),
        (2, 4, "[номер],"),
        (5, 5, "[имя]."),
    ]
    assert mask_words([], "ru") == ()


def test_two_hidden_things_may_touch_one_word() -> None:
    assert [item.text for item in mask_words(["№5551234/a@b.com", "x"], "en")] == ["[number]/[e-mail]", "x"]


@given(st.text(alphabet="АннаKate 0123456789-.,@ул дом номер\n", max_size=60), st.sampled_from(["ru", "en", "pl"]))
def test_whatever_is_said_places_are_in_order_and_words_fit(text: str, language: str) -> None:
    hidden = find_hidden(text, language)
    assert all(0 <= item.start < item.end <= len(text) for item in hidden)
    assert all(one.end <= two.start for one, two in pairwise(hidden))
    words = text.split()
    shown = mask_words(words, language)
    assert " ".join(item.text for item in shown) == mask(" ".join(words), language)
    assert [place for item in shown for place in range(item.first, item.last + 1)] == list(range(len(words)))


def test_a_broken_list_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "en.yaml").write_text("labels: {}")
    monkeypatch.setattr(vocabulary, "FOLDER", tmp_path)
    vocabulary.vocabulary.cache_clear()
    with pytest.raises(ConfigurationError, match=r"en\.yaml: units"):
        vocabulary.vocabulary("en")
    vocabulary.vocabulary.cache_clear()
