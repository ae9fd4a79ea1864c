"""The API root: one router an area, one error shape, tokens or a session, idempotent writes."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.urls import path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from ballast.areas.accounts.apikit import BearerAuth, Error, SessionAuth
from ballast.areas.accounts.idempotency import HEADER
from ballast.web import apierrors
from ballast.web.apidocs import RouteList
from ballast.web.apiparser import StrictParser

__all__ = ["BallastAPI", "api"]

_ERRORS = {
    "401": "No valid token or session",
    "403": "The CSRF token of a session is missing",
    "404": "Not there, or not in the scope of the person",
    "405": "The method is not known here",
    "409": "Conflicts with the present state, or the idempotency key was used for another request",
    "413": "The body is larger than the server accepts",
    "422": "Refused: the fields name what to mend",
    "429": "Too many requests",
    "500": "A fault of the server",
}
_KEY_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "maxLength": 200, "pattern": "^[!-~]*$"},
    "description": "The same key with the same request gets the first answer again, for 48 hours.",
}


class BallastAPI(NinjaAPI):
    """NinjaAPI with the house's error shape on every path, documented for every operation."""

    def _get_urls(self) -> list[Any]:
        urls = super()._get_urls()
        for url in urls:
            url.callback = apierrors.shaped(url.callback)  # type: ignore[arg-type]
        return [*urls, path("<path:rest>", apierrors.unknown_path, name="unknown")]

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["components"]["schemas"]["Error"] = Error.json_schema()
        schema["components"]["schemas"].update(schema["components"]["schemas"]["Error"].pop("$defs", {}))
        # Ninja writes no reference to nested parts outside the components.
        _point_to_components(schema["components"]["schemas"]["Error"])
        answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                operation["responses"] = {str(status): found for status, found in operation["responses"].items()}
                for status, description in _ERRORS.items():
                    operation["responses"].setdefault(status, {"description": description, **answer})
                if method in {"post", "put", "patch"}:
                    operation["parameters"] = [*operation["parameters"], _KEY_PARAMETER]
        return schema


def _point_to_components(node: object) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            node["$ref"] = node["$ref"].replace("#/$defs/", "#/components/schemas/")
        for child in node.values():
            _point_to_components(child)
    elif isinstance(node, list):
        for child in node:
            _point_to_components(child)


api = BallastAPI(
    title="Ballast",
    version="1",
    description="The same resources, rights and words as the pages. Sign in with `Authorization: Bearer <token>`.",
    urls_namespace="api",
    auth=[BearerAuth(), SessionAuth()],
    parser=StrictParser(),
    docs=RouteList(),
)
apierrors.register(api)
api.add_decorator(apierrors.guarded, mode="view")

for _area in settings.AREAS:
    if find_spec(f"ballast.areas.{_area}.api"):
        api.add_router("", import_module(f"ballast.areas.{_area}.api").router, tags=[_area])
