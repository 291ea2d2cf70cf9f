"""A worker process that ends when the one that started it does.

A module of its own: the thread that waits here still runs when a worker ends in good order, and keeps alive whatever
this module imports. DuckDB among it would print a page about leaked objects into the user's terminal.
"""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Watch from now on: a worker whose parent was killed would wait for work forever, with its models in memory."""
    threading.Thread(target=_wait_and_end, daemon=True).start()


def _wait_and_end() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
