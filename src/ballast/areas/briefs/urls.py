"""Addresses of the briefs."""

import datetime as dt

from django.urls import path, register_converter

from ballast.areas.briefs import views


class DayConverter:
    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date | str) -> str:
        return str(value)


register_converter(DayConverter, "day")

app_name = "briefs"
urlpatterns = [
    path("briefs/", views.listing, name="list"),
    path("briefs/<day:date>/", views.detail, name="detail"),
    path("briefs/<day:date>/renew/", views.renew, name="renew"),
    path("briefs/<day:date>.pdf", views.as_pdf, name="pdf"),
    path("briefs/<day:date>.html", views.as_html, name="html"),
]
