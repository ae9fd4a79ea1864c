"""Addresses of warnings and of what answers them."""

from django.urls import path

from ballast.areas.responses.answers import views as answers
from ballast.areas.responses.cap import views as cap
from ballast.areas.responses.warnings import views as warnings

app_name = "responses"
urlpatterns = [
    path("warnings/", warnings.listing, name="warnings"),
    path("warnings/cap/", cap.incoming, name="cap"),
    path("warnings/cap/<int:issued_id>.xml", cap.document, name="cap_document"),
    path("warnings/<int:pk>/cap/", cap.issued, name="cap_issue"),
    path("warnings/<int:pk>/", warnings.detail, name="warning"),
    path("warnings/<int:pk>.html", warnings.as_html, name="notice_html"),
    path("warnings/<int:pk>.pdf", warnings.as_pdf, name="notice_pdf"),
    path("warnings/<int:pk>.docx", warnings.as_docx, name="notice_docx"),
    path("warnings/<int:pk>/confirm/", warnings.confirmed, name="confirm"),
    path("warnings/<int:pk>/dismiss/", warnings.dismissed, name="dismiss"),
    path("warnings/<int:pk>/answer/", answers.answered, name="answer"),
    path("warnings/<int:pk>/answers/<int:answer>/end/", answers.ended, name="end_answer"),
]
