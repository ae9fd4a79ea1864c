"""Which switches of mode a person may see, and what they may do with one."""

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import QuerySet

from ballast.areas.accounts.access import can, require
from ballast.areas.modes.duties import Duty, clock, duties_of, in_force
from ballast.areas.modes.models import Switch
from ballast.areas.reference.selectors import today
from ballast.areas.registry.models import Enterprise
from ballast.areas.registry.places import covers, depth_over, touching_scope
from ballast.areas.registry.selectors import visible_enterprises

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = [
    "SWITCH",
    "get_switch",
    "may_decide",
    "may_end",
    "own_duties",
    "visible_in_force",
    "visible_switches",
    "waiting_for",
]

# The permission to ask for a mode, confirm it and end it.
SWITCH = "switch_modes"


def visible_switches(user: "User") -> QuerySet[Switch]:
    """Switches that hold somewhere in the person's scope, newest first. NotAllowedError for who has no desk."""
    require(user, "view_desk")
    rows = Switch.objects.filter(touching_scope(user, "view_desk"))
    return rows.select_related("region", "chain", "asked_by", "decided_by", "stopped_by")


def get_switch(user: "User", pk: int) -> Switch:
    """The switch; Switch.DoesNotExist when absent or out of scope."""
    return visible_switches(user).get(pk=pk)


def visible_in_force(user: "User") -> list[Switch]:
    """What is in force now somewhere in the person's scope, the severest first."""
    found = in_force()
    if not found:
        return []
    seen = set(visible_switches(user).filter(pk__in=[row.pk for row in found]).order_by().values_list("pk", flat=True))
    return [row for row in found if row.pk in seen]


def may_decide(user: "User", switch: Switch) -> bool:
    """Whether the person is a second one for it: not who asked, with the whole scope, of the same or a higher level."""
    depth = depth_over(user, SWITCH, switch.region, switch.chain_id)
    return switch.asked_by_id != user.pk and depth is not None and depth <= switch.asked_depth


def waiting_for(user: "User") -> list[Switch]:
    """Switches that wait for a second person who this person can be, the oldest first."""
    if not can(user, SWITCH):
        return []
    rows = visible_switches(user).filter(state=Switch.State.ASKED, ends__gte=today())
    return [row for row in rows.order_by("asked_at", "pk") if may_decide(user, row)]


def may_end(user: "User", switch: Switch) -> bool:
    """Whether the person may end it early: back to normal needs one person only."""
    return covers(user, SWITCH, switch.region, switch.chain_id)


class Own(NamedTuple):
    """An enterprise of the person's and what is asked of it now."""

    enterprise: Enterprise
    duty: Duty


def own_duties(user: "User") -> list[Own]:
    """What is asked now of each enterprise that the person reports for; none without the right to see the portal."""
    if not can(user, "view_portal"):
        return []
    at = clock()
    found = in_force(at)
    rows = visible_enterprises(user, "view_portal").select_related("region").prefetch_related("chains")
    return [Own(row, duties_of(row, found, at)) for row in rows.order_by("enterprise_id")]
