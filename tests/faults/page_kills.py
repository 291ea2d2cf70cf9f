"""`prescore review`, killed while people submit verdicts through its API, and started again."""

import random
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from pipeline.data_folder import DataFolder
from pipeline.store import Store
from review.desk.database import Desk
from review.desk.people import Person, add_person
from review.desk.tokens import create_token
from tests.command.real_command import start
from tests.faults.processes import kill_group, wait_until
from tests.faults.tally import Kill, Round
from tests.flow_runs.rows import differences, rows_of

PAGE = "the page"
LOGINS, HOLDER = ("anna", "boris"), "vera"  # the last has taken a call and thinks
REVIEWED = frozenset({"submissions", "verdicts", "call_type_verdicts", "notes", "flags"})  # what people's work adds to


@dataclass
class Submitter:
    """A person with a token who takes a call and submits it again and again, each time with another note.

    What was not acknowledged is asked for again with the same words: it is the same submission then.
    """

    address: str
    token: str
    acknowledged: list[str] = field(default_factory=list)
    call_id: str = ""
    stopped: threading.Event = field(default_factory=threading.Event)
    refused: list[str] = field(default_factory=list)

    def work(self) -> None:
        number = 0
        with httpx.Client(base_url=f"{self.address}/api/v1/", timeout=60) as client:
            client.headers["authorization"] = f"Bearer {self.token}"
            while not self.stopped.is_set():
                with suppress(httpx.TransportError):
                    self._take(client)
                    number += bool(self.call_id) and self._submit(client, number)
                    continue
                self.stopped.wait(0.05)

    def _take(self, client: httpx.Client) -> None:
        if self.call_id:
            return
        taken = client.post("queue/next")
        if taken.status_code == 200:
            self.call_id = str(taken.json()["call_id"])
        else:
            self.refused.append(f"queue/next: {taken.status_code} {taken.text}")
            self.stopped.wait(1)

    def _submit(self, client: httpx.Client, number: int) -> bool:
        answer = client.post(f"calls/{self.call_id}/verdict", json=self._verdict(client, number))
        if answer.status_code == 201:
            self.acknowledged.append(str(answer.json()["submission_id"]))
        else:
            self.refused.append(f"verdict: {answer.status_code} {answer.text}")
        return answer.status_code == 201

    def _verdict(self, client: httpx.Client, number: int) -> dict[str, Any]:
        evaluation = client.get(f"calls/{self.call_id}").raise_for_status().json()["evaluation"]
        answers = [
            {"criterion_id": item["criterion_id"], "state": "not_enough", "label": None}
            for item in evaluation["criteria"]
        ]
        return {
            "evaluation_id": evaluation["evaluation_id"],
            "call_type": evaluation["suggested_call_type"]["call_type"],  # where the judge is unsure it must be given
            "answers": answers,
            "note": f"{number}",
        }


def torture_page(filled: Path, folder: Path, kills: int, chance: random.Random, longest_s: float) -> Round:
    """`filled`: a data folder with reviewed nothing; the page over a copy of it is killed again and again."""
    shutil.copytree(filled, folder)
    data = DataFolder(folder)
    before = rows_of(data.store)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    submitters = [Submitter(address, token_of(data, login)) for login in LOGINS]
    holder, held = token_of(data, HOLDER), []
    done: list[Kill] = []
    recovered: list[float] = []
    with working(submitters):
        for _ in range(kills):
            with page(data, port) as process:
                recovered.append(wait_until(partial(answers, process, port), "the page's answer"))
                held.append(taken_by(address, holder))
                wait_until(partial(has_more, submitters, count(submitters)), "an acknowledged verdict")
                time.sleep(after_s := chance.uniform(0, longest_s))
                killed_s = time.monotonic()
                if kill_group(process):
                    done.append(Kill(PAGE, after_s, time.monotonic() - killed_s))
    started_s = time.monotonic()
    with page(data, port):  # what was not applied yet is, without anybody asking
        wait_until(lambda: not waiting(data), "the last of the verdicts in the store")
        recovered.append(time.monotonic() - started_s)
    stuck = [f"claims: {held}"] if len(set(held)) != 1 else []
    refused = [line for person in submitters for line in person.refused]
    differing = (*stuck, *refused, *lost(data, submitters), *changed(before, data))
    return Round(tuple(done), kills + 1, max(recovered), differing, count(submitters))


