"""Every change of a case: filing, moves, words between enterprise and desk, and what the forecast says of it."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require, scope_of
from ballast.areas.accounts.models import Grant
from ballast.areas.audit.services import record
from ballast.areas.cases import holding
from ballast.areas.cases.attachments import FileGiven, FileRow, checked
from ballast.areas.cases.events import case_changed
from ballast.areas.cases.machine import CLOSED, MOVES, Move
from ballast.areas.cases.models import Attachment, Case, CaseEntry, Kind, State
from ballast.areas.cases.numbering import desk_region, due_at, next_number
from ballast.areas.cases.selectors import desk_people, movable_cases, visible_cases
from ballast.areas.reference.models import Product, Region
from ballast.areas.reference.selectors import authority, now, today
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.selectors import visible_sites

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = [
    "MoveRefusedError",
    "add_note",
    "add_reply",
    "file_case",
    "link_event",
    "make_move",
    "move_many",
    "record_output_at_risk",
]

_BATCH = 500


class MoveRefusedError(ValidationError):
    """The case stands where this move does not start, or the move lacks what it needs."""


def file_case(
    user: "User",
    *,
    kind: str,
    site: Site,
    product: Product | None,
    blocked: str,
    place: Region,
    needed_by: dt.date,
    contact: str,
    text: str,
    attachment: FileGiven | None = None,
    linked_event: Event | None = None,
    still_possible: float = 0.0,
    client_token: str = "",
) -> Case:
    """The new case, with its number, its desk, its due time and the event it is about.

    The same person and `client_token` again give the case that was filed before, unchanged. `still_possible` is
    the share of normal output that is left, 0 to 1. Raises ValidationError by field, NotAllowedError.
    """
    require(user, "file_cases")
    site = visible_sites(user, "file_cases").select_related("enterprise", "region").get(pk=site.pk)
    words = {"blocked": blocked, "contact": contact, "text": text}
    if before := _filed_before(user, client_token):
        return before
    _check_filing(kind, words, needed_by=needed_by, still_possible=still_possible)
    fields: dict[str, Any] = {key: value.strip() for key, value in words.items()}
    fields |= {"kind": kind, "site": site, "product": product, "place": place, "needed_by": needed_by}
    fields |= {"filed_by": user, "client_token": client_token}
    file = checked(attachment) if attachment else None
    try:
        return _file(fields, event=linked_event, still_possible=still_possible, file=file)
    except IntegrityError:
        # The same request came twice at once; the other one has filed it.
        if before := _filed_before(user, client_token):
            return before
        raise


def _filed_before(user: "User", client_token: str) -> Case | None:
    return Case.objects.filter(filed_by=user, client_token=client_token).first() if client_token else None


@transaction.atomic
def _file(fields: dict[str, Any], *, event: Event | None, still_possible: float, file: FileRow | None) -> Case:
    site, user, of = fields["site"], fields["filed_by"], authority()
    at, lead = now(of), desk_region(site.region)
    case = Case.objects.create(
        **fields, number=next_number(lead, today(of)), enterprise=site.enterprise, filed_at=at, state_since=at,
        due_at=due_at(fields["kind"], at, of), lead_region=lead,
    )  # fmt: skip
    case.event = event or holding.hold(case, start=today(of), capacity_left=still_possible)
    case.save(update_fields=["event"])
    if file:
        Attachment.objects.create(case=case, added_at=at, **file)
    _enter(case, user, type=CaseEntry.Type.MOVE, move="file", after=State.FILED)
    _record("case.filed", user, case, {"kind": case.kind, "event": case.event.event_id if case.event else None})
    case_changed.send(Case, case=case)
    return case


def _check_filing(kind: str, words: Mapping[str, str], *, needed_by: dt.date, still_possible: float) -> None:
    faults: dict[str, str] = {name: _("Fill in this field.") for name, value in words.items() if not value.strip()}
    if len(words["blocked"]) > 200:
        faults["blocked"] = _("This text has {count} characters; give at most 200.").format(count=len(words["blocked"]))
    if len(words["contact"]) > 200:
        faults["contact"] = _("This text has {count} characters; give at most 200.").format(count=len(words["contact"]))
    if kind not in Kind.values:
        faults["kind"] = _("“{kind}” is not a kind of problem; choose one of {kinds}.").format(
            kind=kind, kinds=", ".join(Kind.values)
        )
    if needed_by < today():
        faults["needed_by"] = _("{day} has passed; give today or a later day.").format(day=needed_by)
    if not 0 <= still_possible <= 1:
        faults["still_possible"] = _("{value} is not a share; give a value from 0 to 1.").format(value=still_possible)
    if faults:
        raise ValidationError(faults)


@transaction.atomic
def make_move(
    user: "User",
    number: str,
    *,
    move: str,
    text: str = "",
    owner: "User | None" = None,
    region: Region | None = None,
    capacity_left: float | None = None,
) -> Case:
    """The case after the move, with the entry in its story and the audit.

    Raises Case.DoesNotExist or NotAllowedError for what is not the user's, MoveRefusedError when the case's state
    does not allow the move or a field that it needs is empty.
    """
    if move not in MOVES:
        # Whose case it is not hears that before anything about moves.
        visible_cases(user).only("pk").get(number=number)
    spec = _spec(move)
    require(user, spec.permission)
    case = movable_cases(user, spec).select_for_update(of=("self",)).get(number=number)
    _check_move(case, spec, {"text": text.strip(), "owner": owner, "region": region})
    if capacity_left is not None and not 0 <= capacity_left <= 1:
        message = _("{value} is not a share; give a value from 0 to 1.").format(value=capacity_left)
        raise MoveRefusedError({"capacity_left": message})
    before = case.state
    _EFFECTS.get(move, _nothing)(case, owner=owner, region=region)
    if spec.to is not None:
        case.state, case.state_since = spec.to, now()
        case.closed_at = case.state_since if spec.to in CLOSED else None
        if spec.to in CLOSED | {State.SOLVED}:
            case.offered_to = None
    if capacity_left is not None:
        holding.set_capacity_left(case, capacity_left)
    case.save()
    _hold_or_release(case, move)
    detail = {"from": before, "to": case.state, "owner": owner and owner.get_username(), "region": region and region.pk}
    _enter(case, user, type=CaseEntry.Type.MOVE, move=move, before=before, after=case.state, text=text.strip())
    _record(f"case.{move}", user, case, {k: v for k, v in detail.items() if v})
    case_changed.send(Case, case=case)
    return case


def _spec(move: str) -> Move:
    if move not in MOVES:
        message = _("“{move}” is not a move; choose one of {moves}.").format(move=move, moves=", ".join(MOVES))
        raise MoveRefusedError({"move": message})
    return MOVES[move]


def _check_move(case: Case, spec: Move, given: Mapping[str, Any]) -> None:
    """Raise MoveRefusedError unless the state allows the move and it says what it must."""
    if case.state not in spec.sources:
        message = _("Case {number} is “{state}”; “{move}” is not possible from there.").format(
            number=case.number, state=State(case.state).label, move=spec.label
        )
        raise MoveRefusedError({"move": message})
    missing = {name: _("Fill in this field.") for name in spec.needs if not given[name]}
    if missing:
        raise MoveRefusedError(missing)


def _nothing(case: Case, **_given: object) -> None:
    """The move changes the state only."""


def _assign(case: Case, *, owner: "User", **_given: object) -> None:
    if not desk_people(case).filter(pk=owner.pk).exists():
        message = _("{person} does not work for the desk of {region}; choose one of its people.").format(
            person=owner.get_username(), region=case.lead_region.label
        )
        raise MoveRefusedError({"owner": message})
    case.owner = owner


def _hand_over(case: Case, *, region: Region, **_given: object) -> None:
    if region.pk == case.lead_region_id:
        message = _("{region} leads this case already; choose another region.").format(region=region.label)
        raise MoveRefusedError({"region": message})
    case.offered_to = region


def _take_over(case: Case, **_given: object) -> None:
    assert case.offered_to is not None  # noqa: S101 - the queryset of the move holds offered cases only
    case.lead_region, case.offered_to, case.escalated_to, case.owner = case.offered_to, None, None, None


def _refuse(case: Case, **_given: object) -> None:
    """Back to the desk that leads; the region above both gets to see that nobody took it."""
    assert case.offered_to is not None  # noqa: S101 - as above
    case.escalated_to = _common_superior(case.lead_region, case.offered_to)
    case.offered_to = None


def _common_superior(one: Region, other: Region) -> Region | None:
    """The lowest region that is above both; None when the tree has no common top."""
    shared = []
    for left, right in zip(one.path.strip("/").split("/"), other.path.strip("/").split("/"), strict=False):
        if left != right:
            break
        shared.append(left)
    return Region.objects.filter(code=shared[-1]).first() if shared else None


_EFFECTS: dict[str, Callable[..., None]] = {
    "assign": _assign,
    "hand_over": _hand_over,
    "take_over": _take_over,
    "refuse": _refuse,
}


def _hold_or_release(case: Case, move: str) -> None:
    """The event ends with the enterprise's word and holds again when that is taken back."""
    if move in {"confirm", "withdraw"}:
        holding.release(case)
        Case.objects.filter(pk=case.pk).update(output_at_risk=None)
        case.output_at_risk = None
    elif move in {"dispute", "reopen"}:
        holding.hold_again(case)


