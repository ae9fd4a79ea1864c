"""The page of what each desk used of the time of its cases; every figure on it opens the list of its cases."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.measuring.measures import NARROWING
from ballast.areas.cases.measuring.parts import PartLine, opens_parts, part_measures
from ballast.areas.cases.measuring.views import PART_WORDS, asked
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.files import Cell, as_file, wanted_format
from ballast.areas.reference.selectors import now

__all__ = ["page"]


class _Figure(NamedTuple):
    number: int
    address: str
    label: str


class _Row(NamedTuple):
    line: PartLine
    figures: list[_Figure]


@login_required
@require_safe
def page(request: SignedRequest) -> HttpResponse:
    """The parts by desk; as a file they need the right to export."""
    require(request.user, "view_desk")
    given = request.GET.dict()
    narrowed = {name: given[name] for name in NARROWING if given.get(name)}
    context = {
        "asked": asked(given), "at": now(), "words": PART_WORDS.values(),
        "kinds": [(name, kind.label) for name, kind in kinds().items()],
    }  # fmt: skip
    try:
        lines = part_measures(request.user, narrowed)
    except ValidationError as error:
        return render(request, "cases/parts.html", context | {"faults": error.messages}, status=422)
    if form := wanted_format(request):
        require(request.user, "export")
        return as_file("parts", _head(), map(_cells, lines), form)
    rows = [_Row(line, [_figure(line, word, narrowed) for word in PART_WORDS]) for line in lines]
    return render(request, "cases/parts.html", context | {"rows": rows})


def _figure(line: PartLine, word: str, narrowed: Mapping[str, str]) -> _Figure:
    """A figure with the list that it opens; the sum of all desks opens none, for a case counts at each that had it."""
    address = f"{reverse('cases:list')}?{urlencode(opens_parts(line.key, word, narrowed))}" if line.key else ""
    return _Figure(line.counts[word], address, str(PART_WORDS[word][0]))


def _head() -> list[str]:
    words = [str(word) for word, _meaning in PART_WORDS.values()]
    return [_("Desk"), _("Code"), *words, _("In time"), _("Working hours, median"),
            _("Working hours, 90th percentile"), _("Working hours, all")]  # fmt: skip


def _cells(line: PartLine) -> list[Cell]:
    share = line.in_time
    times = [None if value is None else round(value, 2) for value in (*line.hours, line.used)]
    counts = [line.counts[word] for word in PART_WORDS]
    return [line.label, line.key, *counts, None if share is None else round(share, 4), *times]
