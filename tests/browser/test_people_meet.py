"""Two supervisors at once, links that are sent, another language, no mouse, no script."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from review.desk.claims import release_claim, standing_claims
from review.desk.people import Person, read_people
from review.desk.submissions import submissions_of_call
from tests.browser.conftest import Served
from tests.browser.serving import log_in
from tests.browser.talks import MANAGERS
from tests.browser.test_review import TAKE, answers, press_and_go, take_next
from tests.pages.people import PASSWORD

Open = Callable[..., Page]
CONFLICT = 409
MOST_TABS = 60


def call_of(page: Page) -> str:
    return page.url.rpartition("/")[2].partition("?")[0]


def test_two_supervisors_take_different_calls(talks: Served, open_page: Open) -> None:
    anna, boris = open_page(talks, "anna"), open_page(talks, "boris")
    take_next(anna)
    take_next(boris)
    assert call_of(anna) != call_of(boris)
    assert {item.name for item in standing_claims(talks.site.desk).values()} == {"Anna", "Boris"}


def test_the_second_on_a_call_is_told_and_nothing_is_overwritten(talks: Served, open_page: Open) -> None:
    anna, boris = open_page(talks, "anna"), open_page(talks, "boris", expected=[CONFLICT])
    boris.goto(f"/calls/{talks.calls[0]}")  # before anybody has it
    take_next(anna)
    assert call_of(anna) == talks.calls[0]
    anna.locator("label:has(#answer-greeting-3)").click()
    expect(anna.locator("#saved")).to_contain_text("saved")
    boris.locator("label:has(#answer-greeting-1)").click()
    expect(boris.locator("#review-bar .notice.bad")).to_contain_text("Anna works on this call until")
    expect(boris.locator("#submit")).to_have_count(0)
    boris.reload()
    expect(boris.locator("#review-bar .notice.bad")).to_contain_text("Anna works on this call until")
    expect(boris.locator("#answer-greeting-2")).to_be_disabled()
    anna.reload()
    assert answers(anna) == {"greeting": "=1"}


def fill_in_and_submit(page: Page, place: int) -> None:
    """The answer at that place of the scale, everywhere."""
    for choice in page.locator(f".choices .segments:first-child .choice:nth-child({place})").all():
        choice.click()
    with page.expect_navigation():
        page.locator("#submit").click()


def test_who_submits_late_is_told_and_overwrites_nothing(talks: Served, open_page: Open) -> None:
    """The claim of the second has ended unseen, and the first submitted meanwhile."""
    anna, boris = open_page(talks, "anna"), open_page(talks, "boris")
    call_id = talks.calls[0]
    boris.goto(f"/calls/{call_id}")
    for number, choice in enumerate(boris.locator(".choices .segments:first-child .choice:first-child").all(), 1):
        choice.click()
        expect(boris.locator("p.progress")).to_contain_text(f"{number} of 8")
    expect(boris.locator("p.progress")).to_contain_text("8 of 8")
    release_claim(talks.site.desk, call_id, people(talks)["boris"])
    anna.goto(f"/calls/{call_id}")
    fill_in_and_submit(anna, 3)
    expect(anna.locator("#toast")).to_contain_text("Submitted")
    with boris.expect_navigation():
        boris.locator("#submit").click()
    expect(boris.get_by_role("alert")).to_contain_text("Anna")
    expect(boris.get_by_role("alert")).to_contain_text("kept")
    (submission,) = submissions_of_call(talks.site.desk, call_id)
    assert submission.name == "Anna"
    assert {answer.label for answer in submission.draft.answers} == {"1"}


def people(talks: Served) -> dict[str, Person]:
    return {person.login: person for person in read_people(talks.site.desk)}


def test_filters_make_a_link_that_can_be_sent(talks: Served, open_page: Open) -> None:
    anna, boris = open_page(talks, "anna"), open_page(talks, "boris")
    expect(anna.locator("table.queue tbody tr")).to_have_count(3)
    anna.locator("select[name=manager]").select_option(MANAGERS[1])
    expect(anna.locator("table.queue tbody tr")).to_have_count(1)
    expect(anna).to_have_url(re.compile(r"\?manager=Kate"))
    for language in anna.locator(".languages a").all():  # they follow, though only the list was exchanged
        expect(language).to_have_attribute("href", re.compile(r"\?manager=Kate"))
    boris.goto(anna.url)
    expect(boris.locator("table.queue tbody tr")).to_have_count(1)
    expect(boris.locator("table.queue .manager").last).to_have_text(MANAGERS[1])
    take_next(boris)
    assert call_of(boris) == talks.calls[1]
    boris.locator(".back").click()
    expect(boris).to_have_url(re.compile(r"/\?manager=Kate"))


def test_the_language_changes_at_once_and_stays(talks: Served, open_page: Open) -> None:
    page = open_page(talks, "anna")
    page.goto("/?manager=Kate+O'Neil+%26+Co")
    page.locator(".languages a", has_text="Русский").click()
    expect(page.locator("h1")).to_have_text("Очередь")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("table.queue tbody tr")).to_have_count(1)  # the filter stayed
    take_next(page)
    expect(page.locator("#submit")).to_contain_text("Отправить")
    page.locator(".languages a", has_text="English").click()
    expect(page.locator("#submit")).to_contain_text("Submit")


def tab_to(page: Page, selector: str) -> None:
    """By the Tab key alone, each place that has the focus being seen. Raises when it cannot be reached."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_the_whole_way_without_a_mouse(talks: Served, open_page: Open) -> None:
    page = open_page(talks)
    page.goto("/")
    expect(page.locator("input[name=login]")).to_be_focused()
    page.keyboard.type("anna")
    tab_to(page, "input[name=password]")
    page.keyboard.type(PASSWORD)
    press_and_go(page, "Enter")
    tab_to(page, ".skip")
    page.keyboard.press("Enter")  # past the navigation
    tab_to(page, TAKE)
    press_and_go(page, "Enter")
    call_id = call_of(page)
    for place in range(8):
        page.keyboard.press("123nu"[place % 5])
        page.keyboard.press("ArrowDown")
    expect(page.locator("p.progress")).to_contain_text("8 of 8")
    tab_to(page, "#criterion-greeting .comment summary")
    page.keyboard.press("Enter")
    expect(page.locator("#criterion-greeting textarea")).to_be_focused()
    page.keyboard.type("123 by hand")
    tab_to(page, "#submit")
    press_and_go(page, "Enter")
    expect(page.locator("#toast")).to_be_visible()
    (submission,) = submissions_of_call(talks.site.desk, call_id)
    greeting = submission.draft.answer_to("greeting")
    assert greeting is not None
    assert greeting.comment == "123 by hand"


def test_everything_works_as_plain_forms_without_script(talks: Served, open_page: Open) -> None:
    page = open_page(talks, script=False)
    log_in(page, "anna", PASSWORD)
    take_next(page)
    call_id = call_of(page)
    assert page.locator("#audio").is_visible()  # the browser's own player
    page.locator("label:has(#answer-greeting-1)").click()
    page.locator("noscript button").click()
    expect(page.locator("#answer-greeting-1")).to_be_checked()
    page.locator("#submit").click()
    expect(page.locator(".evaluation [role=alert]")).to_contain_text("Some answers are missing")
    page.locator("#accept").click()
    expect(page.locator("#answer-upsell-1")).to_be_checked()
    fill_in_and_submit(page, 2)
    expect(page.locator("#toast")).to_contain_text("Submitted")
    page.locator("#toast button").click()
    assert call_of(page) == call_id
    expect(page.locator("#answer-greeting-2")).to_be_checked()
