"""Values of a measure as they stood when they were known, from publications; no database."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ballast.areas.alerts.rulebook.stored import Stored, grid, place_in
from ballast.areas.economy.materials.lamps import Half, Observed, series_of
from ballast.core.series.measures import SERIES_MEASURES
from ballast.core.series.supply import cover_days, supply_gap
from ballast.core.series.vintages import replay
from ballast.core.warning import Rule
from ballast.tables.series_files import Series, date_of, end_of

__all__ = ["Point", "cover_points", "gap_points", "gridded", "scored_points"]

_EPOCH = dt.date(1970, 1, 1)


class Point(NamedTuple):
    """A value, the day for which it counts, and its number."""

    day: dt.date
    value: float


def gridded(rule: Rule, until: dt.date, subjects: Iterable[Sequence[Point]]) -> Stored:
    """The points of the past year by period of the rule, a column for each subject that has any; the last counts."""
    days = grid(rule, until)
    columns = []
    for points in subjects:
        column = np.full(len(days), np.nan)
        for point in points:
            place = place_in(days, point.day)
            if place is not None:
                column[place] = point.value
        if not np.isnan(column).all():
            columns.append(column)
    return Stored(days, np.column_stack(columns) if columns else np.zeros((len(days), 0)))


def scored_points(rule: Rule, observed: Observed, name: str) -> list[Point]:
    """Scores of a series by the rule's measure, each for its own period; none where its period is another one."""
    series = series_of(observed, name)
    if isinstance(series, Half) or series.frequency != rule.period:
        return []
    score, month = SERIES_MEASURES[rule.measure].by[series.frequency], series.first_month
    try:
        replayed = replay(series.vintages, lambda values: score(values, month))
    except ValueError:
        return []
    known = np.flatnonzero(~np.isnan(replayed.scores.score)).tolist()
    return [Point(date_of(series.frequency, series.vintages.first + k), float(replayed.scores.score[k])) for k in known]


def cover_points(rule: Rule, observed: Observed, stock: str, use: str) -> list[Point]:
    """Days of cover on each day on which a stock was published, at the use known by then."""
    have, used = series_of(observed, stock), series_of(observed, use)
    if isinstance(have, Half) or isinstance(used, Half):
        return []
    found = []
    for place, at in _published(have):
        rates = used.vintages.known_at(at)
        known = np.flatnonzero(~np.isnan(rates))
        if not known.size:
            continue
        last = int(known[-1])
        value = cover_days([have.vintages.known_at(at)[place]], [rates[last] / _days_in(used, last)], days=1).score[-1]
        if not np.isnan(value):
            found.append(Point(_day(at), float(value)))
    return found


def gap_points(rule: Rule, observed: Observed, need: str, supply: str) -> list[Point]:
    """Per cent of a period's need that its supply does not cover, on the day on which both were known."""
    needed, come = series_of(observed, need), series_of(observed, supply)
    if isinstance(needed, Half) or isinstance(come, Half) or needed.frequency != come.frequency:
        return []
    came = {come.vintages.first + place: at for place, at in _published(come)}
    found = []
    for place, at in _published(needed):
        number = needed.vintages.first + place
        if number not in came:
            continue
        both = max(at, came[number])
        asked = needed.vintages.known_at(both)[place]
        value = supply_gap([asked], [come.vintages.known_at(both)[number - come.vintages.first]]).score[-1]
        if not np.isnan(value):
            found.append(Point(_day(both), 100.0 * float(value)))
    return found


def _published(series: Series) -> list[tuple[int, float]]:
    """(place, time) of the first publication of each period that has a value."""
    times = series.vintages.first_published
    return [(int(place), float(times[place])) for place in np.flatnonzero(~np.isnan(times))]


def _days_in(series: Series, place: int) -> int:
    if series.frequency == "week":
        return 7
    begin = date_of(series.frequency, series.vintages.first + place)
    return (end_of(series.frequency, begin) - begin).days + 1


def _day(time: float) -> dt.date:
    return _EPOCH + dt.timedelta(days=int(np.floor(time)))
