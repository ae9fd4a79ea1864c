"""Find the site, region or product that a person names in a form: by code, by name, or from the list offered."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import scope_of
from ballast.areas.reference.models import Product, Region
from ballast.areas.registry.models import Site
from ballast.areas.registry.selectors import visible_sites
from ballast.areas.searching import matching

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["KINDS", "Option", "options", "pick"]

_RIGHT = "manage_events"
# What an option looks like once it is chosen: "Wuxi Gearbox plant 2 (SITE-0012)".
_CHOSEN = re.compile(r"\(([^()]+)\)\s*$")


class Option(NamedTuple):
    """One thing to choose; `note` tells it from others of the same name."""

    code: str
    label: str
    note: str

    @property
    def text(self) -> str:
        """What stands in the field once it is chosen; `pick` reads it back."""
        return f"{self.label} ({self.code})"


def _sites(user: "User") -> QuerySet[Any]:
    return visible_sites(user, _RIGHT).select_related("region").order_by("name", "site_id")


def _regions(user: "User") -> QuerySet[Any]:
    scope = scope_of(user, _RIGHT)
    if scope.everything:
        return Region.objects.select_related("parent").order_by("path")
    granted = [region for region, chain in scope.places if region and not chain]
    within = Q(pk__in=[])
    for path in Region.objects.filter(code__in=granted).values_list("path", flat=True):
        within |= Q(path__startswith=path)
    return Region.objects.filter(within).select_related("parent").order_by("path")


def _anywhere(_user: "User") -> QuerySet[Any]:
    return Region.objects.select_related("parent").order_by("path")


def _products(user: "User") -> QuerySet[Any]:
    return Product.objects.order_by("name") if scope_of(user, _RIGHT).everything else Product.objects.none()


_Source = tuple[Callable[["User"], QuerySet[Any]], str]
# A side of a lane is any region or one's own site: that one side lies in the scope is seen to with both known.
KINDS: dict[str, tuple[_Source, ...]] = {
    "site": ((_sites, "site_id"),),
    "region": ((_regions, "code"),),
    "product": ((_products, "code"),),
    "place": ((_anywhere, "code"), (_sites, "site_id")),
}


def options(user: "User", kind: str, words: str, *, limit: int = 12) -> list[Option]:
    """The first things of a kind (of KINDS) whose name or code holds the words, in the person's scope."""
    found = []
    chosen = _CHOSEN.search(words)
    for rows, code in KINDS[kind]:
        fitting = rows(user).filter(matching(words.strip(), "name", "name_zh", code))
        if chosen:
            fitting = fitting | rows(user).filter(**{code: chosen[1]})
        found += [_option(row, code) for row in fitting[:limit]]
    return found[:limit]


def _option(row: Any, code: str) -> Option:  # noqa: ANN401 - a site, region or product
    place = row.region if isinstance(row, Site) else getattr(row, "parent", None)
    return Option(getattr(row, code), row.label, place.label if place else "")


def pick(user: "User", kind: str, text: str) -> str:
    """The code of the one thing of a kind that the text names: its code, "name (code)", or a name that fits once.

    Raises ValidationError when none fits, and with the first of them when several do.
    """
    text = text.strip()
    chosen = _CHOSEN.search(text)
    for candidate in dict.fromkeys((chosen[1] if chosen else text, text)):
        for rows, code in KINDS[kind]:
            if rows(user).filter(**{code: candidate}).exists():
                return candidate
    exact = [
        _option(row, code)
        for rows, code in KINDS[kind]
        for row in rows(user).filter(Q(name__iexact=text) | Q(name_zh=text))[:2]
    ]
    near = exact if len(exact) == 1 else options(user, kind, text, limit=6) if text else []
    if len(near) == 1:
        return near[0].code
    if not near:
        message = _("Nothing in your scope is called “{text}”. Type a part of its name or its code.")
        raise ValidationError(message.format(text=text))
    message = _("“{text}” fits several: {names}. Choose one.")
    raise ValidationError(message.format(text=text, names=", ".join(option.text for option in near)))
