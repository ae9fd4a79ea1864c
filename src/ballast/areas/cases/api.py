"""Cases over the API: the same queue, moves and words as on the pages."""

import datetime as dt
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from ballast.areas.accounts.access import NotAllowedError, can
from ballast.areas.accounts.apikit import ApiError, ListFilters, Page, Paging, paginate
from ballast.areas.accounts.models import User
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.audit.services import record_read
from ballast.areas.cases import presentation, selectors, services
from ballast.areas.cases.clocks.api import ClocksOut, DuesOut, ExtensionOut, clocks_shown, dues_shown, extension_shown
from ballast.areas.cases.clocks.api import router as clock_router
from ballast.areas.cases.clocks.card import card_of
from ballast.areas.cases.documents.api import router as document_router
from ballast.areas.cases.measuring.api import MeasuresOut, PartsOut, case_measures, part_figures
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.packs.api import router as pack_router
from ballast.areas.cases.packs.checklists import ListedItem, checklist
from ballast.areas.cases.packs.in_force import local_states
from ballast.areas.cases.relations import duplicates, family
from ballast.areas.cases.relations.api import FamilyOut
from ballast.areas.cases.relations.api import router as family_router
from ballast.areas.cases.routing.api import router as rule_router
from ballast.areas.cases.sheets.api import router as sheet_router
from ballast.areas.cases.talk.api import FileOut, as_file
from ballast.areas.cases.talk.api import router as talk_router
from ballast.areas.cases.talk.inbox_api import router as inbox_router
from ballast.areas.cases.talk.reply_api import router as reply_router
from ballast.areas.desks.api import named
from ballast.areas.desks.naming import desk_named, group_named
from ballast.areas.reference.models import Product, Region
from ballast.areas.registry.selectors import get_site
from ballast.core.clocks import Category

router = Router()
router.add_router("", sheet_router)
router.add_router("", rule_router)
router.add_router("", clock_router)
router.add_router("", inbox_router)
router.add_router("", talk_router)
router.add_router("", reply_router)
router.add_router("", pack_router)
router.add_router("", family_router)
router.add_router("", document_router)
_INVALID, _REFUSED = "invalid", "move_refused"


class CaseOut(DuesOut):
    number: str
    pack: str = Field(
        description="Case pack by which it runs; GET /case-packs tells its kinds, states, moves and form."
    )
    kind: str
    state: str
    category: Category = Field(description="What the state means, whatever its name.")
    outcome: str = Field(description="How it ended, out of the closed list; empty while a desk has it in hand.")
    enterprise_id: str
    site_id: str
    product: str | None
    blocked: str
    place: str
    needed_by: dt.date | None
    filed_at: dt.datetime
    due_at: dt.datetime
    state_since: dt.datetime
    closed_at: dt.datetime | None
    lead_region: str
    department: str | None = Field(description="Code of the department of the lead region that leads; null: its desk.")
    group: int | None = Field(description="Working group in whose queue it is too.")
    offered_to: str | None
    offered_department: str | None
    owner: str | None
    event_id: str | None = Field(description="Event it is about; null for enterprises.")
    waits_for: int = Field(description="Open children that it waits for; before they close it is not solved or closed.")
    output_at_risk: float | None = Field(description="Money over the forecast; null when not computed.")


class EntryOut(Schema):
    at: dt.datetime
    type: CaseEntry.Type
    actor: str
    unit: str
    move: str
    state_before: str
    state_after: str
    text: str
    toward: str = Field(description="Desk that the line leads to: region, or region/department; empty for none.")
    group: int | None = Field(description="Working group that the line leads to.")
    outcome: str
    files: list[FileOut]
    other: str = Field(description="In a line about another case, its number; empty where you do not see it.")


class ItemOut(Schema):
    item: str
    label: str
    before: list[str] = Field(description="Moves that are refused until it is ticked.")
    done: bool
    by: str = Field(description="Who ticked it off; empty where nobody did.")
    at: dt.datetime | None


