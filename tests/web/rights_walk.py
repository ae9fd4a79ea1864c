"""Every address of the pages and every operation of the API, asked by every person; each answer undone again."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.web.rights_world import HIDDEN, HIDDEN_BEGINS, Person, World

from ballast.web.api import api

# Parameter of an address -> thing of the world, where the name alone does not say it.
MEANING = {
    ("pk", "lamps/"): "lamp",
    ("pk", "notices/"): "notice",
    ("pk", "warnings/"): "warning",
    ("warning_id", ""): "warning",
    ("issued_id", "warnings/"): "cap",
    ("pk", "cases/"): "file",
    ("pk", "dispatch/circulars/"): "circular",
    ("pk", "dispatch/handovers/"): "handover",
    ("pk", "dispatch/handovers/promises/"): "promise",
    ("circular_id", ""): "circular",
    ("file_id", "cases/"): "file",
    ("pack", "portal/"): "portal_pack",
    ("lamp_id", ""): "lamp",
    ("answer", "lamps/"): "lamp_answer",
    ("answer_id", "lamps/"): "lamp_answer",
    ("answer", "warnings/"): "warning_answer",
    ("answer_id", "warnings/"): "warning_answer",
    ("need", ""): "need_id",
    ("case_number", ""): "number",
    ("day", ""): "date",
    ("region", ""): "code",
    ("rest", ""): "code",
}
# Lists are also asked as a file and with a search for the hidden thing, by one person of each kind of scope.
_VARIANTS = {"format": "?format=csv", "q": f"?q={HIDDEN_BEGINS}"}
EACH_SCOPE = {"province_officer", "analyst", "reporter"}


@dataclass(frozen=True)
class Route:
    """One row of the matrix: an address with parameters, and a method."""

    address: str
    method: str
    parameters: tuple[str, ...]
    name: str = ""  # of a page, for reverse()
    operation: Any = None  # of the API
    queries: frozenset[str] = frozenset()  # what the API's operation takes behind "?"

    @property
    def key(self) -> tuple[str, str]:
        return (self.address, self.method)


@dataclass(frozen=True)
class Answer:
    """What a person got for their own thing and for a hidden one; `leaks` are addresses that showed a hidden thing."""

    own: HttpResponse
    other: HttpResponse | None
    leaks: tuple[str, ...] = ()

    @property
    def cell(self) -> str:
        return f"{self.own.status_code}/{self.other.status_code}" if self.other else str(self.own.status_code)


def pages() -> Iterator[Route]:
    """GET and POST of every page."""
    for address, name, parameters in _patterns(get_resolver(), "", ""):
        for method in ("GET", "POST"):
            yield Route(f"/{address}", method, parameters, name)


def _patterns(resolver: URLResolver, before: str, space: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for entry in resolver.url_patterns:
        address = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if entry.namespace != api.urls_namespace:
                yield from _patterns(entry, address, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            parameters = tuple(re.findall(r"<(?:\w+:)?(\w+)>", address))
            yield address, f"{space}{entry.name}", parameters


def operations() -> Iterator[Route]:
    """Every operation that the OpenAPI description names."""
    schema = api.get_openapi_schema()
    for address, methods in schema["paths"].items():
        for method, operation in methods.items():
            parameters = tuple(re.findall(r"{(\w+)}", address))
            body = _body(operation, schema["components"]["schemas"])
            queries = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
            yield Route(address, method.upper(), parameters, operation=body, queries=frozenset(queries))


def _body(operation: dict[str, Any], schemas: dict[str, Any]) -> tuple[str, Any]:
    """Content type and the smallest body that the description allows."""
    content = operation.get("requestBody", {}).get("content", {})
    for kind, media in content.items():
        return kind, _sample(media["schema"], schemas)
    return "application/json", {}


def _sample(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _sample(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    if options := schema.get("anyOf") or schema.get("allOf"):
        return _sample(options[0], schemas)
    kind = schema.get("type")
    if kind == "object":
        return {name: _sample(schema["properties"][name], schemas) for name in schema.get("required", ())}
    if kind == "array":
        return [_sample(schema["items"], schemas)] if schema.get("minItems") else []
    texts = {"date": "2022-04-28", "date-time": "2022-04-28T08:40:00Z"}
    if kind == "string":
        return texts.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))
    return {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1.0), "boolean": True}.get(kind)


def _meaning(parameter: str, address: str) -> str:
    """The kind of thing that a parameter of an address names."""
    local = address.removeprefix("/api/v1").lstrip("/")
    fitting = [place for name, place in MEANING if name == parameter and local.startswith(place)]
    return MEANING[(parameter, max(fitting, key=len))] if fitting else parameter


def values(route: Route, world: World) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The route's parameters for the own and for the hidden thing (None when nothing in it can be hidden)."""
    own, hidden, scoped = {}, {}, False
    for parameter in route.parameters:
        thing = _meaning(parameter, route.address)
        if thing not in world.things:
            message = f"{route.address}: say in tests/web/rights_walk.py MEANING what <{parameter}> is"
            raise LookupError(message)
        own[parameter], other = world.things[thing]
        hidden[parameter] = own[parameter] if other is None else other
        scoped = scoped or other is not None
    return own, hidden if scoped else None


