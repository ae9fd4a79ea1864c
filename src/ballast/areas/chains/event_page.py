"""All that the page of one event shows: facts, cases, the stops that it leads to, and its history from the audit."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case as Branch
from django.db.models import F, IntegerField, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ballast.areas.accounts.models import User
from ballast.areas.audit.models import AuditEntry
from ballast.areas.audit.selectors import about
from ballast.areas.cases.machine import OPEN
from ballast.areas.cases.models import Case
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.chains.event_list import EventRow, as_rows, with_forecast
from ballast.areas.chains.models import EventForecast, ForecastRun
from ballast.areas.chains.selectors import Stops, current_run, stops
from ballast.areas.chains.whatif import Planned
from ballast.areas.reference.selectors import authority, on_clock, today
from ballast.areas.registry.event_scope import active_events, get_event, may_manage, visible_events
from ballast.areas.registry.models import Event

__all__ = ["Change", "EventView", "event_view", "others_about"]

_SHOWN_CASES, _SHOWN_STOPS = 50, 12


@dataclass(frozen=True)
class Change:
    """One entry of the history: who did what when; `case` is the number of the case that did it by itself."""

    at: dt.datetime
    who: str
    case: str
    act: str  # recorded, changed, withdrawn or restored
    values: list[tuple[str, str, str]]  # field, before, after

    @property
    def words(self) -> str:
        """What was done, in the language of the page."""
        acts = {
            "recorded": _("recorded"), "changed": _("changed"), "withdrawn": _("withdrawn"),
            "restored": _("counts again"),
        }  # fmt: skip
        return acts[self.act]


@dataclass(frozen=True)
class EventView:
    """One event as a person may see it."""

    row: EventRow
    run: ForecastRun | None
    fresh: bool  # whether the forecast shown has counted the event as it stands
    cases: list[Case]
    cases_total: int
    stops: Stops
    history: list[Change]
    may_change: bool

    @property
    def event(self) -> Event:
        """The event itself."""
        return self.row.event

    @property
    def recorded(self) -> Change | None:
        """The entry that recorded it; None for one that came with the tables."""
        return next((change for change in self.history if change.act == "recorded"), None)


def event_view(user: User, event_id: str) -> EventView:
    """The page of one event. Raises Event.DoesNotExist for one absent or out of scope."""
    event = get_event(user, event_id)
    (row,) = as_rows(user, list(with_forecast(user, visible_events(user).filter(pk=event.pk))), day=today())
    run = current_run()
    closed_last = Branch(When(state__in=OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    cases = visible_cases(user).filter(event=event).select_related("enterprise", "owner", "lead_region")
    cases = cases.order_by(closed_last, F("output_at_risk").desc(nulls_last=True), "number")
    return EventView(
        row=row, run=run, fresh=_fresh(event, run),
        cases=list(cases[:_SHOWN_CASES]), cases_total=cases.count(),
        stops=stops(user, filters={"event": event.event_id}, limit=_SHOWN_STOPS),
        history=_history(user, event), may_change=may_manage(user, event.kind, event.subject),
    )  # fmt: skip


def others_about(user: User, planned: Planned) -> list[Event]:
    """Visible events about the same subject that still count, so that nobody records one twice."""
    same = visible_events(user).filter(kind=planned.kind, subject=planned.subject)
    return list(active_events(same, day=today()).exclude(event_id=planned.event_id).order_by("start", "event_id")[:5])


def _fresh(event: Event, run: ForecastRun | None) -> bool:
    counted = EventForecast.objects.filter(run=run, event=event).first() if run else None
    if counted is None:
        return run is not None and event.withdrawn_at is not None
    return event.withdrawn_at is None and counted.counts(event)


def _history(user: User, event: Event) -> list[Change]:
    """Newest first."""
    entries = list(about("event", event.event_id))
    people = {p.username: p.get_full_name() for p in User.objects.filter(username__in={e.actor for e in entries})}
    numbers = {e.actor.removeprefix("case ") for e in entries if e.actor.startswith("case ")}
    known = set(visible_cases(user).filter(number__in=numbers).order_by().values_list("number", flat=True))
    of = authority()
    return [_change(entry, people, known, on_clock(entry.at, of)) for entry in entries]


def _change(entry: AuditEntry, people: Mapping[str, str], cases: Collection[str], at: dt.datetime) -> Change:
    case = entry.actor.removeprefix("case ") if entry.actor.startswith("case ") else ""
    who = _("problem case") if case else people.get(entry.actor) or entry.actor
    act = _act(entry)
    values = [] if act == "recorded" else _values(entry.detail)
    return Change(at, who, case if case in cases else "", act, values)


def _act(entry: AuditEntry) -> str:
    detail: dict[str, Any] = entry.detail
    if detail.get("withdrawn"):
        return "withdrawn"
    if entry.action == "event.saved" and detail.get("kind", [""])[0] is None:
        return "recorded"
    # Saved without a change: it was withdrawn before and its case holds it again.
    return "changed" if detail else "restored"


def _values(detail: dict[str, Any]) -> list[tuple[str, str, str]]:
    labels = {
        "start": _("First day"), "end": _("Last day"), "capacity_left": _("Capacity left"),
        "name": pgettext("of an event", "Reason"), "kind": _("Kind"), "subject": _("About"),
    }  # fmt: skip
    return [
        (labels[name], _shown(name, pair[0]), _shown(name, pair[1])) for name, pair in detail.items() if name in labels
    ]


def _shown(name: str, value: object) -> str:
    if value is None or value == "":
        return _("open") if name == "end" else "–"
    return f"{float(str(value)) * 100:.12g} %" if name == "capacity_left" else str(value)
