"""Documents of a case over the API."""

from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from ballast.areas.accounts.apikit import ApiError
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.documents.offers import document_of, documents_for
from ballast.areas.cases.selectors import case_for
from ballast.areas.papers import printing

__all__ = ["router"]

router = Router()
_NOT_NOW = "not_now"


class DocumentOut(Schema):
    name: str
    title: str
    reader: str = Field(description="To whom it goes: enterprise, place or file.")


class DocumentsOut(Schema):
    items: list[DocumentOut]


class DocumentAsked(Schema):
    format: Literal["pdf", "docx"] = "pdf"
    lang: Literal["en", "zh-hans"] = "en"


@router.get("/cases/{number}/documents", response=DocumentsOut)
def documents(request: SignedRequest, number: str) -> Any:
    """The documents that you may make of the case as it stands."""
    found = documents_for(request.user, case_for(request.user, number))
    return {"items": [{"name": one.name, "title": str(one.title), "reader": one.reader} for one in found]}


@router.get("/cases/{number}/documents/{document}", response=None)
def document(request: SignedRequest, number: str, document: str, asked: Query[DocumentAsked]) -> HttpResponse:
    """One document as PDF or DOCX, in English or Chinese; 409 when the case does not stand where it is made."""
    try:
        paper = document_of(request.user, number, document, asked.lang)
    except ValidationError as error:
        raise ApiError(_NOT_NOW, " ".join(error.messages), 409) from None
    return printing.answer(request, paper, asked.format, f"{number}-{document}")
