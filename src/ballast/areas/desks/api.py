"""Departments, fallback owners, working groups and fast tracks over the API: as on the pages."""

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from ninja import Query, Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.apikit import ApiError, Page, Paging, paginate
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.desks import selectors, services
from ballast.areas.desks.models import Department, Fallback, FastTrack, WorkingGroup
from ballast.areas.desks.naming import chain_named, desk_named, region_named, regions_named
from ballast.areas.reference.models import Region

__all__ = ["named", "router"]

router = Router()
T = TypeVar("T")
_INVALID = "invalid"


def named(field: str, read: Callable[[Any], T], given: object) -> T:
    """What a word of the body stands for; ApiError 422 that names the field when it stands for nothing."""
    try:
        return read(given)
    except ValidationError as error:
        message = " ".join(error.messages)
        raise ApiError(_INVALID, message, 422, [(field, message)]) from None


def _region(field: str, code: str) -> Region:
    found = named(field, region_named, code)
    assert found is not None  # noqa: S101 - the schema asks for at least one letter
    return found


class DepartmentOut(Schema):
    key: str = Field(description="Region code, slash, code of the department.")
    region: str
    name: str
    name_zh: str
    members: list[str] | None = Field(description="User names; null unless you keep the region.")
    closed: bool


class DepartmentIn(Schema):
    region: str = Field(min_length=1, max_length=16)
    code: str = Field(min_length=1, max_length=32)
    name: str = Field(min_length=1, max_length=200)
    name_zh: str = Field("", max_length=200)
    members: list[str] = Field([], max_length=200)
    closed: bool = False


class FallbackOut(Schema):
    region: str
    to_region: str
    to_department: str | None
    to_person: str | None


class FallbackIn(Schema):
    region: str = Field(min_length=1, max_length=16)
    to: str = Field("", max_length=60, description="Region, or region/department; empty takes the setting away.")
    to_person: str = Field("", max_length=150)


class GroupOut(Schema):
    id: int
    name: str
    name_zh: str
    regions: list[str]
    chain: str | None
    members: list[str]
    starts: dt.date
    ends: dt.date


class GroupIn(Schema):
    name: str = Field(min_length=1, max_length=200)
    name_zh: str = Field("", max_length=200)
    regions: list[str] = Field([], max_length=100, description="Region codes; none: the whole authority.")
    chain: str = Field("", max_length=32)
    members: list[str] = Field([], max_length=200, description="User names.")
    starts: dt.date
    ends: dt.date


class TrackIn(Schema):
    one: str = Field(min_length=1, max_length=16)
    one_name: str = Field(min_length=1, max_length=100)
    one_phone: str = Field("", max_length=40)
    one_email: str = Field("", max_length=254)
    other: str = Field(min_length=1, max_length=16)
    other_name: str = Field(min_length=1, max_length=100)
    other_phone: str = Field("", max_length=40)
    other_email: str = Field("", max_length=254)


class TrackOut(TrackIn):
    id: int


def _department(row: Department, kept: set[str]) -> dict[str, Any]:
    members = [person.username for person in row.people] if row.region_id in kept else None
    return {
        "key": row.key, "region": row.region_id, "name": row.name, "name_zh": row.name_zh, "members": members,
        "closed": row.closed,
    }  # fmt: skip


def _kept(request: SignedRequest) -> set[str]:
    return set(selectors.kept_regions(request.user).values_list("pk", flat=True))


@router.get("/departments", response=Page[DepartmentOut])
def departments(request: SignedRequest, paging: Query[Paging]) -> Any:
    """Departments of all regions."""
    rows = selectors.departments(request.user).prefetch_related("members")
    page, kept = paginate(rows, paging.cursor, paging.limit), _kept(request)
    return {"items": [_department(row, kept) for row in page["items"]], "next": page["next"]}


@router.post("/departments", response=DepartmentOut)
def save_department(request: SignedRequest, body: DepartmentIn) -> Any:
    """Add a department of a region that you keep, or change the one with this code."""
    fields = body.dict()
    region, code = _region("region", fields.pop("region")), fields.pop("code")
    row = services.save_department(request.user, region, code, **fields)
    return _department(row, {row.region_id})


