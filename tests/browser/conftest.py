import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page

from pipeline.data_folder import DataFolder
from pipeline.settings import load_settings
from review.app import create_app
from review.catalogue import load_catalogues
from review.desk.people import Person, add_person
from review.permissions import ROLES
from review.site import Site, load_templates
from tests.browser.serving import find_chromium, new_context, opened_browser, served
from tests.browser.serving import log_in as log_in_by_form
from tests.browser.talks import MANAGERS, build_talks
from tests.browser.watching import Watched, watch
from tests.pages.people import PASSWORD
from tests.pages.team import team_store

WANTED = "PRESCORE_BROWSER_TESTS"  # "required" where a missing browser is an error, as in CI
HOW = "there is no Chromium; install it with: sudo apt-get install chromium"
OTHERS = {"anna": "supervisor", "boris": "supervisor", "vera": "supervisor"}
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Served:
    """A running application of a test's own. `calls`: ids in the order in which the queue hands them out."""

    address: str
    site: Site
    calls: tuple[str, ...]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker("browser")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all tests here; closed before others, because its loop stands in the way of theirs."""
    program = find_chromium()
    if program is None and os.environ.get(WANTED) == "required":
        pytest.fail(HOW)
    if program is None:
        pytest.skip(HOW)
    with opened_browser(program) as browser:
        yield browser


@pytest.fixture(scope="package", autouse=True)
def _made_once() -> Iterator[None]:
    """Words and templates are the same for every application, and passwords need not be safe here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("review.app.load_catalogues", cache(load_catalogues))
        patch.setattr("review.app.load_templates", cache(load_templates))
        patch.setattr("review.remembered.OLD_S", 0.0)  # figures are those of this moment
        patch.setattr("review.desk.passwords.hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="package")
def built_talks(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFolder, tuple[str, ...]]:
    """Three calls that wait for a review; for copying."""
    folder = tmp_path_factory.mktemp("talks")
    data = DataFolder(folder / "data")
    data.prepare()
    return data, build_talks(data, folder / "inbox")


@pytest.fixture(scope="package")
def built_team(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """A sales team's weeks, and beside them the calls that can be heard; for copying."""
    folder = tmp_path_factory.mktemp("team")
    data = DataFolder(folder / "data")
    data.prepare()
    data.store.write_bytes(team_store()[0])
    build_talks(data, folder / "inbox")
    return data


@pytest.fixture
def talks(built_talks: tuple[DataFolder, tuple[str, ...]], tmp_path: Path) -> Iterator[Served]:
    built, calls = built_talks
    with ExitStack() as stack:
        yield serve_copy(stack, built, tmp_path, calls)


@pytest.fixture
def team(built_team: DataFolder, tmp_path: Path) -> Iterator[Served]:
    with ExitStack() as stack:
        yield serve_copy(stack, built_team, tmp_path, ())


def serve_copy(stack: ExitStack, built: DataFolder, folder: Path, calls: tuple[str, ...]) -> Served:
    shutil.copytree(built.root, folder / "data")
    app = create_app(DataFolder(folder / "data"), load_settings())
    site: Site = app.state.site
    for role in ROLES:
        manager = MANAGERS[0] if role == "manager" else None
        add_person(site.desk, Person("", role, role.title(), role, manager), PASSWORD)
    for login in OTHERS:
        add_person(site.desk, Person("", login, login.title(), "supervisor", blind=login == "vera"), PASSWORD)
    return Served(stack.enter_context(served(app)), site, calls)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a browser for somebody, who logs in by the form if a login is given. It watches for what must not be."""
    watched: list[Watched] = []
    with ExitStack() as stack:

        def opened(
            served: Served,
            login: str = "",
            *,
            script: bool = True,
            bypass_csp: bool = False,
            expected: Sequence[int] = (),
        ) -> Page:
            context = new_context(browser, served.address, script=script, bypass_csp=bypass_csp)
            stack.callback(context.close)
            page = context.new_page()
            watched.append(watch(page, served.address, expected))
            if login:
                log_in_by_form(page, login, PASSWORD)
            return page

        yield opened
        for item in watched:
            assert item.troubles == []
