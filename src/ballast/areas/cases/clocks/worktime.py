"""Working hours between many pairs of instants, counted along a table of office days that is made once."""

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from ballast.areas.reference.workdays import OfficeHours, WorkCalendar, is_working_day

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HOURS_A_DAY", "WorkTime"]

_OFFICE = OfficeHours()
# Office hours of one working day.
HOURS_A_DAY = (_OFFICE.closes.hour * 60 + _OFFICE.closes.minute - _OFFICE.opens.hour * 60 - _OFFICE.opens.minute) / 60


class WorkTime:
    """The office days from `first` to `last`, both included, in local time; nothing counts outside of them."""

    def __init__(self, first: dt.date, last: dt.date, calendar: WorkCalendar, zone: ZoneInfo) -> None:
        span = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
        days = [day for day in span if is_working_day(day, calendar)]
        hours = (_OFFICE.opens, _OFFICE.closes)
        table = [[dt.datetime.combine(day, hour, zone).timestamp() for hour in hours] for day in days]
        self._opens, self._closes = np.array(table, dtype=float).reshape(-1, 2).T
        self._before = np.concatenate([[0.0], np.cumsum(self._closes - self._opens)])

    def _passed(self, at: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Seconds of office time before each instant."""
        if not self._opens.size:
            return np.where(np.isnan(at), np.nan, 0.0)
        day = np.searchsorted(self._opens, at, side="right") - 1
        begun = np.maximum(day, 0)
        today = np.minimum(at, self._closes[begun]) - self._opens[begun]
        return np.where(np.isnan(at), np.nan, np.where(day < 0, 0.0, self._before[begun] + today))

    def hours(self, start: "NDArray[np.float64]", end: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Working hours from each start to each end, in seconds since 1970; nan where one is nan, never below 0."""
        return np.maximum(self._passed(end) - self._passed(start), 0.0) / 3600.0
