"""The page of the measures of case handling; every figure on it opens the list of its cases."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from ballast.areas.accounts.access import require
from ballast.areas.accounts.requests import SignedRequest
from ballast.areas.cases.clocks.parts import desk_labels
from ballast.areas.cases.measuring.logged import LOGGED
from ballast.areas.cases.measuring.measures import FIGURES, NARROWING, Line, Measures, measures, opens
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.files import Cell, as_file, wanted_format
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import now

__all__ = ["asked", "page"]

# Head and meaning of each figure.
WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    "received": (
        pgettext_lazy("number of cases", "Received"),
        gettext_lazy("Cases filed, whatever became of them."),
    ),
    "responded": (
        pgettext_lazy("number of cases", "Responded"),
        gettext_lazy("The desk took the case up or wrote to the enterprise; notes and offers to others do not count."),
    ),
    "solved": (pgettext_lazy("number of cases", "Closed by the desk"), gettext_lazy("The desk reported it as solved.")),
    "answered": (
        pgettext_lazy("number of cases", "Answered by the enterprise"),
        gettext_lazy("The enterprise confirmed or disputed a solution."),
    ),
    "confirmed": (
        pgettext_lazy("number of cases", "Confirmed by the enterprise"),
        gettext_lazy("The enterprise confirmed a solution, even if it disputed one before."),
    ),
    "disputed": (
        pgettext_lazy("number of cases", "Disputed"),
        gettext_lazy("The enterprise disputed a solution, even if it confirmed one later."),
    ),
    "reopened": (
        pgettext_lazy("number of cases", "Reopened within 14 days"),
        gettext_lazy("Opened again at most 14 times 24 hours after it was confirmed or withdrawn."),
    ),
    "withdrawn": (
        pgettext_lazy("number of cases", "Withdrawn"),
        gettext_lazy("The enterprise withdrew it; it stays among the received."),
    ),
    "merged": (
        pgettext_lazy("number of cases", "Merged"),
        gettext_lazy("It goes on in another case; it stays among the received."),
    ),
    "open": (pgettext_lazy("number of cases", "Still open"), gettext_lazy("Now in the hand of a desk.")),
    "waiting": (
        pgettext_lazy("number of cases", "Waits for the enterprise"),
        gettext_lazy("Now solved and neither confirmed nor disputed."),
    ),
    "overdue": (
        pgettext_lazy("number of cases", "Overdue"),
        gettext_lazy("Now in the hand of a desk and past its due hour."),
    ),
}
# Of the parts of desks.
PART_WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    "all": (pgettext_lazy("number of cases", "Had"), gettext_lazy("Cases that the desk has or had.")),
    "running": (pgettext_lazy("number of cases", "In hand"), gettext_lazy("The desk has the case and works on it.")),
    "late": (
        pgettext_lazy("number of cases", "In hand and late"),
        gettext_lazy("The desk has the case, and its own part has passed its due hour."),
    ),
    "met": (
        pgettext_lazy("number of cases", "Ended in time"),
        gettext_lazy("Handed on or solved before the own part of the desk was due."),
    ),
    "missed": (
        pgettext_lazy("number of cases", "Ended late"),
        gettext_lazy("Handed on or solved after the own part of the desk was due."),
    ),
}
RATES: dict[str, tuple[str | Promise, str | Promise]] = {
    "response_rate": (gettext_lazy("Response rate"), gettext_lazy("Responded, of the received.")),
    "resolution_rate": (gettext_lazy("Resolution rate"), gettext_lazy("Confirmed by the enterprise, of the received.")),
    "satisfaction": (gettext_lazy("Satisfaction"), gettext_lazy("Confirmed, of those that the enterprise answered.")),
}
TIMES: dict[str, tuple[str | Promise, str | Promise]] = {
    "response": (
        gettext_lazy("To the first response, working hours"),
        gettext_lazy("From filing to the first response, in working hours (9:00 to 17:00 on working days)."),
    ),
    "solution": (
        gettext_lazy("To the solution, working days"),
        gettext_lazy("From filing to the report of the solution that stands, in working days of 8 hours."),
    ),
}
_HEADS = {
    "month": gettext_lazy("Month of filing"), "kind": gettext_lazy("Kind"),
    "desk": gettext_lazy("Region of the desk that leads now"),
    "province": gettext_lazy("Region of the enterprise"),
}  # fmt: skip


class _Figure(NamedTuple):
    number: int
    address: str


class _Row(NamedTuple):
    line: Line
    address: str
    figures: list[_Figure]
    rates: list[float | None]


@login_required
@require_safe
def page(request: SignedRequest) -> HttpResponse:
    """The measures by month, kind, desk or province; as a file they need the right to export."""
    require(request.user, "view_desk")
    given = request.GET.dict()
    narrowed = {name: given[name] for name in NARROWING if given.get(name)}
    by = given.get("view") or "month"
    context: dict[str, Any] = {
        "by": by, "head": _HEADS.get(by), "asked": asked(given), "at": now(),
        "kinds": [(name, kind.label) for name, kind in kinds().items()],
        "words": [WORDS[figure] for figure in FIGURES], "rates": RATES.values(), "times": TIMES.values(),
    }  # fmt: skip
    try:
        found = measures(request.user, by=by, narrowed=narrowed)
    except ValidationError as error:
        return render(request, "cases/measures.html", context | {"faults": error.messages}, status=422)
    if form := wanted_format(request):
        require(request.user, "export")
        return as_file("measures", _head(by), map(_cells, [*found.lines, found.total]), form)
    return render(request, "cases/measures.html", context | {"rows": list(_rows(found, narrowed))})


def _rows(found: Measures, narrowed: Mapping[str, str]) -> Iterator[_Row]:
    """The lines with the addresses that they open, and the sum of all last."""
    cases, here = reverse("cases:list"), reverse("cases:measures")
    # A line leads to its months, a month to its kinds.
    then = "kind" if found.by == "month" else ""
    for line in [*found.lines, found.total] if found.lines else []:
        figures = [
            _Figure(line.counts[figure], f"{cases}?{urlencode(opens(found.by, line.key, figure, narrowed))}")
            for figure in FIGURES
        ]
        within = {**narrowed, found.by: line.key, **({"view": then} if then else {})}
        yield _Row(
            line,
            f"{here}?{urlencode(within)}" if line.key else "",
            figures,
            [getattr(line, rate) for rate in RATES],
        )


def asked(given: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The filters that figures of the measures set: (name, value, words) of those that are given."""
    found = [(word, given[word], str(WORDS[word][0])) for word in LOGGED if given.get(word)]
    if month := given.get("month"):
        found.append(("month", month, _("Filed in {month}").format(month=month)))
    if word := given.get("part_is"):
        found.append(("part_is", word, str(PART_WORDS.get(word, (word,))[0])))
    if part := given.get("part"):
        found.append(("part", part, _("Part of {department}").format(department=desk_labels([part])[part])))
    places = {name: given[name] for name in ("desk", "province") if given.get(name)}
    labels = {row.code: row.label for row in Region.objects.filter(code__in=places.values())} if places else {}
    for name, code in places.items():
        text = _("Led by {region}") if name == "desk" else _("Enterprise in {region}")
        found.append((name, code, text.format(region=labels.get(code, code))))
    return found


def _head(by: str) -> list[str]:
    middle, ninth = _("median"), _("90th percentile")
    times = [f"{words}: {part}" for words, _meaning in TIMES.values() for part in (middle, ninth)]
    counts = [str(WORDS[figure][0]) for figure in FIGURES]
    return [str(_HEADS[by]), *counts, *(str(words) for words, _meaning in RATES.values()), *times]


def _cells(line: Line) -> list[Cell]:
    """One line of the file: shares from 0 to 1, times to two digits."""
    shares = [getattr(line, rate) for rate in RATES]
    times = [None if value is None else round(value, 2) for value in (*line.response, *line.solution)]
    counts = [line.counts[figure] for figure in FIGURES]
    return [line.label, *counts, *(None if share is None else round(share, 4) for share in shares), *times]
