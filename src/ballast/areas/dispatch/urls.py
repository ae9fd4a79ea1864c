"""Addresses of the dispatch room."""

from django.urls import path

from ballast.areas.dispatch import views
from ballast.areas.papers import addresses

addresses.register()

app_name = "dispatch"
urlpatterns = [
    path("dispatch/", views.listing, name="list"),
    path("dispatch/make/", views.make, name="make"),
    path("dispatch/reds/", views.reds, name="reds"),
    path("dispatch/<day:date>/", views.detail, name="detail"),
    path("dispatch/<day:date>/cases/", views.cases, name="cases"),
    path("dispatch/<day:date>.html", views.as_html, name="html"),
    path("dispatch/<day:date>.pdf", views.as_pdf, name="pdf"),
    path("dispatch/<day:date>.docx", views.as_docx, name="docx"),
    path("dispatch/<day:date>.xlsx", views.as_xlsx, name="xlsx"),
]
