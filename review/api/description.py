"""The API's description of itself: OpenAPI for programs, a page for people; neither asks anything of the network."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts

from review.access import API, COOKIE, may
from review.api.problems import CATALOGUE, Problem, ProblemRoute
from review.desk.people import Person
from review.site import ThisSite

router = APIRouter(route_class=ProblemRoute, include_in_schema=False)
Reader = Annotated[Person, Depends(may("start"))]
TITLE = "Prescore"
ABOUT = """What the supervisors' page does, for programs: who asks may do what their person may do, and no more.

Send a token as `Authorization: Bearer TOKEN`; an administrator makes one on the page of a person. A browser that is
logged in to the page may use its cookie instead, and then sends `X-CSRF-Token` with every change.

Times are UTC. Problems come as `application/problem+json` (RFC 9457), with a `code` that stays. Within v1 addresses,
fields and codes stay; new ones may be added, so pass over what you do not know.
"""
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str
    text: str
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """An address and what can be done there. `body` and `answer`: names of schemas."""

    method: str
    path: str
    title: str
    text: str
    parameters: tuple[Parameter, ...]
    body: str | None
    answer: str | None
    statuses: tuple[tuple[str, str], ...]

    @property
    def anchor(self) -> str:
        return f"{self.method}-{self.path.strip('/').replace('/', '-').translate({ord(sign): None for sign in '{}'})}"


@dataclass(frozen=True, slots=True)
class SchemaField:
    name: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Schema:
    name: str
    text: str
    fields: tuple[SchemaField, ...]


@dataclass(frozen=True, slots=True)
class DocsPage:
    """`problems`: codes whose words the catalogue has."""

    about: tuple[str, ...]
    operations: tuple[Operation, ...]
    schemas: tuple[Schema, ...]
    problems: tuple[str, ...]


@router.get("/openapi.json")
def show_description(request: Request, _: Reader) -> JSONResponse:
    return JSONResponse(description_of(request.app))


@router.get("/docs")
def show_docs(request: Request, site: ThisSite, _: Reader) -> Response:
    """The description as a page."""
    described = description_of(request.app)
    codes = [key.split(".")[2] for key in site.words(request).texts if key.startswith(f"{CATALOGUE}.")]
    page = DocsPage(
        about=tuple(described["info"]["description"].split("\n\n")),
        operations=tuple(operations_of(described)),
        schemas=tuple(schemas_of(described)),
        problems=tuple(dict.fromkeys(codes)),
    )
    return site.respond(request, "api_docs.html", page)


def description_of(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 over the API's routes alone; made at the first time."""
    known: dict[str, Any] | None = getattr(app.state, "api_description", None)
    if known is None:
        routes = [route for route in iter_route_contexts(app.routes) if (route.path or "").startswith(API)]
        known = get_openapi(title=TITLE, version=version("prescore"), description=ABOUT, routes=routes)
        parts = known["components"]
        parts["schemas"] |= problem_schemas()
        parts["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
        }
        known["security"] = [{"token": []}, {"session": []}]
        app.state.api_description = known
    return known


def problem_schemas() -> dict[str, Any]:
    """Problem and what is inside it, where the routes' answers point to."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    inside: dict[str, Any] = schema.pop("$defs")
    return {"Problem": schema, **inside}


def operations_of(described: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in described["paths"].items():
        for method in METHODS:
            if (found := methods.get(method)) is not None:
                yield operation_of(method, path, found)


def operation_of(method: str, path: str, found: Mapping[str, Any]) -> Operation:
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    answers = [answer for status, answer in found["responses"].items() if status.startswith("2")]
    told = next((answer["content"]["application/json"]["schema"] for answer in answers if "content" in answer), None)
    return Operation(
        method=method,
        path=path,
        title=found["summary"],
        text=found.get("description", ""),
        parameters=tuple(parameter_of(item) for item in found.get("parameters", ())),
        body=kind_of(body) if body else None,
        answer=kind_of(told) if told else None,
        statuses=tuple((status, answer["description"]) for status, answer in found["responses"].items()),
    )


def parameter_of(found: Mapping[str, Any]) -> Parameter:
    text = found.get("description") or found["schema"].get("description", "")
    return Parameter(found["name"], found["in"], text, found.get("required", False))


def schemas_of(described: Mapping[str, Any]) -> Iterator[Schema]:
    for name, found in sorted(described["components"]["schemas"].items()):
        fields = tuple(
            SchemaField(key, kind_of(item), item.get("description", ""))
            for key, item in found.get("properties", {}).items()
        )
        yield Schema(name, found.get("description", ""), fields)


def kind_of(schema: Mapping[str, Any]) -> str:
    """The kind of a value in a few signs: another schema's name, or as JSON calls it."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " | ".join(kind_of(item) for item in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " | ".join(f'"{item}"' for item in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"[{kind_of(schema.get('items', {}))}]"
    if "format" in schema:
        return str(schema["format"])
    return str(schema.get("type", "any"))