def token_of(data: DataFolder, login: str) -> str:
    desk = Desk(data.desk)
    return create_token(desk, add_person(desk, Person("", login, login, "supervisor"), None), "torture")


def taken_by(address: str, token: str) -> str:
    """The call that the person has: a claim outlives the page, and is nobody else's then."""
    answer = httpx.post(f"{address}/api/v1/queue/next", headers={"authorization": f"Bearer {token}"}, timeout=60)
    return str(answer.json()["call_id"]) if answer.status_code == 200 else f"{answer.status_code} {answer.text}"


@contextmanager
def page(data: DataFolder, port: int) -> Iterator[subprocess.Popen[str]]:
    with start("--data", data.root, "review", "--port", str(port)) as process:
        try:
            yield process
        finally:
            kill_group(process)


@contextmanager
def working(submitters: list[Submitter]) -> Iterator[None]:
    threads = [threading.Thread(target=person.work) for person in submitters]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for person in submitters:
            person.stopped.set()
        for thread in threads:
            thread.join()


def answers(process: subprocess.Popen[str], port: int) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"the page ended by itself: {process.communicate()[1][-2000:]}")
    with suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}/log-in", timeout=10).status_code == 200
    return False


def count(submitters: list[Submitter]) -> int:
    return sum(len(person.acknowledged) for person in submitters)


def has_more(submitters: list[Submitter], than: int) -> bool:
    return count(submitters) > than


def waiting(data: DataFolder) -> int:
    with Desk(data.desk).reading() as con:
        is_waiting = "applied_s IS NULL OR (undone_s IS NOT NULL AND undo_applied_s IS NULL)"
        return int(con.execute(f"SELECT count(*) FROM submissions WHERE {is_waiting}").fetchone()[0])


def lost(data: DataFolder, submitters: list[Submitter]) -> list[str]:
    """Acknowledged submissions that the store does not have exactly once, with each of its verdicts exactly once."""
    with Store(data.store).reading() as con:
        given = con.execute("SELECT submission_id FROM base.submissions WHERE NOT withdrawn").fetchall()
        taken_back = con.execute("SELECT submission_id FROM base.submissions WHERE withdrawn").fetchall()
        standing = con.execute("SELECT reviewer, count(*) FROM base.standing_submissions GROUP BY ALL").fetchall()
        promised = con.execute("SELECT sum(verdict_count) FROM base.submissions").fetchall()[0][0]
        verdicts = con.execute("SELECT count(*), count(DISTINCT verdict_id) FROM base.verdicts").fetchall()[0]
    times, back = (Counter(name for (name,) in rows) for rows in (given, taken_back))
    acknowledged = [name for person in submitters for name in person.acknowledged]
    found = [f"{name}: {times[name]} times in the store" for name in acknowledged if times[name] != 1]
    found += [f"{name}: taken back {number} times" for name, number in back.items() if number != 1]
    found += [f"{reviewer}: {number} standing" for reviewer, number in standing if number != 1]
    if verdicts != (promised, promised):
        found.append(f"verdicts: {verdicts} rows, by the submissions {promised}")
    return found


def changed(before: dict[str, list[str]], data: DataFolder) -> list[str]:
    """Rows of the night that the page should not have touched."""
    after = rows_of(data.store)
    kept = [{name: rows for name, rows in state.items() if name not in REVIEWED} for state in (before, after)]
    return differences(*kept)
