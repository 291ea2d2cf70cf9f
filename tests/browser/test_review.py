"""A supervisor's morning in a real browser: take a call, hear the places that matter, answer, submit, take back."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from review.desk.submissions import submissions_of_call
from tests.browser.conftest import Served
from tests.browser.talks import GREETING_S, PROMISE_S

Open = Callable[..., Page]
TAKE = "button.next"


def take_next(page: Page) -> None:
    page.locator(TAKE).click()
    page.wait_for_url("**/calls/*")


def wait_until_played(page: Page, from_s: float) -> None:
    """Raises when the sound does not move on from there; the player jumps to a little before it."""
    page.wait_for_function(
        "from => { const audio = document.getElementById('audio');"
        " return audio.currentTime > from + 0.2 && audio.currentTime < from + 5; }",
        arg=from_s,
    )


def answers(page: Page) -> dict[str, str]:
    """What is chosen, by criterion."""
    return page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.choices input:checked')]"
        ".map(input => [input.name.replace('answer-', ''), input.value]))"
    )


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_contain_text("saved")


def press_and_go(page: Page, key: str) -> None:
    """A key that leads to another page; its scripts have run then."""
    with page.expect_navigation():
        page.keyboard.press(key)


def answer_what_is_left(page: Page) -> None:
    page.keyboard.press("Shift+A")
    expect(page.locator("#accept")).to_contain_text("(0)")
    for name in ("needs", "initiative", "closing"):
        expect(page.locator(f"#criterion-{name}")).to_have_class(re.compile("current"))
        page.keyboard.press("3")
        page.keyboard.press("ArrowDown")
        while page.locator(".criterion.current .choices input:checked").count() and len(answers(page)) < 8:
            page.keyboard.press("ArrowDown")
    expect(page.locator("p.progress")).to_contain_text("8 of 8")


def test_the_log_in_lets_in(talks: Served, open_page: Open) -> None:
    page = open_page(talks)
    page.goto("/")
    page.wait_for_url("**/log-in**")
    expect(page.locator("input[name=login]")).to_be_focused()
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    press_and_go(page, "Enter")
    expect(page.locator("h1")).to_have_text("Queue")
    expect(page.locator(".person")).to_have_text("Anna")


def test_e_plays_each_evidence_of_the_criterion_in_turn(talks: Served, open_page: Open) -> None:
    page = open_page(talks, "anna")
    take_next(page)
    for _ in range(8):
        if page.locator("#criterion-initiative.current").count():
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("e")
    wait_until_played(page, PROMISE_S)
    page.keyboard.press("e")
    wait_until_played(page, GREETING_S)
    page.keyboard.press("ArrowRight")
    wait_until_played(page, GREETING_S + 4)
    assert page.locator("#criterion-initiative.current").count() == 1


def test_speed_and_search(talks: Served, open_page: Open) -> None:
    page = open_page(talks, "anna")
    take_next(page)
    page.locator("#speed").select_option("2")
    assert page.evaluate("document.getElementById('audio').playbackRate") == 2
    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type("договор")
    expect(page.locator("#found")).to_have_text("1 of 1")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    assert page.evaluate("document.getElementById('audio').playbackRate") == 2  # remembered


def test_answers_by_keys_are_saved_as_they_are_given(talks: Served, open_page: Open) -> None:
    page = open_page(talks, "anna")
    take_next(page)
    names = page.evaluate("[...document.querySelectorAll('.criterion')].map(item => item.id.replace('criterion-', ''))")
    before = page.locator("#cqr").inner_text()
    for key in ("1", "2", "n", "u"):
        page.keyboard.press(key)
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("3")  # another answer to the fourth
    given = dict(zip(names, ("=0", "=0.5", "not_applicable", "=1"), strict=False))
    assert answers(page) == given
    expect(page.locator("p.progress")).to_contain_text(re.compile(r"\d of \d"))
    expect(page.locator("#cqr")).not_to_have_text(before)
    page.locator("#note").fill("123 nu e")  # keys mean nothing there
    assert answers(page) == given
    saved(page)
    expect(page.locator(".htmx-request")).to_have_count(0)
    page.reload()
    assert answers(page) == given


def test_the_call_type_can_be_corrected_and_the_checklist_follows(talks: Served, open_page: Open) -> None:
    page = open_page(talks, "anna")
    take_next(page)
    page.locator("#call-type").select_option("spam")
    expect(page.locator(".criterion")).to_have_count(2)
    page.locator("#call-type").select_option("objection")
    expect(page.locator(".criterion")).to_have_count(8)


def test_accept_all_sure_submit_and_undo(talks: Served, open_page: Open) -> None:
    page = open_page(talks, "anna")
    take_next(page)
    first = page.url
    call_id = first.rpartition("/")[2].partition("?")[0]
    answer_what_is_left(page)
    given = answers(page)
    press_and_go(page, "Enter")
    expect(page.locator("#toast")).to_contain_text("Submitted")
    assert call_id not in page.url
    assert "/calls/" in page.url
    (submission,) = submissions_of_call(talks.site.desk, call_id)
    assert submission.login == "anna"
    press_and_go(page, "Backspace")
    assert f"/calls/{call_id}" in page.url
    assert answers(page) == given
    assert submissions_of_call(talks.site.desk, call_id)[0].undone_s is not None


def test_suggestion_and_verdict_stand_side_by_side_afterwards(talks: Served, open_page: Open) -> None:
    page = open_page(talks, "anna")
    take_next(page)
    first = page.url
    answer_what_is_left(page)
    press_and_go(page, "Enter")
    expect(page.locator("#toast")).to_be_visible()
    page.goto(first)
    closing = page.locator("#criterion-closing")
    expect(closing.locator(".said-by-machine .chosen")).to_have_text("0.5")
    expect(closing.locator(".verdict .chosen")).to_have_text("1")
    expect(closing).to_have_class(re.compile("differs"))
    expect(page.locator("#criterion-politeness")).not_to_have_class(re.compile("differs"))
    page.locator("#undo button").click()
    expect(page.locator("#review")).to_be_visible()


def test_blind_mode_shows_no_suggestion_before_and_both_after(talks: Served, open_page: Open) -> None:
    page = open_page(talks, "vera")
    take_next(page)
    first = page.url
    assert page.locator(".badge.blind").count() == 1
    for sign in (".suggested-answer", ".suggested", "[data-suggested]", ".chip", "#accept", ".reason"):
        assert page.locator(f".evaluation {sign}").count() == 0, sign
    assert "0.87" not in page.content() and "87%" not in page.content()
    with page.expect_response("**/draft"):
        page.locator("#call-type").select_option("objection")
    expect(page.locator("#call-type.set")).to_have_value("objection")
    for number in range(8):
        page.keyboard.press("3")
        page.keyboard.press("ArrowDown")
        expect(page.locator("p.progress")).to_contain_text(f"{number + 1} of 8")
    press_and_go(page, "Enter")
    expect(page.locator("#toast")).to_be_visible()
    assert page.locator(".suggested-answer").count() == 0  # of the next call
    page.goto(first)
    expect(page.locator("#evaluation-title")).to_have_text("Suggestion and verdict")
    expect(page.locator("#criterion-closing .said-by-machine .chosen")).to_have_text("0.5")
    expect(page.locator("#criterion-closing .verdict .chosen")).to_have_text("1")
    assert page.locator(".chip").count() > 0


def test_the_mouse_and_the_space_bar_move_the_sound(talks: Served, open_page: Open) -> None:
    """Evidence, a word and a line each play their place; the space bar stops there and goes on from there."""
    page = open_page(talks, "anna")
    take_next(page)
    page.locator("#wave svg, #wave canvas, #lanes > *").first.wait_for()  # before its script a chip is a plain link
    assert page.evaluate("document.getElementById('audio').paused")
    page.locator("#criterion-closing .chip.play").first.click()
    wait_until_played(page, PROMISE_S)
    expect(page.locator(".word.playing, .utterance.playing").first).to_be_visible()
    page.locator(".utterance .word").first.click()
    wait_until_played(page, GREETING_S)
    page.locator("h1").click()
    page.keyboard.press("Space")
    page.wait_for_function("document.getElementById('audio').paused")
    stopped_s = page.evaluate("document.getElementById('audio').currentTime")
    assert stopped_s > GREETING_S
    page.keyboard.press("Space")
    wait_until_played(page, stopped_s)


def test_a_comment_is_opened_and_left_by_keys(talks: Served, open_page: Open) -> None:
    """What is typed into it is no key, and Escape leads back to where keys are."""
    page = open_page(talks, "anna")
    take_next(page)
    expect(page.locator(".back")).to_have_text("← Queue")
    page.keyboard.press("c")
    expect(page.locator("textarea:focus")).to_have_count(0)  # a comment belongs to an answer
    page.keyboard.press("2")
    page.keyboard.press("c")
    comment = page.locator("#criterion-greeting textarea")
    expect(comment).to_be_focused()
    page.keyboard.type("1 nu c")
    page.keyboard.press("Escape")
    expect(page.locator("#criterion-greeting")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("1")
    expect(page.locator("p.progress")).to_contain_text("2 of 8")
    assert answers(page) == {"greeting": "=0.5", "needs": "=0"}
    expect(comment).to_have_value("1 nu c")
    page.locator("#criterion-needs .comment summary").click()
    expect(page.locator("#criterion-needs textarea")).to_be_focused()
