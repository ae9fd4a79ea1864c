"""Addresses of what says who gets which cases; pages that show cases beside it are the cases' own."""

from django.urls import path

from ballast.areas.desks import views

app_name = "desks"
urlpatterns = [
    path("desks/", views.departments, name="departments"),
    path("desks/options/", views.options, name="options"),
    path("desks/fallback/", views.fallbacks, name="fallbacks"),
    path("desks/groups/", views.groups, name="groups"),
    path("desks/tracks/", views.tracks, name="tracks"),
    path("desks/tracks/<int:track_id>/end/", views.end_track, name="end_track"),
]
