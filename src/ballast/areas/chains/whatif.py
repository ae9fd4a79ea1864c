"""What if an event ends on a day: the forecast as it stands against the forecast with that end."""

import dataclasses
import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.accounts.models import User
from ballast.areas.chains.selectors import current_run
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.event_scope import get_told_event
from ballast.areas.registry.selectors import get_site, visible_sites

if TYPE_CHECKING:
    from ballast.core.events import Event as Held

__all__ = ["Answer", "end_event_on"]


@dataclass(frozen=True)
class Answer:
    """Difference that the end makes to the visible sites; days count from the run's day, None is never."""

    site: Site
    event: Event
    last_day: dt.date
    stop_day: int | None
    stop_day_then: int | None
    stops_on_then: dt.date | None
    freed: list[Site]  # plants that no longer stop within the horizon
    freed_total: int
    output_gained: float


def end_event_on(user: User, site_id: str, *, event_id: str, last_day: dt.date, shown: int = 12) -> Answer:
    """What changes for the visible sites if the event holds for the last time on `last_day`; nothing is stored.

    Raises DoesNotExist for a site or event out of scope, ValidationError for a day before the forecast's day less one.
    """
    require(user, "run_forecast")
    site, event, run = get_site(user, site_id), get_told_event(user, event_id), current_run()
    if run is None:
        raise ValidationError(_("There is no forecast yet."))
    end = (last_day - run.day).days
    if end < -1:
        message = _("{day} is before the forecast's first day {first}; give a later day.")
        raise ValidationError(message.format(day=last_day, first=run.day))
    from ballast.areas.chains.services import compute
    from ballast.core.forecast import forecast

    now, _tables = compute(run.day, run.horizon)
    changed = [_ended(e, end) if e.event_id == event.event_id else e for e in now.events]
    then = forecast(now.network, [e for e in changed if e is not None], horizon=run.horizon)
    visible = set(visible_sites(user).values_list("site_id", flat=True))
    ids = now.network.site_ids
    seen = [i for i in range(len(ids)) if ids[i] in visible]
    freed = [ids[i] for i in seen if now.low.stop_day[i] >= 0 and then.low.stop_day[i] < 0]
    gained = [float(now.low.lost_output[i] - then.low.lost_output[i]) for i in seen]
    place = now.network.site_index[site.site_id]
    after = _day(then.low.stop_day[place])
    return Answer(
        site=site, event=event, last_day=last_day, stop_day=_day(now.low.stop_day[place]), stop_day_then=after,
        stops_on_then=None if after is None else run.day + dt.timedelta(days=after),
        freed=list(Site.objects.filter(site_id__in=freed[:500]).select_related("enterprise")[:shown]),
        freed_total=len(freed), output_gained=math.fsum(g for g in gained if not math.isnan(g)),
    )  # fmt: skip


def _ended(event: "Held", end: int) -> "Held | None":
    """The engine's event with an earlier last day; None when it then never holds."""
    last = end if event.end is None else min(event.end, end)
    return None if last < max(event.start, 0) else dataclasses.replace(event, end=last)


def _day(value: int) -> int | None:
    return None if value < 0 else int(value)
