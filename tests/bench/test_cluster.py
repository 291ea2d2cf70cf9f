"""What several machines cost: parts of a night's CPU, what a shard adds, and services that leave nothing behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.cluster import FLOW, Calls, Night, Way, check_same, make_fake_calls, render, run_night, ways
from tests.bench.cluster_services import PREFECT, SCHEDULER, WORKERS, dask_cluster
from tests.bench.measuring import Measured, measure, tree_cpu_s
from tests.bench.pages import write_section
from tests.faults.processes import group_is_alive, wait_until
from tests.flow_runs.conftest import FAKES

PLAIN, FLOW_HERE, OVER_DASK = ways(2)
A_SECOND = "import time\nwhile time.process_time() < 0.5: pass\n"


def night(way: Way, shards: int, wall_s: float, cpu_s: float = 10.0, own_s: float = 4.0, **services: float) -> Night:
    names = {"prefect": PREFECT, "scheduler": SCHEDULER, "workers": WORKERS}
    measured = Measured(wall_s, cpu_s, 2000.0, "", own_cpu_s=own_s)
    spent = {names[name]: seconds for name, seconds in services.items()}
    return Night(way, 100, shards, 99, measured, 1_000_000, 20_000 * shards, spent)


def test_parts_of_a_night_are_all_of_it() -> None:
    found = night(OVER_DASK, 10, 30.0, cpu_s=5.0, own_s=4.5, prefect=2.0, scheduler=1.0, workers=40.0)
    assert found.cpu_s == 48.0
    parts = [found.part_s(name) for name in (FLOW, WORKERS, SCHEDULER, PREFECT)]
    assert parts == [4.5, 40.5, 1.0, 2.0]


def test_the_section_holds_each_way_beside_the_first() -> None:
    heard = [night(PLAIN, 10, 50.0), night(OVER_DASK, 10, 60.0, prefect=2.0, scheduler=1.0, workers=40.0)]
    few, many = night(OVER_DASK, 10, 5.0, prefect=2.0), night(OVER_DASK, 100, 9.0, own_s=5.8, prefect=4.07)
    found = render(heard, [few, many], load=0.4)
    assert "100 stereo calls of 8 to 16 s, cut from the samples; 99 of them were judged" in found
    assert "| `prescore run`, 2 workers of this machine, one a core | 50.0 | 1.00 | 10.0 | 2000 |" in found
    assert "| `nightly` over Dask, 2 workers | 60.0 | 1.20 | 53.0 | 2000 |" in found
    assert "| `nightly` over Dask, 2 workers | 10 | 5.0 | 40.0 | 60.0 | 0.0 | 20.0 | 10.0 | 2.0 |" in found
    assert "| `nightly` over Dask, 2 workers | 20.0 | -20.0 | 0.0 | 23.0 | 0.0 | 20.0 |" in found  # a shard more


def test_a_night_that_judged_less_is_refused() -> None:
    less = Night(FLOW_HERE, 100, 10, 98, Measured(1.0, 1.0, 1.0, ""), 1)
    with pytest.raises(ValueError, match="98 calls were judged, 99 at first"):
        check_same([night(PLAIN, 10, 1.0), less])


def test_the_section_goes_into_its_place(tmp_path: Path) -> None:
    page = tmp_path / "scale.md"
    page.write_text("# Page\n\n## One\nold\n\n## Two\nkept\n", encoding="utf-8")
    write_section("## One", "## One\n\nnew\n", page)
    assert page.read_text(encoding="utf-8") == "# Page\n\n## One\n\nnew\n\n## Two\nkept\n"


def test_time_of_a_process_and_of_those_below_it() -> None:
    below = f"import subprocess, sys\nsubprocess.run([sys.executable, '-ISc', {A_SECOND!r}])\nprint('done')"
    found = measure([sys.executable, "-ISc", below])
    assert found.output == "done\n"
    assert found.own_cpu_s < 0.45 < found.cpu_s


def test_time_of_what_runs_already() -> None:
    process = subprocess.Popen(
        [sys.executable, "-ISc", f"{A_SECOND}print(1, flush=True)\ninput()"], stdin=-1, stdout=-1
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        assert tree_cpu_s(process.pid) >= 0.45
    assert tree_cpu_s(process.pid) == 0.0


def test_a_small_night_of_fakes_is_measured(tmp_path: Path) -> None:
    make_fake_calls(tmp_path, 2)
    found = run_night(ways(1)[0], Calls(tmp_path, 2, FAKES))
    assert (found.judged, found.shards, found.prefect_bytes) == (2, 2, 0)
    assert 0 < found.part_s(FLOW) < found.cpu_s
    assert found.store_bytes > 0 < found.measured.peak_mb


def test_a_cluster_leaves_no_process(tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "dask", 1, os.environ) as (address, services):
        assert address.startswith("tcp://127.0.0.1:")
        assert [service.name for service in services] == [SCHEDULER, WORKERS]
        assert all(service.cpu_s > 0 for service in services)
    for service in services:  # what was killed is there until init has waited for it
        wait_until(lambda group=service.process.pid: not group_is_alive(group), f"the end of {service.name}")
