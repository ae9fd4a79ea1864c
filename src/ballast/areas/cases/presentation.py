"""How a case is shown: its due lamp, its export row, its words for the next step."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _

from ballast.areas.alerts.models import Level
from ballast.areas.cases.clocks.words import DUE
from ballast.areas.cases.machine import IN_HAND
from ballast.areas.cases.models import Attachment, Case, CaseEntry
from ballast.areas.files import Cell
from ballast.areas.reference.selectors import authority, now

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "disposition",
    "download",
    "due_level",
    "head",
    "moves_in",
    "next_step",
    "row",
    "seen",
    "share",
    "with_due",
    "with_units",
]

# Yellow when less than this part of the time is left (proposal).
_YELLOW_SHARE = 0.2


def due_level(case: Case, *, at: dt.datetime) -> str:
    """Lamp of the time left: red overdue, yellow in the last fifth, blue not begun, normal else or closed."""
    if case.state not in IN_HAND:
        return Level.NORMAL
    if at > case.due_at:
        return Level.RED
    if case.due_at - at < _YELLOW_SHARE * (case.due_at - case.filed_at):
        return Level.YELLOW
    return Level.BLUE if case.state == case.rules.starts else Level.NORMAL


def with_due(cases: Iterable[Case]) -> list[Case]:
    """The cases with `due_level` and `age` (a timedelta since filing, to closing when closed)."""
    at = now()
    rows = list(cases)
    for case in rows:
        case.due_level = due_level(case, at=at)  # type: ignore[attr-defined]
        case.age_days = ((case.closed_at or at) - case.filed_at).total_seconds() / 86400  # type: ignore[attr-defined]
    return rows


def with_units(case: Case, entries: "QuerySet[CaseEntry]", others: Mapping[int, str] | None = None) -> list[CaseEntry]:
    """The entries of the case with `unit`: the office or firm for which the person spoke, in the page's language.

    `others` names the other case in lines of a merge, by the line's key.
    """
    whole = authority().label
    rows = list(entries.select_related("desk", "toward", "toward_department__region", "toward_group"))
    for entry in rows:
        unit = entry.actor_unit
        if entry.side == CaseEntry.Side.ENTERPRISE:
            unit = case.enterprise.label
        elif entry.side == CaseEntry.Side.DESK:
            unit = entry.desk.label if entry.desk else whole
        entry.unit = unit
        entry.other = (others or {}).get(entry.pk, "")
    return rows


def head() -> list[str]:
    """Column heads of the exported list."""
    return [
        _("Number"), _("Enterprise"), _("Enterprise id"), _("Site"), _("Kind"), _("What is blocked"),
        _("Output at risk"), _("Filed"), _("Due"), _("Desk"), _("Owner"), _("State"), _("Open children it waits for"),
    ]  # fmt: skip


def row(case: Case) -> list[Cell]:
    """One case, which knows how many children it waits for, as a row of the exported list."""
    return [
        case.number, case.enterprise.label, case.enterprise.enterprise_id, case.site.site_id, case.get_kind_display(),
        case.blocked, case.output_at_risk, case.filed_at, case.due_at, case.lead_region.label,
        case.owner.get_username() if case.owner else None, case.get_state_display(), case.waits_for,
    ]  # fmt: skip


def share(percent: str) -> float:
    """A share from a text in per cent. Raises ValidationError for what is no number."""
    try:
        return float(percent) / 100
    except ValueError:
        message = _("“{value}” is not a number of per cent; give 0 to 100.").format(value=percent)
        raise ValidationError({"capacity_left": message}) from None


def moves_in(story: Iterable[CaseEntry]) -> int:
    """How many moves by people the story has, for the forms beside it."""
    return sum(line.type == CaseEntry.Type.MOVE and line.move != DUE for line in story)


def seen(text: str | None) -> int | None:
    """That number as a form sent it back; None where it sent none."""
    return int(text) if text and text.isdecimal() and text.isascii() and len(text) < 10 else None


def disposition(name: str) -> str:
    """Header that makes a browser save a file under its name, never open it."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\;%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def download(file: Attachment) -> HttpResponse:
    """The file as something to be saved: no browser opens it here, or takes it for another type."""
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response["Content-Disposition"] = disposition(file.name)
    response["X-Content-Type-Options"] = "nosniff"
    # Should a browser show it all the same, nothing in it runs.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def next_step(case: Case) -> str:
    """What happens next, as a sentence for the enterprise."""
    state = case.rules.states_by_name.get(case.state)
    return str(state.next) if state and state.next else ""