class CaseDetailOut(CaseOut, ClocksOut):
    files: list[FileOut] = Field(description="Files of the report; for a part also those of the case that was split.")
    contact: str
    text: str
    answers: dict[str, str | float | bool] = Field(description="To the fields of the pack's own form.")
    checklist: list[ItemOut]
    story: list[EntryOut]
    moves: list[str] = Field(description="Moves that you may make now.")
    merged_into: str | None = Field(description="Case that it goes on in; null where you do not see it.")
    merged_here: list[str] = Field(description="Cases that were merged into it.")
    extensions: list[ExtensionOut] = Field(description="More time that was asked for; for desks only.")
    family: FamilyOut
    similar: list[str] = Field(description="Other open cases of the enterprise about the same product or words.")


class CaseIn(Schema):
    kind: str = Field(max_length=20)
    site_id: str = Field(max_length=64)
    blocked: str = Field(min_length=1, max_length=200)
    product: str = Field(
        "", max_length=64, description="This and what follows is needed where the form of the pack asks."
    )
    place: str = Field("", max_length=16, description="Region code of the place where it is blocked.")
    needed_by: dt.date | None = None
    contact: str = Field("", max_length=200)
    text: str = Field("", max_length=20_000)
    still_possible: float = Field(0, ge=0, le=1, description="Share of normal output that is left.")
    answers: dict[str, str | float | bool | None] = Field({}, description="To the pack's own fields, by name.")


class MoveIn(Schema):
    move: str = Field(max_length=20)
    text: str = Field("", max_length=20_000)
    owner: str = Field("", max_length=150, description="User name, for assign.")
    region: str = Field(
        "", max_length=60, description="Region code, or region/department: for hand_over, give_back and decide."
    )
    capacity_left: float | None = Field(None, ge=0, le=1)
    seen: int | None = Field(
        None, ge=0, le=1_000_000, description="Moves in the story that you saw; 409 when there were more since."
    )
    outcome: str = Field("", max_length=24, description="How it ends, for a move that solves or closes.")


class TickIn(Schema):
    item: str = Field(max_length=20)
    done: bool = Field(True, description="False takes the tick back.")


class GroupGivenIn(Schema):
    group: str = Field("", max_length=20, description="Key of a working group at work today; empty takes the case out.")
    text: str = Field(min_length=1, max_length=20_000)


class MergeIn(Schema):
    into: str = Field(max_length=32, description="Number of the case that it goes on in.")
    text: str = Field(
        min_length=1, max_length=20_000, description="Why it is the same problem; the enterprise reads it."
    )


class ReplyIn(Schema):
    text: str = Field(min_length=1, max_length=20_000)
    internal: bool = Field(False, description="True keeps it from the enterprise; for desks only.")


class CaseFilters(ListFilters):
    pack: str = Field("", max_length=20)
    outcome: str = Field("", max_length=24)
    kind: str = Field("", max_length=20)
    state: str = Field("all", max_length=20, description="open, all, or one state.")
    new: bool = False
    overdue: bool = False
    waiting: bool = False
    mine: bool = False
    held: bool = Field(False, description="Those that wait for an open child.")


def _shown(case: Case, *, desk: bool) -> dict[str, Any]:
    """A case as the API tells it; an enterprise is not told event and output at risk, which speak of others."""
    return {
        "number": case.number, "pack": case.pack, "kind": case.kind, "state": case.state,
        "category": local_states()[case.state].category, "outcome": case.outcome,
        "enterprise_id": case.enterprise.enterprise_id, "site_id": case.site.site_id, "product": case.product_id,
        "blocked": case.blocked, "place": case.place_id, "needed_by": case.needed_by, "filed_at": case.filed_at,
        "due_at": case.due_at, "state_since": case.state_since, "closed_at": case.closed_at,
        "lead_region": case.lead_region_id, "department": case.department.code if case.department else None,
        "group": case.group_id, "offered_to": case.offered_to_id,
        "offered_department": case.offered_department.code if case.offered_department else None,
        "owner": case.owner.get_username() if case.owner else None,
        "event_id": case.event.event_id if desk and case.event else None,
        "output_at_risk": case.output_at_risk if desk else None, "waits_for": case.waits_for,
        **dues_shown(case),
    }  # fmt: skip


