"""Notices of a mode: to desks whose scope it touches, and to the people of the enterprises in it; once for a turn."""

from collections import defaultdict
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import override

from ballast.areas.accounts.models import Role
from ballast.areas.accounts.selectors import with_grant
from ballast.areas.cases.ownership.people import ROLES
from ballast.areas.modes.duties import members
from ballast.areas.notices.services import notify_all
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Enterprise

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.modes.models import Switch

__all__ = ["desks_in", "reporters_in", "tell_of_mode"]

# Of the reason so many characters stand in the notice; the page that it opens has all of it.
_LONGEST = 300


def tell_of_mode(switch: "Switch", what: str) -> int:
    """Write the notices that a mode was "entered", "extended" or is "over"; how many, one for each person.

    E-mails above a person's number of the day go into their digest, as all do.
    """
    firms = {person.pk: person for person in reporters_in(switch)}
    desks = {person.pk: person for person in desks_in(switch) if person.pk not in firms}
    written = 0
    for path, people in ((reverse("modes:list"), desks), (reverse("reports:stocks"), firms)):
        by_language: dict[str, list[User]] = defaultdict(list)
        for person in people.values():
            by_language[person.language or settings.LANGUAGE_CODE].append(person)
        for language, some in by_language.items():
            with override(language):
                subject, values = f"{switch.get_mode_display()} · {switch.place}", _values(switch, what)
            written += len(notify_all(some, subject, f"mode_{what}", path=path, **values))
    return written


def _values(switch: "Switch", what: str) -> dict[str, str]:
    """What the sentence names, in the active language."""
    reason = switch.stop_reason if what == "over" else switch.reason
    reason = reason if len(reason) <= _LONGEST else reason[: _LONGEST - 1] + "…"
    return {
        "mode": str(switch.get_mode_display()), "first": switch.starts.isoformat(), "last": switch.ends.isoformat(),
        "cadence": str(switch.get_cadence_display()), "reason": reason or "–",
    }  # fmt: skip


def desks_in(switch: "Switch") -> "list[User]":
    """Officers and leaders in whose scope something of the mode's lies, as `touching_scope` has it."""
    everywhere = Q(grants__region="", grants__chain__in=["", *([switch.chain_id] if switch.chain_id else [])])
    place = ~Q(grants__region="")
    if switch.region is not None:
        path = switch.region.path
        below = Region.objects.filter(path__startswith=path).order_by().values("code")
        place &= Q(grants__region__in=path.strip("/").split("/")) | Q(grants__region__in=below)
    if switch.chain_id:
        place &= Q(grants__chain__in=["", switch.chain_id])
    return list(with_grant(everywhere | place, grants__role__in=(*ROLES, Role.LEADER)))


def reporters_in(switch: "Switch") -> "list[User]":
    """People who report for an enterprise in the mode's scope."""
    firms = Enterprise.objects.filter(members(switch)).order_by().values("enterprise_id")
    return list(with_grant(grants__role=Role.REPORTER, grants__enterprise__in=firms))
