"""Addresses of the modes."""

from django.urls import path

from ballast.areas.modes import views

app_name = "modes"
urlpatterns = [
    path("modes/", views.modes, name="list"),
    path("modes/<int:switch>/decide/", views.decide, name="decide"),
    path("modes/<int:switch>/withdraw/", views.withdraw, name="withdraw"),
    path("modes/<int:switch>/end/", views.stop, name="stop"),
]
