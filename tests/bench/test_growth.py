"""A grown store is whole: every copy is calls of its own, and the views see each of them."""

import json
import subprocess
import sys

import pytest

from pipeline.data_folder import DataFolder
from pipeline.store import Store
from tests.bench import growth_store
from tests.bench.growth import Size, holds, render
from tests.bench.growth_measures import BEHIND, NIGHT, READY, Timed

MADE, COPIES = 10, 4


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    data = DataFolder(tmp_path_factory.mktemp("grown") / "data")
    data.prepare()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growth_store, "MADE", MADE)
        growth_store.build_template(data.root / "template.duckdb")
        growth_store.build_grown(data.root / "template.duckdb", data.store, MADE * COPIES)
    return data


def count(data: DataFolder, what: str) -> int:
    with Store(data.store).reading() as con:
        row = con.execute(f"SELECT {what}").fetchone()
    assert row is not None
    return int(row[0])


def test_each_copy_is_calls_of_its_own(grown: DataFolder):
    both = MADE + growth_store.FAILED
    assert count(grown, "count(DISTINCT call_id) FROM main.calls") == both * COPIES
    assert count(grown, "count(*) FROM main.calls WHERE status = 'done'") == MADE * COPIES
    assert count(grown, "count(*) FROM main.calls WHERE status = 'failed'") == growth_store.FAILED * COPIES
    assert count(grown, "count(DISTINCT manager) FROM main.calls") > COPIES
    assert count(grown, "count(*) FROM base.suggestions") == MADE * COPIES * 10


def test_verdicts_and_evidence_follow_their_copy(grown: DataFolder):
    assert count(grown, "count(*) FROM main.reviews WHERE is_current") == MADE * COPIES // 5
    lost = "count(*) FROM base.verdicts ANTI JOIN base.evaluations USING (evaluation_id)"
    assert count(grown, lost) == 0
    assert count(grown, "count(*) FROM base.evidence ANTI JOIN base.suggestions USING (evaluation_id)") == 0


def test_no_text_stands_in_two_copies(grown: DataFolder):
    repeated = "(SELECT text FROM base.utterances GROUP BY text HAVING count(DISTINCT content_sha256) > 1)"
    within = "(SELECT text FROM base.utterances GROUP BY text HAVING count(DISTINCT right(text, 1)) > 1)"
    assert count(grown, f"count(*) FROM {within}") == 0
    assert count(grown, f"count(*) FROM {repeated}") < MADE * COPIES


def test_heavy_columns_are_those_of_the_newest(grown: DataFolder):
    with_payload = "count(DISTINCT content_sha256) FROM base.stage_results WHERE payload IS NOT NULL"
    assert count(grown, with_payload) == MADE * growth_store.WHOLE_COPIES


def test_every_page_of_a_grown_store_opens_and_is_measured(grown: DataFolder):
    command = [sys.executable, "-m", "tests.bench.growth_measures", str(grown.root), "0"]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    names = [item["name"] for item in found["timed"]]
    assert len(names) == len(set(names))
    assert {"open to read", "queue, first", "call, again", "trust, after the night"} <= set(names)
    assert {"a night: which of 1,000 files are known", "publish, again: 100 calls more"} <= set(names)
    assert {READY, f"{BEHIND}: trust", f"publish, a new checklist version, {NIGHT} calls more"} <= set(names)
    assert all(item["wall_s"] > 0 for item in found["timed"])
    assert count(grown, "count(*) FROM base.recordings") == (MADE + growth_store.FAILED) * COPIES + 5 * NIGHT


def size(calls: int, **seconds: float) -> Size:
    timed = tuple(Timed(name.replace("_", " "), wall_s, wall_s) for name, wall_s in seconds.items())
    return Size(calls, timed, 1.0, 1.0)


def test_a_night_has_to_stay_as_quick_and_a_page_below_its_bound():
    small, large = size(1, a_night=1.0, queue=0.1), size(100, a_night=1.6, queue=0.4)
    assert not holds("a night", [small, large])
    assert holds("queue", [small, large])
    assert "| queue | 0.100 (0.100) | 0.400 (0.400) | 0.5 s | yes |" in render([small, large])


def test_what_nobody_waits_for_has_no_bound():
    assert "| behind the pages | 9.000 (9.000) |  |  |" in render([size(100, behind_the_pages=9.0)])
