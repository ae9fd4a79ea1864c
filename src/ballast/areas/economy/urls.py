"""Addresses of the pages of the economy."""

from django.urls import path

from ballast.areas.economy import views
from ballast.areas.economy.filings import views as filings
from ballast.areas.economy.reviews import views as reviews

app_name = "economy"
urlpatterns = [
    path("materials/", views.materials, name="materials"),
    path("materials/<str:commodity_id>/", views.material, name="material"),
    path("materials/<str:commodity_id>/reviews/", reviews.review, name="review"),
    path("problem-counts/", filings.counts, name="counts"),
    path("problem-counts/<str:region>/", filings.count, name="count"),
]
