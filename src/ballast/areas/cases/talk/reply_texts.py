"""Texts for replies: kept by officers with the right, filled in from a case, inserted by whoever works on it."""

import string
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.audit.services import record
from ballast.areas.cases.models import Case, ReplyText
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.cases.selectors import visible_cases

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["LONGEST", "PLACEHOLDERS", "drop", "filled", "keep", "texts", "texts_for"]

LONGEST = 20_000
_LONGEST_TITLE = 100
PLACEHOLDERS: dict[str, Callable[[Case], str]] = {
    "number": lambda case: case.number,
    "enterprise": lambda case: case.enterprise.label,
    "blocked": lambda case: case.blocked,
    "desk": lambda case: case.lead_region.label,
    "due": lambda case: date_format(timezone.localtime(case.due_at), "SHORT_DATETIME_FORMAT"),
}


def texts(user: "User") -> QuerySet[ReplyText]:
    """All texts, for who works on cases. NotAllowedError for others."""
    require(user, "work_cases")
    return ReplyText.objects.order_by("language", "title", "pk")


def texts_for(user: "User", case: Case) -> QuerySet[ReplyText]:
    """The texts that fit a case's kind."""
    return texts(user).filter(Q(kind="") | Q(kind=case.kind))


def filled(user: "User", number: str, text_id: int | None) -> str:
    """The text with what stands in the case, in the text's language; without a text "".

    Raises NotAllowedError, Case.DoesNotExist, ReplyText.DoesNotExist.
    """
    require(user, "work_cases")
    cases = visible_cases(user, "work_cases").select_related("enterprise", "lead_region")
    case = cases.get(number=number)
    if text_id is None:
        return ""
    row = texts_for(user, case).get(pk=text_id)
    with translation.override(row.language):
        return row.text.format(**{name: value(case) for name, value in PLACEHOLDERS.items()})


@transaction.atomic
def keep(
    user: "User", *, title: str, text: str, language: str, kind: str = "", text_id: int | None = None
) -> ReplyText:
    """The text, made or changed. Raises NotAllowedError, ReplyText.DoesNotExist, ValidationError by field."""
    require(user, "keep_reply_texts")
    row = ReplyText.objects.select_for_update().get(pk=text_id) if text_id else ReplyText()
    if faults := _faults(title, text, language, kind):
        raise ValidationError(faults)
    row.title, row.text, row.language, row.kind = title.strip(), text.strip(), language, kind
    row.changed_by = user.get_username()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        message = _("There is a text “{title}” for this kind and language already.").format(title=row.title)
        raise ValidationError({"title": message}) from None
    detail = {"title": row.title, "language": language, "kind": kind, "text": row.text}
    record("reply text.kept", user, subject_type="reply text", subject_id=str(row.pk), detail=detail)
    return row


@transaction.atomic
def drop(user: "User", text_id: int) -> None:
    """Delete a text. Raises NotAllowedError, ReplyText.DoesNotExist."""
    require(user, "keep_reply_texts")
    row = ReplyText.objects.get(pk=text_id)
    record("reply text.dropped", user, subject_type="reply text", subject_id=str(row.pk), detail={"title": row.title})
    row.delete()


def _faults(title: str, text: str, language: str, kind: str) -> dict[str, str]:
    given = {"title": title, "text": text}
    faults = {name: _("Fill in this field.") for name, value in given.items() if not value.strip()}
    for name, most in (("title", _LONGEST_TITLE), ("text", LONGEST)):
        if (count := len(given[name])) > most:
            faults[name] = _("This text has {count} characters; give at most {most}.").format(count=count, most=most)
    if "text" not in faults and (fault := _placeholder_fault(text)):
        faults["text"] = fault
    known = [code for code, _name in settings.LANGUAGES]
    if language not in known:
        faults["language"] = _("Unknown language {value}: use en or zh-hans.").format(value=language)
    if kind and kind not in kinds():
        faults["kind"] = _("“{kind}” is not a kind of problem; choose one of {kinds}.").format(
            kind=kind, kinds=", ".join(kinds())
        )
    return faults


def _placeholder_fault(text: str) -> str:
    """A sentence for the first placeholder that cannot be filled in, "" when all can."""
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return _("A brace stands alone; placeholders are {known}, and a brace itself is written twice.").format(
            known=known
        )
    for _before, name, form, turned in parts:
        if name is not None and (name not in PLACEHOLDERS or form or turned):
            shown = f"{{{name}{f'!{turned}' if turned else ''}{f':{form}' if form else ''}}}"
            return _("“{name}” is not a placeholder; there are {known}.").format(name=shown, known=known)
    return ""
