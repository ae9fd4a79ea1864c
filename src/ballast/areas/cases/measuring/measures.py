"""How cases are handled, in figures: counted from their log, by month of filing, kind, desk or province.

A case counts in the month in which it was filed, whatever becomes of it, so no count of filed cases ever shrinks.
Every figure is counted by the condition that also filters the list of cases: `opens` says how to ask for it.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.core.exceptions import ValidationError
from django.db.models import Case as Branch
from django.db.models import CharField, Count, Max, Min, QuerySet, Value, When
from django.utils.translation import gettext as _

from ballast.areas.cases.clocks.worktime import HOURS_A_DAY, WorkTime
from ballast.areas.cases.measuring.logged import ENTRIES
from ballast.areas.cases.measuring.seconds import seconds
from ballast.areas.cases.measuring.summing import summary
from ballast.areas.cases.models import Case
from ballast.areas.cases.numbering import desk_regions
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.cases.selectors import conditions, filtered, month_bounds
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import authority, calendar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ballast.areas.accounts.models import User

__all__ = ["FIGURES", "GROUPS", "NARROWING", "Line", "Measures", "Times", "check_narrowing", "measures", "opens"]

# What the cases can be counted by -> the column that says it; a month is told from the instant of filing.
GROUPS = {"month": "filed_at", "kind": "kind", "desk": "lead_region", "province": "home"}
# Filters of the list of cases that the figures can be narrowed by.
NARROWING = ("month", "kind", "desk", "province", "chain")
FIGURES = (
    "received", "responded", "solved", "answered", "confirmed", "disputed", "reopened", "withdrawn", "merged", "open",
    "waiting", "overdue",
)  # fmt: skip


class Times(NamedTuple):
    """Half of the cases took at most `median`, nine of ten at most `ninth`; None where there is no case."""

    median: float | None = None
    ninth: float | None = None


@dataclass(frozen=True)
class Line:
    """The figures of one month, kind, desk or province; `key` is "" for all together.

    `response` is in working hours, `solution` in working days.
    """

    key: str
    label: str
    counts: Mapping[str, int]
    response: Times
    solution: Times

    @property
    def response_rate(self) -> float | None:
        """Share of the filed cases to which the desk responded; None without a case."""
        return self._share("responded", "received")

    @property
    def resolution_rate(self) -> float | None:
        """Share of the filed cases that the enterprise confirmed; None without a case."""
        return self._share("confirmed", "received")

    @property
    def satisfaction(self) -> float | None:
        """Share confirmed of the cases that the enterprise answered; None where it answered none."""
        return self._share("confirmed", "answered")

    def _share(self, part: str, whole: str) -> float | None:
        return self.counts[part] / self.counts[whole] if self.counts[whole] else None


@dataclass(frozen=True)
class Measures:
    """Lines of one grouping: months from the newest, kinds in their order, places from the one with most cases."""

    by: str
    lines: list[Line]
    total: Line


class _Month(NamedTuple):
    name: str
    start: dt.datetime


class _Told(NamedTuple):
    """What the log tells of each case: its line, what was done, working hours to response and to solution or nan."""

    keys: "NDArray[np.object_]"
    done: "dict[str, NDArray[np.bool_]]"
    response: "NDArray[np.float64]"
    solution: "NDArray[np.float64]"


def opens(by: str, key: str, figure: str, narrowed: Mapping[str, str] | None = None) -> dict[str, str]:
    """Filters of the list that holds exactly the cases of a figure; `key` "" is the line of all together."""
    given = {name: value for name, value in (narrowed or {}).items() if value and name in NARROWING}
    if key:
        given[by] = key
    if figure == "open":
        return given | {"state": "open"}
    return given | {"state": "all"} | ({figure: "1"} if figure != "received" else {})


def measures(user: "User", *, by: str = "month", narrowed: Mapping[str, str] | None = None) -> Measures:
    """The figures of the cases that the person may see, one line for each of what they are counted `by`.

    `narrowed` are filters out of NARROWING. Raises ValidationError by field for a grouping, month or kind that there
    is not; a desk, province or chain that is not known holds no case.
    """
    given = {name: value for name, value in (narrowed or {}).items() if value and name in NARROWING}
    _check(by, given)
    rows = filtered(user, {**given, "state": "all"}).order_by()
    months = _months(rows)
    placed = desk_regions() if by == "province" else {}
    counts = _counts(user, rows, by, months, placed)
    told = _told(rows, by, months, placed)
    labels = _labels(by, counts)
    lines = []
    for key in _in_order(by, counts, months):
        mine = told.keys == key
        done = {word: int(np.count_nonzero(of[mine])) for word, of in told.done.items()}
        lines.append(Line(key, labels.get(key, key), counts[key] | done, *_times(told, mine)))
    whole = {figure: sum(line.counts[figure] for line in lines) for figure in FIGURES}
    return Measures(by, lines, Line("", _("All"), whole, *_times(told, np.ones(len(told.keys), bool))))


def _check(by: str, given: Mapping[str, str]) -> None:
    faults = check_narrowing(given)
    if by not in GROUPS:
        faults["by"] = _("Cases are not counted by “{value}”; choose one of {known}.").format(
            value=by, known=", ".join(GROUPS)
        )
    if faults:
        raise ValidationError(faults)


def check_narrowing(given: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each filter that cannot be: a kind or a month that there is not."""
    faults = {}
    if (kind := given.get("kind")) and kind not in kinds():
        faults["kind"] = _("“{kind}” is not a kind of problem; choose one of {kinds}.").format(
            kind=kind, kinds=", ".join(kinds())
        )
    try:
        month_bounds(given.get("month", "2022-04"), authority().time_zone)
    except ValueError:
        faults["month"] = _("“{month}” is not a month; give one such as 2022-04.").format(month=given["month"])
    return faults


