"""What must hold of clocks, whatever the case."""

import csv
import datetime as dt
import random
from dataclasses import replace
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.core.clocks_cases import random_case
from tests.core.clocks_oracle import CALENDARS, office

import ballast.areas.reference
from ballast.areas.reference.workdays import WorkCalendar, add_working_days
from ballast.core.clocks import (
    Budget,
    Calendar,
    Category,
    ClockName,
    Filed,
    Log,
    Policy,
    Rule,
    Turned,
    deadlines,
    reached,
    working_time,
)

START = dt.datetime(2022, 3, 20, tzinfo=dt.UTC)
MINUTES = st.integers(0, 20_000).map(lambda m: dt.timedelta(minutes=m))
CALENDAR = st.sampled_from(sorted(CALENDARS))
BUDGET = st.one_of(
    st.builds(Budget, minutes=st.integers(1, 3000)),
    st.builds(Budget, days=st.integers(1, 5), minutes=st.integers(0, 90), until=st.sampled_from([None, dt.time(18)])),
)
PAUSES = st.lists(st.tuples(st.integers(0, 15_000), st.integers(1, 6000)), max_size=4)
CASE = st.integers(0, 10**6).map(lambda seed: random_case(random.Random(seed), START))
RESOLUTION = ClockName("resolution")
quick = settings(max_examples=60, deadline=None)


def paused(pauses):
    """Entries of a case that is paused in the minutes given as (from, how long), which may overlap."""
    minutes = sorted({edge for start, length in pauses for edge in (start, start + length)})
    held = [any(start <= m < start + length for start, length in pauses) for m in minutes]
    categories = [Category.PAUSED if one else Category.OPEN for one in held]
    turns = [Turned(START + dt.timedelta(minutes=m), category=c) for m, c in zip(minutes, categories, strict=True)]
    return Log([Filed(START), *turns])


def due(log, policies, at):
    """The due instant, or the end of all time where it is not known."""
    return deadlines(log, policies, CALENDARS, at)[RESOLUTION].due or dt.datetime.max.replace(tzinfo=dt.UTC)


@quick
@given(PAUSES, st.tuples(st.integers(0, 15_000), st.integers(1, 6000)), CALENDAR, BUDGET, MINUTES)
def test_more_pause_never_brings_a_deadline_nearer(pauses, another, calendar, budget, after):
    policies = [Policy("1", START, (Rule("resolution", budget, calendar),))]
    less, more = paused(pauses), paused([*pauses, another])
    assert due(more, policies, START + after) >= due(less, policies, START + after)


@quick
@given(PAUSES, CALENDAR, BUDGET, CALENDAR, BUDGET, MINUTES)
def test_a_policy_that_comes_later_judges_as_if_it_had_been_there_from_the_first_pause_on(
    pauses, calendar, budget, other, another, after
):
    first = Policy("1", START, (Rule("resolution", another, other),))
    later = Policy("2", START + dt.timedelta(minutes=15_000), (Rule("resolution", budget, calendar),))
    always = Policy("2", START, later.rules)
    at, log = later.since + after, paused(pauses)
    assert deadlines(log, [first, later], CALENDARS, at) == deadlines(log, [always], CALENDARS, at)


@quick
@given(CASE, st.randoms(use_true_random=False))
def test_the_order_in_which_entries_of_one_instant_are_stored_has_no_say(case, pick):
    entries, policies, at = case
    level = [type(e)(**{**vars(e), "seq": 0, "at": e.at.replace(hour=12, minute=0)}) for e in entries]
    stored = pick.sample(level, len(level))
    assume(sum(isinstance(e, Filed) for e in level) == 1)
    assert deadlines(Log(stored), policies, CALENDARS, at) == deadlines(Log(level), policies, CALENDARS, at)


@quick
@given(CASE)
def test_each_clock_stands_alone(case):
    entries, policies, at = case
    together = deadlines(Log(entries), policies, CALENDARS, at)
    for name, clock in together.items():
        own = [replace(p, rules=tuple(r for r in p.rules if r.clock == name.clock)) for p in policies]
        assert deadlines(Log(entries), own, CALENDARS, at)[name] == clock


@quick
@given(CASE, st.sampled_from(["Asia/Shanghai", "America/New_York", "Asia/Kathmandu"]))
def test_the_zone_in_which_instants_are_written_has_no_say(case, zone):
    entries, policies, at = case
    there = [type(e)(**{**vars(e), "at": e.at.astimezone(ZoneInfo(zone))}) for e in entries]
    assert deadlines(Log(there), policies, CALENDARS, at) == deadlines(Log(entries), policies, CALENDARS, at)


@quick
@given(CASE, MINUTES)
def test_what_comes_later_is_not_looked_at(case, after):
    entries, policies, at = case
    known = [e for e in entries if e.at <= at]
    assume(known)
    later = [*known, Turned(at + after + dt.timedelta(seconds=1), category=Category.PAUSED)]
    assert deadlines(Log(known), policies, CALENDARS, at) == deadlines(Log(later), policies, CALENDARS, at)


INSTANT = st.datetimes(dt.datetime(2022, 1, 1), dt.datetime(2022, 12, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001


@quick
@given(CALENDAR, st.lists(INSTANT, min_size=3, max_size=3).map(sorted))
def test_working_time_adds_up(name, instants):
    calendar, (a, b, c) = CALENDARS[name], instants
    assert working_time(calendar, a, b) + working_time(calendar, b, c) == working_time(calendar, a, c)


@quick
@given(CALENDAR, INSTANT, st.integers(1, 10**10).map(lambda n: dt.timedelta(microseconds=n)))
def test_so_much_working_time_is_reached_when_so_much_has_passed_and_not_before(name, start, amount):
    calendar, tick = CALENDARS[name], dt.timedelta(microseconds=1)
    end = reached(calendar, start, amount)
    assert working_time(calendar, start, end) == amount
    assert working_time(calendar, start, end - tick) == amount - tick


@cache
def project_calendar():
    """The calendar "cn" of the project: as days off and on, and with the hours of an office."""
    path = Path(ballast.areas.reference.__file__).parent / "data" / "holidays_cn.csv"
    with path.open(encoding="utf-8", newline="") as file:
        off = {dt.date.fromisoformat(row["date"]): row["is_off"] == "true" for row in csv.DictReader(file)}
    hours = office("09:00-17:00")
    week = (hours,) * 5 + ((),) * 2
    days = {day: () if is_off else hours for day, is_off in off.items()}
    return WorkCalendar("cn", off), Calendar("cn", "2024", ZoneInfo("Asia/Shanghai"), week, days)


@settings(max_examples=300, deadline=None)
@given(INSTANT, st.integers(1, 40))
def test_so_many_working_days_after_filing_at_an_hour_as_the_desk_counts_them(filed, days):
    plain, calendar = project_calendar()
    last = add_working_days(filed.astimezone(calendar.zone).date(), days, plain)
    wanted = dt.datetime.combine(last, dt.time(18), tzinfo=calendar.zone)
    rule = Rule("resolution", Budget(days=days, until=dt.time(18)), "cn")
    found = deadlines(Log([Filed(filed)]), [Policy("1", filed, (rule,))], {"cn": calendar}, filed)
    assert found[RESOLUTION].due == wanted
