"""Addresses of the policy reserve."""

from django.urls import path

from ballast.areas.reserve import views

app_name = "reserve"
urlpatterns = [
    path("reserve/", views.listing, name="list"),
    path("reserve/new/", views.new, name="new"),
    path("reserve/proposals/<int:proposal>/dismiss/", views.dismiss, name="dismiss"),
    path("reserve/issues/<int:issue>/extend/", views.extend, name="extend"),
    path("reserve/issues/<int:issue>/end/", views.stop, name="stop"),
    path("reserve/extensions/<int:extension>/decide/", views.decide, name="decide"),
    path("reserve/measures/<slug:option>/", views.detail, name="option"),
    path("reserve/measures/<slug:option>/change/", views.change, name="change"),
    path("reserve/measures/<slug:option>/state/", views.state, name="state"),
    path("reserve/measures/<slug:option>/issue/", views.issue, name="issue"),
]
