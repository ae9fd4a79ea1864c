"""Write and sign handover notes; make promises and keep them."""

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.audit.services import record
from ballast.areas.cases.models import Case
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.dispatch import handover_facts, ledger, selectors
from ballast.areas.dispatch.models import Handover, Promise
from ballast.areas.papers import scopes
from ballast.areas.reference.selectors import authority, now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["LONGEST_SHIFT", "keep", "note_for", "notes", "open_promises", "promise", "sign", "write"]

LONGEST_SHIFT = dt.timedelta(days=7)
_LONGEST_REMARKS = 10_000


def notes(user: "User") -> QuerySet[Handover]:
    """Handover notes of the scopes that the person reads, the newest first."""
    keys = Handover.objects.order_by().values_list("scope", flat=True).distinct()
    rows = Handover.objects.filter(scope__in=[key for key in keys if scopes.allowed(user, key)])
    return rows.select_related("written_by", "signed_by")


def note_for(user: "User", pk: int) -> Handover:
    """One note that the person may read; Handover.DoesNotExist for any other."""
    return notes(user).get(pk=pk)


def open_promises(user: "User", scope: str) -> QuerySet[Promise]:
    """Promises of a scope that are not kept; none of a scope that is not the person's."""
    rows = Promise.objects.filter(scope=scope, kept_at=None) if scopes.allowed(user, scope) else Promise.objects.none()
    return rows.select_related("case", "made_by")


def write(
    user: "User",
    *,
    since: dt.datetime,
    until: dt.datetime,
    next_until: dt.datetime,
    remarks: str = "",
    scope: str | None = None,
) -> Handover:
    """The note of the shift from `since` to `until`, instants that have passed, to the shift that ends at `next_until`.

    Raises NotAllowedError and DoesNotExist for who does not work on cases there, ValidationError by field.
    """
    require(user, "work_cases")
    key, of = selectors.readable(user, scope), authority()
    remarks = remarks.strip()
    _check(since, until, next_until, remarks)
    with ledger.one_look():
        found = handover_facts.collect(
            scope=scopes.label(key), authority=of, since=since, until=until, next_until=next_until
        )
    facts: dict[str, Any] = json.loads(json.dumps(found, cls=DjangoJSONEncoder))
    with transaction.atomic():
        note = Handover.objects.create(
            scope=key, from_at=since, until_at=until, next_until=next_until, facts=facts, remarks=remarks,
            written_by=user, written_at=now(),
        )  # fmt: skip
        _note("handover.written", user, "handover", note.pk, {"scope": key, "from": since, "until": until})
    return note


def _check(since: dt.datetime, until: dt.datetime, next_until: dt.datetime, remarks: str) -> None:
    faults = {}
    if not since < until:
        faults["since"] = _("The shift has to begin before it ends.")
    elif until - since > LONGEST_SHIFT:
        faults["since"] = _("A shift lasts at most {days} days.").format(days=LONGEST_SHIFT.days)
    if until > now():
        faults["until"] = _("The shift has not ended yet; a note tells what has happened.")
    if not until < next_until <= until + LONGEST_SHIFT:
        faults["next_until"] = _("The next shift has to end after this one, within {days} days.").format(
            days=LONGEST_SHIFT.days
        )
    if len(remarks) > _LONGEST_REMARKS or "\x00" in remarks:
        faults["remarks"] = _("This is too long, or holds a character that no paper takes.")
    if faults:
        raise ValidationError(faults)


@transaction.atomic
def sign(user: "User", pk: int) -> Handover:
    """The note, signed by the person who takes over; from then on it stays as it is.

    Raises DoesNotExist for what is not theirs, ValidationError for whoever wrote it and for a note that is signed.
    """
    require(user, "work_cases")
    note_for(user, pk)
    note = Handover.objects.select_for_update(of=("self",)).get(pk=pk)
    if note.signed_at is not None:
        raise ValidationError({"state": _("The note is signed already.")})
    if note.written_by_id in {None, user.pk}:
        message = _("Whoever wrote the note cannot take over from themselves; the next shift signs it.")
        raise ValidationError({"state": message})
    note.signed_by, note.signed_at = user, now()
    note.save(update_fields=["signed_by", "signed_at"])
    _note("handover.signed", user, "handover", note.pk, {"scope": note.scope})
    return note


@transaction.atomic
def promise(user: "User", *, text: str, due_at: dt.datetime, case: str = "", scope: str | None = None) -> Promise:
    """A promise of the person's desk, about a case where one is named by its number.

    Raises NotAllowedError and DoesNotExist for who does not work on cases there, ValidationError by field.
    """
    require(user, "work_cases")
    key, text, about = selectors.readable(user, scope), text.strip(), None
    faults = {}
    if not text or len(text) > 500 or "\x00" in text:
        faults["text"] = _("Say in at most {most} characters what was promised.").format(most=500)
    if case:
        try:
            # PostgreSQL cannot even be asked for a text with this character.
            about = visible_cases(user, "work_cases").get(number=case.replace("\x00", "?").strip())
        except Case.DoesNotExist:
            faults["case"] = _("There is no case “{number}” among yours; leave it empty or mend it.").format(
                number=case
            )
    if faults:
        raise ValidationError(faults)
    made = Promise.objects.create(scope=key, case=about, text=text, due_at=due_at, made_by=user, made_at=now())
    _note("promise.made", user, "promise", made.pk, {"scope": key, "case": case, "due": due_at})
    return made


@transaction.atomic
def keep(user: "User", pk: int) -> Promise:
    """The promise, kept. Raises Promise.DoesNotExist for one that is not the person's, or is kept already."""
    require(user, "work_cases")
    found = Promise.objects.select_for_update(of=("self",)).get(pk=pk, kept_at=None)
    if not scopes.allowed(user, found.scope):
        raise Promise.DoesNotExist
    found.kept_by, found.kept_at = user, now()
    found.save(update_fields=["kept_by", "kept_at"])
    _note("promise.kept", user, "promise", found.pk, {"scope": found.scope})
    return found


def _note(action: str, user: "User", what: str, pk: int, detail: dict[str, Any]) -> None:
    record(action, user, subject_type=what, subject_id=str(pk), detail=detail)