class Watched(QueryDict):
    """What stands behind "?" in an address; `looked_for` are the keys that the page asked it for."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.looked_for: set[str] = set()
        super().__init__(*args, **options)

    def __getitem__(self, key: str) -> Any:
        self.looked_for.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.looked_for.add(str(key))
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self.looked_for.update(_VARIANTS)
        return super().__iter__()

    def keys(self) -> Any:
        """All keys are looked for."""
        self.looked_for.update(_VARIANTS)
        return super().keys()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        copied = super().__deepcopy__(memo)
        copied.looked_for = self.looked_for
        return copied

    def getlist(self, key: str, default: Any = None) -> Any:
        """All values of a key."""
        self.looked_for.add(key)
        return super().getlist(key, default)


class Walker:
    """Asks as one person."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.client = Client(raise_request_exception=False)
        if person.user:
            self.client.force_login(person.user)
        self.session = {name: morsel.value for name, morsel in self.client.cookies.items()}
        self.bare = Client(raise_request_exception=False)

    def ask(self, route: Route, world: World) -> Answer:
        own, hidden = values(route, world)
        first = self._send(route, own)
        other = self._send(route, hidden) if hidden else None
        return Answer(first, other, tuple(self._leaks(route, own, first)))

    def _leaks(self, route: Route, given: dict[str, Any], first: HttpResponse) -> Iterator[str]:
        if self.person.unlimited or route.method != "GET" or first.status_code != 200:
            return
        # What never looks for a search or a format has nothing else to say to one.
        taken = route.queries if route.operation else first.wsgi_request.GET.looked_for
        asked = [text for key, text in _VARIANTS.items() if key in taken and self.person.key in EACH_SCOPE]
        for variant in ("", *asked):
            answer = self._send(route, given, variant) if variant else first
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            # The audit list is about acts on every enterprise; only administrators open it.
            if route.address == "/audit/":
                continue
            if HIDDEN.encode() in body or b"-HIDDEN" in body:
                yield f"{route.address}{variant}"
            elif answer.status_code >= 500:
                yield f"{route.address}{variant} failed"

    def _send(self, route: Route, given: dict[str, Any], query: str = "") -> HttpResponse:
        with transaction.atomic():
            answer = self._operation(route, given, query) if route.operation else self._page(route, given, query)
            transaction.set_rollback(True)
        return answer

    def _page(self, route: Route, given: dict[str, Any], query: str) -> HttpResponse:
        # The answer before may have ended the session; its end in the database was undone.
        self.client.cookies = SimpleCookie(self.session)
        address = reverse(route.name, kwargs=given) + query
        return self.client.get(address) if route.method == "GET" else self.client.post(address)

    def _operation(self, route: Route, given: dict[str, Any], query: str) -> HttpResponse:
        address = route.address.format(**given) + query
        headers = {"Authorization": f"Bearer {self.person.token}"} if self.person.token else {}
        kind, body = route.operation
        if route.method in {"GET", "DELETE"}:
            return self.bare.generic(route.method, address, headers=headers)
        if kind == "application/json":
            return self.bare.generic(route.method, address, json.dumps(body), content_type=kind, headers=headers)
        return self.bare.generic(route.method, address, "", content_type=f"{kind}; boundary=x", headers=headers)
