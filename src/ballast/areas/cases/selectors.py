"""Which cases a person may see and which they may move; counts, queue, story."""

import datetime as dt
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from django.db.models import Case as Branch
from django.db.models import Count, F, IntegerField, Q, QuerySet, Value, When

from ballast.areas.accounts.access import PERMISSIONS, Scope, can, scope_of
from ballast.areas.accounts.models import User
from ballast.areas.accounts.selectors import with_grant
from ballast.areas.cases.clocks.models import Part
from ballast.areas.cases.clocks.parts import PART_WORDS, parts_that_are
from ballast.areas.cases.machine import IN_HAND, OPEN, RESOLVED, Move, Right, moves_from, telling
from ballast.areas.cases.measuring.logged import LOGGED, logged, was
from ballast.areas.cases.models import Attachment, Case, CaseEntry, ParentLink
from ballast.areas.cases.numbering import desk_regions
from ballast.areas.cases.ownership.people import ROLES, given_to_groups, possible_owners, spoken_for
from ballast.areas.cases.packs.in_force import packs
from ballast.areas.reference.models import Product, Region
from ballast.areas.reference.selectors import authority, now, today
from ballast.areas.registry.models import Enterprise, Event, Site
from ballast.areas.registry.selectors import codes_within, in_chain, in_region, scope_filter
from ballast.areas.searching import holding, matching

__all__ = [
    "attachment",
    "attachments",
    "case_for",
    "cases_in",
    "colleagues",
    "conditions",
    "counts",
    "desk_people",
    "filtered",
    "month_bounds",
    "movable_cases",
    "moves_for",
    "open_cases_about",
    "open_cases_by_event",
    "outside_packs",
    "own_attachments",
    "own_case",
    "own_cases",
    "own_story",
    "queue",
    "story",
    "visible_cases",
    "with_parties",
]

# Sort keys of lists -> fields; what is unknown comes last either way.
SORTS = {
    "risk": "output_at_risk", "number": "number", "enterprise": "enterprise__name", "kind": "kind",
    "due": "due_at", "owner": "owner__username", "age": "filed_at", "state": "state",
}  # fmt: skip


# What a member may use on the cases of a group, where their role has it.
_IN_GROUPS = frozenset({"view_desk", "work_cases", "hand_over_cases", "export"})


def _in_regions(scope: Scope, field: str) -> Q:
    """Condition that a case's region `field` lies in the scope, and its enterprise in the chain where one is named."""
    if scope.everything:
        return Q()
    condition = Q(pk__in=[])
    for region, chain in scope.places:
        codes = codes_within(scope, region)
        if region and codes == []:
            continue
        place = Q(**{f"{field}__in": codes}) if region else Q(**{f"{field}__isnull": False})
        if chain:
            place &= in_chain(chain, "enterprise__")
        condition |= place
    return condition


def cases_in(scope: Scope) -> QuerySet[Case]:
    """Cases of the enterprises in a scope, and those that a desk in it leads or was offered."""
    if scope.everything:
        return Case.objects.all()
    seen = scope_filter(scope, "enterprise__", region="home")
    return Case.objects.filter(seen | _in_regions(scope, "lead_region") | _in_regions(scope, "offered_to"))


def visible_cases(user: User, permission: str | None = None) -> QuerySet[Case]:
    """Cases of the enterprises in scope, those that a desk in scope leads or was offered, and those of one's groups."""
    scope = scope_of(user, permission)
    rows = cases_in(scope)
    shared = None if scope.everything else _of_groups(user, permission or "view_desk")
    return rows if shared is None else rows | Case.objects.filter(shared)


def _of_groups(user: User, permission: str) -> Q | None:
    """Condition for cases of the groups in which the person is at work and uses the permission; None for none."""
    return given_to_groups(user) if permission in _IN_GROUPS and can(user, permission) else None


