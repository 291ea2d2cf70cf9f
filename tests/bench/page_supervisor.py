"""A supervisor at a browser: takes calls, opens them, answers, submits, takes back, looks around; each click timed."""

import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx

PASSWORD = "correct horse battery"  # of the bench's own people
THINK_S = (1.0, 3.0)  # between two clicks
PATIENCE_S = 60.0
KEEP_S = 2.0  # a connection without a request; the server closes one after five
SEE_OTHER = 303
UNDONE = 0.1  # of what is submitted
LOOKED_AROUND = 0.25  # of the calls: something else is opened before the next one
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
EVALUATION = re.compile(r'name="evaluation" value="([^"]+)"')
CHOICE = re.compile(r'name="answer-([^"]+)" value="([^"]+)"')
UNDO = re.compile(r'action="/submissions/([0-9a-f]{32})/undo"')
LISTED = re.compile(r'href="(/calls/[0-9a-f]{16})')
EVERYBODY = ("/", "/calls", "/?manager=Manager+3", "/calls?type=objection&cqr_to=60", "/nights")
HEADS_TOO = (*EVERYBODY, "/managers", "/managers/Manager%203", "/trust")
KINDS = {
    "/": "queue",
    "/calls": "list of calls",
    "/nights": "nights",
    "/managers": "managers",
    "/trust": "trust",
}


@dataclass(frozen=True, slots=True)
class Click:
    """From the click until the page or the fragment is there whole, redirects included."""

    kind: str
    seconds: float
    status: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What the page said was submitted, or `undone`: who, which call and evaluation, and the answers by criterion."""

    login: str
    call_id: str
    evaluation_id: str
    answers: Mapping[str, str]
    undone: bool = False


@dataclass
class Day:
    """What one supervisor did, growing."""

    clicks: list[Click] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)  # what was answered by neither yes nor no


class Supervisor:
    """Works until `stop` is set. `is_head`: looks at managers and trust too."""

    def __init__(self, address: str, login: str, *, is_head: bool, seed: int) -> None:
        self.login, self.day = login, Day()
        self._browser = httpx.Client(
            base_url=address,
            timeout=PATIENCE_S,
            follow_redirects=True,
            headers={"accept-language": "ru"},
            limits=httpx.Limits(keepalive_expiry=KEEP_S),
        )
        self._places = HEADS_TOO if is_head else EVERYBODY
        self._random = random.Random(seed)
        self._last: Acknowledged | None = None

    def work(self, stop: threading.Event, starts_after_s: float = 0.0) -> None:
        with self._browser:
            if stop.wait(starts_after_s):
                return
            form = {"login": self.login, "password": PASSWORD}
            self._click("log-in", lambda: self._browser.post("/log-in", data=form))
            page = self._take()
            while not stop.is_set():
                page = self._one_call(page, stop)

    def _one_call(self, page: httpx.Response, stop: threading.Event) -> httpx.Response:
        """Answers the call of the page and submits it; returns the next call's page."""
        if not (found := EVALUATION.search(page.text)):
            return self._look_around(stop)
        answers = self._answer(page, found[1], stop)
        if stop.is_set():
            return page
        page = self._submit(page, found[1], answers)
        if self._random.random() < UNDONE and self._think(stop):
            page = self._undo(page, stop)
        if self._random.random() < LOOKED_AROUND and self._think(stop):
            page = self._look_around(stop)
        return page

    def _answer(self, page: httpx.Response, evaluation_id: str, stop: threading.Event) -> dict[str, str]:
        """Accepts what is sure, then answers each criterion, one click each."""
        form = {"csrf": csrf_of(page), "evaluation": evaluation_id}
        target, headers = page.url.path, {"hx-request": "true"}
        if not self._think(stop):
            return {}
        self._click("accept", lambda: self._browser.post(f"{target}/accept", data=form, headers=headers))
        scales: dict[str, list[str]] = {}
        for criterion, value in CHOICE.findall(page.text):
            scales.setdefault(criterion, []).append(value)
        answers = {}
        for criterion, values in scales.items():
            if not self._think(stop):
                break
            answers[criterion] = value = self._random.choice(values)
            data = form | {f"answer-{criterion}": value}
            self._click("answer", lambda data=data: self._browser.post(f"{target}/draft", data=data, headers=headers))
        return answers

    def _submit(self, page: httpx.Response, evaluation_id: str, answers: Mapping[str, str]) -> httpx.Response:
        form = {"csrf": csrf_of(page), "evaluation": evaluation_id}
        form |= {f"answer-{criterion}": value for criterion, value in answers.items()}
        target = page.url.path
        made = Acknowledged(self.login, target.rpartition("/")[2], evaluation_id, answers)
        following = self._click("submit, next call", lambda: self._browser.post(f"{target}/submit", data=form))
        self._keep(made, following)
        return following

    def _keep(self, made: Acknowledged, following: httpx.Response) -> None:
        """A submission is acknowledged by the way to another page than the one that says what stands in its way.

        Whether that page then comes is another question.
        """
        answer = following.history[0] if following.history else following
        if answer.status_code != SEE_OTHER:
            self.day.unclear.append(f"{made.call_id}: {answer.status_code}")
        elif "problem" not in parse_qs(urlsplit(answer.headers["location"]).query):
            self._last = made
            self.day.acknowledged.append(made)

    def _undo(self, page: httpx.Response, stop: threading.Event) -> httpx.Response:
        """Takes the last one back, and lets it wait as a draft: the same call is submitted again."""
        if not (found := UNDO.search(page.text)) or self._last is None:
            return page
        form, last = {"csrf": csrf_of(page)}, self._last
        opened = self._click("undo", lambda: self._browser.post(f"/submissions/{found[1]}/undo", data=form))
        if not opened.history:
            self.day.unclear.append(f"undo of {last.call_id}: {opened.status_code}")
            return opened
        self.day.acknowledged.append(
            Acknowledged(self.login, last.call_id, last.evaluation_id, last.answers, undone=True)
        )
        self._last = None
        if not opened.is_success or not self._think(stop):
            return opened
        return self._submit(opened, last.evaluation_id, last.answers)

    def _look_around(self, stop: threading.Event) -> httpx.Response:
        """A place, from a list of calls one of them, and back to work."""
        place = self._random.choice(self._places)
        page = self._click(kind_of(place), lambda: self._browser.get(place))
        listed = LISTED.findall(page.text)
        if listed and place.startswith("/calls") and self._think(stop):
            chosen = self._random.choice(listed)
            self._click("call", lambda: self._browser.get(chosen))
        if self._think(stop):
            page = self._click("queue", lambda: self._browser.get("/"))
        return self._take() if self._think(stop) else page

    def _take(self) -> httpx.Response:
        form = {"csrf": csrf_of(self._browser.get("/account"))}
        return self._click("take the next call", lambda: self._browser.post("/next", data=form))

    def _click(self, kind: str, send: Callable[[], httpx.Response]) -> httpx.Response:
        started_s = time.perf_counter()
        response = send()
        self.day.clicks.append(Click(kind, time.perf_counter() - started_s, response.status_code))
        return response

    def _think(self, stop: threading.Event) -> bool:
        """False when the day is over."""
        return not stop.wait(self._random.uniform(*THINK_S))


def kind_of(place: str) -> str:
    path, _, query = place.partition("?")
    return "filter" if query else KINDS.get(path, "a manager")


def csrf_of(page: httpx.Response) -> str:
    found = CSRF.search(page.text)
    if found is None:
        raise RuntimeError(f"{page.url.path}: no form of ours ({page.status_code}); the server's log says why")
    return found[1]
