"""Parents and children of cases over the API."""

from typing import Any

from ninja import Router, Schema
from pydantic import Field

from ballast.areas.accounts.apikit import ApiError
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases import services
from ballast.areas.cases.relations.family import Family, family_of
from ballast.areas.cases.selectors import case_for

__all__ = ["FamilyOut", "family_shown", "router"]

router = Router()


class ChildOut(Schema):
    number: str
    state: str
    blocks: bool = Field(description="Whether the case above it waits for it as long as it is open.")
    open: bool = Field(description="Whether the case above it waits for it now.")


class FamilyOut(Schema):
    parent: str | None = Field(description="Case above it; null where there is none, or none that you see.")
    blocks: bool = Field(description="Whether the case above it waits for it as long as it is open.")
    children: list[ChildOut]
    hidden: int = Field(description="Children outside your scope.")


class ChildIn(Schema):
    child: str = Field(max_length=32, min_length=1, description="Number of the case that comes under this one.")
    blocks: bool = Field(True, description="Whether this case waits for it; the same child again changes that.")


def family_shown(family: Family) -> dict[str, Any]:
    """A family as the API tells it."""
    return {
        "parent": family.parent.number if family.parent else None,
        "blocks": family.blocks,
        "children": [
            {"number": one.case.number, "state": one.case.state, "blocks": one.blocks, "open": one.held_by}
            for one in family.children
        ],
        "hidden": family.hidden,
    }


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


def _family(request: SignedRequest, number: str) -> dict[str, Any]:
    return family_shown(family_of(request.user, case_for(request.user, number)))


def _refused(error: services.MoveRefusedError) -> ApiError:
    fields = [(name, text) for name, texts in error.message_dict.items() for text in texts]
    return ApiError("move_refused", " ".join(error.messages), 409, fields)
