"""File a problem: what must be said, and the case that comes of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NotRequired, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.audit.services import Act, record_all
from ballast.areas.cases import holding
from ballast.areas.cases.clocks.rules import standing_rules
from ballast.areas.cases.events import case_changed
from ballast.areas.cases.models import Attachment, Case, CaseEntry
from ballast.areas.cases.numbering import desk_region, due_at, next_number
from ballast.areas.cases.packs.answers import checked_answers
from ballast.areas.cases.packs.in_force import PROBLEM, kinds, pack_named, pack_of_kind
from ballast.areas.cases.packs.model import Pack
from ballast.areas.cases.routing.rules import Asked, Route, Router
from ballast.areas.cases.story import Toward, enter, enter_filed, note_in_audit
from ballast.areas.cases.talk.attachments import FileGiven, FileRow, checked
from ballast.areas.reference.models import Product, Region
from ballast.areas.reference.selectors import authority, now, standing_authority, today
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.selectors import visible_sites

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Problem", "Stamp", "asked", "faults_of", "file_case", "filing_right", "store", "store_many"]

# What a form may ask and a case keeps under the same name.
_SAID = ("blocked", "product", "place", "needed_by", "contact", "text")
# What stands in columns of that length.
_LONGEST = {"blocked": 200, "contact": 200}


class Problem(TypedDict):
    """What is said of a new case. What the form of its pack does not ask may be left out.

    `still_possible` is the share of normal output that is left, 0 to 1, none unless given; `linked_event` is the event
    it is about where that is known already; `answers` are those to the pack's own fields; `client_token` marks a form
    or a request, so that a retry is known.
    """

    kind: str
    site: Site
    blocked: str
    product: NotRequired[Product | None]
    place: NotRequired[Region | None]
    needed_by: NotRequired[dt.date | None]
    contact: NotRequired[str]
    text: NotRequired[str]
    answers: NotRequired[Mapping[str, object]]
    attachment: NotRequired[FileGiven | None]
    linked_event: NotRequired[Event | None]
    still_possible: NotRequired[float]
    client_token: NotRequired[str]


class Stamp(NamedTuple):
    """When a problem came in, under which number, at which desk; `day` is the authority's local date."""

    number: str
    route: Route
    at: dt.datetime
    day: dt.date
    due_at: dt.datetime


@standing_authority()
@standing_rules()
def file_case(user: "User", **problem: Unpack[Problem]) -> Case:
    """The new case, with its number, its desk, its due time and the event it is about.

    The same person and `client_token` again give the case that was filed before, unchanged. Raises ValidationError by
    field, NotAllowedError, Site.DoesNotExist for a site that is not the person's own.
    """
    right = filing_right(problem["kind"])
    require(user, right)
    problem["site"] = visible_sites(user, right).select_related("enterprise", "region").get(pk=problem["site"].pk)
    token = problem.get("client_token", "")
    if before := _filed_before(user, token):
        return before
    if faults := faults_of(problem):
        raise ValidationError(faults)
    given = problem.get("attachment")
    file = checked(given) if given else None
    try:
        return _file(user, problem, file)
    except IntegrityError:
        # The same request came twice at once; the other one has filed it.
        if before := _filed_before(user, token):
            return before
        raise


def filing_right(kind: str) -> str:
    """Permission to file a case of a kind, by the pack's word on who does; that of problems for a kind of none."""
    return {"enterprise": "file_cases", "desk": "work_cases"}[_pack_of(kind).filed_by]


def _pack_of(kind: str) -> Pack:
    return pack_of_kind(kind) if kind in kinds() else pack_named(PROBLEM)


def _filed_before(user: "User", client_token: str) -> Case | None:
    return Case.objects.filter(filed_by=user, client_token=client_token).first() if client_token else None


def faults_of(problem: Problem) -> dict[str, str]:
    """A sentence for each field that cannot stand."""
    pack = _pack_of(problem["kind"])
    faults = {
        field.name: _("Fill in this field.")
        for field in pack.form
        if field.required and field.name in _SAID and not _filled(problem.get(field.name))
    }
    for name, most in _LONGEST.items():
        if (count := len(str(problem.get(name) or ""))) > most:
            faults[name] = _("This text has {count} characters; give at most {most}.").format(count=count, most=most)
    if problem["kind"] not in kinds():
        faults["kind"] = _("“{kind}” is not a kind of problem; choose one of {kinds}.").format(
            kind=problem["kind"], kinds=", ".join(kinds())
        )
    needed_by = problem.get("needed_by")
    if needed_by is not None and needed_by < today():
        faults["needed_by"] = _("{day} has passed; give today or a later day.").format(day=needed_by)
    share = problem.get("still_possible", 0.0)
    if not 0 <= share <= 1:
        faults["still_possible"] = _("{value} is not a share; give a value from 0 to 1.").format(value=share)
    return faults | _faults_of_answers(pack, problem) | _faults_of_offer(pack, problem)


