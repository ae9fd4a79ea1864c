"""The API's local documentation page: the routes in plain HTML, beside openapi.json."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

__all__ = ["RouteList"]


class RouteList(DocsBase):
    """Lists every operation with its parameters; needs no script and no remote host."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: object) -> HttpResponse:
        """The page, grouped by area."""
        groups: dict[str, list[dict[str, Any]]] = {}
        for address, operations in api.get_openapi_schema(path_params=kwargs)["paths"].items():
            for method, operation in operations.items():
                route = {
                    "method": method.upper(),
                    "address": address,
                    "summary": operation.get("summary", ""),
                    "description": operation.get("description", ""),
                    "parameters": operation["parameters"],
                }
                groups.setdefault((operation.get("tags") or ["general"])[0], []).append(route)
        context = {"groups": groups, "openapi_url": self.get_openapi_url(api, kwargs), "about": api.description}
        return render(request, "web/api_docs.html", context)
