"""Addresses of the pages of the economy."""

from django.urls import path

from ballast.areas.economy import views
from ballast.areas.economy.filings import views as filings

app_name = "economy"
urlpatterns = [
    path("materials/", views.materials, name="materials"),
    path("materials/<str:commodity_id>/", views.material, name="material"),
    path("problem-counts/", filings.counts, name="counts"),
    path("problem-counts/<str:region>/", filings.count, name="count"),
]