def _filled(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _faults_of_answers(pack: Pack, problem: Problem) -> dict[str, str]:
    try:
        checked_answers(pack, problem.get("answers", {}))
    except ValidationError as error:
        return {name: " ".join(texts) for name, texts in error.message_dict.items()}
    return {}


def _faults_of_offer(pack: Pack, problem: Problem) -> dict[str, str]:
    """A case that goes to another region at once needs one that is another."""
    place = problem.get("place")
    if pack.routing.offer != "place" or place is None:
        return {}
    if desk_region(place).pk == _first_desk(pack, problem).pk:
        message = _("{region} leads this case already; choose another region.")
        return {"place": message.format(region=desk_region(place).label)}
    return {}


def _first_desk(pack: Pack, problem: Problem) -> Region:
    """The desk that receives first, by the pack."""
    site = problem["site"].region
    return desk_region((problem.get("place") or site) if pack.routing.first == "place" else site)


@transaction.atomic
def _file(user: "User", problem: Problem, file: FileRow | None) -> Case:
    of = authority()
    at, day = now(of), today(of)
    route = Router(day).route(asked(problem))
    if route.rule is None:
        route = Route(_first_desk(pack_of_kind(problem["kind"]), problem))
    stamp = Stamp(next_number(route.lead, day), route, at, day, due_at(problem["kind"], at, of))
    return store(user, problem, stamp, file)


def asked(problem: Problem) -> Asked:
    """What the routing rules may ask of a problem."""
    product = problem.get("product")
    return Asked(problem["kind"], problem["site"], product.pk if product else "")


def _offered_to(pack: Pack, place: Region, route: Route) -> Region | None:
    """The desk to which a new case is offered at once, where its pack says so and it does not lead the case already."""
    desk = desk_region(place) if pack.routing.offer == "place" else None
    return desk if desk is not None and desk.pk != route.lead.pk else None


def store(user: "User", problem: Problem, stamp: Stamp, file: FileRow | None = None) -> Case:
    """The case of a problem that was checked and stamped; to be called in the transaction that gave the number."""
    case, route = _drafted(user, problem, stamp), stamp.route
    case.save()
    left = problem.get("still_possible", 0.0)
    case.event = problem.get("linked_event") or holding.hold(case, start=stamp.day, capacity_left=left)
    case.save(update_fields=["event"])
    if file:
        Attachment.objects.create(case=case, added_at=stamp.at, **file)
    enter(case, user, type=CaseEntry.Type.MOVE, move="file", after=case.state, toward=Toward(*route[:3]))
    note_in_audit("case.filed", user, case, _filed(case, stamp))
    case_changed.send(Case, case=case)
    return case


def store_many(user: "User", given: Sequence[tuple[Problem, Stamp]]) -> list[Case]:
    """The cases of many problems that name no event, as `store` files one after another, in a few statements for all.

    To be called in the transaction that gave the numbers, all on one day.
    """
    cases = [_drafted(user, problem, stamp) for problem, stamp in given]
    left = [problem.get("still_possible", 0.0) for problem, _stamp in given]
    held = holding.hold_all(cases, start=given[0][1].day, capacity_left=left) if given else {}
    for case in cases:
        case.home_id = case.enterprise.region_id
    Case.objects.bulk_create(cases, batch_size=500)
    enter_filed(cases, user, [Toward(*stamp.route[:3]) for _problem, stamp in given])
    acts = []
    for case, (_problem, stamp) in zip(cases, given, strict=True):
        acts += [held[case.number]] if case.number in held else []
        firm = case.enterprise.enterprise_id
        acts.append(Act("case.filed", user, "case", case.number, firm, _filed(case, stamp)))
    record_all(acts)
    for case in cases:
        case_changed.send(Case, case=case)
    return cases


def _filed(case: Case, stamp: Stamp) -> dict[str, Any]:
    """What the audit says of the filing."""
    rule = stamp.route.rule
    event = case.event.event_id if case.event else None
    return {"kind": case.kind, "event": event} | ({"rule": rule.pk} if rule else {})


def _drafted(user: "User", problem: Problem, stamp: Stamp) -> Case:
    """The case, not saved yet."""
    site, pack, route = problem["site"], pack_of_kind(problem["kind"]), stamp.route
    place = problem.get("place") or site.region
    return Case(
        number=stamp.number, pack=pack.name, kind=problem["kind"], state=pack.starts,
        enterprise=site.enterprise, site=site, product=problem.get("product"),
        blocked=problem["blocked"].strip(), place=place, needed_by=problem.get("needed_by"),
        contact=problem.get("contact", "").strip(), text=problem.get("text", "").strip(),
        answers=checked_answers(pack, problem.get("answers", {})),
        filed_at=stamp.at, filed_by=user, state_since=stamp.at, due_at=stamp.due_at, lead_region=route.lead,
        offered_to=_offered_to(pack, place, route), department=route.department, group=route.group, owner=route.owner,
        client_token=problem.get("client_token", ""),
    )  # fmt: skip
