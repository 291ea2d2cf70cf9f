"""Chats in, evaluations out; a bad line is named and never stops the others."""

import json

import pytest

from pipeline.errors import InputError
from pipeline.records import CallTypeSuggestion, Dialogue, Evaluation, Evidence, Suggestion, Utterance
from pipeline.text_channel import TextCall, format_line, parse_line, parse_lines

LANGUAGES = ("ru", "en", "pl")
GOOD = {"id": "a", "language": "en", "turns": [{"role": "agent", "text": " Hello "}, {"role": "client", "text": "Hi"}]}


def test_a_line_becomes_a_dialogue_with_its_words_untouched() -> None:
    call = parse_line(json.dumps(GOOD), "in: line 1", LANGUAGES)
    assert call == TextCall("a", Dialogue("en", (Utterance(0, "agent", " Hello "), Utterance(1, "client", "Hi"))))


def test_numbers_as_ids_foreign_keys_and_a_byte_order_mark() -> None:
    line = "\ufeff" + json.dumps({**GOOD, "id": 7, "manager": "somebody"})
    assert parse_line(line, "in", LANGUAGES).call_id == "7"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"in.jsonl: line 2: no JSON .*write one object a line"),
        ("[]", r"in.jsonl: line 2: expected an object .*found list"),
        (json.dumps({**GOOD, "language": "xx"}), r'line 2: language: "xx" is not among ru, en, pl; add it'),
        (json.dumps({**GOOD, "language": "English"}), r"line 2: language: "),
        (json.dumps({"id": "b", "language": "en"}), r"line 2: turns: field required; add it"),
        (json.dumps({**GOOD, "turns": []}), r"line 2: turns: "),
        (json.dumps({**GOOD, "turns": [{"role": "bot", "text": "x"}]}), r"line 2: turns.0.role: "),
        (json.dumps({**GOOD, "turns": [{"role": "agent", "text": "  "}]}), r"line 2: turns.0.text: is blank"),
        (json.dumps(GOOD), r'line 2: id: "a" stood in an earlier line'),
    ],
)
def test_a_bad_line_is_reported_and_the_others_go_on(line: str, message: str) -> None:
    good = json.dumps({**GOOD, "id": "last"})
    first, error, last = parse_lines([json.dumps(GOOD), line, "\n", good], "in.jsonl", LANGUAGES)
    assert isinstance(first, TextCall) and isinstance(last, TextCall) and last.call_id == "last"
    assert isinstance(error, InputError)
    with pytest.raises(InputError, match=message):
        raise error


def test_messages_carry_no_words_of_the_dialogue() -> None:
    line = json.dumps({**GOOD, "turns": [{"role": "bot", "text": "secret words"}]})
    with pytest.raises(InputError) as caught:
        parse_line(line, "in", LANGUAGES)
    assert "secret" not in str(caught.value)


def test_output_has_exactly_the_keys_of_the_contract() -> None:
    suggestions = (
        Suggestion("greeting", True, 0.5, 0.81234567, "greeting.no_name", (Evidence(0, "Hello"),), "rules"),
        Suggestion("needs", True, None, 0.2),
        Suggestion("objection", False, None, 0.9),
    )
    evaluation = Evaluation("cqr", "v", "j", CallTypeSuggestion("objection", 0.7), suggestions, 33.33333, False)
    assert json.loads(format_line("a", evaluation)) == {
        "id": "a",
        "call_type": "objection",
        "call_type_confidence": 0.7,
        "cqr": 33.33,
        "passed": False,
        "criteria": [
            {
                "id": "greeting",
                "applicable": True,
                "value": 0.5,
                "confidence": 0.8123,
                "evidence": [{"turn": 0, "quote": "Hello"}],
            },
            {"id": "needs", "applicable": True, "value": None, "confidence": 0.2, "evidence": []},
            {"id": "objection", "applicable": False, "value": None, "confidence": 0.9, "evidence": []},
        ],
    }
    unscored = Evaluation("cqr", "v", "j", CallTypeSuggestion("unknown", 0.0), (), None, None, scored=False)
    assert json.loads(format_line("b", unscored))["cqr"] is None
