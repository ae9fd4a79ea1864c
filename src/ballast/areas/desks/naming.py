"""Desks and people as they are written in a form or a request: codes, and what is wrong with them."""

from collections.abc import Iterable
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ballast.areas.desks.models import Department, WorkingGroup
from ballast.areas.desks.selectors import department_of
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import region as region_of
from ballast.areas.registry.models import Chain

__all__ = ["Desk", "chain_named", "desk_named", "group_named", "names_in", "region_named", "regions_named"]

# A key of more digits is beyond what a database counts.
_DIGITS = 18


class Desk(NamedTuple):
    """A region's desk, or one of its departments."""

    region: Region | None
    department: Department | None = None


def _unknown(word: str) -> ValidationError:
    return ValidationError(_("“{value}” is not known.").format(value=word))


def region_named(word: str) -> Region | None:
    """The region of a code; None for an empty word. ValidationError for what names none."""
    word = word.strip()
    try:
        return region_of(word) if word else None
    except Region.DoesNotExist:
        raise _unknown(word) from None


def regions_named(words: Iterable[str]) -> list[Region]:
    """The regions of some codes. ValidationError for the first that names none."""
    found = [region_named(word) for word in words if word.strip()]
    return [region for region in dict.fromkeys(found) if region is not None]


def desk_named(word: str) -> Desk:
    """A region's desk by its code, or a department as "region/code"; no desk for an empty word.

    ValidationError for what names none, and for a department that is closed.
    """
    word = word.strip()
    if "/" not in word:
        return Desk(region_named(word))
    try:
        department = department_of(word)
    except Department.DoesNotExist:
        message = _("“{value}” is no department that takes cases; write it as region/department, such as {example}.")
        raise ValidationError(message.format(value=word, example="310000/transport")) from None
    return Desk(department.region, department)


def chain_named(word: str) -> Chain | None:
    """The chain of a code; None for an empty word. ValidationError for what names none."""
    word = word.strip()
    found = Chain.objects.filter(code=word).first() if word else None
    if word and found is None:
        raise _unknown(word)
    return found


def group_named(word: str) -> WorkingGroup | None:
    """The working group with this key; None for an empty word. ValidationError for what names none."""
    word = word.strip()
    known = word.isascii() and word.isdigit() and len(word) < _DIGITS
    found = WorkingGroup.objects.filter(pk=word).first() if known else None
    if word and found is None:
        raise _unknown(word)
    return found


def names_in(text: str) -> list[str]:
    """User names from one line, parted by commas or spaces."""
    return text.replace(",", " ").replace("，", " ").replace("、", " ").split()