def move_many(
    user: "User", numbers: list[str], *, move: str, owner: "User | None" = None
) -> tuple[list[str], dict[str, str]]:
    """Numbers that were moved, and for each other number why not; each case is its own transaction."""
    done, refused = [], {}
    for number in numbers:
        try:
            make_move(user, number, move=move, owner=owner)
            done.append(number)
        except MoveRefusedError as error:
            refused[number] = " ".join(error.messages)
        except Case.DoesNotExist:
            refused[number] = _("There is no such case.")
    return done, refused


@transaction.atomic
def add_reply(user: "User", number: str, *, text: str) -> CaseEntry:
    """A word that enterprise and desk both read. Raises Case.DoesNotExist, ValidationError when it is empty."""
    permission = "work_cases" if _at_desk(user) else "answer_cases"
    return _say(user, number, permission, CaseEntry.Type.REPLY, text)


@transaction.atomic
def add_note(user: "User", number: str, *, text: str) -> CaseEntry:
    """A note that only desks read. Raises Case.DoesNotExist, ValidationError when it is empty."""
    return _say(user, number, "work_cases", CaseEntry.Type.NOTE, text)


def _at_desk(user: "User") -> bool:
    scope = scope_of(user, "work_cases")
    return not scope.empty


def _say(user: "User", number: str, permission: str, kind: str, text: str) -> CaseEntry:
    require(user, permission)
    case = visible_cases(user, permission).get(number=number)
    if not text.strip():
        raise ValidationError({"text": _("Write something before you send it.")})
    entry = _enter(case, user, type=kind, text=text.strip())
    _record(f"case.{kind}", user, case, {"entry": entry.pk})
    return entry


