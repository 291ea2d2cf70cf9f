import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.stages import StageResult
from pipeline.store import Store
from pipeline.store.evaluations import write_checklist
from pipeline.store.results import write_results
from pipeline.store.show import CurrentScore, read_call
from pipeline.store.verdicts import Verdict, append_verdicts
from pipeline.store.versions import write_default_checklist
from review.kept_records import KeptRecords
from review.pages.call_reading import choose_judged, read_facts, read_found, read_shown
from review.pages.call_view import build_transcript
from review.pages.checklist_view import build_evaluation, known_criterion
from tests.pages.calls import CHECKLIST, HOSTILE
from tests.pages.people import logged_in


def criterion(html: str, name: str) -> str:
    found = re.search(rf'<article class="criterion[^>]*id="criterion-{name}".*?</article>', html, re.DOTALL)
    assert found is not None
    return found[0]


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A manager whose call it is: they read, and answer nothing."""
    with logged_in(app, "manager", manager="Ольга Смирнова") as client:
        yield client


@pytest.fixture
def html(client: TestClient, calls: SimpleNamespace) -> str:
    response = client.get(f"/calls/{calls.done}")
    assert response.status_code == 200
    return response.text


def test_the_facts_of_the_call(html: str) -> None:
    for fact in ("Call of 05 Oct 2026, 10:12", "Ольга Смирнова", "outgoing", "…0101", "0:12", "Russian", "office"):
        assert fact in html


def test_the_transcript_is_a_conversation_that_can_be_heard(html: str, calls: SimpleNamespace) -> None:
    assert '<article class="utterance agent" id="u0" data-start="0.5" data-end="2.0">' in html
    assert '<article class="utterance client" id="u1"' in html
    assert f'href="/calls/{calls.done}/audio#t=0.5"' in html
    assert '<span class="word faint" data-start="1.0" data-end="1.4">день</span>' in html
    assert '<span class="word" data-start="0.5" data-end="0.9">Добрый</span> ' in html
    assert html.count('class="interrupts"') == 1


def test_what_was_said_is_text_and_never_markup(html: str) -> None:
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; &lt;b&gt;") == 2  # transcript and evidence
    assert HOSTILE not in html
    assert re.findall("<script(.*?)>", html) == [
        ' src="/vendor/wavesurfer.js" defer',
        ' src="/vendor/wavesurfer-regions.js" defer',
        *(f' src="/static/{name}.js" defer' for name in ("player", "transcript", "keys")),
    ]


def test_each_state_of_a_suggestion_is_told_apart(html: str) -> None:
    assert '<span class="chosen">0.5</span>' in criterion(html, "greeting")
    assert "80% sure" in criterion(html, "greeting")
    assert "not enough evidence" in criterion(html, "needs")
    assert "unsure: 50%" in criterion(html, "initiative")
    objection = criterion(html, "objection")
    assert "does not apply" in objection
    assert "chosen" not in objection
    assert '<span class="scale bad"' in criterion(html, "politeness")
    assert "critical" in criterion(html, "politeness")


def test_a_reason_without_words_says_what_the_level_means(html: str) -> None:
    assert "A concrete next step agreed by both" in criterion(html, "closing")
    assert "no.such_reason" not in html


def test_evidence_plays_its_place(html: str, calls: SimpleNamespace) -> None:
    chip = criterion(html, "greeting")
    assert f'href="/calls/{calls.done}/audio#t=0.5,2.0" data-start="0.5" data-end="2.0" data-utterance="u0"' in chip
    without_end = criterion(html, "initiative")
    assert f'href="/calls/{calls.done}/audio#t=2.5" data-start="2.5" data-utterance="u1"' in without_end
    assert 'class="chip" href="#u1"' in without_end  # evidence without a time leads to the line


def test_score_type_and_that_a_machine_wrote_it(html: str) -> None:
    assert "Suggestions of the machine" in html
    assert "not a verdict" in html
    assert "by the machine&#39;s suggestions, passes from 80" in html
    assert "Critical criterion at zero: politeness" in html
    assert "87% sure" in html
    assert "the sides may be swapped" in html


def test_conversation_metrics(html: str) -> None:
    assert "131 words/min" in html
    assert "<td>6.0 s</td>" in html
    assert "4.2 s" in html


def test_a_verdict_stands_beside_the_suggestion(client: TestClient, data: DataFolder, calls: SimpleNamespace) -> None:
    store = Store(data.store)
    with store.reading() as con:
        evaluation_id = read_call(con, calls.done).evaluations[0].evaluation_id
    verdict = Verdict(evaluation_id=evaluation_id, criterion_id="greeting", applicable=True, value=1.0, reviewer="Анна")
    with store.writing() as con:
        append_verdicts(con, [verdict])
    html = client.get(f"/calls/{calls.done}").text
    shown = criterion(html, "greeting")
    assert '<span class="chosen">0.5</span>' in shown.partition("Verdict")[0]
    assert '<span class="chosen">1</span>' in shown.partition("Verdict")[2]
    assert "Анна" in shown
    assert "verdicts on 1" in html


@pytest.mark.parametrize("name", ["done", "silent"])  # judged, and not
def test_a_damaged_recording_is_said_to_be_one(
    name: str, app: FastAPI, calls: SimpleNamespace, data: DataFolder
) -> None:
    client = logged_in(app, "supervisor")
    address, line = f"/calls/{getattr(calls, name)}", "Part of the recording is damaged"
    assert line not in client.get(address).text
    with Store(data.store).writing() as con:
        heard = read_call(con, getattr(calls, name)).transcription
        assert heard is not None
        again = replace(heard, audio=replace(heard.audio, damaged=True))
        sha = read_call(con, getattr(calls, name)).call.content_sha256 or ""
        write_results(con, [StageResult(sha, "transcription", "t2", again, 1.0, 12.0)], "run 2")
    html = client.get(address).text
    assert line in html and "ask for the recording again" in html


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missed", "Nobody answered"),
        ("failed", "could not be processed: the recording is damaged or cut off"),
        ("silent", "Nobody speaks"),
        ("short", "Too short to score"),
        ("waiting", "waiting for the next run"),
        ("gone", "The recording is not in its place"),
    ],
)
def test_calls_without_everything_say_why(app: FastAPI, calls: SimpleNamespace, name: str, message: str) -> None:
    response = logged_in(app, "supervisor").get(f"/calls/{getattr(calls, name)}")
    assert response.status_code == 200
    assert message in response.text


def test_a_call_whose_file_is_gone_has_no_player_and_keeps_its_scores(app: FastAPI, calls: SimpleNamespace) -> None:
    html = logged_in(app, "manager", manager="Kate O'Neil & Co").get(f"/calls/{calls.gone}").text
    assert "<audio" not in html
    assert "/audio" not in html
    assert '<span class="chosen">0.5</span>' in html


def test_a_journal_id_leads_to_the_call(client: TestClient, calls: SimpleNamespace) -> None:
    response = client.get("/calls/1000?lang=ru", follow_redirects=False)
    assert response.status_code == 307
    assert response.headers["location"] == f"/calls/{calls.done}?lang=ru"


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fetc%2fpasswd", "%27%20OR%201=1"])
def test_no_such_call(client: TestClient, calls: SimpleNamespace, name: str) -> None:
    response = client.get(f"/calls/{name}")
    assert response.status_code == 404
    assert "There is no such" in response.text


def test_no_such_call_without_a_store(client: TestClient) -> None:
    assert "There is no such call" in client.get("/calls/x").text


@pytest.fixture
def judged_again(data: DataFolder, calls: SimpleNamespace) -> SimpleNamespace:
    """The call with a verdict on version 1, then judged by version 2 and, last, by another checklist."""
    store = Store(data.store)
    newer = type(CHECKLIST).model_validate(CHECKLIST.model_dump() | {"threshold": 60})
    other = type(CHECKLIST).model_validate(CHECKLIST.model_dump() | {"id": "mystery", "title": {"en": "Mystery"}})
    with store.reading() as con:
        stored = read_call(con, calls.done)
    (first,) = stored.evaluations
    improved = tuple(
        replace(item, value=1.0) if item.criterion_id == "greeting" else item for item in first.evaluation.suggestions
    )
    results = [
        replace(first.evaluation, checklist_version=newer.version, suggestions=improved),
        replace(first.evaluation, checklist_id="mystery", checklist_version=other.version, cqr=11.0),
    ]
    sha = stored.call.content_sha256 or ""
    for number, (checklist, record) in enumerate(zip((newer, other), results, strict=True)):
        with store.writing() as con:
            write_default_checklist(con, "cqr")
            append_verdicts(con, [Verdict(first.evaluation_id, "greeting", True, 0.0, "Anna")] if number == 0 else [])
            write_checklist(con, checklist)
            write_results(con, [StageResult(sha, "evaluation", f"again{number}", record, 0.1, 12.0, "d")], "again")
    return calls


def test_the_current_version_of_the_default_checklist_is_shown(
    client: TestClient, judged_again: SimpleNamespace
) -> None:
    html = client.get(f"/calls/{judged_again.done}?manager=Anna").text
    greeting = criterion(html, "greeting")
    assert '<span class="chosen">1</span>' in greeting
    assert "Verdict" not in greeting
    assert 'href="?manager=Anna&amp;checklist=cqr" aria-current="true">version 2 (current)' in html
    assert 'href="?manager=Anna&amp;checklist=cqr&amp;version=1" >version 1 · verdicts on 1' in html
    assert 'href="?manager=Anna&amp;checklist=mystery" >Mystery' in html
    assert "what an earlier version" not in html


def test_an_earlier_version_is_shown_with_the_verdicts_given_on_it(
    client: TestClient, judged_again: SimpleNamespace
) -> None:
    html = client.get(f"/calls/{judged_again.done}?checklist=cqr&version=1").text
    greeting = criterion(html, "greeting")
    assert '<span class="chosen">0.5</span>' in greeting.partition("Verdict")[0]
    assert '<span class="chosen">0</span>' in greeting.partition("Verdict")[2]
    assert "This is what an earlier version of the checklist said" in html
    assert 'href="/calls?checklist=cqr"' in html  # back to the list


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?checklist=mystery", "Mystery, version 1"),
        ("?checklist=mystery&version=9", "Mystery, version 1"),
        ("?checklist=nothing&version=1", "version 1 ·"),
        ("?version=%3Cb%3E", "version 2 ·"),
    ],
)
def test_what_an_address_asks_for_or_the_nearest_to_it(
    client: TestClient, judged_again: SimpleNamespace, query: str, shown: str
) -> None:
    response = client.get(f"/calls/{judged_again.done}{query}")
    assert response.status_code == 200
    assert shown in response.text.partition('class="hint">')[2].replace("\n", " ") or shown in response.text


def test_one_checklist_in_one_version_needs_no_links(html: str) -> None:
    assert 'class="checklists"' not in html


def test_nothing_is_shown_where_nothing_judged() -> None:
    assert choose_judged((), "cqr", "1") is None


def test_an_evaluation_whose_checklist_is_not_stored_is_shown_with_what_there_is(
    data: DataFolder, calls: SimpleNamespace
) -> None:
    records = KeptRecords(data.store)
    with Store(data.store).reading() as con:
        call = read_facts(con, calls.done)
        assert call is not None
        stored = replace(read_shown(con, records, read_found(con, records, call).judged[0]), checklist=None)
    view = build_evaluation(stored)
    assert view.title == {"en": "cqr"}
    assert view.groups[0].title == {"en": "discipline"}
    score: CurrentScore = stored.scores[0]
    assert known_criterion(None, score).title == {"en": score.title}


def test_no_dialogue_no_transcript() -> None:
    assert build_transcript(None) == ()


def test_what_nobody_has_measured_is_called_untested(
    client: TestClient, data: DataFolder, calls: SimpleNamespace
) -> None:
    """A scale that the heads were not trained on makes the answers untested; the default checklist has none."""
    assert "untested" not in client.get(f"/calls/{calls.done}").text
    content = CHECKLIST.model_dump() | {"id": "finer", "title": {"en": "Finer"}}
    content["criteria"] = [item | {"levels": {}, "examples": {}} for item in content["criteria"]]
    content["criteria"][0]["scale"] = ["1", "2", "3", "4", "5"]
    finer = type(CHECKLIST).model_validate(content)
    store = Store(data.store)
    with store.writing() as con:
        stored = read_call(con, calls.done)
        first = stored.evaluations[0].evaluation
        write_checklist(con, finer)
        record = replace(first, checklist_id="finer", checklist_version=finer.version)
        sha = stored.call.content_sha256 or ""
        write_results(con, [StageResult(sha, "evaluation", "finer", record, 0.1, 12.0, "d")], "finer")
    html = client.get(f"/calls/{calls.done}?checklist=finer").text
    first_name, second_name = (item.id for item in finer.criteria[:2])
    mark = '<span class="untested" title="Nobody has compared'
    assert mark in criterion(html, first_name)
    assert mark not in criterion(html, second_name)
    assert "не проверен" in client.get(f"/calls/{calls.done}?checklist=finer&lang=ru").text


def test_a_quote_beside_what_is_missing_says_so(client: TestClient, data: DataFolder, calls: SimpleNamespace) -> None:
    store = Store(data.store)
    with store.writing() as con:
        stored = read_call(con, calls.done)
        first = stored.evaluations[0].evaluation
        suggestions = tuple(replace(item, evidence=first.call_type.evidence) for item in first.suggestions)
        record = replace(first, suggestions=suggestions)
        sha = stored.call.content_sha256 or ""
        write_results(con, [StageResult(sha, "evaluation", "quoted", record, 0.1, 12.0, "d")], "quoted")
    html = client.get(f"/calls/{calls.done}").text
    assert "No further offer; it was missing here:" in criterion(html, "upsell")
    assert html.count("it was missing here") == 1  # an insult was said there, and so was all that has a value
    assert "этого не хватило здесь:" in criterion(client.get(f"/calls/{calls.done}?lang=ru").text, "upsell")
