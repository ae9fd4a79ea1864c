"""Ask for a mode, confirm it as a second person, take it back, end it early; the end by itself is told to the audit."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import NotAllowedError, require
from ballast.areas.audit.services import record
from ballast.areas.modes import selectors
from ballast.areas.modes.duties import clock, normal_cadence, of_mode
from ballast.areas.modes.events import mode_turned
from ballast.areas.modes.models import Cadence, Mode, Switch
from ballast.areas.reference.models import Authority
from ballast.areas.reference.selectors import now, today
from ballast.areas.registry.places import depth_over
from ballast.core.duty import months_after

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.reference.models import Region
    from ballast.areas.registry.models import Chain

__all__ = ["ask", "decide", "note_ends", "stop", "withdraw"]

# The longest that a mode lasts before it is asked for anew.
_MOST_MONTHS = 6
# Days ahead for which one can be asked, so that a renewal follows without a gap.
_AHEAD = 31
_LONGEST = 2_000


@transaction.atomic
def ask(
    user: "User", *, mode: str, region: "Region | None", chain: "Chain | None", ends: dt.date | None, reason: str,
    starts: dt.date | None = None, cadence: str = "", wide: bool | None = None,
) -> Switch:  # fmt: skip
    """A switch that waits for a second person; duties are those of the mode where they are left out.

    Raises NotAllowedError for a scope that the person's right does not cover, ValidationError by field for what is not
    sound: no scope, no end, longer than six months, a day that has passed, a cadence below the normal one, a mode of
    the same scope and days that waits or is in force.
    """
    require(user, selectors.SWITCH)
    depth = depth_over(user, selectors.SWITCH, region, chain)
    if region is None and chain is None:
        raise ValidationError({"region": _("Name a region or a chain: a mode holds for a named scope.")})
    if depth is None:
        raise NotAllowedError(selectors.SWITCH)
    if mode not in Mode.values:
        raise ValidationError({"mode": _("“{value}” is not known.").format(value=mode[:40])})
    usual, usually_wide = of_mode(mode)
    asked = cadence or usual
    if asked not in Cadence.values:
        raise ValidationError({"cadence": _("“{value}” is not known.").format(value=asked[:40])})
    if list(Cadence).index(Cadence(asked)) < list(Cadence).index(normal_cadence()):
        message = _("“{value}” is rarer than the normal duty, which holds all the same; choose a more frequent one.")
        raise ValidationError({"cadence": message.format(value=Cadence(asked).label)})
    first, last = _days(starts or today(), ends)
    # One asks after the other: there is no row yet that two who ask at once could both hold.
    Authority.objects.select_for_update().first()
    same = Switch.objects.filter(mode=mode, region=region, chain=chain, starts__lte=last, ends__gte=first)
    standing = same.filter(state__in=(Switch.State.ASKED, Switch.State.CONFIRMED), stopped_at=None).first()
    if standing is not None:
        message = _("There is one for this scope from {first} to {last}; begin after it, or end it.")
        raise ValidationError({"starts": message.format(first=standing.starts, last=standing.ends)})
    row = Switch.objects.create(
        mode=mode, region=region, chain=chain, cadence=asked, wide=usually_wide if wide is None else wide,
        starts=first, ends=last, reason=_required(reason), asked_by=user, asked_at=now(), asked_depth=depth,
    )  # fmt: skip
    detail = {"starts": first, "ends": last, "cadence": row.cadence, "wide": row.wide, "reason": row.reason}
    _note("asked", user, row, detail)
    return row


@transaction.atomic
def decide(user: "User", switch: Switch, *, confirm: bool, note: str = "") -> Switch:
    """Confirm or refuse it, as a second person of the same or a higher level; it holds from the confirmation on.

    Raises NotAllowedError without a right over the whole scope, ValidationError for the one who asked, for a lower
    level, for what is decided or over, and for a refusal without a note.
    """
    row = _locked(user, switch)
    _check_waits(row)
    if row.asked_by_id == user.pk:
        raise ValidationError({"confirm": _("You asked for it; nobody confirms their own.")})
    if not selectors.may_decide(user, row):
        raise ValidationError({"confirm": _("A person of the same or a higher level than the one who asked decides.")})
    if confirm and row.ends < today():
        message = _("Its last day {day} has passed; ask for it anew.")
        raise ValidationError({"confirm": message.format(day=row.ends)})
    if confirm and row.asked_by_id is None:
        raise ValidationError({"confirm": _("Who asked for it has no account any more; it has to be asked for anew.")})
    row.note = _text(note, "note")
    if not confirm and not row.note:
        raise ValidationError({"note": _("Say why it is refused.")})
    _close(user, row, Switch.State.CONFIRMED if confirm else Switch.State.REFUSED)
    if confirm:
        _turned(row, "extended" if _renewed(row) else "entered")
    return row


def _same(row: Switch) -> QuerySet[Switch]:
    """Other confirmed switches of the mode and scope that nobody ended."""
    rows = Switch.objects.filter(mode=row.mode, region=row.region, chain=row.chain, stopped_at=None)
    return rows.filter(state=Switch.State.CONFIRMED).exclude(pk=row.pk)


def _renewed(row: Switch) -> bool:
    """Whether it goes on from one that holds until the day before it begins."""
    day_before = row.starts - dt.timedelta(days=1)
    return _same(row).filter(starts__lt=row.starts, ends__gte=max(day_before, today())).exists()


def _goes_on(row: Switch) -> bool:
    """Whether another takes over where it ended."""
    return _same(row).filter(starts__gt=row.starts, starts__lte=row.ends + dt.timedelta(days=1)).exists()


def _turned(row: Switch, what: str) -> None:
    mode_turned.send(sender=Switch, switch=row, what=what)


@transaction.atomic
def withdraw(user: "User", switch: Switch) -> Switch:
    """Take back what one asked for oneself. Errors as for `decide`."""
    row = _locked(user, switch)
    _check_waits(row)
    if row.asked_by_id != user.pk:
        raise ValidationError({"confirm": _("Only who asked takes it back; you can refuse it.")})
    _close(user, row, Switch.State.WITHDRAWN)
    return row


@transaction.atomic
def stop(user: "User", switch: Switch, *, reason: str) -> Switch:
    """End a confirmed mode before its last day; one person is enough. ValidationError for one that is over."""
    row = _locked(user, switch)
    if row.state != Switch.State.CONFIRMED or row.stopped_at is not None or row.ends < today():
        raise ValidationError({"reason": _("It is not in force any more.")})
    row.stopped_at, row.stopped_by, row.stop_reason = now(), user, _required(reason)
    row.save(update_fields=["stopped_at", "stopped_by", "stop_reason"])
    _note("stopped", user, row, {"reason": row.stop_reason})
    _turned(row, "over")
    return row


@transaction.atomic
def note_ends() -> int:
    """Tell the audit and those concerned of the modes whose last day has passed; how many. They ended without this."""
    over = Switch.objects.filter(ends__lt=today(), stopped_at=None, end_noted_at=None)
    rows = list(over.filter(state=Switch.State.CONFIRMED).select_for_update().order_by("pk"))
    for row in rows:
        row.end_noted_at = clock().instant
        row.save(update_fields=["end_noted_at"])
        _note("ended", None, row, {"ends": row.ends})
        if not _goes_on(row):
            _turned(row, "over")
    return len(rows)


def _days(first: dt.date, last: dt.date | None) -> tuple[dt.date, dt.date]:
    day = today()
    latest = day + dt.timedelta(days=_AHEAD)
    if not day <= first <= latest:
        message = _("{day} will not do; a mode begins from {first} to {last}.")
        raise ValidationError({"starts": message.format(day=first, first=day, last=latest)})
    if last is None:
        raise ValidationError({"ends": _("Give the last day; no mode is without an end.")})
    most = months_after(first, _MOST_MONTHS)
    if not first <= last <= most:
        message = _("{day} will not do; give {first} to {last}, six months at most. It can be asked for anew.")
        raise ValidationError({"ends": message.format(day=last, first=first, last=most)})
    return first, last


def _locked(user: "User", switch: Switch) -> Switch:
    require(user, selectors.SWITCH)
    row = Switch.objects.select_for_update(of=("self",)).select_related("region", "chain").get(pk=switch.pk)
    if not selectors.may_end(user, row):
        raise NotAllowedError(selectors.SWITCH)
    return row


def _check_waits(row: Switch) -> None:
    if row.state != Switch.State.ASKED:
        raise ValidationError({"confirm": _("It is decided: {state}.").format(state=row.get_state_display())})


def _close(user: "User", row: Switch, state: str) -> None:
    row.state, row.decided_by, row.decided_at = state, user, now()
    row.save(update_fields=["state", "decided_by", "decided_at", "note"])
    _note(str(state), user, row, {"note": row.note, "starts": row.starts, "ends": row.ends})


def _text(text: str, field: str) -> str:
    if len(text) > _LONGEST:
        message = _("The text has {count} characters; at most {most} fit.")
        raise ValidationError({field: message.format(count=len(text), most=_LONGEST)})
    return text.strip()


def _required(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": _("Give a reason; whoever asks later reads it here.")})
    return _text(reason, "reason")


def _note(act: str, user: "User | None", row: Switch, detail: dict[str, Any]) -> None:
    detail = {"mode": row.mode, "region": row.region_id, "chain": row.chain_id, **detail}
    record(f"mode.{act}", user, subject_type="mode", subject_id=str(row.pk), detail=detail)
