"""Stored series for a back-test, with every publication that is kept: indicators, and counts of reported problems."""

import datetime as dt
from collections.abc import Sequence
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from ballast.areas.accounts.access import Scope
from ballast.areas.economy.filings.counting import Filings, filings_within
from ballast.areas.economy.filings.judging import weeks_of
from ballast.areas.economy.filings.selectors import EVERYWHERE, kinds_of_problems, parts_of
from ballast.areas.economy.models import Observation
from ballast.areas.reference.selectors import authority, now
from ballast.core.columns import Floats
from ballast.core.series.vintages import LookAhead
from ballast.tables.problems import nearest
from ballast.tables.series_files import Series, SeriesError, assumed_series, published_series

__all__ = ["COUNTS", "WEEKLY_COUNTS", "stored_series"]

# Names of the counts of problems: problems/310000/logistics by day, problems-week/all/all by week.
COUNTS, WEEKLY_COUNTS = "problems", "problems-week"
_EPOCH = dt.date(1970, 1, 1)
_SINCE_1970 = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_WEEK = 7


def stored_series(
    names: Sequence[str], *, known_by: dt.date | None = None, lag_days: int | None = None
) -> dict[str, Series]:
    """The series of some names or patterns (* for any letters), with what was published by the end of a day.

    For operators: of the whole database, without a scope. With `lag_days` the dates of publication are not used: each
    value, as it stood last, is taken to have come out so long after its period. SeriesError when a name stands for
    nothing; LookAhead for a series of which nothing says what was known when, because all of it came at once.
    """
    end = _end_of(known_by)
    indicators = set(Observation.objects.order_by().values_list("series_id", flat=True).distinct())
    counts = _counts(end) if any(name.startswith((COUNTS, "*")) for name in names) else {}
    found: dict[str, Series] = {}
    for name in names:
        chosen = sorted(one for one in indicators | set(counts) if fnmatchcase(one, name))
        if not chosen:
            guess = nearest(name, indicators | set(counts))
            hint = f"Did you mean {guess!r}?" if guess else "Load series with `ballast load`."
            msg = f"No stored series is called {name!r}. {hint}"
            raise SeriesError(msg)
        for one in chosen:
            found[one] = counts[one] if one in counts else _indicator(one, end, lag_days)
    return found


def _end_of(day: dt.date | None) -> dt.datetime:
    """The last instant of a local day; now without one, and never later."""
    if day is None:
        return now()
    zone = ZoneInfo(authority().time_zone)
    return min(now(), dt.datetime.combine(day, dt.time.max, tzinfo=zone))


def _indicator(name: str, end: dt.datetime, lag_days: int | None) -> Series:
    rows = list(
        Observation.objects.filter(series_id=name, published_at__lte=end)
        .order_by("published_at", "period")
        .values_list("period", "value", "unit", "published_at")
    )
    if not rows:
        msg = f"Nothing of {name!r} was published by {end:%Y-%m-%d}. Give a later --known-by."
        raise SeriesError(msg)
    unit = rows[0][2]
    if lag_days is not None:
        last = {period: value for period, value, _unit, _at in rows}
        given = [(period, float("nan") if value is None else value) for period, value in last.items()]
        return assumed_series(name, unit, given, lag_days)
    if len(rows) > 1 and len({at for *_rest, at in rows}) == 1:
        msg = (
            f"{name}: every stored value was published at {rows[0][3]:%Y-%m-%dT%H:%MZ}: before that nothing was known, "
            "and nothing can be tested in real time. Load earlier publications, or say --assume-lag DAYS."
        )
        raise LookAhead(msg)
    return published_series(
        name, unit, [(period, float("nan") if value is None else value, _days(at)) for period, value, _u, at in rows]
    )


def _days(at: dt.datetime) -> float:
    return (at - _SINCE_1970).total_seconds() / 86400.0


def _counts(end: dt.datetime) -> dict[str, Series]:
    """Counts of problems by day and week, of whole days only; each is known when its last day is over."""
    found = filings_within(Scope(everything=True))
    last = min(found.last, end.astimezone(ZoneInfo(authority().time_zone)).date()) - dt.timedelta(days=1)
    series: dict[str, Series] = {}
    for region, inside in {EVERYWHERE: [], **parts_of(found)}.items():
        for kind in ("", *kinds_of_problems()):
            column = _until(found, found.column(inside or found.regions, kind), last)
            if not column.any():
                continue
            label = f"{region}/{kind or EVERYWHERE}"
            series[f"{COUNTS}/{label}"] = _dated(f"{COUNTS}/{label}", column, last, 1)
            if column.size >= 2 * _WEEK:
                series[f"{WEEKLY_COUNTS}/{label}"] = _dated(f"{WEEKLY_COUNTS}/{label}", weeks_of(column), last, _WEEK)
    return series


def _until(found: Filings, column: Floats, last: dt.date) -> Floats:
    return column[: max((last - found.first).days + 1, 0)]


def _dated(name: str, values: Floats, last: dt.date, step: int) -> Series:
    """A column that ends with a day as a series; a week is named by its last day, and known when that is over."""
    days = [last - dt.timedelta(days=step * back) for back in range(values.size - 1, -1, -1)]
    rows = [(day.isoformat(), float(value), (day - _EPOCH).days + 1.0) for day, value in zip(days, values, strict=True)]
    return published_series(name, "filings", rows)
