"""A paper in the form and language that was asked for, as bytes or as an answer."""

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.translation import get_language

from ballast.areas.papers import book, docx, html, pdf

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ballast.areas.papers.blocks import Document

__all__ = ["FORMS", "LANGUAGES", "answer", "language_of", "rendered"]

LANGUAGES = {"en": "English", "zh-hans": "中文"}
# Form -> type of its content.
FORMS = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": docx.TYPE,
    "xlsx": book.TYPE,
}


def language_of(request: "HttpRequest") -> str:
    """The language asked for by ?lang=, else the page's."""
    asked = request.GET.get("lang", "")
    if asked in LANGUAGES:
        return asked
    return "zh-hans" if (get_language() or "").startswith("zh") else "en"


def rendered(document: "Document", form: str, *, base: str = "") -> bytes:
    """The document in one of FORMS; links begin with `base`. Raises KeyError for another form."""
    if form == "html":
        return html.standalone(document, base=base).encode()
    return {"pdf": pdf.render, "docx": docx.render, "xlsx": book.render}[form](document, base=base)


def answer(request: "HttpRequest", document: "Document", form: str, name: str) -> HttpResponse:
    """The document as a download called `name` with its language and ending; a PDF opens in the browser."""
    content = rendered(document, form, base=request.build_absolute_uri("/").rstrip("/"))
    found = HttpResponse(content, content_type=FORMS[form])
    shown = "inline" if form == "pdf" else "attachment"
    found["Content-Disposition"] = f'{shown}; filename="{name}-{document.language}.{form}"'
    found["Cache-Control"] = "private, no-cache"
    return found
