"""Photographs every page in both languages for the docs: `python -m tests.browser.screenshots`."""

import argparse
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from pipeline.checklist import Checklist, load_checklist
from pipeline.data_folder import DataFolder
from pipeline.ffmpeg_program import find_ffmpeg
from pipeline.settings import load_settings
from pipeline.store import Store
from pipeline.store.evaluations import write_checklist
from review.app import create_app
from review.desk.people import Person, add_person
from review.permissions import Role
from tests.browser.serving import find_chromium, log_in, new_context, opened_browser, served
from tests.pages.people import PASSWORD
from tests.pages.team import team_store

TARGET = Path("docs/screenshots")
LANGUAGES = ("ru", "en")
COLOURS = 128  # enough for flat colours, and a third of the size
PEOPLE: tuple[tuple[str, str, str, Role], ...] = (
    ("anna", "Анна Королёва", "Anna Koroleva", "supervisor"),
    ("boris", "Борис Юдин", "Boris Yudin", "supervisor"),
    ("irina", "Ирина Соколова", "Irina Sokolova", "head"),
    ("admin", "Павел Орлов", "Pavel Orlov", "administrator"),
)
Step = Callable[[Page], None]


@dataclass(frozen=True)
class Shot:
    """`way`: an address, or what leads to the page; `team`: of the sales team's weeks, else of the demo's calls."""

    name: str
    login: str
    way: str | Step
    team: bool = False


def take_next(page: Page) -> None:
    page.goto("/")
    page.locator("button.next").click()
    page.wait_for_url("**/calls/*")
    page.locator("#wave svg, #wave canvas, #lanes > *").first.wait_for()
    page.keyboard.press("Shift+A")
    expect(page.locator("#accept")).to_contain_text("(0)")
    page.locator("h1").click()


def submit_and_look(page: Page) -> None:
    """Answers what is left: the best label of each scale."""
    own = page.url
    for criterion in page.locator(".criterion.asked").all():
        if not criterion.locator("input:checked").count():
            criterion.locator(".segments").first.locator("input").last.check(force=True)
    with page.expect_navigation():
        page.locator("#submit").click()
    page.goto(own)
    page.locator("#wave svg, #wave canvas, #lanes > *").first.wait_for()


def follow(start: str, selector: str) -> Step:
    """The page that the first such link of another page leads to."""

    def step(page: Page) -> None:
        page.goto(start)
        address = page.locator(selector).first.get_attribute("href")
        assert address, f"{start}: no link {selector}"
        page.goto(address if address.startswith("/") else page.url.partition("?")[0] + address)

    return step


SHOTS = (
    Shot("log-in", "", "/log-in"),
    Shot("queue", "anna", "/"),
    Shot("call", "anna", take_next),
    Shot("call-submitted", "anna", submit_and_look),
    Shot("calls", "anna", "/calls"),
    Shot("managers", "irina", "/managers", team=True),
    Shot("manager", "irina", "/managers/" + quote("Анна Белова"), team=True),
    Shot("trust", "irina", "/trust", team=True),
    Shot("checklists", "irina", "/checklists"),
    Shot("checklist", "irina", "/checklists/cqr"),
    Shot("compare", "irina", "/checklists/cqr/compare"),
    Shot("rescores", "irina", "/rescores"),
    Shot("nights", "irina", "/nights"),
    Shot("night", "irina", follow("/nights", "main a[href^='/nights/']")),
    Shot("exports", "irina", "/exports"),
    Shot("people", "admin", "/people"),
    Shot("audit", "admin", "/audit"),
    Shot("account", "admin", "/account"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, default=Path("data/demo"), help="a data folder after `make demo`")
    parser.add_argument("--only", nargs="*", default=[shot.name for shot in SHOTS], help="names of pages")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--target", type=Path, default=TARGET)
    asked = parser.parse_args()
    program = find_chromium()
    if program is None or not (asked.demo / "calls.duckdb").exists():
        print(f"Chromium is needed, and {asked.demo}/calls.duckdb: run `make demo` first", file=sys.stderr)
        return 1
    for language in LANGUAGES:
        folder = asked.target / language
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as temporary, ExitStack() as stack:
            browser = stack.enter_context(opened_browser(program))
            addresses = serve_both(stack, asked.demo, Path(temporary), language)
            photograph(browser, addresses, language, folder, asked.only, asked.width)
    return 0


def serve_both(stack: ExitStack, demo: Path, temporary: Path, language: str) -> dict[bool, str]:
    """The demo's calls and the team's weeks, each in a copy of its own. By `Shot.team`."""
    addresses = {}
    for is_team in (False, True):
        data = DataFolder(temporary / ("team" if is_team else "demo"))
        if is_team:
            data.prepare()
            data.store.write_bytes(team_store()[0])
        else:
            shutil.copytree(demo, data.root, ignore=shutil.ignore_patterns("*.lock", "desk.sqlite*", "*.txt"))
            with Store(data.store, timeout_s=30).writing() as con:
                earlier = changed(load_checklist("cqr"))
                write_checklist(con, earlier)
                sql = "UPDATE base.checklist_versions SET published_at = '2026-09-01' WHERE version = $1"
                con.execute(sql, [earlier.version])
                number_by_time = "UPDATE base.checklist_versions AS one SET version_number = (SELECT count(*) FROM "
                number_by_time += "base.checklist_versions AS other WHERE other.checklist_id = one.checklist_id "
                con.execute(number_by_time + "AND other.published_at <= one.published_at)")
        app = create_app(data, load_settings(), find_ffmpeg())
        for login, russian, english, role in PEOPLE:
            name = russian if language == "ru" else english
            add_person(app.state.site.desk, Person("", login, name, role), PASSWORD)
        addresses[is_team] = stack.enter_context(served(app))
    return addresses


def changed(checklist: Checklist) -> Checklist:
    """A milder version of it, so that there are two to compare."""
    return Checklist.model_validate(checklist.model_dump() | {"threshold": checklist.threshold - 5})


def photograph(
    browser: Browser, addresses: dict[bool, str], language: str, folder: Path, only: list[str], width: int
) -> None:
    pages: dict[tuple[bool, str], Page] = {}
    for shot in SHOTS:
        if shot.name not in only:
            continue
        key = (shot.team, shot.login)
        if key not in pages:
            page = pages[key] = new_context(browser, addresses[shot.team], language).new_page()
            page.set_viewport_size({"width": width, "height": 720})
            if shot.login:
                log_in(page, shot.login, PASSWORD)
        page = pages[key]
        if isinstance(shot.way, str):
            page.goto(shot.way)
        else:
            shot.way(page)
        page.wait_for_load_state("networkidle")
        path = folder / f"{shot.name}.png"
        path.write_bytes(compressed(page.screenshot(animations="disabled", caret="hide")))
        print(f"{path}: {path.stat().st_size // 1000} kB")


def compressed(png: bytes) -> bytes:
    """The same picture in few colours."""
    written = BytesIO()
    picture = Image.open(BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()


if __name__ == "__main__":
    sys.exit(main())
