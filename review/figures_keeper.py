"""Works out beside the pages what people open first, so that hardly anybody waits for figures over all calls."""

import logging
import threading
import time

from pipeline.errors import StoreError
from review.desk_work import timezone_of
from review.pages.checklist_choice import choose_checklist
from review.pages.checklists import find_counts
from review.pages.nights import find_mendable
from review.pages.rescore_calls import find_rescore_calls
from review.pages.team_figures import find_team
from review.pages.trust_view import find_trust
from review.site import Site

log = logging.getLogger(__name__)
EVERY_S = 1.0
AGAIN_S = 100.0  # a third of the time for which old figures are shown: there are always some


class FiguresKeeper:
    """The thread. `is_ready`: the figures have been worked out once since it was started, after the list of calls."""

    def __init__(self, site: Site, every_s: float = EVERY_S, again_s: float = AGAIN_S) -> None:
        self._site = site
        self._every_s = every_s
        self._again_s = again_s
        self._stopped = threading.Event()
        self.is_ready = threading.Event()
        self._thread = threading.Thread(target=self._work, name="figures keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()
        self._site.figures.close()

    def _work(self) -> None:
        due_s = 0.0
        while not self._stopped.wait(self._every_s):
            try:
                if not self._site.listing.has_read(self._site.store):
                    continue  # the queue comes first
                self._site.figures.look(self._site.store.path)
                if time.monotonic() >= due_s:
                    self._ask()
                    due_s = time.monotonic() + self._again_s
            except StoreError as error:
                log.info("%s; figures are worked out later", error)
            except Exception:  # the thread outlives whatever happens to the file; a view reads for itself
                log.exception("figures could not be worked out")

    def _ask(self) -> None:
        """As the pages do: what is a little old is worked out anew behind this thread too, what is too old by it."""
        site, choice = self._site, choose_checklist(self._site, "")
        for find in (
            lambda: find_mendable(site, None),
            lambda: find_team(site, None, choice, ("", "", ""), timezone_of(site)),
            lambda: find_counts(site, None),
            lambda: find_trust(site, None, choice.checklist_id),
            lambda: find_rescore_calls(site),
        ):
            if self._stopped.is_set():
                return
            find()
        self.is_ready.set()
