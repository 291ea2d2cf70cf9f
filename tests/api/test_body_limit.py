from review.body_limit import LARGEST_BODY
from tests.api.conftest import BASE, Program


def test_a_body_that_is_too_large_is_refused_as_a_problem(anna: Program) -> None:
    told = anna.ask("queue/next", 413, "POST", content=b" " * (LARGEST_BODY + 1))
    assert told["code"] == "too_large"
    assert "1 MiB" in told["detail"]


def test_a_body_of_no_said_length_is_refused_as_a_problem(anna: Program) -> None:
    refused = anna.client.post(f"{BASE}/queue/next", content=iter([b"{}"]))
    assert refused.status_code == 411
    assert refused.json()["code"] == "length_needed"


def test_elsewhere_it_is_refused_in_plain_words(anna: Program) -> None:
    refused = anna.client.post("/log-in", content=b" " * (LARGEST_BODY + 1))
    assert refused.status_code == 413
    assert refused.text == f"at most {LARGEST_BODY} bytes"
