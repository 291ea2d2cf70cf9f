"""The API against its own description, and the page that shows it."""

from collections import Counter
from types import SimpleNamespace

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import Program

ADDRESSES = {
    ("get", "/api/v1/queue"),
    ("post", "/api/v1/queue/next"),
    ("get", "/api/v1/calls"),
    ("get", "/api/v1/calls/{call_id}"),
    ("post", "/api/v1/calls/{call_id}/verdict"),
    ("delete", "/api/v1/submissions/{submission_id}"),
    ("get", "/api/v1/managers"),
    ("get", "/api/v1/managers/{name}"),
    ("get", "/api/v1/webhooks/deliveries"),
}
EXAMPLES = 10
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
)


def test_every_address_is_described_with_words_and_refusals(boss: Program) -> None:
    described = boss.ask("openapi.json")
    found = {(method, path) for path, methods in described["paths"].items() for method in methods}
    assert found == ADDRESSES
    for methods in described["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert operation["description"]
            assert {"401", "403", "503"} <= operation["responses"].keys()
            assert all(item.get("description") or item["in"] == "path" for item in operation["parameters"] or ())


def test_everything_that_is_sent_and_told_is_described(boss: Program) -> None:
    for name, schema in boss.ask("openapi.json")["components"]["schemas"].items():
        assert schema.get("description"), name


def test_it_is_described_to_people(boss: Program) -> None:
    html = boss.client.get("/api/v1/docs").text
    assert "POST /api/v1/calls/{call_id}/verdict" in html
    assert 'id="problem-submitted"' in html
    assert 'id="schema-CallDetails"' in html
    assert "http://" not in html
    assert "https://" not in html
    assert "Адреса" in boss.client.get("/api/v1/docs", headers={"accept-language": "ru"}).text


def test_the_api_is_as_described(boss: Program, anna: Program, calls: SimpleNamespace) -> None:
    """A few examples for every address, half of them wrong on purpose; the same each time."""
    schema = schemathesis.openapi.from_dict(boss.ask("openapi.json"))
    known = {"call_id": calls.done, "name": "Ольга Смирнова", "submission_id": anna.answer(calls.gone)["submission_id"]}
    asked: Counter[int] = Counter()
    for method, path in sorted(ADDRESSES):
        for mode in GenerationMode:
            strategy = schema[path][method.upper()].as_strategy(generation_mode=mode)
            for case in examples_of(strategy):
                if mode is GenerationMode.POSITIVE:
                    case.path_parameters |= {key: known[key] for key in case.path_parameters or {}}
                asked[answer_to(boss, case)] += 1
    assert asked[200] > 20
    assert asked[422] > 20


def examples_of(strategy: SearchStrategy[schemathesis.Case]) -> list[schemathesis.Case]:
    found: list[schemathesis.Case] = []

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(case: schemathesis.Case) -> None:
        found.append(case)

    collect()
    return found


def answer_to(program: Program, case: schemathesis.Case) -> int:
    """Asks as the case says, and looks whether the answer is as the description says."""
    values = case.as_transport_kwargs(base_url="http://testserver")
    values.pop("cookies", None)
    headers = {**program.client.headers, **(values.pop("headers", None) or {})}
    response = program.client.request(**values, headers=headers)
    case.validate_response(response, checks=list(CHECKS))
    return response.status_code
