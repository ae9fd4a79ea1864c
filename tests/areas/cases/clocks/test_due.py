"""The time of a case: how much is spent, whether it runs, its lamp."""

import datetime as dt

import pytest

from ballast.areas.cases.clocks.time_left import due
from ballast.areas.cases.models import Case, State

FILED = dt.datetime(2022, 4, 25, 9, tzinfo=dt.UTC)


def case(state):
    return Case(state=state, filed_at=FILED, due_at=FILED + dt.timedelta(hours=100))


@pytest.mark.parametrize(
    ("hours", "spent", "overdue", "level"),
    [(-1, 0, False, "normal"), (25, 0.25, False, "normal"), (90, 0.9, False, "yellow"), (130, 1, True, "red")],
)
def test_an_open_case_runs_towards_its_due_hour(hours, spent, overdue, level):
    stand = due(case(State.SOLVING), at=FILED + dt.timedelta(hours=hours))
    assert stand == (level, True, overdue, pytest.approx(spent))


@pytest.mark.parametrize("state", [State.SOLVED, State.CONFIRMED, State.WITHDRAWN])
def test_a_case_that_is_solved_or_closed_is_never_overdue(state):
    stand = due(case(state), at=FILED + dt.timedelta(hours=300))
    assert (stand.level, stand.running, stand.overdue) == ("normal", False, False)
