import re
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.store import Store
from pipeline.store.calls import register_journal
from review.pages.call_list import CALLS_ON_A_PAGE, Filters, page_number
from tests.pages.calls import many_calls


def rows(html: str) -> list[str]:
    return re.findall(r"<tr class=\"status-.*?</tr>", html, re.DOTALL)


def listed(html: str) -> list[str]:
    return [re.search(r'href="/calls/([^"?]+)', row)[1] for row in rows(html)]  # type: ignore[index]


def test_without_a_store_the_page_says_how_calls_come_in(client: TestClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert "There are no calls yet" in response.text
    assert "prescore run" in response.text


def test_an_empty_store_says_the_same(client: TestClient, data: DataFolder) -> None:
    with Store(data.store).writing():
        pass
    assert "There are no calls yet" in client.get("/").text


def test_every_call_is_listed_newest_first_with_what_became_of_it(client: TestClient, calls: SimpleNamespace) -> None:
    html = client.get("/").text
    order = [calls.missed, calls.done, calls.failed, calls.silent, calls.short, calls.waiting, calls.gone]
    assert listed(html) == order
    by_id = dict(zip(order, rows(html), strict=True))
    assert "missed" in by_id[calls.missed]
    assert "the recording is damaged or cut off" in by_id[calls.failed]
    assert "no speech" in by_id[calls.silent]
    assert "too short" in by_id[calls.short]
    assert "waiting" in by_id[calls.waiting]
    done = by_id[calls.done]
    assert all(text in done for text in ("05 Oct 2026, 10:12", "Ольга Смирнова", "outgoing", "0:12", ">RU<", "87%"))
    assert "not passed" in done


def test_the_summary_counts_all_that_fits(client: TestClient, calls: SimpleNamespace) -> None:
    figures = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", client.get("/").text)
    assert dict(figures)["calls"] == "7"
    assert dict(figures)["scored"] == "2"
    assert dict(figures)["failed"] == "1"
    alone = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", client.get("/?status=failed").text))
    assert (alone["calls"], alone["average CQR"]) == ("1", "—")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("manager=Kate+O%27Neil+%26+Co", ["failed", "short", "gone"]),
        ("type=objection", ["done", "gone"]),
        ("status=missed", ["missed"]),
        ("direction=incoming&status=done", ["gone"]),
        (
            "status=nonsense&direction=sideways&type=x",
            ["missed", "done", "failed", "silent", "short", "waiting", "gone"],
        ),
        ("manager=%27+OR+1%3D1+--", []),
    ],
)
def test_filters(client: TestClient, calls: SimpleNamespace, query: str, expected: list[str]) -> None:
    assert listed(client.get(f"/?{query}").text) == [getattr(calls, name) for name in expected]


def test_filters_stay_in_the_form_and_in_the_links(client: TestClient, calls: SimpleNamespace) -> None:
    html = client.get("/?status=failed&manager=Kate+O%27Neil+%26+Co").text
    assert '<option value="failed" selected>' in html
    assert '<option value="Kate O&#39;Neil &amp; Co" selected>' in html
    assert f'href="/calls/{calls.failed}?manager=Kate+O%27Neil+%26+Co&amp;status=failed"' in html
    back = client.get(f"/calls/{calls.failed}?manager=Kate+O%27Neil+%26+Co&status=failed").text
    assert 'href="/?manager=Kate+O%27Neil+%26+Co&amp;status=failed"' in back


def test_nothing_fits(client: TestClient, calls: SimpleNamespace) -> None:
    html = client.get("/?manager=nobody").text
    assert "No call fits these filters" in html
    assert '<option value="nobody" selected>nobody' in html


def test_paging(client: TestClient, data: DataFolder) -> None:
    with Store(data.store).writing() as con:
        register_journal(con, many_calls(CALLS_ON_A_PAGE + 3))
    first, second = client.get("/"), client.get("/?page=2&status=missed")
    assert len(rows(first.text)) == CALLS_ON_A_PAGE
    assert "Page 1 of 2" in first.text
    assert 'rel="next" href="/?page=2"' in first.text
    assert len(rows(second.text)) == 3
    assert 'rel="prev" href="/?status=missed"' in second.text
    assert client.get("/?page=99").text.count('class="status-') == 3


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("0", 1), ("-1", 1), ("x", 1), ("²", 1), ("9" * 30, 1_000_000)])
def test_page_numbers(text: str, number: int) -> None:
    assert page_number(text) == number


def test_the_address_of_filters() -> None:
    assert Filters().address() == ""
    assert Filters(call_type="spam").address(3) == "type=spam&page=3"
