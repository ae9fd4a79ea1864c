"""The clocks say what a count of minutes says, on 10,000 random cases."""

import datetime as dt
import random
from collections import Counter

import pytest
from tests.core.clocks_cases import random_case
from tests.core.clocks_oracle import BEYOND, CALENDARS, REASONS, SPAN, Case, Grid, judge

from ballast.core.clocks import Log, State, deadlines, total

MINUTE = dt.timedelta(minutes=1)
# Weeks in which clocks are put forward or back somewhere, and the October holiday with its make-up days.
STARTS = {
    "spring": dt.datetime(2022, 3, 8, tzinfo=dt.UTC),
    "Easter": dt.datetime(2022, 3, 24, tzinfo=dt.UTC),
    "October": dt.datetime(2022, 9, 27, tzinfo=dt.UTC),
    "autumn": dt.datetime(2022, 10, 25, tzinfo=dt.UTC),
}
CASES = 2500


@pytest.mark.parametrize("weeks", STARTS)
def test_2500_random_cases_equal_the_count_of_minutes(weeks):
    grid, seen = Grid(STARTS[weeks]), Counter()
    for seed in range(CASES):
        entries, policies, at = random_case(random.Random(f"{weeks} {seed}"), grid.start)
        if at < entries[0].at:
            at = entries[0].at
        stored = random.Random(seed).sample(entries, len(entries))
        found = deadlines(Log(stored), policies, CALENDARS, at)
        case = Case(grid, entries, policies, at)
        names = [("response", ""), ("resolution", "")] + [("part", a) for a in sorted({*_agencies(case)})]
        wanted = {name: told for name in names if (told := judge(case, *name))}
        assert set(found) == set(wanted), seed
        for name, told in wanted.items():
            _same(grid, found[name], told, (weeks, seed, name))
            seen[told["state"]] += 1
            seen["beyond"] += told["due"] == BEYOND
    assert min(seen[state] for state in ("running", "paused", "met", "missed")) > 200, seen
    assert seen["beyond"] < 0.1 * seen.total(), seen


def _agencies(case):
    codes = set(case.agency.codes[case.filed : case.at + 1].tolist())
    return [case.agency.values[code] for code in codes]


def _same(grid, clock, told, where):
    assert (clock.state, clock.stopped) == (told["state"], told["stopped"]), where
    assert (grid.index(clock.begun), grid.index(clock.upto)) == (told["begun"], told["upto"]), where
    assert clock.used == total(clock.counted) == told["used"] * MINUTE, where
    due = clock.due and grid.index(clock.due)
    if told["due"] == BEYOND:
        assert due is not None, where
        assert due >= SPAN, where
    else:
        assert due == told["due"], where
    if due is None:
        assert clock.left == max(0, told["budget"] - told["used"]) * MINUTE, where
    _same_reasons(grid, clock, told["reasons"], where)


def _same_reasons(grid, clock, reasons, where):
    """The sum goes on without a hole from the beginning to what is due, each minute with the reason of the count."""
    at = clock.begun
    for stretch in (*clock.counted, *clock.ahead):
        assert stretch.start == at, where
        start, end = grid.index(stretch.start), min(grid.index(stretch.end), SPAN)
        assert (reasons[start:end] == REASONS.index(stretch.reason)).all(), (where, stretch)
        at = stretch.end
    assert at == (clock.due if clock.ahead else clock.upto), where


def test_before_it_is_filed_no_clock_has_begun():
    grid_start, asked = STARTS["October"], 0
    for seed in range(200):
        entries, policies, at = random_case(random.Random(seed), grid_start)
        if at >= entries[0].at:
            continue
        for clock in deadlines(Log(entries), policies, CALENDARS, at).values():
            assert (clock.state, clock.due, clock.used, clock.counted) == (State.NOT_BEGUN, None, dt.timedelta(), ())
            asked += 1
    assert asked > 10