@transaction.atomic
def link_event(user: "User", number: str, *, event: Event) -> Case:
    """The case, now about another event that is known already; the event it had made for itself ends.

    Raises Case.DoesNotExist for what is not the user's to work on.
    """
    require(user, "work_cases")
    case = movable_cases(user, MOVES["accept"]).select_for_update(of=("self",)).get(number=number)
    if case.event_id == event.pk:
        return case
    former = case.event
    if former is not None and former.case_id == case.number:
        holding.release(case)
    case.event = event
    case.save(update_fields=["event"])
    detail = {"event": [former.event_id if former else None, event.event_id]}
    note = _("Now about event {event}.").format(event=event.event_id)
    _enter(case, user, type=CaseEntry.Type.NOTE, text=note)
    _record("case.event", user, case, detail)
    case_changed.send(Case, case=case)
    return case


@transaction.atomic
def record_output_at_risk(values: Mapping[str, float | None]) -> int:
    """Write the output that each case puts at risk, by number; returns how many changed. Only `chains` calls this."""
    changed = []
    for case in Case.objects.filter(number__in=list(values)).only("number", "output_at_risk").order_by("pk"):
        if case.output_at_risk != values[case.number]:
            case.output_at_risk = values[case.number]
            changed.append(case)
    Case.objects.bulk_update(changed, ["output_at_risk"], batch_size=_BATCH)
    return len(changed)


def _unit_of(user: "User", case: Case) -> str:
    """The office or firm for which a person speaks in this case, as it is written into the story."""
    grant = Grant.objects.filter(user=user).exclude(enterprise="", region="").order_by("pk").first()
    if grant is None:
        return authority().name
    if grant.enterprise:
        return case.enterprise.name
    region = Region.objects.filter(code=grant.region).first()
    return region.name if region else authority().name


def _enter(
    case: Case, user: "User", *, type: str, move: str = "", before: str = "", after: str = "", text: str = ""
) -> CaseEntry:
    """Add one line to the story; names are kept as text, because people leave."""
    return CaseEntry.objects.create(
        case=case, at=now(), actor=user, actor_name=user.get_full_name() or user.get_username(),
        actor_unit=_unit_of(user, case), type=type, move=move, state_before=before, state_after=after, text=text,
    )  # fmt: skip


def _record(action: str, user: "User", case: Case, detail: dict[str, Any]) -> None:
    record(
        action, user, subject_type="case", subject_id=case.number,
        enterprise=case.enterprise.enterprise_id, detail=detail,
    )  # fmt: skip
