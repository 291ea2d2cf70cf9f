"""A night beside the page: shards through the run's own doors, at a pace; then confirmed, finished and published.

`python -m tests.bench.page_night DATA FIRST_NUMBER SECONDS`
"""

import sys
import time
from pathlib import Path

from flows.batch import RUN_LOCK_S, store_shard
from flows.confirming import confirm_stored
from flows.shards import ShardResult
from pipeline.data_folder import DataFolder
from pipeline.processing import CallResult
from pipeline.settings import load_settings
from pipeline.store import Store
from pipeline.store.calls import register_recordings
from pipeline.store.lock import locked
from pipeline.store.publish import publish
from pipeline.store.runs import write_run_event
from tests.bench.page_store import make_calls

SHARD, EVERY_S = 8, 5.0  # 96 calls a minute; two cores compute about ten
RUN = "bench-night"


def main(folder: Path, first: int, seconds: float) -> None:
    data, settings = DataFolder(folder), load_settings()
    store = Store(data.store)
    with locked(data.run_lock, exclusive=True, timeout_s=RUN_LOCK_S):
        count = int(seconds / EVERY_S) * SHARD
        made = list(make_calls(range(first, first + count)))
        with store.writing() as con:
            write_run_event(con, RUN, "started", {"recordings": count})
            register_recordings(con, [item.delivery for item in made])
        stored, ends_s = 0, time.monotonic() + seconds
        while time.monotonic() < ends_s and (shard := made[stored : stored + SHARD]):
            calls = tuple(CallResult(item.delivery.recording.content_sha256, item.results) for item in shard)
            store_shard(store, ShardResult(stored // SHARD, calls, 0.0), RUN)
            stored += len(shard)
            time.sleep(EVERY_S)
        confirm_stored(store, settings.trust)
        with store.writing() as con:
            write_run_event(con, RUN, "finished", {"done": stored})
        publish(store, data.published)
    print(stored)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
