"""A person puts a measure in force for a time, extends it with a second person, ends it early, or dismisses it."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import NotAllowedError, require
from ballast.areas.audit.services import record
from ballast.areas.reference.selectors import now, today
from ballast.areas.reserve import selectors
from ballast.areas.reserve.models import Extension, Issue, PolicyOption, Proposal

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["ask_extension", "decide_extension", "dismiss", "issue", "note_ends", "stop"]

_LONGEST = 2_000


@transaction.atomic
def issue(user: "User", option: PolicyOption, *, ends: dt.date | None, note: str = "") -> Issue:
    """The measure in force from today to `ends`, both included.

    Raises NotAllowedError unless the person may issue it, ValidationError without a last day, for one before today or
    beyond the days of the measure, for a measure that is not ready, and for one that is in force.
    """
    require(user, selectors.ISSUE)
    row = (
        PolicyOption.objects.select_for_update(of=("self",))
        .select_related("region", "chain", "issuer")
        .get(pk=option.pk)
    )
    _check(user, row)
    day = today()
    if row.state != PolicyOption.State.READY:
        message = _("It is not ready ({state}); make it ready first.")
        raise ValidationError({"state": message.format(state=row.get_state_display())})
    standing = row.issues.filter(selectors.in_force(day)).first()
    if standing is not None:
        raise ValidationError({"ends": _("It is in force until {day} already.").format(day=standing.ends)})
    last = _checked(ends, day, row.days)
    proposal = row.proposals.filter(ended_at=None).first()
    made = Issue.objects.create(
        option=row, proposal=proposal, content=_content(row), starts=day, ends=last, note=_text(note, "note"),
        issued_by=user, issued_at=now(),
    )  # fmt: skip
    if proposal is not None:
        _decide(proposal, user, Proposal.State.ISSUED, made.note)
    detail = {"starts": day, "ends": last, "note": made.note, "proposed": proposal is not None}
    _note("issued", user, made, detail)
    return made


@transaction.atomic
def ask_extension(user: "User", issued: Issue, *, until: dt.date | None, reason: str) -> Extension:
    """What a second person has to grant: a later last day.

    Raises NotAllowedError unless the person may issue the measure, ValidationError for one that is over, without a
    reason or a day, for a day that is not later or too late, and while another extension waits.
    """
    row = _in_force(user, issued)
    if row.extensions.filter(state=Extension.State.ASKED).exists():
        raise ValidationError({"until": _("An extension waits for a second person already.")})
    last = _checked(until, row.ends + dt.timedelta(days=1), row.option.days, field="until")
    why = _required(reason)
    asked = Extension.objects.create(issue=row, until=last, reason=why, asked_by=user, asked_at=now())
    _note("extension_asked", user, row, {"until": last, "reason": why})
    return asked


@transaction.atomic
def decide_extension(user: "User", asked: Extension, *, grant: bool, note: str = "") -> Extension:
    """Grant or refuse a later last day, as a second person.

    Raises NotAllowedError unless the person may issue the measure; ValidationError for the one who asked, for what is
    decided, for a refusal without a note, and for a measure that is over: it is issued anew.
    """
    issued = _in_force(user, asked.issue)
    row = Extension.objects.select_for_update().get(pk=asked.pk)
    if row.state != Extension.State.ASKED:
        raise ValidationError({"until": _("It is decided: {state}.").format(state=row.get_state_display())})
    if row.asked_by_id == user.pk:
        raise ValidationError({"until": _("You asked for it; a second person decides.")})
    if grant and row.asked_by_id is None:
        raise ValidationError({"until": _("Who asked for it has no account any more; it has to be asked for anew.")})
    row.note = _text(note, "note")
    if not grant and not row.note:
        raise ValidationError({"note": _("Say why it is refused.")})
    row.state = Extension.State.GRANTED if grant else Extension.State.REFUSED
    row.decided_by, row.decided_at = user, now()
    row.save()
    if grant:
        issued.ends = row.until
        issued.save(update_fields=["ends"])
    _note("extended" if grant else "extension_refused", user, issued, {"until": row.until, "note": row.note})
    return row


@transaction.atomic
def stop(user: "User", issued: Issue, *, reason: str) -> Issue:
    """End a measure before its last day; one person does. Errors as for `ask_extension`."""
    row = _in_force(user, issued)
    row.stopped_at, row.stopped_by, row.stop_reason = now(), user, _required(reason)
    row.save(update_fields=["stopped_at", "stopped_by", "stop_reason"])
    _note("stopped", user, row, {"reason": row.stop_reason})
    return row


@transaction.atomic
def dismiss(user: "User", proposal: Proposal, *, reason: str) -> Proposal:
    """Dismiss what a trigger proposes, with a reason; it is not proposed again before the trigger was over.

    Raises NotAllowedError unless the person may issue the measure, ValidationError without a reason and for a proposal
    that was decided or is over.
    """
    require(user, selectors.ISSUE)
    row = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("option__region", "option__issuer")
        .get(pk=proposal.pk)
    )
    _check(user, row.option)
    if row.ended_at is not None or row.state != Proposal.State.OPEN:
        raise ValidationError({"reason": _("This proposal waits for nobody any more.")})
    _decide(row, user, Proposal.State.DISMISSED, _required(reason))
    detail = {"reason": row.reason, "since": row.since}
    record("measure.dismissed", user, subject_type="policy_option", subject_id=row.option.code, detail=detail)
    return row


@transaction.atomic
def note_ends() -> int:
    """Tell the audit of the measures that came to their last day; returns how many. They ended without this."""
    rows = Issue.objects.select_for_update(of=("self",)).select_related("option")
    ended = list(rows.filter(ends__lt=today(), stopped_at=None, end_noted_at=None).order_by("pk"))
    for row in ended:
        row.end_noted_at = now()
        row.save(update_fields=["end_noted_at"])
        _note("ended", None, row, {"ends": row.ends})
    return len(ended)


def _check(user: "User", option: PolicyOption) -> None:
    if not selectors.may(user, selectors.ISSUE, option):
        raise NotAllowedError(selectors.ISSUE)


def _in_force(user: "User", issued: Issue) -> Issue:
    require(user, selectors.ISSUE)
    rows = Issue.objects.select_for_update(of=("self",)).select_related(
        "option__region", "option__chain", "option__issuer"
    )
    row = rows.get(pk=issued.pk)
    _check(user, row.option)
    if not row.in_force(today()):
        raise ValidationError({"ends": _("It is not in force any more; it can be issued anew.")})
    return row


def _checked(ends: dt.date | None, first: dt.date, days: int, *, field: str = "ends") -> dt.date:
    """The last day, at most so many days from `first` on."""
    if ends is None:
        raise ValidationError({field: _("Give the last day; nothing of the reserve is without an end.")})
    most = first + dt.timedelta(days=days - 1)
    if not first <= ends <= most:
        message = _("{day} will not do; give {first} to {last}: this measure lasts {days} days at most.")
        raise ValidationError({field: message.format(day=ends, first=first, last=most, days=days)})
    return ends


def _text(text: str, field: str) -> str:
    if len(text) > _LONGEST:
        message = _("The text has {count} characters; at most {most} fit.")
        raise ValidationError({field: message.format(count=len(text), most=_LONGEST)})
    return text.strip()


def _required(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": _("Give a reason; whoever asks later reads it here.")})
    return _text(reason, "reason")


def _decide(row: Proposal, user: "User", state: str, reason: str) -> None:
    row.state, row.reason, row.decided_by, row.decided_at = state, reason, user, now()
    row.save(update_fields=["state", "reason", "decided_by", "decided_at"])


def _content(row: PolicyOption) -> dict[str, Any]:
    names = ("name", "name_zh", "text", "text_zh", "legal_basis", "authority", "cost", "currency")
    found: dict[str, Any] = {name: getattr(row, name) for name in names}
    return found | {"region": row.region_id, "chain": row.chain_id, "issuer": row.issuer_id}


def _note(act: str, user: "User | None", row: Issue, detail: dict[str, Any]) -> None:
    detail = {"issue": row.pk, **detail}
    record(f"measure.{act}", user, subject_type="policy_option", subject_id=row.option.code, detail=detail)
