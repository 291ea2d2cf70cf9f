"""What goes on at the same time, as programs of their own: people who submit, and a run that stores shards.

`python -m tests.desk.work submit DATA ROUNDS LOGIN...` prints a line for each acknowledged click;
`python -m tests.desk.work store DATA SHARDS` one for each stored shard.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeline.data_folder import DataFolder
from pipeline.store import Store
from pipeline.store.calls import register_recordings
from pipeline.store.results import write_results
from review.desk.applying import Applier
from review.desk.database import Desk
from review.desk.people import find_person
from review.desk.submissions import Conflict, undo
from tests.desk.judged import JudgedCall, answered, hand_in
from tests.store.builders import delivery, sha_of, whole_call

SHARED = "shared"  # the call that everybody wants
BUSY_S = 60.0


def judged_call(store: Store, name: str) -> JudgedCall:
    sha = sha_of(f"{name}.wav")
    with store.reading() as con:
        sql = "SELECT evaluation_id FROM base.evaluations WHERE content_sha256 = ?"
        ((found,),) = con.execute(sql, [sha]).fetchall()
    return JudgedCall(sha[:16], found)


def say(*words: str) -> None:
    """One write for one line: threads do not mix, and what is printed is out."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def work(desk: Desk, store: Store, login: str, rounds: int) -> None:
    """Submits the person's own call again and again, undoing every third; then wants the shared one, like everybody."""
    person = find_person(desk, login)
    own, shared = judged_call(store, login), judged_call(store, SHARED)
    for number in range(rounds):
        done = hand_in(desk, store, person, own, answered().with_note(f"{number}"), newest_id=own.evaluation_id)
        say("submitted", done.submission_id)
        if number % 3 == 2:
            say("undone", undo(desk, store, person, done.submission_id).submission_id)
    try:
        say("first", hand_in(desk, store, person, shared, newest_id=shared.evaluation_id).submission_id)
    except Conflict as refused:
        say("refused", refused.code)


def submit(folder: Path, rounds: int, logins: list[str]) -> None:
    desk, store = Desk(DataFolder(folder).desk, timeout_s=BUSY_S), Store(DataFolder(folder).store, timeout_s=BUSY_S)
    applier = Applier(desk, store, every_s=0.05)
    applier.start()
    with ThreadPoolExecutor(len(logins)) as pool:
        list(pool.map(lambda login: work(desk, store, login, rounds), logins))
    applier.stop()


def store_shards(folder: Path, count: int) -> None:
    store = Store(DataFolder(folder).store, timeout_s=BUSY_S)
    for number in range(count):
        name = f"shard{number}.wav"
        with store.writing(checkpoint=False) as con:
            register_recordings(con, [delivery(name)])
            write_results(con, whole_call(sha_of(name)), f"run {number}")
        say("stored", sha_of(name))


if __name__ == "__main__":
    role, folder, count, *logins = sys.argv[1:]
    if role == "submit":
        submit(Path(folder), int(count), logins)
    else:
        store_shards(Path(folder), int(count))
