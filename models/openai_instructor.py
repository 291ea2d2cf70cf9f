"""Any OpenAI-compatible server behind `Instructor`: vLLM, llama.cpp, Ollama, `transformers serve`, a hosted one.

Nothing that was said is logged, and no server's message is passed on: it might repeat the words.
"""

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import httpx

from pipeline.errors import UnavailableError
from pipeline.interfaces import Message

RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
LONGEST_WAIT_S = 60.0
_REMEDIES = {
    400: "the server refuses the request: does it know response_format json_schema, and does the call fit its context?",
    401: "set PRESCORE_INSTRUCT_KEY to the server's key",
    403: "set PRESCORE_INSTRUCT_KEY to a key that may use the model",
    404: "check judge.instruct.base_url (up to and including /v1) and judge.instruct.model",
    429: "it has too much to do: fewer workers, or a larger judge.instruct.backoff_s",
}


class OpenAiInstructor:
    """`sleep` waits between attempts."""

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        key: str | None = None,
        timeout_s: float = 120,
        attempts: int = 3,
        backoff_s: float = 1.0,
        max_new_tokens: int = 2000,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url
        self._model = model
        self._key = key
        self._timeout_s = timeout_s
        self._attempts = attempts
        self._backoff_s = backoff_s
        self._max_new_tokens = max_new_tokens
        self._sleep = sleep

    @property
    def identity(self) -> str:
        """Without the address: the same model on another machine is the same judge."""
        return f"openai:{self._model}:t0:new{self._max_new_tokens}"

    @cached_property
    def _client(self) -> httpx.Client:
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        return httpx.Client(headers=headers, timeout=self._timeout_s)

    def answer(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> str:
        """What the model wrote; empty when it refused. Tries again when the server is busy, slow or broken."""
        body = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "temperature": 0,
            "seed": 0,
            "max_tokens": self._max_new_tokens,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)},
            },
        }
        content = json.dumps(body)  # in ASCII: half of a surrogate pair, which a chat may hold, has no UTF-8
        for attempt in range(1, self._attempts + 1):
            try:
                response = self._client.post(f"{self._base_url}/chat/completions", content=content)
            except httpx.HTTPError as error:
                problem, wait_s = self._describe(error), None
            else:
                if response.status_code == httpx.codes.OK:
                    return self._content(response)
                problem, wait_s = self._refusal(response), _asked_wait_s(response)
                if response.status_code not in RETRIED:
                    break
            if attempt < self._attempts:
                self._sleep(self._wait_s(attempt) if wait_s is None else wait_s)
        raise UnavailableError(problem)

    def _wait_s(self, attempt: int) -> float:
        """Doubled each time, and spread, so that several workers do not come back at once."""
        wait_s = min(LONGEST_WAIT_S, self._backoff_s * 2.0 ** (attempt - 1))
        return wait_s * random.uniform(0.75, 1.25)  # noqa: S311  no secret hangs on it

    def _content(self, response: httpx.Response) -> str:
        try:
            content = response.json()["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise UnavailableError(
                f"{self._base_url}: answered something that is no chat completion; check judge.instruct.base_url"
            ) from error
        return content if isinstance(content, str) else ""

    def _refusal(self, response: httpx.Response) -> str:
        remedy = _REMEDIES.get(response.status_code, "look into the server's log")
        return f"{self._base_url}: model {self._model}: status {response.status_code}; {remedy}"

    def _describe(self, error: httpx.HTTPError) -> str:
        if isinstance(error, httpx.TimeoutException):
            return (
                f"{self._base_url}: no answer within {self._timeout_s:g} s; is the server overloaded? "
                "A larger judge.instruct.timeout_s gives it longer"
            )
        return f"{self._base_url}: {type(error).__name__}; does the server run, and is judge.instruct.base_url right?"


def _asked_wait_s(response: httpx.Response) -> float | None:
    """What the server asks for in seconds; a date is left to our own waiting."""
    try:
        return max(0.0, min(LONGEST_WAIT_S, float(response.headers.get("Retry-After", ""))))
    except ValueError:
        return None
