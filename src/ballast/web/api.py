"""The API root: one router an area, one error shape, tokens, /healthz beside it."""

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from ninja import NinjaAPI

__all__ = ["api"]

api = NinjaAPI(title="Ballast", version="1", urls_namespace="api")

for _area in settings.AREAS:
    if find_spec(f"ballast.areas.{_area}.api"):
        api.add_router("", import_module(f"ballast.areas.{_area}.api").router)