def _item(one: ListedItem) -> dict[str, Any]:
    return {
        "item": one.item.name, "label": str(one.item.label), "before": list(one.item.before),
        "done": one.tick is not None, "by": one.tick.by_name if one.tick else "", "at": one.tick and one.tick.at,
    }  # fmt: skip


def _desk(user: User) -> bool:
    """Whether the person sees cases as a desk; NotAllowedError when they see none at all."""
    if not (can(user, "view_desk") or can(user, "view_portal")):
        raise NotAllowedError
    return can(user, "view_desk")


def _detail(user: User, number: str) -> dict[str, Any]:
    desk = _desk(user)
    case = selectors.case_for(user, number)
    if desk:
        record_read(user, [case.enterprise.enterprise_id], "case")
    merged = duplicates.merges_of(user, case)
    others, relatives = merged.others | family.other_cases(user, case), family.family_of(user, case)
    case.waits_for = relatives.held
    files = list(selectors.attachments(user, case))
    story = [
        {
            "at": e.at, "type": e.type, "actor": e.actor_name, "unit": e.unit, "move": e.move,
            "state_before": e.state_before, "state_after": e.state_after, "text": e.said,
            "outcome": e.outcome, "other": e.other, "group": e.toward_group_id,
            "toward": e.toward_department.key if e.toward_department else e.toward_id or "",
            "files": [as_file(file) for file in files if file.entry_id == e.pk],
        }
        for e in presentation.with_units(case, selectors.story(user, case), others)
    ]  # fmt: skip
    moves = [move.name for move in selectors.moves_for(user, case)]
    return _shown(case, desk=desk) | {
        "contact": case.contact, "text": case.text, "answers": case.answers, "story": story, "moves": moves,
        "checklist": [_item(one) for one in checklist(case)], **clocks_shown(card_of(case)),
        "extensions": [extension_shown(one) for one in case.extensions.all()] if desk else [],
        "files": [as_file(file) for file in files if file.entry_id is None or file.case_id != case.pk],
        "merged_into": merged.into.number if merged.into else None,
        "merged_here": [one.number for one in merged.here],
        "family": family.family_shown(relatives),
        "similar": [one.number for one in duplicates.similar_cases(user, case)],
    }  # fmt: skip


@router.get("/cases", response=Page[CaseOut])
def cases(request: SignedRequest, paging: Query[Paging], filters: Query[CaseFilters]) -> Any:
    """Cases in scope by number."""
    desk = _desk(request.user)
    given = {key: str(value) if value is not True else "1" for key, value in filters.dict().items() if value}
    rows = selectors.queue(request.user, given).select_related("event", "department", "offered_department")
    page = paginate(rows, paging.cursor, paging.limit, key="number", keys_first=True)
    shown = [_shown(case, desk=desk) for case in family.with_waiting(list(page["items"]))]
    return {"items": shown, "next": page["next"]}


# Before the address of one case, which would take the word for a number.
router.get("/cases/measures", response=MeasuresOut)(case_measures)
router.get("/cases/measures/parts", response=PartsOut)(part_figures)


@router.get("/cases/{number}", response=CaseDetailOut)
def case(request: SignedRequest, number: str) -> Any:
    """One case with its story and the moves that you may make."""
    return _detail(request.user, number)


def _known(model: Any, field: str, value: str) -> Any:
    found = model.objects.filter(code=value).first()
    if found is None:
        message = _("“{value}” is not known.").format(value=value)
        raise ApiError(_INVALID, message, 422, [(field, message)])
    return found


