"""Addresses of the briefs."""

from django.urls import path

from ballast.areas.briefs import views
from ballast.areas.papers import addresses

addresses.register()


app_name = "briefs"
urlpatterns = [
    path("briefs/", views.listing, name="list"),
    path("briefs/<day:date>/", views.detail, name="detail"),
    path("briefs/<day:date>/renew/", views.renew, name="renew"),
    path("briefs/<day:date>.pdf", views.as_pdf, name="pdf"),
    path("briefs/<day:date>.html", views.as_html, name="html"),
    path("briefs/<day:date>.docx", views.as_docx, name="docx"),
    path("briefs/<day:date>.xlsx", views.as_xlsx, name="xlsx"),
]
