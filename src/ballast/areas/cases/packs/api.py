"""The case packs in force over the API: what a client needs to file a case of any pack and to move it."""

from ninja import Router, Schema
from pydantic import Field

from ballast.areas.accounts.access import NotAllowedError, can
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.filing import filing_right
from ballast.areas.cases.packs.in_force import packs
from ballast.areas.cases.packs.model import FormField, Item, LocalState, Move, PackKind, Words

__all__ = ["router"]

router = Router()


class PackOut(Schema):
    name: str
    version: str
    label: Words
    may_file: bool = Field(description="Whether you may file a case of it.")
    starts: str = Field(description="State of a new case.")
    kinds: list[PackKind]
    states: list[LocalState]
    moves: list[Move]
    form: list[FormField] = Field(description="Fields of a new case; those of the pack's own go under `answers`.")
    checklist: list[Item]


@router.get("/case-packs", response=list[PackOut], by_alias=True)
def case_packs(request: SignedRequest) -> list[dict[str, object]]:
    """The case packs in force, that of problems first."""
    if not (can(request.user, "view_desk") or can(request.user, "view_portal")):
        raise NotAllowedError
    return [
        {**dict(pack), "may_file": can(request.user, filing_right(pack.kinds[0].name))} for pack in packs().values()
    ]