@router.post("/cases", response={201: CaseDetailOut})
def file_case(request: SignedRequest, body: CaseIn) -> Any:
    """File a case by the pack that has the kind. Send an Idempotency-Key: a retry gives the same case."""
    fields = body.dict()
    try:
        site = get_site(request.user, fields.pop("site_id"))
    except ObjectDoesNotExist:
        message = _("You have no site with this id.")
        raise ApiError(_INVALID, message, 422, [("site_id", message)]) from None
    fields["product"] = _known(Product, "product", body.product) if body.product else None
    fields["place"] = _known(Region, "place", body.place) if body.place else None
    token = request.headers.get("Idempotency-Key", "")[:64]
    filed = services.file_case(request.user, site=site, client_token=token, **fields)
    return Status(201, _detail(request.user, filed.number))


@router.post("/cases/{number}/moves", response=CaseDetailOut)
def move(request: SignedRequest, number: str, body: MoveIn) -> Any:
    """Make a move of the case's pack; those that you may make now stand in `moves` of the case.

    Those of a problem: accept, assign, start, hand_over, take_over, refuse, give_back, decide, solve, confirm, dispute,
    reopen, withdraw.
    """
    desk = named("region", desk_named, body.region)
    try:
        services.make_move(
            request.user, number, move=body.move, text=body.text, outcome=body.outcome, seen=body.seen,
            capacity_left=body.capacity_left,
            owner=User.objects.filter(username=body.owner).first() if body.owner else None,
            region=desk.region, department=desk.department,
        )  # fmt: skip
    except services.MoveRefusedError as error:
        raise _refused(error) from None
    return _detail(request.user, number)


def _refused(error: services.MoveRefusedError) -> ApiError:
    """409 when the case does not stand where the move starts, else 422."""
    fields = [(name, text) for name, texts in error.message_dict.items() for text in texts]
    illegal = any(name == "move" for name, _text in fields)
    return ApiError(_REFUSED, " ".join(error.messages), 409 if illegal else 422, fields)


@router.post("/cases/{number}/ticks", response=CaseDetailOut)
def tick(request: SignedRequest, number: str, body: TickIn) -> Any:
    """Tick an item of the case's checklist off, or take that back."""
    services.set_tick(request.user, number, item=body.item, done=body.done)
    return _detail(request.user, number)


@router.post("/cases/{number}/group", response=CaseDetailOut)
def give_to_group(request: SignedRequest, number: str, body: GroupGivenIn) -> Any:
    """Put the case into the queue of a working group too, or take it out."""
    services.give_to_group(request.user, number, named("group", group_named, body.group), text=body.text)
    return _detail(request.user, number)


@router.post("/cases/{number}/merge", response=CaseDetailOut)
def merge(request: SignedRequest, number: str, body: MergeIn) -> Any:
    """Merge the case into another one of the same enterprise: it closes, and its page leads there."""
    try:
        services.merge_case(request.user, number, into=body.into, text=body.text)
    except services.MoveRefusedError as error:
        raise _refused(error) from None
    return _detail(request.user, number)


@router.post("/cases/{number}/unmerge", response=CaseDetailOut)
def undo_merge(request: SignedRequest, number: str) -> Any:
    """Undo the merge of the case while the one that it was merged into is open."""
    try:
        services.undo_merge(request.user, number)
    except services.MoveRefusedError as error:
        raise _refused(error) from None
    return _detail(request.user, number)


@router.post("/cases/{number}/replies", response={201: CaseDetailOut})
def reply(request: SignedRequest, number: str, body: ReplyIn) -> Any:
    """Write to the other side, or an internal note."""
    write = services.add_note if body.internal else services.add_reply
    write(request.user, number, text=body.text)
    return Status(201, _detail(request.user, number))
