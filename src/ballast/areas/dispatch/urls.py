"""Addresses of the dispatch room."""

from django.urls import path

from ballast.areas.dispatch import circular_views, handover_views, register_views, views
from ballast.areas.papers import addresses

addresses.register()

app_name = "dispatch"
urlpatterns = [
    path("dispatch/", views.listing, name="list"),
    path("dispatch/make/", views.make, name="make"),
    path("dispatch/ledger/", register_views.page, name="ledger"),
    path("dispatch/reds/", views.reds, name="reds"),
    path("dispatch/circulars/", circular_views.listing, name="circulars"),
    path("dispatch/circulars/draft/", circular_views.draft, name="circular_draft"),
    path("dispatch/circulars/<int:pk>/", circular_views.detail, name="circular"),
    path("dispatch/circulars/<int:pk>/act/", circular_views.act, name="circular_act"),
    path("dispatch/circulars/<int:pk>.html", circular_views.as_html, name="circular_html"),
    path("dispatch/circulars/<int:pk>.pdf", circular_views.as_pdf, name="circular_pdf"),
    path("dispatch/circulars/<int:pk>.docx", circular_views.as_docx, name="circular_docx"),
    path("dispatch/circulars/<int:pk>.xlsx", circular_views.as_xlsx, name="circular_xlsx"),
    path("dispatch/handovers/", handover_views.listing, name="handovers"),
    path("dispatch/handovers/write/", handover_views.write, name="handover_write"),
    path("dispatch/handovers/promises/", handover_views.promise, name="promise"),
    path("dispatch/handovers/promises/<int:pk>/keep/", handover_views.keep, name="promise_keep"),
    path("dispatch/handovers/<int:pk>/", handover_views.detail, name="handover"),
    path("dispatch/handovers/<int:pk>/sign/", handover_views.sign, name="handover_sign"),
    path("dispatch/handovers/<int:pk>.html", handover_views.as_html, name="handover_html"),
    path("dispatch/handovers/<int:pk>.pdf", handover_views.as_pdf, name="handover_pdf"),
    path("dispatch/handovers/<int:pk>.docx", handover_views.as_docx, name="handover_docx"),
    path("dispatch/handovers/<int:pk>.xlsx", handover_views.as_xlsx, name="handover_xlsx"),
    path("dispatch/<day:date>/", views.detail, name="detail"),
    path("dispatch/<day:date>/cases/", views.cases, name="cases"),
    path("dispatch/<day:date>.html", views.as_html, name="html"),
    path("dispatch/<day:date>.pdf", views.as_pdf, name="pdf"),
    path("dispatch/<day:date>.docx", views.as_docx, name="docx"),
    path("dispatch/<day:date>.xlsx", views.as_xlsx, name="xlsx"),
]
