"""Which checklist a page's figures are about: the configured one, or another that has judged calls."""

import json
from dataclasses import dataclass

from pipeline.checklist import Text
from pipeline.store import Store
from pipeline.store.rows import fetch
from review.catalogue import Catalogue
from review.site import Site

CHECKLIST = "checklist"  # in the address


@dataclass(frozen=True, slots=True)
class ChecklistOption:
    checklist_id: str
    title: Text


@dataclass(frozen=True, slots=True)
class ChecklistChoice:
    """`default_id`: the configured one, which the address need not name; `options`: what has judged calls, it first."""

    checklist_id: str
    default_id: str
    options: tuple[ChecklistOption, ...] = ()

    @property
    def is_default(self) -> bool:
        return self.checklist_id == self.default_id

    @property
    def is_asked(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.options) > 1

    @property
    def query(self) -> list[tuple[str, str]]:
        """As the address says it."""
        return [] if self.is_default else [(CHECKLIST, self.checklist_id)]

    def title(self, words: Catalogue, checklist_id: str = "") -> str:
        """Of that checklist, else of the chosen one; its id where nothing was judged by it yet."""
        wanted = checklist_id or self.checklist_id
        return next((words.of(item.title) for item in self.options if item.checklist_id == wanted), wanted)


def choose_checklist(site: Site, asked: str) -> ChecklistChoice:
    """The checklist that the address names if it has judged anything, else the configured one.

    Raises StoreError like the store.
    """
    default_id = site.settings.checklist
    if not site.store.path.exists():
        return ChecklistChoice(default_id, default_id)
    options = site.figures.read(site.store.path, (CHECKLIST, default_id), lambda: read_options(site.store, default_id))
    known = {item.checklist_id for item in options}
    return ChecklistChoice(asked if asked in known else default_id, default_id, options)


def read_options(store: Store, default_id: str) -> tuple[ChecklistOption, ...]:
    with store.reading() as con:
        rows = fetch(con, "page_judging_checklists")
    options = [ChecklistOption(row["checklist_id"], json.loads(row["content"])["title"]) for row in rows]
    return tuple(sorted(options, key=lambda item: (item.checklist_id != default_id, item.checklist_id)))
