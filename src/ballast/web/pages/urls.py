"""Addresses of the pages that join areas."""

from django.urls import path

from ballast.web.pages import people, portal, search, switches, tilemap, today, wall

app_name = "web"
urlpatterns = [
    path("", today.today, name="today"),
    path("map/", tilemap.tilemap, name="map"),
    path("portal/", portal.portal, name="portal"),
    path("people/", people.people, name="people"),
    path("people/<str:username>/", people.person, name="person"),
    path("people/<str:username>/password/", people.password, name="password"),
    path("people/<str:username>/close/", people.close, name="close_person"),
    path("people/<str:username>/grants/<int:grant_id>/end/", people.end_grant, name="end_grant"),
    path("scope/", switches.set_scope, name="scope"),
    path("wall/", wall.wall, name="wall"),
    path("search/", search.search, name="search"),
]
