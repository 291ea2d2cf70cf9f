from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from pipeline.records import Call
from pipeline.roles import (
    configured_agent_channel,
    is_automatic,
    load_automatic_voices,
    load_role_weights,
    roles_as_named,
    roles_by_channel,
    roles_by_words,
)
from pipeline.settings import AgentChannelRule, RoleSettings

TALK = [
    ("one", "алло"),
    ("two", "добрый день меня зовут Ольга компания Вектор вам удобно сейчас говорить"),
    ("one", "да слушаю а что вы хотели"),
    ("two", "подскажите пожалуйста какой объем вы закупаете и я подготовлю предложение"),
    ("one", "ну нам бы тонны две сколько это стоит"),
    ("two", "я отправлю вам расчет сегодня и перезвоню завтра хорошо"),
]


def test_the_words_tell_agent_from_client() -> None:
    roles = roles_by_words(TALK, "ru")
    assert roles.role_by_speaker == {"one": "client", "two": "agent"}
    assert roles.confidence > 0.6
    assert roles.source == "words"


def test_a_third_voice_is_neither() -> None:
    roles = roles_by_words([*TALK, ("three", "коллега подойди сюда")], "ru")
    assert roles.role_by_speaker["three"] == "other"
    assert roles.role_by_speaker["two"] == "agent"


def test_an_automatic_voice_does_not_become_the_client() -> None:
    said = [("robot", "Ваш звонок очень важен для нас, оставайтесь на линии."), *TALK]
    assert roles_by_words(said, "ru").role_by_speaker == {"one": "client", "robot": "other", "two": "agent"}


def test_voicemail_alone_leaves_nobody() -> None:
    roles = roles_by_words([("a", "Абонент недоступен, оставьте сообщение после сигнала")], "ru")
    assert roles.role_by_speaker == {"a": "other"}
    assert roles.confidence == 0.0


def test_a_lone_speaker_gets_the_likelier_role() -> None:
    assert roles_by_words([TALK[1], TALK[3]], "ru").role_by_speaker["two"] == "agent"


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Please leave a message after the tone."), ("pl", "Wybierz jeden."), ("ru", "Нажмите цифру 2")],
)
def test_automatic_voices_in_each_language(language: str, text: str) -> None:
    assert is_automatic(text, language)
    assert not is_automatic(text, "de")


def test_the_first_rule_that_fits_names_the_channel() -> None:
    rules = RoleSettings(
        agent_channels=(
            AgentChannelRule(source="pbx", direction="incoming", agent_channel=1),
            AgentChannelRule(source="pbx", agent_channel=0),
        )
    )
    assert configured_agent_channel(Call("a", source="pbx", direction="incoming"), rules) == 1
    assert configured_agent_channel(Call("a", source="pbx", direction="outgoing"), rules) == 0
    assert configured_agent_channel(Call("a", source="other"), rules) is None
    assert roles_by_channel(1).role_by_speaker == {"CHANNEL_1": "agent", "CHANNEL_0": "client"}


def test_missing_weights_say_how_to_write_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"models\.role_learning"):
        load_role_weights(tmp_path / "none.json")


def test_a_bad_pattern_names_its_language(tmp_path: Path) -> None:
    path = tmp_path / "voices.yaml"
    path.write_text("ru: ['(']\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="ru: not a list of regular expressions"):
        load_automatic_voices(path)


def test_a_person_names_the_agent_and_who_else_says_most_is_the_client() -> None:
    robot = ("robot", "Ваш звонок очень важен для нас, оставайтесь на линии, подождите ещё немного, мы скоро ответим.")
    said = [robot, *TALK, ("three", "коллега подойди сюда")]
    roles = roles_as_named(said, "ru", "one")
    assert roles.role_by_speaker == {"one": "agent", "two": "client", "robot": "other", "three": "other"}
    assert (roles.confidence, roles.source) == (1.0, "named")
    assert roles_as_named([("one", "Алло?")], "ru", "one").role_by_speaker == {"one": "agent"}