def _fallback(row: Fallback) -> dict[str, Any]:
    return {
        "region": row.region_id, "to_region": row.to_region_id,
        "to_department": row.to_department.key if row.to_department else None,
        "to_person": row.to_person.username if row.to_person else None,
    }  # fmt: skip


@router.get("/fallbacks", response=Page[FallbackOut])
def fallbacks(request: SignedRequest, paging: Query[Paging]) -> Any:
    """Who gets what a desk gives back and names nobody for."""
    page = paginate(selectors.fallbacks(request.user), paging.cursor, paging.limit)
    return {"items": [_fallback(row) for row in page["items"]], "next": page["next"]}


@router.post("/fallbacks", response={200: FallbackOut, 204: None})
def save_fallback(request: SignedRequest, body: FallbackIn) -> Any:
    """Set the fallback owner of a region that you keep, or take it away."""
    to = named("to", desk_named, body.to)
    row = services.save_fallback(
        request.user, _region("region", body.region), to_region=to.region, to_department=to.department,
        to_person=body.to_person,
    )  # fmt: skip
    return _fallback(row) if row else Status(204, None)


def _group(row: WorkingGroup) -> dict[str, Any]:
    return {
        "id": row.pk, "name": row.name, "name_zh": row.name_zh, "chain": row.chain_id, "starts": row.starts,
        "ends": row.ends, "regions": [region.pk for region in row.regions.all()],
        "members": [person.username for person in row.people],
    }  # fmt: skip


def _group_fields(body: GroupIn) -> dict[str, Any]:
    fields = body.dict()
    fields["regions"] = named("regions", regions_named, body.regions)
    fields["chain"] = named("chain", chain_named, body.chain)
    return fields


@router.get("/groups", response=Page[GroupOut])
def groups(request: SignedRequest, paging: Query[Paging]) -> Any:
    """Working groups: those in which you are at work, and those that you keep."""
    page = paginate(selectors.groups(request.user).prefetch_related("members"), paging.cursor, paging.limit)
    return {"items": [_group(row) for row in page["items"]], "next": page["next"]}


@router.post("/groups", response={201: GroupOut})
def add_group(request: SignedRequest, body: GroupIn) -> Any:
    """Make a working group for regions that you keep."""
    return Status(201, _group(services.save_group(request.user, None, **_group_fields(body))))


@router.put("/groups/{int:group_id}", response=GroupOut)
def save_group(request: SignedRequest, group_id: int, body: GroupIn) -> Any:
    """Change a working group that you keep; an earlier last day ends it."""
    group = selectors.groups(request.user).get(pk=group_id)
    return _group(services.save_group(request.user, group, **_group_fields(body)))


def _track(row: FastTrack) -> dict[str, Any]:
    parts = ("name", "phone", "email")
    sides = {f"{side}_{part}": getattr(row, f"{side}_{part}") for side in ("one", "other") for part in parts}
    return {"id": row.pk, "one": row.one_id, "other": row.other_id} | sides


@router.get("/fast-tracks", response=Page[TrackOut])
def fast_tracks(request: SignedRequest, paging: Query[Paging]) -> Any:
    """Fast tracks with a side in your scope."""
    page = paginate(selectors.fast_tracks(request.user), paging.cursor, paging.limit)
    return {"items": [_track(row) for row in page["items"]], "next": page["next"]}


@router.post("/fast-tracks", response=TrackOut)
def save_track(request: SignedRequest, body: TrackIn) -> Any:
    """Set the two contacts of a pair of regions, one of which you keep."""
    fields = body.dict()
    sides = {side: _region(side, fields[side]) for side in ("one", "other")}
    return _track(services.save_track(request.user, services.Track(**(fields | sides))))  # type: ignore[typeddict-item]


@router.delete("/fast-tracks/{int:track_id}", response={204: None})
def end_track(request: SignedRequest, track_id: int) -> Any:
    """Take a fast track away."""
    services.end_track(request.user, selectors.fast_tracks(request.user).get(pk=track_id))
    return Status(204, None)
