"""Which events a person may open, hear named as a cause, and change. A lane is looked at side by side."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Length, Right, StrIndex, Substr, Trim

from ballast.areas.accounts.access import Scope, scope_of
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.selectors import scope_filter, sees_partners

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
    "visible_events",
    "with_sides",
]

_Kind = Event.Kind


def with_sides(rows: QuerySet[Event]) -> QuerySet[Event]:
    """The events with `side_from` and `side_to` to filter by; only lanes have a second side."""
    cut = StrIndex("subject", Value(">"))
    lane, text = Q(kind=_Kind.LANE), CharField()
    first = When(lane, then=Trim(Substr("subject", 1, cut - 1)))
    second = When(lane, then=Trim(Right("subject", Length("subject") - cut)))
    return rows.alias(
        side_from=Case(first, default=F("subject"), output_field=text),
        side_to=Case(second, default=Value(""), output_field=text),
    )


def lane_ends(subject: str) -> list[str]:
    """Both sides of a lane "FROM>TO" that name something; "*" names nothing."""
    return [side.strip() for side in subject.split(">") if side.strip() != "*"]


def _touching(scope: Scope) -> QuerySet[Region]:
    """Regions that touch a scope: those granted and all in them, and those that hold one of its sites."""
    granted = [region for region, chain in scope.places if region and not chain]
    within = Q(pk__in=[])
    for path in Region.objects.filter(code__in=granted).values_list("path", flat=True):
        within |= Q(path__startswith=path)
    paths = Site.objects.filter(scope_filter(scope, "enterprise__")).order_by().values_list("region__path", flat=True)
    above = {code for path in paths.distinct() for code in path.strip("/").split("/")}
    return Region.objects.filter(within | Q(code__in=above)).order_by()


def told_events(user: "User") -> QuerySet[Event]:
    """Events that may be named to a desk as a cause, each with `opens`: whether the person may open its page.

    Regions, products and lanes between regions are everyone's to know; what names a site is told to those whose
    scope holds the site.
    """
    if not sees_partners(user):
        return Event.objects.none().annotate(opens=Value(value=False))
    scope = scope_of(user, "view_desk")
    if scope.everything:
        return Event.objects.annotate(opens=Value(value=True))
    sites = Site.objects.filter(scope_filter(scope, "enterprise__")).order_by()
    own, strange = sites.values("site_id"), Site.objects.exclude(pk__in=sites.values("pk")).order_by().values("site_id")
    public = Q(kind=_Kind.LANE) & ~Q(side_from__in=strange) & ~Q(side_to__in=strange)
    told = Q(kind__in=[_Kind.REGION, _Kind.PRODUCT]) | Q(kind=_Kind.SITE, subject__in=own) | public
    places = _touching(scope).values("code")
    touched = Q(kind=_Kind.SITE) | Q(kind=_Kind.PRODUCT, subject__in=sites.values("product_id"))
    for side in ("side_from", "side_to"):
        touched |= Q(kind__in=[_Kind.REGION, _Kind.LANE]) & (Q(**{f"{side}__in": places}) | Q(**{f"{side}__in": own}))
    opens = Case(When(touched, then=Value(value=True)), default=Value(value=False), output_field=BooleanField())
    return with_sides(Event.objects.all()).filter(told).annotate(opens=opens)


def openings(user: "User", **chosen: object) -> dict[str, bool]:
    """Ids of the told events that field lookups choose, and whether the person may open the page of each."""
    rows: QuerySet[Any] = told_events(user).filter(**chosen)
    return dict(rows.values_list("event_id", "opens"))


def visible_events(user: "User") -> QuerySet[Event]:
    """Events an officer may open: those whose subject touches the scope.

    A site lies in it; a region lies in it or holds a site of it; a product is made by a site of it; a lane has a side
    in it and no side that is a site out of it.
    """
    return told_events(user).filter(Q(opens=True))


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
