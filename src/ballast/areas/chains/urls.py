"""Addresses of the forecast's pages."""

from django.urls import path

from ballast.areas.chains import views

app_name = "chains"
urlpatterns = [
    path("stops/", views.stops, name="stops"),
    path("stops/<str:site_id>/", views.path, name="path"),
    path("stops/<str:site_id>/figure/", views.figure, name="figure"),
    path("stops/<str:site_id>/what-if/", views.what_if, name="what_if"),
]
