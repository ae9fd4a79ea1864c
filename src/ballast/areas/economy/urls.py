"""Addresses of the pages of the economy."""

from django.urls import path

from ballast.areas.economy import views

app_name = "economy"
urlpatterns = [
    path("materials/", views.materials, name="materials"),
    path("materials/<str:commodity_id>/", views.material, name="material"),
]
