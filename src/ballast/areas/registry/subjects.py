"""What events are about, by name: a site, a region, a product, or a lane from one place to another."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from ballast.areas.reference.models import Product, Region, in_language
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.selectors import visible_sites

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Place", "Subject", "name_subjects", "site_of", "with_site_names"]


@dataclass(frozen=True)
class Place:
    """One thing that an event names; `url` is its page or list, "" when the person may not open it."""

    label: str
    url: str = ""


@dataclass(frozen=True)
class Subject:
    """What an event is about: one place, or the two ends of a lane."""

    kind: str  # in the language of the page
    places: tuple[Place, ...]

    def __str__(self) -> str:
        return " → ".join(place.label for place in self.places)


def name_subjects(user: "User", events: Iterable[Event], *, told: Collection[str] = ()) -> dict[str, Subject]:
    """The subject of each event by event id, in a constant number of queries.

    A site out of scope is only "a site in" its region, unless its id is among `told`.
    """
    rows = list(events)
    sides = {row.event_id: _sides(row) for row in rows}
    codes = {code for found in sides.values() for code in found}
    of_product = {row.subject for row in rows if row.kind == Event.Kind.PRODUCT}
    places = _regions(codes) | _sites(user, codes, told)
    products = {code: _made(code, label) for code, label in _labels(Product, of_product)}
    return {
        row.event_id: Subject(
            str(row.get_kind_display()),
            tuple(
                (products if row.kind == Event.Kind.PRODUCT else places).get(c, _other(c)) for c in sides[row.event_id]
            ),
        )
        for row in rows
    }


def with_site_names(events: QuerySet[Event]) -> QuerySet[Event]:
    """The events with the names of the site that each holds, read along with them; `site_of` says them."""
    held = Site.objects.filter(site_id=OuterRef("side_from")).order_by()
    names = {f"at_{name}": Subquery(held.values(name)[:1]) for name in ("name", "name_zh")}
    return events.annotate(**names)


def site_of(event: Event) -> str:
    """The site that an event holds, of `with_site_names`; "" where it holds a region, a product or a lane.

    Only for those who are told of the event.
    """
    if event.kind != Event.Kind.SITE:
        return ""
    return in_language(getattr(event, "at_name", "") or "", getattr(event, "at_name_zh", "") or "")


def _sides(event: Event) -> list[str]:
    if event.kind != Event.Kind.LANE:
        return [event.subject]
    return [side.strip() for side in event.subject.split(">")]


def _other(code: str) -> Place:
    return Place(_("anywhere") if code == "*" else code)


def _labels(model: type[Region] | type[Product], codes: Iterable[str]) -> list[tuple[str, str]]:
    return [(row.pk, row.label) for row in model.objects.filter(pk__in=list(codes))]


def _made(code: str, label: str) -> Place:
    return Place(label, f"{reverse('registry:sites')}?{urlencode({'product': code})}")


def _regions(codes: Iterable[str]) -> dict[str, Place]:
    address = reverse("registry:sites")
    return {code: Place(label, f"{address}?{urlencode({'region': code})}") for code, label in _labels(Region, codes)}


def _sites(user: "User", codes: Iterable[str], told: Collection[str]) -> dict[str, Place]:
    own = visible_sites(user).order_by().values("pk")
    found = {}
    rows = Site.objects.filter(site_id__in=list(codes)).select_related("region").annotate(own=Q(pk__in=own))
    for row in rows:
        if row.own:
            found[row.site_id] = Place(row.label, reverse("registry:site", args=[row.site_id]))
        elif row.site_id in told:
            found[row.site_id] = Place(row.label)
        else:
            found[row.site_id] = Place(_("a site in {region}").format(region=row.region.label))
    return found
