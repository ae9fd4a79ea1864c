"""Draft, change, approve, discard and withdraw circulars. Nobody approves what they drafted."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.audit.services import record
from ballast.areas.dispatch import circular_reading, ledger, selectors
from ballast.areas.dispatch.circular_facts import collect
from ballast.areas.dispatch.models import Circular, CircularSeries
from ballast.areas.notices.services import notify_all
from ballast.areas.papers import scopes
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import authority, now, today

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["WORDS", "change", "discard", "draft", "issue", "withdraw"]

# What the drafter may write, and how long it may be.
WORDS = {"text": 5_000, "contact": 200, "copies": 300}


def draft(
    user: "User", *, reply_by: dt.date, scope: str | None = None, words: Mapping[str, str] | None = None
) -> Circular:
    """A draft to every region below the scope whose desk has overdue cases now, with these cases.

    `words` may hold those of WORDS. Raises NotAllowedError and DoesNotExist for what is not the person's to write,
    ValidationError where nothing is overdue and for a bad field.
    """
    require(user, "issue_brief")
    key = selectors.readable(user, scope, "issue_brief")
    fields = _checked(reply_by, words or {})
    of, at = authority(), now()
    with ledger.one_look():
        found = ledger.read(scopes.parse(key), since=at, until=at)
        facts: dict[str, Any] = json.loads(
            json.dumps(collect(found, scope=scopes.label(key), authority=of, at=at), cls=DjangoJSONEncoder)
        )
    if not facts["regions"]:
        raise ValidationError({"scope": _("No desk below yours has an overdue case; there is nothing to write about.")})
    with transaction.atomic():
        circular = Circular.objects.create(
            scope=key, cut_off_at=at, facts=facts, drafted_by=user, drafted_at=at, reply_by=reply_by, **fields
        )
        circular.regions.set(Region.objects.filter(code__in=[row["id"] for row in facts["regions"]]))
        _note("circular.drafted", user, circular, {"regions": [row["id"] for row in facts["regions"]]})
    return circular


def _checked(reply_by: dt.date, words: Mapping[str, str]) -> dict[str, str]:
    """The words, trimmed; ValidationError by field."""
    faults = {}
    if reply_by < today():
        faults["reply_by"] = _("{day} has passed; give a day from today on.").format(day=reply_by)
    fields = {name: words.get(name, "").strip() for name in WORDS}
    for name, text in fields.items():
        if len(text) > WORDS[name]:
            faults[name] = _("This has {n} characters; {most} are taken.").format(n=len(text), most=WORDS[name])
        if "\x00" in text:
            faults[name] = _("This holds a character that no paper takes; write it without.")
    if faults:
        raise ValidationError(faults)
    return fields


def _locked(user: "User", pk: int, state: str, refusal: str) -> Circular:
    """The circular, held against others, when the person may issue in its scope and it stands in the state."""
    require(user, "issue_brief")
    circular_reading.circular_for(user, pk)
    circular = Circular.objects.select_for_update(of=("self",)).get(pk=pk)
    if not circular_reading.may_issue(user, circular):
        raise Circular.DoesNotExist
    if circular.state != state:
        raise ValidationError({"state": refusal.format(state=Circular.State(circular.state).label)})
    return circular


def _own_draft(user: "User", pk: int) -> Circular:
    circular = _locked(user, pk, Circular.State.DRAFT, _("It is no draft any more but “{state}”."))
    if circular.drafted_by_id != user.pk:
        raise ValidationError({"state": _("Only the person who drafted it may do this; write a draft of your own.")})
    return circular


@transaction.atomic
def change(user: "User", pk: int, *, reply_by: dt.date, words: Mapping[str, str]) -> Circular:
    """The draft with other words; its figures stay those of its data date.

    Only the drafter may, so that whoever approves has written none of it. Raises DoesNotExist and ValidationError.
    """
    circular = _own_draft(user, pk)
    for name, text in _checked(reply_by, words).items():
        setattr(circular, name, text)
    circular.reply_by = reply_by
    circular.save(update_fields=["reply_by", *WORDS])
    _note("circular.changed", user, circular, {"reply_by": reply_by})
    return circular


@transaction.atomic
def discard(user: "User", pk: int) -> Circular:
    """The draft, given up by its drafter. Raises DoesNotExist and ValidationError."""
    circular = _own_draft(user, pk)
    circular.state = Circular.State.DISCARDED
    circular.save(update_fields=["state"])
    _note("circular.discarded", user, circular, {})
    return circular


@transaction.atomic
def issue(user: "User", pk: int) -> Circular:
    """The circular, approved by a second person: it gets the next number, and the desks concerned are told.

    Raises DoesNotExist for what is not the person's, ValidationError for who drafted it and for what is no draft.
    """
    circular = _locked(user, pk, Circular.State.DRAFT, _("It is no draft any more but “{state}”."))
    if circular.drafted_by_id in {None, user.pk}:
        message = _("Whoever drafted a circular cannot approve it; a second person has to.")
        raise ValidationError({"state": message})
    at = now()
    circular.state, circular.approved_by, circular.issued_at = Circular.State.ISSUED, user, at
    circular.year = at.astimezone(ZoneInfo(authority().time_zone)).year
    circular.serial = _next_serial(circular.scope, circular.year)
    circular.save()
    detail = {"number": f"{circular.year}-{circular.serial}", "drafted_by": _name(circular.drafted_by)}
    _note("circular.issued", user, circular, detail)
    # Each reads it in a language of their own.
    subject, path = f"{circular.year}-{circular.serial}", f"/dispatch/circulars/{circular.pk}/"
    notify_all(circular_reading.addressees(circular), subject, "circular", path=path)
    return circular


def _next_serial(scope: str, year: int) -> int:
    """The next number of a scope and year; whoever comes at the same time waits for the row."""
    CircularSeries.objects.get_or_create(scope=scope, year=year)
    series = CircularSeries.objects.select_for_update().get(scope=scope, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return series.last


@transaction.atomic
def withdraw(user: "User", pk: int, *, reason: str) -> Circular:
    """The issued circular, withdrawn with a reason that its readers see; it keeps its number.

    Raises DoesNotExist, and ValidationError without a reason and for what is not issued.
    """
    circular = _locked(user, pk, Circular.State.ISSUED, _("Only an issued circular can be withdrawn; it is “{state}”."))
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Say why it is withdrawn; those who have it will read that.")})
    if len(reason) > WORDS["text"] or "\x00" in reason:
        raise ValidationError({"reason": _("This is too long, or holds a character that no paper takes.")})
    circular.state, circular.reason = Circular.State.WITHDRAWN, reason
    circular.withdrawn_by, circular.withdrawn_at = user, now()
    circular.save(update_fields=["state", "reason", "withdrawn_by", "withdrawn_at"])
    _note("circular.withdrawn", user, circular, {"number": f"{circular.year}-{circular.serial}", "reason": reason})
    return circular


def _name(user: "User | None") -> str:
    return user.get_username() if user else ""


def _note(action: str, user: "User", circular: Circular, detail: dict[str, Any]) -> None:
    record(
        action, user, subject_type="circular", subject_id=str(circular.pk), detail={"scope": circular.scope, **detail}
    )
