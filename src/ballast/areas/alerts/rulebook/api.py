"""Rule packs over the API: what is in force, versions with difference and dry run, proposals and decisions."""

import datetime as dt
from typing import Any, Literal

from django.core.exceptions import ValidationError
from ninja import Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.apikit import ApiError
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.alerts.rulebook import proposing, selectors
from ballast.areas.alerts.rulebook.models import PackVersion

router = Router()


class RulePackOut(Schema):
    """A pack as it is in force today."""

    pack: str
    version: str
    title: str
    title_zh: str
    effective_from: dt.date | None
    effective_until: dt.date | None
    rules: list[str]
    waiting: int = Field(description="Versions that wait for a second person.")


class PacksOut(Schema):
    """All packs."""

    packs: list[RulePackOut]


class VersionOut(Schema):
    """A version that was proposed."""

    pack: str
    version: str
    base: str = Field(description="The version in force when it was proposed.")
    state: str = Field(description="proposed, approved, refused or withdrawn")
    effective_from: dt.date
    effective_until: dt.date | None
    why: str
    proposed_by: str
    proposed_at: dt.datetime
    decided_by: str
    decided_at: dt.datetime | None
    note: str


class RulePackDetailOut(RulePackOut):
    """A pack with its text in TOML and its versions."""

    text: str
    versions: list[VersionOut]


class DifferenceOut(Schema):
    """A line of a difference: sign "+", "-", " " or "…"."""

    sign: str
    text: str


class VersionDetailOut(VersionOut):
    """A version with its text, what differs, and what it would have done in the past year."""

    text: str
    difference: list[DifferenceOut]
    dry_run: dict[str, Any]


class ProposalIn(Schema):
    """A new version of a pack, as TOML."""

    text: str = Field(min_length=1, max_length=proposing.LONGEST)
    why: str = Field(min_length=1, max_length=2000)


class RuleDecisionIn(Schema):
    """What a second person says to it; who proposed it can only take it back."""

    decision: Literal["approve", "refuse", "withdraw"]
    note: str = Field("", max_length=2000)


@router.get("/rule-packs", response=PacksOut)
def packs(request: SignedRequest) -> dict[str, Any]:
    """All rule packs with the version in force."""
    return {"packs": [_pack(row) for row in selectors.pack_rows(request.user)]}


@router.get("/rule-packs/{rule_pack}", response=RulePackDetailOut)
def pack(request: SignedRequest, rule_pack: str) -> dict[str, Any]:
    """One pack with its text and every version that was proposed."""
    row = selectors.pack_row(request.user, rule_pack)
    return _pack(row) | {
        "text": row.text,
        "versions": [_version(one) for one in selectors.versions(request.user, rule_pack)],
    }


@router.post("/rule-packs", response={201: VersionOut})
def propose(request: SignedRequest, body: ProposalIn) -> Status[Any]:
    """Propose a version; it holds from its day on once a second person approved it."""
    try:
        row = proposing.propose(request.user, body.text, body.why)
    except ValidationError as error:
        raise _refused(error) from None
    return Status(201, _version(row))


@router.get("/rule-packs/{rule_pack}/versions/{version}", response=VersionDetailOut)
def version(request: SignedRequest, rule_pack: str, version: str) -> dict[str, Any]:
    """One version with its difference and dry run."""
    found = selectors.version_page(request.user, rule_pack, version)
    difference = [line._asdict() for line in found.lines]
    return _version(found.row) | {"text": found.row.text, "difference": difference, "dry_run": found.row.dry_run}


@router.post("/rule-packs/{rule_pack}/versions/{version}/decision", response=VersionOut)
def decide(request: SignedRequest, rule_pack: str, version: str, body: RuleDecisionIn) -> dict[str, Any]:
    """Approve or refuse a version that somebody else proposed, or take back one's own."""
    try:
        if body.decision == "withdraw":
            row = proposing.withdraw(request.user, rule_pack, version, body.note)
        else:
            row = proposing.decide(request.user, rule_pack, version, approve=body.decision == "approve", note=body.note)
    except ValidationError as error:
        raise _refused(error) from None
    return _version(row)


def _refused(error: ValidationError) -> ApiError:
    fields = [(name, text) for name, told in error.message_dict.items() for text in told]
    return ApiError("invalid", " ".join(error.messages), 422, fields)


def _pack(row: selectors.PackRow) -> dict[str, Any]:
    pack = row.pack
    return {
        "pack": pack.name, "version": pack.version, "title": pack.title, "title_zh": pack.title_zh,
        "effective_from": row.since, "effective_until": row.until, "rules": [rule.name for rule in pack.rules],
        "waiting": row.waiting,
    }  # fmt: skip


def _version(row: PackVersion) -> dict[str, Any]:
    names = (
        "pack",
        "version",
        "base",
        "state",
        "effective_from",
        "effective_until",
        "why",
        "proposed_at",
        "decided_at",
    )
    people = {
        "proposed_by": row.proposed_by.get_username() if row.proposed_by else "",
        "decided_by": row.decided_by.get_username() if row.decided_by else "",
    }
    return {name: getattr(row, name) for name in (*names, "note")} | people
