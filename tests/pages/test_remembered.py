import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.data_folder import DataFolder
from pipeline.errors import StoreError
from pipeline.store import Store
from review import remembered
from review.kept_records import KeptWithStore
from review.remembered import Remembered


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "calls.duckdb"
    path.write_bytes(b"one")
    return path


def counting(took_s: float = 0.0) -> tuple[list[int], Callable[[], int]]:
    made: list[int] = []

    def make() -> int:
        time.sleep(took_s)
        made.append(len(made))
        return made[-1]

    return made, make


def change(path: Path) -> None:
    """As a night does: the same file, with more in it."""
    with path.open("ab") as file:
        file.write(b"more")


def replace_file(path: Path) -> None:
    """As an erasure does."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(path.read_bytes())
    fresh.replace(path)


def test_an_unchanged_store_is_asked_once(store: Path) -> None:
    made, make = counting()
    memory = Remembered()
    assert [memory.read(store, "figures", make) for _ in range(3)] == [0, 0, 0]
    assert memory.read(store, "others", make) == 1
    assert made == [0, 1]


def test_what_is_quick_is_of_this_moment(store: Path) -> None:
    _, make = counting()
    memory = Remembered()
    memory.read(store, "figures", make)
    change(store)
    assert memory.read(store, "figures", make) == 1


def test_what_takes_long_may_be_a_little_old(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "OLD_S", 30.0)
    monkeypatch.setattr(remembered, "QUICK_S", 0.001)
    _, make = counting(0.01)
    memory = Remembered()
    memory.read(store, "figures", make)
    change(store)
    assert memory.read(store, "figures", make) == 0
    monkeypatch.setattr(remembered, "OLD_S", 0.0)
    assert memory.read(store, "figures", make) == 1


def test_an_erasure_and_a_click_of_ones_own_are_seen_at_once(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "OLD_S", 30.0)
    monkeypatch.setattr(remembered, "QUICK_S", 0.001)
    _, make = counting(0.01)
    memory = Remembered()
    memory.read(store, "figures", make)
    replace_file(store)
    assert memory.read(store, "figures", make) == 1
    memory.forget()
    assert memory.read(store, "figures", make) == 2


def test_of_two_at_once_one_works_and_the_other_waits(store: Path) -> None:
    made, make = counting(0.05)
    memory = Remembered()
    threads = [threading.Thread(target=memory.read, args=(store, "figures", make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [0]


@pytest.fixture
def memory() -> Iterator[Remembered]:
    memory = Remembered()
    yield memory
    memory.close()


@pytest.fixture
def half_a_minute_later(store: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Remembered], None]:
    """The store changes, and so much time goes by that figures are old and still shown."""
    monkeypatch.setattr(remembered, "OLD_S", 30.0)
    monkeypatch.setattr(remembered, "QUICK_S", 0.001)

    def pass_by(memory: Remembered, seconds: float = 31.0) -> None:
        change(store)
        with memory._lock:
            memory._kept = OrderedDict(
                (key, replace(kept, right_s=kept.right_s - seconds)) for key, kept in memory._kept.items()
            )

    return pass_by


def until(holds: Callable[[], bool]) -> bool:
    ends_s = time.monotonic() + 30
    while not holds() and time.monotonic() < ends_s:
        time.sleep(0.005)
    return holds()


def test_nobody_waits_for_other_figures_or_for_new_ones_of_the_same(
    store: Path, memory: Remembered, half_a_minute_later: Callable[..., None]
) -> None:
    go_on = threading.Event()
    _, make = counting(0.01)
    assert memory.read(store, "figures", make) == 0
    half_a_minute_later(memory)

    def make_slowly() -> int:
        assert go_on.wait(30)
        return 7

    try:
        assert memory.read(store, "figures", make_slowly) == 0  # the last ones, while new ones are worked out
        assert memory.read(store, "figures", make_slowly) == 0
        assert memory.read(store, "others", lambda: 3) == 3
    finally:
        go_on.set()
    assert until(lambda: memory.read(store, "figures", make_slowly) == 7)


def test_figures_of_more_than_five_minutes_ago_are_waited_for(
    store: Path, memory: Remembered, half_a_minute_later: Callable[..., None]
) -> None:
    _, make = counting(0.01)
    memory.read(store, "figures", make)
    half_a_minute_later(memory, 301.0)
    assert memory.read(store, "figures", make) == 1


def test_the_age_of_figures_counts_from_the_first_change(
    store: Path, memory: Remembered, half_a_minute_later: Callable[..., None]
) -> None:
    """Worked out in the evening, they are right until the night writes; so somebody has to look before it does."""
    _, make = counting(0.01)
    memory.read(store, "figures", make)
    with memory._lock:
        memory._kept["figures"] = replace(memory._kept["figures"], right_s=time.monotonic() - 40_000)
    memory.look(store)
    change(store)
    memory.look(store)
    assert memory.read(store, "figures", make) == 0


def test_who_has_written_something_sees_it_in_the_figures(
    store: Path, memory: Remembered, half_a_minute_later: Callable[..., None]
) -> None:
    _, make = counting(0.01)
    memory.read(store, "figures", make, "anna")
    half_a_minute_later(memory)
    memory.wrote("anna")
    assert memory.read(store, "figures", make, "boris") == 0  # and new ones are worked out behind his page
    assert until(lambda: not memory._renewed)
    half_a_minute_later(memory)
    assert memory.read(store, "figures", make, "anna") == 2


def test_who_has_written_something_may_see_it_at_once(
    store: Path, memory: Remembered, half_a_minute_later: Callable[..., None]
) -> None:
    _, make = counting(0.01)
    memory.read(store, "figures", make, "anna", is_own_seen_at_once=True)
    half_a_minute_later(memory, 1.0)
    assert memory.read(store, "figures", make, "anna", is_own_seen_at_once=True) == 0
    memory.wrote("anna")
    assert memory.read(store, "figures", make, "boris", is_own_seen_at_once=True) == 0
    assert memory.read(store, "figures", make, "anna", is_own_seen_at_once=True) == 1
    assert memory.read(store, "figures", make, "anna", is_own_seen_at_once=True) == 1  # nothing was written since


def test_what_began_before_a_click_is_not_shown_after_it(store: Path, memory: Remembered) -> None:
    def make() -> int:
        memory.forget()  # the click, meanwhile
        return 0

    assert memory.read(store, "figures", make) == 0
    assert memory.read(store, "figures", lambda: 1) == 1


def test_the_last_figures_stay_when_new_ones_cannot_be_worked_out(
    store: Path, memory: Remembered, half_a_minute_later: Callable[..., None]
) -> None:
    def fail() -> int:
        raise StoreError("busy")

    _, make = counting(0.01)
    memory.read(store, "figures", make)
    half_a_minute_later(memory)
    assert memory.read(store, "figures", fail) == 0
    assert until(lambda: not memory._renewed)
    assert memory.read(store, "figures", make) == 0
    assert until(lambda: memory.read(store, "figures", make) == 1)


def test_the_view_used_longest_ago_makes_room(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "KEPT", 2)
    made, make = counting()
    memory = Remembered()
    for key in ("one", "two", "one", "three", "one", "two"):
        memory.read(store, key, make)
    assert len(made) == 4  # one, two, three, and two again


def test_records_go_with_the_file_that_they_were_read_from(store: Path) -> None:
    kept: KeptWithStore[str, str] = KeptWithStore(store)
    kept.keep("call", "words")
    change(store)
    assert kept.find("call") == "words"
    replace_file(store)
    assert kept.find("call") is None
    kept.keep("call", "other words")
    store.unlink()
    assert kept.find("call") is None


def test_records_used_longest_ago_make_room(store: Path) -> None:
    kept: KeptWithStore[str, str] = KeptWithStore(store, largest=2)
    for key in ("one", "two"):
        kept.keep(key, key)
    assert kept.find("one") == "one"
    kept.keep("three", "three")
    assert [kept.find(key) for key in ("one", "two", "three")] == ["one", None, "three"]


def test_a_store_that_is_not_there_yet(data: DataFolder) -> None:
    kept: KeptWithStore[str, str] = KeptWithStore(data.store)
    assert kept.find("call") is None
    with Store(data.store).writing():
        kept.keep("call", "words")
    assert kept.find("call") == "words"