def movable_cases(user: User, move: Right) -> QuerySet[Case]:
    """Cases on which the user may make the move as far as rights go; the state is another question."""
    if not can(user, move.permission):
        return Case.objects.none()
    scope = scope_of(user, move.permission)
    if move.who == "offered":
        asked = Case.objects.filter(_in_regions(scope, "offered_to"), offered_to__isnull=False)
        return asked.filter(spoken_for(user, "offered_department"))
    if move.who == "superior":
        return Case.objects.filter(_in_regions(scope, "escalated_to"), escalated_to__isnull=False)
    if move.who == "enterprise":
        return Case.objects.filter(scope_filter(scope, "enterprise__"))
    return Case.objects.filter(_led(user, scope, move.permission))


def _led(user: User, scope: Scope, permission: str) -> Q:
    """Condition for cases that a desk for which the person speaks leads, or a group of theirs works on."""
    own = spoken_for(user, "department")
    if scope.everything:
        return own
    # A city's desk works the cases of its own enterprises while they have not left for another region.
    at_home = scope_filter(scope, "enterprise__") & Q(enterprise__region__path__startswith=F("lead_region__path"))
    led = (_in_regions(scope, "lead_region") | at_home) & own
    shared = _of_groups(user, permission)
    return led if shared is None else led | shared


def moves_for(user: User, case: Case) -> list[Move]:
    """Moves that the user may make on the case as it stands, next one first."""
    possible = moves_from(
        case.rules, case.state, offered=case.offered_to_id is not None, escalated=case.escalated_to_id is not None
    )
    reach: dict[tuple[str, str], bool] = {}
    for move in possible:
        key = (move.permission, move.who)
        if key not in reach:
            reach[key] = movable_cases(user, move).filter(pk=case.pk).exists()
    return [m for m in possible if reach[m.permission, m.who]]


def case_for(user: User, number: str) -> Case:
    """One case with what its page shows. Raises Case.DoesNotExist for a number unknown or not the user's."""
    related = ("enterprise", "site", "product", "owner", "event", "department", "offered_department", "group")
    case = visible_cases(user).select_related(*related).get(number=number)
    _take_regions(case)
    return case


def _take_regions(case: Case) -> None:
    """Read the regions of a case and of what hangs on it in one question.

    Joined to the case, eight times over, they cost PostgreSQL ten times as long to plan as the whole costs to read.
    """
    holders = (
        (case, ("place", "lead_region", "offered_to", "escalated_to")),
        *((row, ("region",)) for row in (case.enterprise, case.site, case.department, case.offered_department) if row),
    )
    wanted = [(row, name, code) for row, names in holders for name in names if (code := getattr(row, f"{name}_id"))]
    regions = Region.objects.in_bulk({code for _row, _name, code in wanted})
    for row, name, code in wanted:
        setattr(row, name, regions[code])


def story(user: User, case: Case) -> QuerySet[CaseEntry]:
    """Entries of the case, oldest first; internal notes only for people of a desk who see the case as one."""
    entries = case.entries.all()
    return entries if _reads_notes(user, case.number) else entries.exclude(type=CaseEntry.Type.NOTE)


def _reads_notes(user: User, number: str) -> bool:
    return can(user, "view_desk") and visible_cases(user, "view_desk").filter(number=number).exists()


def attachment(user: User, number: str, pk: int) -> Attachment:
    """One file of a visible case, of a note only for who reads the note. Raises DoesNotExist for any other."""
    case = visible_cases(user).filter(number=number).order_by().first()
    if case is None:
        raise Attachment.DoesNotExist
    return _files(case, notes=_reads_notes(user, number)).get(pk=pk)


def attachments(user: User, case: Case) -> QuerySet[Attachment]:
    """Files of the case without their content, oldest first; those of notes only for who reads the notes.

    Those of the case from which it was split off are among them, as far as the enterprise reads them.
    """
    return _files(case, notes=_reads_notes(user, case.number)).defer("content").order_by("pk")


def own_attachments(case: Case) -> QuerySet[Attachment]:
    """Files that the enterprise reads: those of its report and of replies, never of internal notes."""
    return _files(case, notes=False).defer("content").order_by("pk")


