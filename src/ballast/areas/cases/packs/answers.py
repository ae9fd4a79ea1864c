"""What a case's form asks beside the fields that every case has: the answers by the pack, checked and told."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ballast.areas.cases.packs.model import FormField, Pack

__all__ = ["Answer", "Told", "checked_answers", "told_answers"]

Answer: TypeAlias = str | float | bool
_LONGEST = {"text": 200, "long": 20_000}


class Told(NamedTuple):
    """One answer in words, in the language of the page."""

    label: str
    value: str


def checked_answers(pack: Pack, given: Mapping[str, object]) -> dict[str, Answer]:
    """The answers that were given, each of the type that the pack asks for; dates as ISO texts.

    Raises ValidationError by field: unknown, missing, or not of the type.
    """
    asked = {field.name: field for field in pack.form if field.own}
    faults = {
        name: _("“{name}” is not a field of “{pack}”; it asks for: {known}.").format(
            name=name, pack=pack.label, known=", ".join(asked) or "–"
        )
        for name in given
        if name not in asked
    }
    found: dict[str, Answer] = {}
    for name, field in asked.items():
        try:
            value = _read(field, given.get(name))
        except ValidationError as error:
            faults[name] = error.messages[0]
            continue
        if value is not None:
            found[name] = value
        elif field.required:
            faults[name] = _("Fill in this field.")
    if faults:
        raise ValidationError(faults)
    return found


def _read(field: FormField, given: object) -> Answer | None:
    """A value in the field's type; None for nothing. Raises ValidationError for what is none."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    if field.type == "yesno":
        return _yes(given)
    if field.type == "number":
        return _number(given)
    if field.type == "date":
        return _date(given)
    text = str(given).strip()
    if field.type == "choice" and text not in (known := [one.name for one in field.choices]):
        raise ValidationError(
            _("“{value}” is not known; choose one of {known}.").format(value=text, known=", ".join(known))
        )
    most = _LONGEST.get(field.type, _LONGEST["text"])
    if len(text) > most:
        raise ValidationError(
            _("This text has {count} characters; give at most {most}.").format(count=len(text), most=most)
        )
    return text


def _yes(given: object) -> bool:
    words = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "no": False}
    word = str(given).strip().casefold()
    if word not in words:
        raise ValidationError(_("“{value}” is neither yes nor no.").format(value=given))
    return words[word]


def _number(given: object) -> float:
    try:
        value = float(str(given).replace(",", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or isinstance(given, bool):
        raise ValidationError(_("“{value}” is not a number.").format(value=given))
    return value


def _date(given: object) -> str:
    try:
        return (given if isinstance(given, dt.date) else dt.date.fromisoformat(str(given).strip())).isoformat()
    except ValueError:
        raise ValidationError(_("“{value}” is not a date; give one such as 2022-04-28.").format(value=given)) from None


def told_answers(pack: Pack, answers: Mapping[str, Answer]) -> list[Told]:
    """The answers in words, in the order of the form."""
    asked = [field for field in pack.form if field.own and field.name in answers]
    return [Told(str(field.label), _said(field, answers[field.name])) for field in asked]


def told_answer(pack: Pack, answers: Mapping[str, Answer], name: str) -> str:
    """The answer to one field of the pack's own in words; "" where there is none."""
    field = pack.fields_by_name.get(name)
    return _said(field, answers[name]) if field is not None and field.own and name in answers else ""


def _said(field: FormField, value: Answer) -> str:
    if field.type == "yesno":
        return _("Yes") if value else _("No")
    if field.type == "choice":
        return next((str(one.label) for one in field.choices if one.name == value), str(value))
    if field.type == "date":
        return date_format(dt.date.fromisoformat(str(value)), "SHORT_DATE_FORMAT")
    if field.type == "number":
        shown = f"{int(value):,}" if float(value).is_integer() else f"{value:,}"
        return f"{shown} {field.unit}" if field.unit else shown
    return str(value)
