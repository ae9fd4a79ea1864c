"""The rail: which pages exist for this person, and which one is open."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ballast.areas.accounts.access import can

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["Entry", "kind_of", "rail"]

_DESK = (
    (_("Today"), "web:today"),
    (_("Stops"), "chains:stops"),
    (_("Events"), "chains:events"),
    (_("Lamps"), "alerts:list"),
    (_("Warnings"), "responses:warnings"),
    (_("Policy reserve"), "reserve:list"),
    (_("Bulk materials"), "economy:materials"),
    (_("Problem counts"), "economy:counts"),
    (_("Cases"), "cases:list"),
    (_("Enterprises"), "registry:enterprises"),
    (_("Sites"), "registry:sites"),
    (_("Chains"), "chains:list"),
    (_("Reports"), "reports:late"),
    (_("Modes"), "modes:list"),
    (_("Map"), "web:map"),
    (_("Dispatch"), "dispatch:list"),
    (_("Briefs"), "briefs:list"),
)
_PORTAL = (
    (_("Home"), "web:portal"),
    (_("Stocks"), "reports:stocks"),
    (_("Operating state"), "reports:operation"),
    (_("My problems"), "cases:problems"),
    (_("Who read my data"), "audit:readers"),
)
_ADMIN = (
    (_("People"), "web:people"),
    (_("Audit"), "audit:list"),
    (_("Outbox"), "notices:outbox"),
    (_("Webhooks"), "notices:webhooks"),
    (_("Calendars and clocks"), "cases:clocks"),
)


@dataclass(frozen=True)
class Entry:
    """One line of the rail."""

    label: Promise
    url: str
    active: bool


@lru_cache
def _address(name: str) -> str:
    """Address of a named page, "" when this installation has no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def kind_of(request: "HttpRequest") -> str:
    """The frame that fits the person: desk, portal, admin, or bare for a stranger."""
    for kind, permission in (("desk", "view_desk"), ("portal", "view_portal"), ("admin", "manage_users")):
        if can(request.user, permission):
            return kind
    return "bare"


def rail(request: "HttpRequest") -> list[Entry]:
    """Entries of the rail, the open one marked."""
    kind = kind_of(request)
    names = {"desk": _DESK, "portal": _PORTAL, "admin": ()}.get(kind, ())
    if can(request.user, "manage_users"):
        names += _ADMIN
    found = [(label, url) for label, name in names if (url := _address(name))]
    fitting = [url for _label, url in found if request.path == url or (url != "/" and request.path.startswith(url))]
    active = max(fitting, key=len, default="")
    return [Entry(label, url, url == active) for label, url in found]
