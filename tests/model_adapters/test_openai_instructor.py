"""The adapter of OpenAI-compatible servers against a real server on this machine, a good one and bad ones."""

import logging
import socket
from collections.abc import Callable

import pytest

from models.openai_instructor import OpenAiInstructor
from pipeline.errors import UnavailableError
from pipeline.interfaces import Message
from tests.model_adapters.served import Reply, Server, serve

QUESTION = [Message("system", "Ты судья."), Message("user", "Добрый день, компания «Север».")]
SCHEMA = {"type": "object", "properties": {"label": {"enum": ["1"]}}, "required": ["label"]}


def instructor(base_url: str, waits: list[float] | None = None, **changes: object) -> OpenAiInstructor:
    sleep: Callable[[float], None] = (waits if waits is not None else []).append
    return OpenAiInstructor(base_url, "qwen", sleep=sleep, **({"timeout_s": 5.0} | changes))  # type: ignore[arg-type]


def ask(server: Server, waits: list[float] | None = None, **changes: object) -> str:
    return instructor(server.base_url, waits, **changes).answer(QUESTION, SCHEMA)


def test_the_request_enforces_the_schema_at_temperature_zero() -> None:
    with serve([Reply('{"label": "1"}')]) as server:
        assert ask(server, key="secret", max_new_tokens=99) == '{"label": "1"}'
    (body,), (headers,) = server.asked, server.headers
    assert headers["path"] == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert (body["model"], body["temperature"], body["seed"], body["max_tokens"]) == ("qwen", 0, 0, 99)
    assert body["messages"][1] == {"role": "user", "content": "Добрый день, компания «Север»."}
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
    }


def test_without_a_key_none_is_sent() -> None:
    with serve([Reply()]) as server:
        ask(server)
    assert "Authorization" not in server.headers[0]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_or_broken_server_is_asked_again_after_a_growing_wait(status: int) -> None:
    waits: list[float] = []
    with serve([Reply(status=status), Reply(status=status), Reply('{"label": "1"}')]) as server:
        assert ask(server, waits, backoff_s=1.0) == '{"label": "1"}'
    assert len(server.asked) == 3
    assert 0.75 <= waits[0] <= 1.25 and 1.5 <= waits[1] <= 2.5


def test_the_wait_that_the_server_asks_for_is_kept_within_bounds() -> None:
    waits: list[float] = []
    busy = [Reply(status=429, headers={"Retry-After": after}) for after in ("7", "99999", "Wed, 21 Oct 2026 07:28:00")]
    with serve([*busy, Reply()]) as server:
        ask(server, waits, attempts=4, backoff_s=0.0)
    assert waits == [7.0, 60.0, 0.0]


@pytest.mark.parametrize(
    ("reply", "attempts", "message"),
    [
        (Reply(status=429), 3, r"model qwen: status 429; it has too much to do: fewer workers"),
        (Reply(status=500), 3, r"status 500; look into the server's log"),
        (Reply(status=401), 1, r"status 401; set PRESCORE_INSTRUCT_KEY"),
        (Reply(status=403), 1, r"status 403; set PRESCORE_INSTRUCT_KEY"),
        (Reply(status=404), 1, r"status 404; check judge.instruct.base_url"),
        (Reply(status=400), 1, r"status 400; the server refuses the request"),
        (Reply(status=302, headers={"Location": "http://127.0.0.1:9/"}), 1, r"status 302"),
        (Reply(body="<html>"), 1, r"answered something that is no chat completion"),
        (Reply(body='{"choices": []}'), 1, r"no chat completion"),
        (Reply(body="[1]"), 1, r"no chat completion"),
    ],
)
def test_what_the_server_cannot_do_is_said_with_a_remedy(reply: Reply, attempts: int, message: str) -> None:
    with serve([reply]) as server, pytest.raises(UnavailableError, match=message) as error:
        ask(server)
    assert len(server.asked) == attempts
    assert server.base_url in str(error.value)


def test_a_slow_server_is_given_up() -> None:
    with serve([Reply(delay_s=1.0)]) as server, pytest.raises(UnavailableError, match=r"no answer within 0.2 s"):
        ask(server, timeout_s=0.2, attempts=2)
    assert len(server.asked) == 2


def test_no_server_at_all_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    waits: list[float] = []
    with pytest.raises(UnavailableError, match=r"ConnectError; does the server run"):
        instructor(address, waits).answer(QUESTION, SCHEMA)
    assert len(waits) == 2


def test_a_refusal_of_the_model_is_an_empty_answer() -> None:
    with serve([Reply(content=None)]) as server:
        assert ask(server) == ""


def test_half_of_a_surrogate_pair_is_sent_as_it_is() -> None:
    with serve([Reply()]) as server:
        instructor(server.base_url).answer([Message("user", "\ud83d")], SCHEMA)
    assert server.asked[0]["messages"][0]["content"] == "\ud83d"


def test_no_words_reach_the_log_or_the_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = Reply(status=400, body='{"error": {"message": "cannot read: компания «Север»"}}')
    with serve([echo]) as server, pytest.raises(UnavailableError) as error:
        ask(server, key="secret")
    assert not any(word in caplog.text + str(error.value) for word in ("Север", "secret", "судья"))


def test_identity_tells_the_model_and_not_the_address() -> None:
    here, there = instructor("http://a/v1"), instructor("http://b/v1")
    assert here.identity == there.identity
    assert "qwen" in here.identity
    assert here.identity != instructor("http://a/v1", max_new_tokens=7).identity
