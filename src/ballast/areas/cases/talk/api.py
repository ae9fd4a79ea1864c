"""Files of a case over the API, replies and notes with files, and the people who can be mentioned."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from ballast.areas.accounts.apikit import ApiError
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases import presentation, selectors, services
from ballast.areas.cases.models import Attachment
from ballast.areas.cases.talk import mentions
from ballast.areas.cases.talk.attachments import FileGiven

router = Router()
_INVALID = "invalid"


class FileOut(Schema):
    """A file of a case or of a line of its story."""

    id: int
    name: str
    content_type: str
    size: int = Field(description="Bytes.")


class TalkIn(Schema):
    """A reply or an internal note."""

    text: str = Field(min_length=1, max_length=20_000)
    internal: bool = Field(False, description="True keeps text and files from the enterprise; for desks only.")


class SaidOut(Schema):
    """What was kept."""

    id: int
    files: list[FileOut]


class PersonOut(Schema):
    """Somebody who can be mentioned as @username."""

    username: str
    name: str


class PeopleFilter(Schema):
    """Whom to look for."""

    q: str = Field("", max_length=150, description="Part of a user name or name.")
    internal: bool = Field(True, description="False for a reply, which the enterprise's own people read too.")


class PeopleOut(Schema):
    """At most ten people."""

    people: list[PersonOut]


def as_file(row: Attachment) -> dict[str, Any]:
    """A file as the API tells it."""
    return {"id": row.pk, "name": row.name, "content_type": row.content_type, "size": row.size}


@router.post("/cases/{number}/replies-with-files", response={201: SaidOut})
def talk(request: SignedRequest, number: str, given: Form[TalkIn], files: File[list[UploadedFile]]) -> Status[Any]:
    """Write to the other side, or an internal note, with up to five files of at most 5 MB each."""
    write = services.add_note if given.internal else services.add_reply
    sent = [FileGiven(file.name or "", file.read()) for file in files]
    try:
        entry = write(request.user, number, text=given.text, files=sent)
    except ValidationError as error:
        fields = [(name, text) for name, texts in error.message_dict.items() for text in texts]
        raise ApiError(_INVALID, " ".join(error.messages), 422, fields) from None
    return Status(201, {"id": entry.pk, "files": [as_file(row) for row in entry.files.defer("content").order_by("pk")]})


@router.get("/cases/{number}/files/{int:file_id}")
def case_file(request: SignedRequest, number: str, file_id: int) -> HttpResponse:
    """The content of one file."""
    return presentation.download(selectors.attachment(request.user, number, file_id))


@router.get("/cases/{number}/people", response=PeopleOut)
def people(request: SignedRequest, number: str, filters: Query[PeopleFilter]) -> dict[str, Any]:
    """People of the desks that see the case, to be mentioned in it as @username."""
    found = mentions.offered(request.user, number, search=filters.q, internal=filters.internal)
    return {"people": [{"username": one.get_username(), "name": one.get_full_name()} for one in found]}
