"""Addresses of the pages of chains and of the forecast."""

from django.urls import path

from ballast.areas.chains import decide_views, event_views, views

app_name = "chains"
urlpatterns = [
    path("chains/", views.chains, name="list"),
    path("stops/", views.stops, name="stops"),
    path("decide-first/", decide_views.first, name="first"),
    path("what-if/", views.ends, name="ends"),
    path("stops/<str:site_id>/", views.path, name="path"),
    path("stops/<str:site_id>/figure/", views.figure, name="figure"),
    path("stops/<str:site_id>/what-if/", views.what_if, name="what_if"),
    path("events/", event_views.events, name="events"),
    path("events/new/", event_views.new, name="new_event"),
    path("events/subjects/", event_views.subjects, name="event_subjects"),
    path("events/<str:event_id>/", event_views.event, name="event"),
    path("events/<str:event_id>/change/", event_views.change, name="change_event"),
    path("events/<str:event_id>/end/", event_views.end, name="end_event"),
    path("events/<str:event_id>/withdraw/", event_views.withdraw, name="withdraw_event"),
    path("events/<str:event_id>/restore/", event_views.restore, name="restore_event"),
]
