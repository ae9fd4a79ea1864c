"""Who works again: panels and the key list, with the course of the largest panel day by day."""

import datetime as dt
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from ballast.areas.registry.selectors import open_states, visible_enterprises
from ballast.areas.reports.models import OperatingReport

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from ballast.areas.accounts.models import User

__all__ = ["Course", "Panel", "course", "key_list", "panels"]

# Names of the panels that the exercise watches; any other panel is shown by its code.
_NAMES: dict[str, "Promise"] = {
    "shanghai-666": _("Shanghai list"),
    "monitored-220000": _("Monitored in Jilin"),
    "vehicle-groups": _("Vehicle groups"),
}


@dataclass(frozen=True)
class Panel:
    """Enterprises watched by count: how many work again, of how many."""

    code: str
    restarted: int
    listed: int

    @property
    def label(self) -> "str | Promise":
        """Name in the page's language."""
        return _NAMES.get(self.code, self.code)

    @property
    def rate(self) -> float | None:
        """Share that works again, 0 to 1."""
        return self.restarted / self.listed if self.listed else None


@dataclass(frozen=True)
class Course:
    """Enterprises of a panel at work on each day, from the first on which one was."""

    first: dt.date
    last: dt.date
    counts: tuple[int, ...]


def panels(user: "User") -> list[Panel]:
    """All panels in scope, largest first."""
    found: dict[str, list[int]] = {}
    rows = visible_enterprises(user).filter(panels__gt="").order_by()
    for text, operation, n in rows.values_list("panels", "operation").annotate(n=Count("pk")):
        for code in filter(None, text.split(";")):
            sums = found.setdefault(code, [0, 0])
            sums[0] += n if operation in open_states else 0
            sums[1] += n
    return sorted((Panel(code, *sums) for code, sums in found.items()), key=lambda p: (-p.listed, p.code))


def key_list(user: "User") -> list[Panel]:
    """Members of the national key list by batch; `code` is the batch's number."""
    rows = visible_enterprises(user).filter(key_list=True).order_by("key_batch").values("key_batch")
    counts = rows.annotate(n=Count("pk"), working=Count("pk", filter=Q(operation__in=open_states)))
    return [Panel(str(row["key_batch"] or ""), row["working"], row["n"]) for row in counts]


def course(user: "User", panel: str, until: dt.date) -> Course | None:
    """Members of the panel at work, day by day, by what was last reported; None before two days are known."""
    members = visible_enterprises(user).filter(panels__gt="", panels__contains=panel).order_by().values("pk")
    rows = OperatingReport.objects.filter(enterprise__in=members, turn__in=(-1, 1), withdrawn_at__isnull=True)
    gains = dict(rows.order_by().values_list("day").annotate(gain=Sum("turn")))
    first = min(gains, default=until)
    if first >= until:
        return None
    days = (first + dt.timedelta(days=n) for n in range((until - first).days + 1))
    return Course(first, until, tuple(accumulate(gains.get(day, 0) for day in days)))
