"""Greeting and introduction: which of greeting word, own name and company stand in the opening."""

import pytest

from pipeline.prescoring.reading import Reading, read_dialogue
from pipeline.prescoring.rules.greeting import find_parts, judge_greeting, opening
from tests.prescoring.judging import LEXICONS, case_of, talk


def parts(*turns: str, language: str = "ru") -> set[str]:
    reading: Reading = read_dialogue(talk(*turns, language=language), LEXICONS.of(language))
    return {part for part, line in find_parts(opening(reading), reading).items() if line}


ALL, NO_NAME, NO_COMPANY = {"greeting", "name", "company"}, {"greeting", "company"}, {"greeting", "name"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Добрый день, «Липа», Нелли.", ALL),
        ("Максим? Добрый вечер, Нелли, клуб «Парус», удобно сейчас?", ALL),
        ("Автоцентр «Маяк», день добрый, у телефона Вероника.", ALL),
        ("Меня Асель зовут, студия «Ветер», здравствуйте.", ALL),
        ("Ольга Петровна, добрый вечер! Варвара, парусный лагерь «Чайка».", ALL),
        ("Здравствуйте, центр «Слух», сурдоакустик Аркадий.", ALL),
        ("Мебельная фабрика «Дуб», Кветослава, здравствуйте.", ALL),
        ("Добрый день! Салон красоты Пенелопа, Майя.", ALL),
        ("Добрый день, компания «Груз и Ко», менеджер Аркадий.", ALL),
        ("добрый день грузоперевозки атлант борис чем могу быть полезен", ALL),
        ("здравствуйте это пётр стандарт-полис", ALL),
        ("Ольга Петровна, доброе утро, это Стас, по вашей «Весте».", NO_COMPANY),
        ("Отдел аренды, Нелли, здравствуйте.", NO_COMPANY),
        ("Приветствую, это Валера по бетону.", NO_COMPANY),
        ("здравствуйте наташ это лейла по бровям", NO_COMPANY),
        ("Добрый день, Сабина Исмаиловна, «Южный склад».", NO_NAME),
        ("Вадим, добрый день. «Поисковик».", NO_NAME),
        ("Здравствуйте. Хостел «Причал», Владивосток.", NO_NAME),
        ("бетонный завод тридцать третий слушаю", {"company"}),
        ("Продажи, Костя.", {"name"}),
        ("да роман юрист алло анкету заполняли вы", {"name"}),
        ("Алло, Рифат Ильясович? Вы предложение смотрели?", set()),
        ("але мурат ну что там по манипулятору", set()),
        ("алло фабрика мебели мы вам предлагали", set()),
        ("Слушаю, потолки.", set()),
        ("Да, диспетчерская.", set()),
    ],
)
def test_russian_openings(line: str, expected: set[str]) -> None:
    assert parts(f"a: {line}", "c: м") == expected


@pytest.mark.parametrize(
    ("language", "line", "expected"),
    [
        ("en", "Good afternoon Ines, Konrad Pryce here from Looptide, we met in May.", ALL),
        ("en", "Hello, Zebulon from SwiftSettle, I'm after Mrs Obi.", ALL),
        ("en", "Afternoon, Slatewell Roofing, Terry here.", ALL),
        ("en", "good morning this is travis with meridian dental benefits am i speaking to jolene", ALL),
        ("en", "hello you're through to corrigan payments", NO_NAME),
        ("en", "Good morning, Kettle & Bean.", NO_NAME),
        ("en", "hello is that dev patel it's rupert i'm calling about the ticketing", NO_COMPANY),
        ("en", "Hello, it's Fern, about the drawing I sent you.", NO_COMPANY),
        ("en", "Yusuf, you got my proposal, forty seats.", set()),
        ("en", "Yeah, sales.", set()),
        ("pl", "Dzień dobry, Damian Rosa, Ogrodzenia Podhale, czy zastałem pana Mieczysława?", ALL),
        ("pl", "Wypożyczalnia Pod Zegarem, dzień dobry, Judyta Kos, co się stało?", ALL),
        ("pl", "dzień dobry z tej strony krystian ekopompa serwis dzwonię bo zostawił pan formularz", ALL),
        ("pl", "Dzień dobry, panie Zenonie, Volta Południe, w sprawie umowy.", NO_NAME),
        ("pl", "dzień dobry czy pani kasia z tej strony płoty kaliski", NO_NAME),
        ("pl", "Hej Bruno, tu Asia, w temacie tego startu.", NO_COMPANY),
        ("pl", "Doradca Olczak, słucham.", {"name"}),
        ("pl", "Tak, słucham, biuro.", set()),
    ],
)
def test_english_and_polish_openings(language: str, line: str, expected: set[str]) -> None:
    assert parts(f"a: {line}", "c: m", language=language) == expected


def test_a_bare_name_by_which_the_client_answers_is_the_agents() -> None:
    assert parts("a: Здравствуйте, Нелли.", "c: Нелли, здравствуйте!") == NO_COMPANY
    assert parts("a: Здравствуйте, Нелли.", "c: Это Нелли, да.") == {"greeting"}
    assert parts("a: Здравствуйте, Нелли.") == {"greeting"}


def test_the_opening_goes_on_until_the_client_takes_over() -> None:
    asked_for = ("a: Алло, Ольга Петровна?", "c: Да, это я.", "a: Добрый день, это Пётр, ателье «Нить».")
    assert parts(*asked_for) == ALL
    assert parts("a: Алло?", "c: Вы откуда?", "a: Добрый день, это Пётр, ателье «Нить».") == set()
    assert parts("a: Здравствуйте, «Нить».", "c: Добрый день.", "a: Хорошо.") == NO_NAME
    assert parts("c: Здравствуйте, сколько стоит?", "a: Добрый день! Студия «Нить», Анна.") == ALL


def test_value_reason_and_quotes() -> None:
    done = judge_greeting(case_of(talk("a: Добрый день, это Пётр, ателье «Нить».", "c: м")))
    assert (done.value, done.reason, done.evidence[0].quote) == (1.0, "done", "Добрый день, это Пётр, ателье «Нить».")
    assert judge_greeting(case_of(talk("a: Добрый день, «Нить».", "c: м"))).reason == "no_name"
    assert judge_greeting(case_of(talk("a: Да?", "c: м"))).value == 0.0
    assert judge_greeting(case_of(talk("c: м"))).evidence == ()
