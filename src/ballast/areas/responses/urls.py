"""Addresses of warnings and of what answers them."""

from django.urls import path

from ballast.areas.responses.warnings import views as warnings

app_name = "responses"
urlpatterns = [
    path("warnings/", warnings.listing, name="warnings"),
    path("warnings/<int:pk>/", warnings.detail, name="warning"),
    path("warnings/<int:pk>/confirm/", warnings.confirmed, name="confirm"),
    path("warnings/<int:pk>/dismiss/", warnings.dismissed, name="dismiss"),
]
