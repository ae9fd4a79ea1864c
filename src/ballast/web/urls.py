"""All addresses: pages that join areas, then each area's own, then the API."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

from ballast.areas.accounts.views import language
from ballast.web.api import api

urlpatterns = [
    path("language/", language, name="set_language"),
    path("api/v1/", api.urls),
    path("", include("ballast.web.pages.urls")),
    *(
        path("", include(f"ballast.areas.{area}.urls"))
        for area in settings.AREAS
        if find_spec(f"ballast.areas.{area}.urls")
    ),
]
