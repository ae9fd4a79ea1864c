"""Which events a person may open, hear named as a cause, and change. A lane is looked at side by side."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.lookups import IsNull

from ballast.areas.accounts.access import Scope, scope_of
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.selectors import codes_within, scope_filter, sees_partners

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = [
    "active_events",
    "get_event",
    "get_told_event",
    "lane_ends",
    "manageable_kinds",
    "may_manage",
    "openings",
    "told_events",
    "told_in",
    "visible_events",
]

_Kind = Event.Kind
_SIDES = ("side_from", "side_to")


def lane_ends(subject: str) -> list[str]:
    """Both sides of a lane "FROM>TO" that name something; "*" names nothing."""
    return [side.strip() for side in subject.split(">") if side.strip() != "*"]


def _in_places(scope: Scope, side: str) -> Q:
    """Condition: a side names a region granted, one in it, or one that holds a site of the scope."""
    condition = Q(**{f"{side}__in": _above(scope)})
    for region, chain in scope.places:
        if region and not chain:
            condition |= Q(**{f"{side}__in": codes_within(scope, region)})
    return condition


def _above(scope: Scope) -> list[str]:
    """Codes of the regions that hold a site of the scope; read once a scope."""
    if "above" not in scope.known:
        sites = Site.objects.filter(scope_filter(scope, "enterprise__")).order_by()
        paths = Region.objects.filter(code__in=sites.values("region")).values_list("path", flat=True)
        scope.known["above"] = sorted({code for path in paths for code in path.strip("/").split("/")})
    found: list[str] = scope.known["above"]
    return found


def _told(scope: Scope) -> Q:
    """Condition: the event names no site but those of the scope."""
    strange = [_there(Site.objects.filter(site_id=OuterRef(side)).exclude(_own(scope))) for side in _SIDES]
    public = Q(kind=_Kind.LANE) & ~strange[0] & ~strange[1]
    return Q(kind__in=[_Kind.REGION, _Kind.PRODUCT]) | (Q(kind=_Kind.SITE) & _held(scope, "side_from")) | public


def _touching(scope: Scope) -> Q:
    """Condition on events that `_told` lets pass: the subject touches the scope."""
    made = _there(Site.objects.filter(_own(scope), product_id=OuterRef("subject")))
    touching = Q(kind=_Kind.SITE) | (Q(kind=_Kind.PRODUCT) & made)
    for side in _SIDES:
        touching |= Q(kind__in=[_Kind.REGION, _Kind.LANE]) & (_in_places(scope, side) | _held(scope, side))
    return touching


def _own(scope: Scope) -> Q:
    return scope_filter(scope, "enterprise__")


def _held(scope: Scope, side: str) -> Q:
    """Condition: a side names a site of the scope."""
    # Each event looks up its side in an index; listing the scope's sites would cost more than all events.
    return _there(Site.objects.filter(_own(scope), site_id=OuterRef(side)))


def _there(sites: QuerySet[Site]) -> Q:
    """Condition: there is such a site."""
    # Not EXISTS, for which PostgreSQL would list all sites of the scope, once for each time it stands in a query.
    return Q(IsNull(Subquery(sites.order_by().values("pk")[:1]), rhs=False))


def told_events(user: "User") -> QuerySet[Event]:
    """Events that may be named to a desk as a cause.

    Regions, products and lanes between regions are everyone's to know; what names a site is told to those whose
    scope holds the site.
    """
    return told_in(scope_of(user, "view_desk")) if sees_partners(user) else Event.objects.none()


def told_in(scope: Scope) -> QuerySet[Event]:
    """Events that may be named to whoever works in the scope."""
    return Event.objects.all() if scope.everything else Event.objects.filter(_told(scope))


def openings(user: "User", **chosen: object) -> dict[str, bool]:
    """Ids of the told events that field lookups choose, and whether the person may open the page of each."""
    told, scope = told_events(user).filter(**chosen), scope_of(user, "view_desk")
    if scope.everything:
        return dict.fromkeys(told.values_list("event_id", flat=True), True)
    opens = Case(When(_touching(scope), then=Value(value=True)), default=Value(value=False))
    rows: QuerySet[Any] = told.annotate(opens=opens)
    return dict(rows.values_list("event_id", "opens"))


def visible_events(user: "User") -> QuerySet[Event]:
    """Events an officer may open: those whose subject touches the scope.

    A site lies in it; a region lies in it or holds a site of it; a product is made by a site of it; a lane has a side
    in it and no side that is a site out of it.
    """
    scope, told = scope_of(user, "view_desk"), told_events(user)
    return told if scope.everything else told.filter(_touching(scope))


def get_event(user: "User", event_id: str) -> Event:
    """The event; Event.DoesNotExist when absent or out of scope."""
    return visible_events(user).get(event_id=event_id)


def get_told_event(user: "User", event_id: str) -> Event:
    """The event, which the person may name as a cause; Event.DoesNotExist for any other."""
    return told_events(user).get(event_id=event_id)


def active_events(events: QuerySet[Event], *, day: dt.date) -> QuerySet[Event]:
    """Of the events, those that hold on the day or later and were not withdrawn."""
    return events.filter(Q(end__isnull=True) | Q(end__gte=day), withdrawn_at__isnull=True)


def manageable_kinds(user: "User") -> list[str]:
    """Kinds of events that the person may record somewhere; empty for those who may record none."""
    scope = scope_of(user, "manage_events")
    if scope.everything:
        return list(_Kind.values)
    if not scope.places:
        return []
    regions = any(region and not chain for region, chain in scope.places)
    return [_Kind.SITE, *([_Kind.REGION] if regions else []), _Kind.LANE]


def may_manage(user: "User", kind: str, subject: str) -> bool:
    """Whether the person may record, change and end an event of that subject: it lies in the scope of their right.

    Of a lane one side has to, and no side may be a site out of it. A product is the whole authority's.
    """
    scope = scope_of(user, "manage_events")
    if scope.everything or scope.empty:
        return scope.everything
    if kind == _Kind.PRODUCT:
        return False
    named = lane_ends(subject) if kind == _Kind.LANE else [subject]
    known = set(Site.objects.filter(site_id__in=named).values_list("site_id", flat=True))
    sites = Site.objects.filter(scope_filter(scope, "enterprise__"), site_id__in=known)
    if sites.count() < len(known):
        return False
    return bool(known) or _in_regions(scope, named)


def _in_regions(scope: Scope, codes: list[str]) -> bool:
    """Whether one of the regions lies in a region granted as a whole."""
    granted = [region for region, chain in scope.places if region and not chain]
    inside = list(Region.objects.filter(code__in=granted).values_list("path", flat=True))
    paths = Region.objects.filter(code__in=codes).values_list("path", flat=True)
    return any(path.startswith(outer) for path in paths for outer in inside)