def _files(case: Case, *, notes: bool) -> QuerySet[Attachment]:
    """Files that came with the case, and with those from which it was split off, up to then and without their notes."""
    told = Q(entry=None) | ~Q(entry__type=CaseEntry.Type.NOTE)
    found = Q(case=case) if notes else Q(case=case) & told
    part: Case | None = case
    while part is not None and part.split_from_id is not None:
        found |= Q(case=part.split_from_id, added_at__lte=part.filed_at) & told
        part = Case.objects.only("split_from", "filed_at").filter(pk=part.split_from_id).first()
    return Attachment.objects.filter(found)


def day_bounds(day: dt.date, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """First instant of a local day and of the day after."""
    start = dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo(zone))
    return start, start + dt.timedelta(days=1)


def month_bounds(text: str, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """First instant of a local month, such as "2022-04", and of the month after. Raises ValueError for what is none."""
    first = dt.date.fromisoformat(f"{text}-01")
    # The database knows neither instants before the year 1 nor after the year 9999.
    if f"{first:%Y-%m}" != text or not dt.MINYEAR < first.year < dt.MAXYEAR:
        raise ValueError(text)
    after = (first + dt.timedelta(days=31)).replace(day=1)
    return day_bounds(first, zone)[0], day_bounds(after, zone)[0]


def _conditions(user: User) -> dict[str, Q]:
    """What the counted words mean: open, new, overdue, waiting, mine, offered, held by a child that blocks."""
    of = authority()
    instant = now(of)
    start, end = day_bounds(instant.astimezone(ZoneInfo(of.time_zone)).date(), of.time_zone)
    is_open = Q(state__in=IN_HAND)
    return {
        "open": is_open,
        "new": Q(filed_at__gte=start, filed_at__lt=end),
        "overdue": is_open & Q(due_at__lt=instant),
        "waiting": Q(state__in=RESOLVED),
        "mine": is_open & Q(owner=user),
        "offered": is_open & Q(offered_to__isnull=False),
        "held": Q(pk__in=ParentLink.objects.filter(blocks=True, rests_on__state__in=OPEN).values("parent")),
    }


def conditions(user: User) -> dict[str, Q]:
    """What each word means that a list can be asked for: how cases stand now, and what their log says was done."""
    return _conditions(user) | logged()


def counts(user: User, cases: QuerySet[Case] | None = None) -> dict[str, int]:
    """Number of visible cases by each of the counted words."""
    rows = (visible_cases(user) if cases is None else cases).order_by()
    conditions = _conditions(user)
    # Closed cases grow without end; of all these words only "new" counts them.
    new = rows.filter(conditions.pop("new")).count()
    found: dict[str, int] = rows.filter(state__in=OPEN).aggregate(
        **{name: Count("pk", filter=one) for name, one in conditions.items()}
    )
    return {**found, "new": new}


def queue(user: User, filters: Mapping[str, str] | None = None) -> QuerySet[Case]:
    """Visible cases by filter and order; open ones unless a state is asked for, most output at risk first.

    Filters: those of `filtered`, and sort.
    """
    return with_parties(_sorted(filtered(user, filters), (filters or {}).get("sort") or "-risk"))


def filtered(user: User, filters: Mapping[str, str] | None = None) -> QuerySet[Case]:
    """Visible cases by filter, in no order of their own; open ones unless a state is asked for.

    Filters: pack, kind, outcome, state ("open", "all" or one), region (its subtree, or led from it), home (of the
    enterprise), province (where the desk is that first receives its cases), desk (the region that leads now), chain,
    owner ("none"), q, part (a desk that has or had it: region or region/department), part_is (how that part stands: one
    of PART_WORDS), the flags new, overdue, waiting, mine, offered, held and the words of `LOGGED`, month (of filing),
    and the windows filed_from, filed_to, solved_.., confirmed_.., due_.. (in hand). What is not known finds nothing.
    """
    given = {key: value for key, value in (filters or {}).items() if value}
    rows = visible_cases(user)
    known = _conditions(user)
    asked = [known[name] for name in _FLAGS if given.get(name)]
    asked += [was(word) for word in LOGGED if given.get(word)] + _windows(given)
    for condition in asked:
        rows = rows.filter(condition)
    state = given.get("state") or ("all" if asked or "q" in given else "open")
    if state != "all":
        rows = rows.filter(known["open"] if state == "open" else Q(state=state))
    rows = rows.filter(**{name: given[name] for name in ("pack", "kind", "outcome") if name in given})
    for condition in (*_places(given), *_parts(given)):
        rows = rows.filter(condition)
    if chain := given.get("chain"):
        rows = rows.filter(in_chain(chain, "enterprise__"))
    if given.get("owner") == "none":
        rows = rows.filter(owner__isnull=True)
    if group := given.get("group"):
        rows = rows.filter(group=int(group)) if _is_key(group) else rows.none()
    if words := given.get("q"):
        rows = rows.filter(_holding(words))
    return rows


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < _DIGITS


def _places(given: Mapping[str, str]) -> list[Q]:
    """Conditions of region, home, province and desk."""
    found = []
    if region := given.get("region"):
        found.append(in_region(region, field="home") | Q(lead_region=region))
    if home := given.get("home"):
        found.append(in_region(home, field="home"))
    if province := given.get("province"):
        found.append(Q(home__in=[code for code, first in desk_regions().items() if first == province]))
    if desk := given.get("desk"):
        found.append(Q(lead_region=desk))
    return found


def _parts(given: Mapping[str, str]) -> list[Q]:
    """Condition of the desk that has or had a part, and of how that part stands; of a word that is none, none does."""
    if "part" not in given and "part_is" not in given:
        return []
    word = given.get("part_is")
    parts = Part.objects.filter(agency=given["part"]) if "part" in given else Part.objects.all()
    if word:
        parts = parts.filter(parts_that_are(word, now())) if word in PART_WORDS else parts.none()
    return [Q(pk__in=parts.values("case"))]


def with_parties(rows: QuerySet[Case]) -> QuerySet[Case]:
    """The cases with all that a list shows of them."""
    return rows.select_related("enterprise", "site", "owner", "lead_region")


# A key has fewer: one of more digits is beyond what a database counts.
_DIGITS = 18
_FLAGS = ("new", "overdue", "waiting", "mine", "offered", "held")


def _holding(words: str) -> Q:
    """Cases with the words in their number, in what is blocked, or in names and ids of enterprise, site or product."""
    # Each apart: joined, an enterprise would be read and searched once for every case that it ever had.
    found = {
        "enterprise": Enterprise.objects.filter(holding(words)),
        "site": Site.objects.filter(holding(words)),
        "product": Product.objects.filter(matching(words, "name", "name_zh")),
    }
    condition = holding(words)
    for name, rows in found.items():
        condition |= Q(**{f"{name}__in": rows.order_by().values("pk")})
    return condition


def _windows(given: Mapping[str, str]) -> list[Q]:
    """Conditions of the month, and of the windows filed_, solved_, confirmed_ and due_, both ends included."""
    found = [_filed_in(given["month"])] if "month" in given else []
    for word, states in (("filed", None), ("solved", telling("solved")), ("confirmed", telling("confirmed"))):
        bounds = {"gte": _instant(given.get(f"{word}_from")), "lte": _instant(given.get(f"{word}_to"))}
        known = {key: value for key, value in bounds.items() if value}
        if known and states:
            moves = CaseEntry.objects.filter(**{f"at__{key}": value for key, value in known.items()})
            moves = moves.filter(type=CaseEntry.Type.MOVE, state_after__in=states).exclude(state_before__in=states)
            found.append(Q(pk__in=moves.order_by().values("case")))
        elif known:
            found.append(Q(**{f"filed_at__{key}": value for key, value in known.items()}))
    due = {"due_at__gte": _instant(given.get("due_from")), "due_at__lte": _instant(given.get("due_to"))}
    if any(due.values()):
        found.append(Q(state__in=IN_HAND, **{key: value for key, value in due.items() if value}))
    return found


def _filed_in(month: str) -> Q:
    try:
        start, end = month_bounds(month, authority().time_zone)
    except ValueError:
        return Q(pk__in=[])
    return Q(filed_at__gte=start, filed_at__lt=end)


def _instant(text: str | None) -> dt.datetime | None:
    """An ISO instant from an address, where "+" may have come as a space; None for what is none."""
    try:
        value = dt.datetime.fromisoformat((text or "").strip().replace(" ", "+"))
    except ValueError:
        return None
    return value if value.tzinfo else value.replace(tzinfo=ZoneInfo(authority().time_zone))


def _sorted(rows: QuerySet[Case], sort: str) -> QuerySet[Case]:
    field = F(SORTS.get(sort.removeprefix("-"), "output_at_risk"))
    order = field.desc(nulls_last=True) if sort.startswith("-") else field.asc(nulls_last=True)
    return rows.order_by(order, "due_at", "number")


def desk_people(case: Case) -> QuerySet[User]:
    """People who could own the case: those of the desk that leads, and of the group that works on it."""
    rows = possible_owners(case.lead_region, case.department)
    if case.group is not None and case.group.runs(today()):
        workers = with_grant(working_groups=case.group, grants__role__in=ROLES)
        rows = User.objects.filter(pk__in=[*rows.values_list("pk", flat=True), *workers.values_list("pk", flat=True)])
    return rows.order_by("username")


def open_cases_by_event() -> dict[str, list[str]]:
    """Numbers of the open cases of every event id that has one; for the forecast, without regard to scope."""
    found: dict[str, list[str]] = {}
    rows = Case.objects.filter(state__in=OPEN, event__isnull=False).order_by("number")
    for event_id, number in rows.values_list("event__event_id", "number"):
        found.setdefault(event_id, []).append(number)
    return found


def outside_packs() -> list[tuple[str, str, int]]:
    """Pack, state and number of the cases that stand where no pack in force knows a state; without regard to scope."""
    known = {(name, state) for name, pack in packs().items() for state in pack.states_by_name}
    rows = Case.objects.order_by("pack", "state").values_list("pack", "state").annotate(cases=Count("pk"))
    return [row for row in rows if row[:2] not in known]


def own_cases(user: User) -> QuerySet[Case]:
    """Cases of the person's own enterprises, those that wait for their word first, then the newest."""
    scope = scope_of(user, "view_portal")
    rows = Case.objects.filter(enterprise__enterprise_id__in=scope.enterprises)
    first = When(state__in=RESOLVED, then=Value(0))
    order = Branch(first, default=Value(1), output_field=IntegerField())
    return rows.select_related("site", "lead_region", "owner").order_by(order, "-filed_at")


def own_case(user: User, number: str) -> Case:
    """One case of the person's own enterprises. Raises Case.DoesNotExist for any other."""
    desks = ("department__region", "offered_to", "offered_department__region", "escalated_to", "group")
    return own_cases(user).select_related("enterprise", "product", "place", *desks).get(number=number)


def own_story(case: Case) -> QuerySet[CaseEntry]:
    """Entries that the enterprise reads: moves and replies, never internal notes."""
    return case.entries.exclude(type=CaseEntry.Type.NOTE)


def colleagues(user: User) -> QuerySet[User]:
    """People to whom the user may assign cases in bulk: officers inside the user's own regions."""
    scope = scope_of(user, "work_cases")
    if scope.empty:
        return User.objects.none()
    roles = [role for role, allowed in PERMISSIONS.items() if "work_cases" in allowed]
    reach = Q() if scope.everything else Q(pk=user.pk)
    for path in Region.objects.filter(code__in=[r for r, _ in scope.places if r]).values_list("path", flat=True):
        reach |= Q(grants__region__in=Region.objects.filter(path__startswith=path).values("code"))
    return User.objects.filter(reach, grants__role__in=roles, is_active=True).distinct().order_by("username")


def open_cases_about(user: User, events: Iterable[Event]) -> QuerySet[Case]:
    """Visible open cases about any of the events, most output at risk first."""
    rows = visible_cases(user).filter(event__in=list(events), state__in=OPEN)
    return rows.order_by(F("output_at_risk").desc(nulls_last=True), "number").select_related("enterprise", "event")
