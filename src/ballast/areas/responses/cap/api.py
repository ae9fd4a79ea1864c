"""CAP over the API: the messages about a warning, and taking one in."""

import datetime as dt
from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from ballast.areas.accounts.apikit import ApiError, Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.responses.cap import issuing, receiving
from ballast.areas.responses.cap.parsing import LARGEST, CapError, as_document
from ballast.areas.responses.selectors import get_warning

router = Router()
_INVALID = "invalid"


class CapOut(Schema):
    id: int = Field(alias="pk")
    identifier: str
    sender: str
    sent: str
    status: str
    kind: str = Field(description="msgType of the standard.")
    at: dt.datetime
    xml: str

    @staticmethod
    def resolve_xml(row: Any) -> str:
        return bytes(row.document).decode(errors="replace")


class CapIn(Schema):
    document: str = Field(min_length=1, max_length=LARGEST, description="The message as XML.")


class ReceivedOut(CapOut):
    regions: list[str] = Field(description="Codes of regions for which it proposes an event.")
    why_not: str = Field(description="Why it proposes nothing; empty when it does.")


def _received(row: Any) -> Any:
    found = receiving.proposal_of(row)
    row.regions, row.why_not = [region.code for region in found.regions], found.why_not
    return row


@router.get("/warnings/{int:warning_id}/cap", response=list[CapOut])
def chain(request: SignedRequest, warning_id: int) -> Any:
    """The messages that your desk issued about a warning, oldest first."""
    return list(issuing.chain_of(request.user, get_warning(request.user, warning_id)))


@router.post("/warnings/{int:warning_id}/cap", response=CapOut)
def issue(request: SignedRequest, warning_id: int) -> Any:
    """Issue the next message: Alert, then Update, and Cancel once the cause is over."""
    return issuing.issue(request.user, warning_id)


@router.get("/cap", response=Page[ReceivedOut])
def incoming(request: SignedRequest, paging: Query[Paging]) -> Any:
    """Messages that your desks received, newest first."""
    page = paginate(receiving.received(request.user), paging.cursor, paging.limit, key="-pk")
    return {"items": [_received(row) for row in page["items"]], "next": page["next"]}


@router.post("/cap", response=ReceivedOut)
def receive(request: SignedRequest, body: CapIn) -> Any:
    """Take a message in. 422 with a sentence for each fault; the same message again is answered as the first time."""
    try:
        return _received(receiving.receive(request.user, as_document(body.document)))
    except CapError as error:
        raise ApiError(_INVALID, str(error), 422, [("document", fault) for fault in error.faults]) from None
