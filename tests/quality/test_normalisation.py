import pytest

from tests.quality.normalisation import normalise, number_parts


@pytest.mark.parametrize(
    ("written", "spoken", "language"),
    [
        ("Двадцать пять тысяч рублей", "25 000 рублей.", "ru"),
        ("двадцать пять тысяч", "25000", "ru"),
        ("в девять", "в 9:00", "ru"),
        ("двадцать первого октября", "21-го октября", "ru"),
        ("двадцать первого октября", "21 октября", "ru"),
        ("сто пятьдесят", "150", "ru"),
        ("тысяча двести", "1200", "ru"),
        ("скидка двадцать процентов", "скидка 20%", "ru"),
        ("Всё-таки ещё тёплый", "все таки еще теплый", "ru"),
        ("eight hundred pounds", "800 pounds", "en"),
        ("one hundred and five", "100 and 5", "en"),
        ("one thousand", "1,000", "en"),
        ("the twenty first", "the 21st", "en"),
        ("ten percent", "10%", "en"),
        ("o dziesiątej", "o 10", "pl"),
        ("trzysta dwadzieścia", "320", "pl"),
        ("dwa miliony", "2 000 000", "pl"),
    ],
)
def test_what_sounds_alike_is_alike(written: str, spoken: str, language: str):
    assert normalise(written, language) == normalise(spoken, language)


@pytest.mark.parametrize(
    ("one", "other"), [("двадцать пять", "20"), ("тринадцать", "30"), ("во вторник", "во 2"), ("стоит", "100")]
)
def test_what_sounds_different_stays_different(one: str, other: str):
    assert normalise(one, "ru") != normalise(other, "ru")


def test_parts_of_numbers():
    assert number_parts(25_300, "ru") == ["20", "5", "1000", "300"]
    assert number_parts(25_300, "en") == ["20", "5", "1000", "3", "100"]
    assert number_parts(1_000_000, "ru") == ["1000000"]
    assert number_parts(100, "en") == ["100"]
    assert number_parts(0, "ru") == ["0"]


def test_nothing_is_nothing():
    assert normalise(" ... ", "en") == [] == normalise("", "ru")