def _months(rows: QuerySet[Case]) -> list[_Month]:
    """Local months from that of the first filed case to that of the last one, without a gap."""
    first, last = rows.aggregate(first=Min("filed_at"), last=Max("filed_at")).values()
    if first is None:
        return []
    zone = authority().time_zone
    day, end = (at.astimezone(ZoneInfo(zone)).date().replace(day=1) for at in (first, last))
    found = []
    while day <= end:
        name = f"{day:%Y-%m}"
        found.append(_Month(name, month_bounds(name, zone)[0]))
        day = (day + dt.timedelta(days=31)).replace(day=1)
    return found


def _counts(
    user: "User", rows: QuerySet[Case], by: str, months: list[_Month], placed: Mapping[str, str]
) -> dict[str, dict[str, int]]:
    """How the cases of each line stand now, and how many were reopened; months without a case are there with zeros."""
    known = conditions(user)
    words = ("reopened", "open", "waiting", "overdue")
    # The newest first, which most cases are of.
    month = Branch(
        *(When(filed_at__gte=one.start, then=Value(one.name)) for one in reversed(months)),
        default=Value(""), output_field=CharField(),
    )  # fmt: skip
    keyed: Any = rows.annotate(line=month).values("line") if by == "month" else rows.values(GROUPS[by])
    found = {one.name: dict.fromkeys(("received", *words), 0) for one in months} if by == "month" else {}
    for row in keyed.annotate(received=Count("pk"), **{word: Count("pk", filter=known[word]) for word in words}):
        key = row.pop("line" if by == "month" else GROUPS[by])
        line = found.setdefault(placed.get(key, key), dict.fromkeys(("received", *words), 0))
        for word, n in row.items():
            line[word] += n
    return found


def _told(rows: QuerySet[Case], by: str, months: list[_Month], placed: Mapping[str, str]) -> _Told:
    """What the log tells of each case that it tells anything of, summed up by the database."""
    # A month is told from the seconds: to read the instant too would take a quarter of the whole.
    column = () if by == "month" else (GROUPS[by],)
    cases = list(rows.annotate(filed=seconds("filed_at")).values_list("pk", "filed", *column))
    case = np.array([row[0] for row in cases], dtype=np.int64)
    filed = np.array([row[1] for row in cases], dtype=float)
    response, solution, undone, *lines = summary(rows, case)
    done = {word: ~np.isnan(line) for word, line in zip(ENTRIES, lines, strict=True)}
    solution = np.where(undone > lines[list(ENTRIES).index("solved")], np.nan, solution)
    if by == "month":
        starts = [one.start.timestamp() for one in months]
        keys = np.array([one.name for one in months], dtype=object)[np.searchsorted(starts, filed, side="right") - 1]
    else:
        keys = np.array([placed.get(row[2], row[2]) for row in cases], dtype=object)
    work = _work_time(np.concatenate([filed, response, solution]))
    return _Told(keys, done, work.hours(filed, response), work.hours(filed, solution))


def _work_time(instants: "NDArray[np.float64]") -> WorkTime:
    """The authority's office days around the instants, in seconds since 1970."""
    of = authority()
    zone = ZoneInfo(of.time_zone)
    known = instants[~np.isnan(instants)]
    ends = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    first, last = (dt.datetime.fromtimestamp(end, zone).date() for end in ends)
    return WorkTime(first, last, calendar(of.calendar), zone)


def _times(told: _Told, mine: "NDArray[np.bool_]") -> tuple[Times, Times]:
    """Times to response, in working hours, and to solution, in working days, of some of the cases."""
    return _middle(told.response[mine]), _middle(told.solution[mine] / HOURS_A_DAY)


def _middle(values: "NDArray[np.float64]") -> Times:
    """The values that half and nine tenths of the cases did not exceed: each is that of a case, none lies between."""
    known = values[~np.isnan(values)]
    if not known.size:
        return Times()
    return Times(*(float(one) for one in np.quantile(known, (0.5, 0.9), method="inverted_cdf")))


def _labels(by: str, keys: Iterable[str]) -> dict[str, str]:
    if by == "kind":
        return {name: str(kind.label) for name, kind in kinds().items()}
    if by == "month":
        return {}
    return {row.code: row.label for row in Region.objects.filter(code__in=list(keys))}


def _in_order(by: str, counts: Mapping[str, Mapping[str, int]], months: list[_Month]) -> list[str]:
    if by == "month":
        return [one.name for one in reversed(months)]
    # A kind that no pack has any more comes last.
    place = {name: n for n, name in enumerate(kinds())}
    rank: Callable[[str], Any] = lambda key: (-counts[key]["received"], key)  # noqa: E731
    if by == "kind":
        rank = lambda key: (place.get(key, len(place)), key)  # noqa: E731
    return sorted(counts, key=rank)
