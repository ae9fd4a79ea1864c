"""Addresses of the pages that join areas."""

from django.urls import path

from ballast.web.pages import portal, search, switches, tilemap, today

app_name = "web"
urlpatterns = [
    path("", today.today, name="today"),
    path("map/", tilemap.tilemap, name="map"),
    path("portal/", portal.portal, name="portal"),
    path("scope/", switches.set_scope, name="scope"),
    path("search/", search.search, name="search"),
]
