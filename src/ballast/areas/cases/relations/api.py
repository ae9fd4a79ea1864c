"""Parents and children of cases over the API."""

from typing import Any

from django.core.exceptions import ValidationError
from ninja import Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.apikit import ApiError
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases import services
from ballast.areas.cases.models import Case
from ballast.areas.cases.relations.family import family_of, family_shown
from ballast.areas.cases.relations.splitting import LONGEST_TOKEN, MOST, part_named
from ballast.areas.cases.selectors import case_for

__all__ = ["FamilyOut", "router"]

router = Router()
_INVALID = "invalid"


class ChildOut(Schema):
    number: str
    state: str
    blocks: bool = Field(description="Whether the case above it waits for it as long as it is open.")
    open: bool = Field(description="Whether the case above it waits for it now.")


class PartIn(Schema):
    blocked: str = Field(min_length=1, max_length=200, description="What is blocked in this part.")
    text: str = Field("", max_length=20_000, description="Empty: that of the case. So with what follows.")
    product: str = Field("", max_length=64)
    place: str = Field("", max_length=16, description="Region code.")
    site_id: str = Field("", max_length=64, description="A site of the same enterprise.")


class SplitIn(Schema):
    parts: list[PartIn] = Field(min_length=1, max_length=MOST)


class SplitOut(Schema):
    numbers: list[str] = Field(description="The cases of the parts, in their order.")


class FamilyOut(Schema):
    parent: str | None = Field(description="Case above it; null where there is none, or none that you see.")
    blocks: bool = Field(description="Whether the case above it waits for it as long as it is open.")
    children: list[ChildOut]
    hidden: int = Field(description="Children outside your scope.")


class ChildIn(Schema):
    child: str = Field(max_length=32, min_length=1, description="Number of the case that comes under this one.")
    blocks: bool = Field(True, description="Whether this case waits for it; the same child again changes that.")


@router.post("/cases/{number}/children", response=FamilyOut)
def link_child(request: SignedRequest, number: str, body: ChildIn) -> Any:
    """Put another case under this one. Both must be yours to work on; one that you do not see answers 404."""
    try:
        services.link_child(request.user, number, child=body.child, blocks=body.blocks)
    except services.MoveRefusedError as error:
        raise _refused(error) from None
    return _family(request, number)


@router.post("/cases/{number}/unlink", response=FamilyOut)
def unlink(request: SignedRequest, number: str) -> Any:
    """Take the case off from under the one above it, which then does not wait for it any more."""
    try:
        services.unlink_child(request.user, number)
    except services.MoveRefusedError as error:
        raise _refused(error) from None
    return _family(request, number)


@router.post("/cases/{number}/split", response={201: SplitOut})
def split(request: SignedRequest, number: str, body: SplitIn) -> Any:
    """Split the case into parts, each a case under it. Send an Idempotency-Key: a retry gives the same cases."""
    token = request.headers.get("Idempotency-Key", "")[:LONGEST_TOKEN]
    visible = case_for(request.user, number)
    parts = [_part(visible, part) for part in body.parts]
    try:
        made = services.split_case(request.user, number, parts, client_token=token)
    except services.MoveRefusedError as error:
        raise _refused(error) from None
    return Status(201, {"numbers": [one.number for one in made]})


def _part(case: Case, given: PartIn) -> services.SplitPart:
    """The part with the rows that it names. Raises ApiError for one that is not known."""
    try:
        return part_named(case, **given.dict())
    except ValidationError as error:
        raise ApiError(_INVALID, " ".join(error.messages), 422, _fields(error)) from None


def _fields(error: ValidationError) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in error.message_dict.items() for text in texts]


def _family(request: SignedRequest, number: str) -> dict[str, Any]:
    return family_shown(family_of(request.user, case_for(request.user, number)))


def _refused(error: services.MoveRefusedError) -> ApiError:
    return ApiError("move_refused", " ".join(error.messages), 409, _fields(error))
