"""Clocks by hand: the calendar, the complaints of other systems that must not come back, and what input is refused."""

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from tests.core.clocks_oracle import CALENDARS, office

from ballast.core.clocks import (
    Budget,
    Calendar,
    Category,
    Changed,
    ClockName,
    Extended,
    Filed,
    Handed,
    Log,
    Policy,
    Reason,
    Replied,
    Rule,
    State,
    Turned,
    around_the_clock,
    deadlines,
    opens_at,
    reached,
    working_time,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = Calendar("office", "1", SHANGHAI, (office("09:00-17:00"),) * 5 + ((),) * 2)
NIGHT_AND_DAY = {**CALENDARS, "office": OFFICE}
HOUR = dt.timedelta(hours=1)


def at(text):
    """An instant from local time in Shanghai, e.g. "04-25 09:00", or as it stands where it names its zone."""
    full = text if "+" in text else f"2022-{text}+08:00"
    return dt.datetime.fromisoformat(full)


def policy(*rules, version="1", since="01-01 00:00", **more):
    return Policy(version, at(since), rules, **more)


def eight_hours(**more):
    return Rule("resolution", Budget(minutes=480), **({"calendar": "office"} | more))


def filed(text, **more):
    return Filed(at(text), **more)


def turned(text, category):
    return Turned(at(text), category=Category(category))


PAUSED_10_TO_15 = [turned("04-25 10:00", "paused"), turned("04-25 15:00", "open")]


@dataclass
class Complaint:
    """Whose complaint, what happened, and what the clock has to say; `used` in hours of working time."""

    prevents: str
    entries: list
    now: str
    state: str
    due: str | None
    used: float
    policies: list = field(default_factory=lambda: [policy(eight_hours())])
    clock: str = "resolution"


COMPLAINTS = [
    Complaint(
        "osTicket #1168, #2131: the clock runs through nights and weekends",
        [filed("04-29 16:00")], "04-30 12:00", "running", "05-02 16:00", 1,
    ),
    Complaint(
        "osTicket #4166, #4969: the clock knows no holidays, nor the day off that is worked instead",
        [filed("09-30 16:30")], "10-05 12:00", "running", "10-08 10:00", 1,
        [policy(Rule("resolution", Budget(minutes=120), "cn"))],
    ),
    Complaint(
        "frappe #2212: the clock runs through the lunch break",
        [filed("04-25 11:00")], "04-25 13:00", "running", "04-25 14:30", 1,
        [policy(Rule("resolution", Budget(minutes=120), "cn"))],
    ),
    Complaint(
        "glpi #6902, #15605: a pause is lost when the policy changes",
        [filed("04-25 09:00"), *PAUSED_10_TO_15], "04-25 16:30", "running", "04-26 12:00", 2.5,
        [
            policy(eight_hours()),
            policy(Rule("resolution", Budget(minutes=360), "office"), version="2", since="04-25 16:00"),
        ],
    ),
    Complaint(
        "frappe #1675: a pause is lost when the priority changes",
        [filed("04-25 09:00"), *PAUSED_10_TO_15, Changed(at("04-25 16:00"), priority="urgent")],
        "04-25 16:30", "running", "04-26 10:00", 2.5,
        [policy(Rule("resolution", Budget(minutes=240), "office", priority="urgent"), eight_hours())],
    ),
    Complaint(
        "zammad #5177: a clock that is missed wins over one that is not",
        [filed("04-25 09:00"), Replied(at("04-25 12:00"))], "04-25 13:00", "running", "04-25 17:00", 4,
        [policy(Rule("response", Budget(minutes=60), "office"), eight_hours())],
    ),
    Complaint(
        "zammad #1322: a reply counts by one channel only, or starts the clock anew",
        [filed("04-25 09:00"), Replied(at("04-25 09:30")), Replied(at("04-25 15:00"))],
        "04-25 16:00", "met", "04-25 10:00", 0.5,
        [policy(Rule("response", Budget(minutes=60), "office"))], "response",
    ),
    Complaint(
        "zammad #390, erpnext #38745: the server's time zone decides, not the office's",
        [filed("2022-04-25T20:00+00:00")], "2022-04-26T01:30+00:00", "running", "04-26 17:00", 0.5,
    ),
    Complaint(
        "zammad #3523: a case that is overdue vanishes, here when it is paused afterwards",
        [filed("04-25 09:00"), turned("04-26 10:00", "paused")], "04-27 12:00", "missed", "04-25 17:00", 9,
    ),
    Complaint(
        "zammad #3523: a case that was overdue vanishes when it is solved",
        [filed("04-25 09:00"), turned("04-26 10:00", "resolved")], "05-27 12:00", "missed", "04-25 17:00", 9,
    ),
    Complaint(
        "zammad, states that stop the clock: overdue at once when it is taken up again",
        [filed("04-25 09:00"), turned("04-25 10:00", "resolved"), turned("04-29 09:00", "open")],
        "04-29 09:01", "running", "04-29 16:00", 1 + 1 / 60,
    ),
    Complaint(
        "frappe #2561: who reports outside hours is not told when to expect an answer",
        [filed("05-01 12:00")], "05-01 12:00", "running", "05-02 17:00", 0,
    ),
    Complaint(
        "glpi #6902, the other way round: what was met is missed afterwards because a later policy is harder",
        [filed("04-25 09:00"), turned("04-25 15:00", "resolved")], "04-29 12:00", "met", "04-25 17:00", 6,
        [
            policy(eight_hours()),
            policy(Rule("resolution", Budget(minutes=60), "office"), version="2", since="04-26 00:00"),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", COMPLAINTS, ids=[c.prevents for c in COMPLAINTS])
def test_what_others_complain_of_does_not_happen(case):
    clock = deadlines(Log(case.entries), case.policies, NIGHT_AND_DAY, at(case.now))[ClockName(case.clock)]
    assert (clock.state, clock.due) == (case.state, at(case.due))
    assert clock.used == case.used * HOUR


def test_no_reminder_goes_out_at_midnight():
    """Zammad #4432."""
    assert opens_at(OFFICE, at("04-30 00:00")) == at("05-02 09:00")
    assert opens_at(OFFICE, at("05-02 10:00")) == at("05-02 10:00")


def test_a_sum_that_is_doubted_can_be_read():
    """Zammad #390: every stretch, why it counts or not."""
    log = Log([filed("04-28 16:00"), turned("04-29 10:00", "paused"), turned("05-02 11:00", "open")])
    clock = deadlines(log, [policy(eight_hours())], NIGHT_AND_DAY, at("05-02 12:00"))[ClockName("resolution")]
    assert [(s.reason, s.start, s.end) for s in clock.counted] == [
        (Reason.WORKED, at("04-28 16:00"), at("04-28 17:00")),
        (Reason.NIGHT, at("04-28 17:00"), at("04-29 09:00")),
        (Reason.WORKED, at("04-29 09:00"), at("04-29 10:00")),
        (Reason.PAUSED, at("04-29 10:00"), at("05-02 11:00")),
        (Reason.WORKED, at("05-02 11:00"), at("05-02 12:00")),
    ]
    assert (clock.used, clock.left, clock.due) == (3 * HOUR, 5 * HOUR, at("05-02 17:00"))
    assert [s.reason for s in clock.ahead] == [Reason.WORKED]


def test_the_example_of_the_documentation():
    """docs/explanation/clocks.md, with the October holiday of 2022 and its make-up days."""
    days = {d: CALENDARS["cn"].days[d] and office("09:00-17:00") for d in CALENDARS["cn"].days}
    october = Calendar("cn", "2022", SHANGHAI, OFFICE.week, days)
    rule = Rule("resolution", Budget(days=3, until=dt.time(18)), "cn")
    entries = [filed("09-29 16:00", kind="energy")]
    before = deadlines(Log(entries), [policy(rule)], {"cn": october}, at("10-05 12:00"))[ClockName("resolution")]
    assert (before.state, before.due) == ("running", at("10-09 18:00"))
    assert (before.used, before.left) == (9 * HOUR, 16 * HOUR)
    assert [s.reason for s in before.counted][-2:] == [Reason.NIGHT, Reason.HOLIDAY]
    entries.append(turned("10-08 11:00", "paused"))
    held = deadlines(Log(entries), [policy(rule)], {"cn": october}, at("10-09 10:00"))[ClockName("resolution")]
    assert (held.state, held.due, held.used, held.left) == ("paused", None, 11 * HOUR, 14 * HOUR)
    entries.append(turned("10-09 11:00", "open"))
    after = deadlines(Log(entries), [policy(rule)], {"cn": october}, at("10-09 17:00"))[ClockName("resolution")]
    assert (after.state, after.due) == ("running", at("10-10 18:00"))
    assert (after.used, after.left) == (17 * HOUR, 8 * HOUR)


def test_each_agency_has_its_own_part_and_no_more_of_it_when_the_case_comes_back():
    rules = [Rule("part", Budget(minutes=240), "office", agency="rail"), Rule("part", Budget(minutes=480), "office")]
    log = Log(
        [
            filed("04-25 09:00", agency="city"), Handed(at("04-25 11:00"), agency="rail"),
            Handed(at("04-25 16:00"), agency="city"), Handed(at("04-26 10:00"), agency="rail"),
        ]
    )  # fmt: skip
    found = deadlines(log, [policy(*rules)], NIGHT_AND_DAY, at("04-25 16:30"))
    city, rail = found[ClockName("part", "city")], found[ClockName("part", "rail")]
    assert (city.state, city.used, city.due) == ("running", 2.5 * HOUR, at("04-26 14:00"))
    assert (rail.state, rail.used, rail.upto) == ("missed", 5 * HOUR, at("04-25 16:00"))
    later = deadlines(log, [policy(*rules)], NIGHT_AND_DAY, at("04-26 11:00"))[ClockName("part", "rail")]
    assert (later.state, later.used) == ("missed", 6 * HOUR)
    assert Reason.ELSEWHERE in {s.reason for s in later.counted}


def test_an_extension_moves_its_own_clock_only_and_only_from_when_it_was_granted():
    log = Log([filed("04-25 09:00"), Extended(at("04-25 16:00"), clock="resolution", minutes=60, days=1)])
    rules = policy(Rule("response", Budget(minutes=480), "office"), eight_hours())
    asked = {text: deadlines(log, [rules], NIGHT_AND_DAY, at(text)) for text in ("04-25 15:59", "04-25 16:00")}
    resolution, response = ClockName("resolution"), ClockName("response")
    assert [found[resolution].due for found in asked.values()] == [at("04-25 17:00"), at("04-27 10:00")]
    assert {found[response].due for found in asked.values()} == {at("04-25 17:00")}


def test_an_hour_that_is_paused_is_not_the_hour_at_which_a_case_falls_due():
    """After the office closes the budget has passed, but the case is not overdue while it waits for somebody else."""
    rule = Rule("resolution", Budget(days=1, until=dt.time(18)), "office")
    entries = [filed("04-25 09:00"), turned("04-26 17:30", "paused")]
    waits = deadlines(Log(entries), [policy(rule)], NIGHT_AND_DAY, at("04-28 12:00"))[ClockName("resolution")]
    assert (waits.state, waits.due) == ("paused", None)
    entries.append(turned("04-28 12:00", "open"))
    goes_on = deadlines(Log(entries), [policy(rule)], NIGHT_AND_DAY, at("04-28 13:00"))[ClockName("resolution")]
    assert goes_on.due == at("04-28 18:00")


def test_a_policy_for_new_cases_leaves_those_that_were_filed_before_alone():
    later = policy(
        Rule("resolution", Budget(minutes=60), "office"), version="2", since="04-25 12:00", running=False
    )  # fmt: skip
    old, new = (Log([filed(text)]) for text in ("04-25 09:00", "04-25 13:00"))
    told = [
        deadlines(log, [later, policy(eight_hours())], NIGHT_AND_DAY, at("04-25 13:30"))[ClockName("resolution")]
        for log in (old, new)
    ]
    assert [(c.policy, c.due) for c in told] == [("1", at("04-25 17:00")), ("2", at("04-25 14:00"))]


NIGHTS = Calendar("nights", "1", ZoneInfo("Europe/Berlin"), (office("00:00-06:00"),) * 7)
TWICE = Calendar("twice", "1", ZoneInfo("Europe/Berlin"), (office("02:15-02:45"),) * 7)
LATE = Calendar("late", "1", ZoneInfo("America/St_Johns"), (office("23:30-00:00"),) * 7)


@pytest.mark.parametrize(
    ("calendar", "day", "hours"),
    [
        (NIGHTS, "2022-03-27T00:00+00:00", 4), (NIGHTS, "2022-10-29T21:00+00:00", 7),
        (NIGHTS, "2022-10-28T21:00+00:00", 6),
        (TWICE, "2022-10-29T20:00+00:00", 1), (TWICE, "2022-03-26T20:00+00:00", 0),
        (TWICE, "2022-03-25T20:00+00:00", 0.5),
        # At one minute past midnight the clocks went back to one minute past eleven.
        (LATE, "2010-11-06T18:00+00:00", 1), (LATE, "2010-11-05T18:00+00:00", 0.5),
    ],
)  # fmt: skip
def test_an_hour_that_comes_twice_counts_twice_and_one_that_does_not_come_not(calendar, day, hours):
    start = dt.datetime.fromisoformat(day)
    assert working_time(calendar, start, start + 20 * HOUR) == hours * HOUR


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: working_time(OFFICE, dt.datetime(2022, 4, 25), at("04-25 09:00")), "no time zone"),  # noqa: DTZ001
        (lambda: reached(OFFICE, at("04-25 09:00"), -HOUR), "give 0 or more"),
        (
            lambda: reached(Calendar("none", "1", dt.UTC, ((),) * 7), at("04-25 09:00"), HOUR),
            "none has no working time",
        ),
        (lambda: Calendar("odd", "1", dt.UTC, ((),) * 6), "has 6 weekdays"),
        (lambda: Calendar("odd", "1", dt.UTC, (office("09:00-12:00", "11:00-13:00"),) * 7), "overlap"),
        (lambda: Calendar("odd", "1", dt.UTC, (office("12:00-09:00"),) * 7), "end before they begin"),
        (lambda: Log([Replied(at("04-25 09:00"))]), "begins with Replied"),
        (lambda: Log([]), "begins with nothing"),
        (lambda: Log([filed("04-25 09:00"), turned("04-24 09:00", "paused")]), "begins with Turned"),
        (lambda: Log([filed("04-25 09:00"), Extended(at("04-26 09:00"), minutes=-5)]), "-5 minutes"),
        (lambda: Budget(), "0 days and 0 minutes"),
        (lambda: Budget(days=-1, minutes=9), "-1 days"),
        (lambda: Budget(minutes=9, until=dt.time(18)), "cannot end at 18:00"),
        (lambda: Rule("tea", Budget(minutes=1), "office"), "no clock 'tea'"),
        (
            lambda: deadlines(Log([filed("04-25 09:00")]), [policy(eight_hours(calendar="x"))], {}, at("04-25 09:00")),
            "names calendar 'x'",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_the_value(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_clock_without_a_rule_and_a_case_before_any_policy_have_none():
    log = Log([filed("04-25 09:00")])
    assert deadlines(log, [policy(eight_hours(kind="funds"))], NIGHT_AND_DAY, at("04-25 10:00")) == {}
    assert deadlines(log, [policy(eight_hours(), since="06-01 00:00")], NIGHT_AND_DAY, at("04-25 10:00")) == {}


def test_what_is_reached_as_the_office_closes_is_reached_then():
    assert reached(OFFICE, at("04-29 09:00"), 8 * HOUR) == at("04-29 17:00")
    assert reached(OFFICE, at("04-30 09:00"), 0 * HOUR) == at("04-30 09:00")


def test_real_minutes_count_all_time():
    assert reached(around_the_clock(), at("04-30 23:00"), 30 * HOUR) == at("05-02 05:00")
    rule = Rule("response", Budget(minutes=120), "always")
    found = deadlines(Log([filed("04-30 23:00")]), [policy(rule)], NIGHT_AND_DAY, at("05-01 00:30"))
    assert (found[ClockName("response")].due, found[ClockName("response")].state) == (at("05-01 01:00"), State.RUNNING)


@pytest.mark.parametrize(
    ("entries", "now", "state"),
    [
        ([], "04-25 17:00", "running"), ([], "04-25 17:01", "missed"),
        ([turned("04-25 17:00", "resolved")], "04-27 09:00", "met"),
        ([turned("04-25 17:01", "resolved")], "04-27 09:00", "missed"),
    ],
)  # fmt: skip
def test_the_due_instant_itself_is_in_time(entries, now, state):
    log = Log([filed("04-25 09:00"), *entries])
    assert deadlines(log, [policy(eight_hours())], NIGHT_AND_DAY, at(now))[ClockName("resolution")].state == state


@pytest.mark.parametrize(
    ("paused", "open_again", "due"),
    [
        ("04-26 18:00", "04-26 19:00", "04-26 18:00"),
        ("04-26 17:30", "04-26 18:00", "04-27 18:00"),
        ("04-26 17:30", "04-26 17:59", "04-26 18:00"),
    ],
)
def test_an_hour_is_paused_when_a_pause_reaches_it_and_not_when_one_begins_there(paused, open_again, due):
    rule = Rule("resolution", Budget(days=1, until=dt.time(18)), "office")
    log = Log([filed("04-25 09:00"), turned(paused, "paused"), turned(open_again, "open")])
    assert deadlines(log, [policy(rule)], NIGHT_AND_DAY, at("04-27 10:00"))[ClockName("resolution")].due == at(due)


def test_a_policy_that_stops_a_clock_stops_it_from_its_own_first_instant_on():
    stops = frozenset({Category.PAUSED, Category.RESOLVED, Category.CLOSED})
    later = policy(eight_hours(stops=stops), version="2", since="04-25 12:00")
    log = Log([filed("04-25 09:00"), turned("04-25 10:00", "paused")])
    for now in ("04-25 12:00", "04-26 12:00"):
        clock = deadlines(log, [policy(eight_hours()), later], NIGHT_AND_DAY, at(now))[ClockName("resolution")]
        assert (clock.state, clock.upto, clock.used) == ("met", at("04-25 12:00"), HOUR)
