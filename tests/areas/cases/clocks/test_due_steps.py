"""Why a case is due when it is: the days that count and those that do not."""

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from tests.areas.cases.conftest import problem

from ballast.areas.cases.clocks.dues import SOLUTION, clocks_of
from ballast.areas.cases.clocks.log import story_of
from ballast.areas.cases.clocks.rules import rules_in_force
from ballast.areas.cases.clocks.steps import due_steps
from ballast.areas.cases.models import Case
from ballast.areas.cases.numbering import due_at
from ballast.areas.cases.packs.in_force import resolution_of
from ballast.areas.reference.models import Authority

ZONE = ZoneInfo("Asia/Shanghai")


def clock(case):
    """The resolution clock of a case of which nothing but its filing is known."""
    story = story_of(case.filed_at, case.kind, "310000", [], ZONE)
    return clocks_of(case, story, rules_in_force(), case.filed_at)[SOLUTION]


def told(case):
    steps = due_steps(case, clock(case), ZONE)
    return [(f"{s.first:%m-%d}", f"{s.last:%m-%d}", s.reason) for s in steps]


@pytest.fixture
def china(world):
    """The world on the Chinese calendar: days off from 30 April to 4 May 2022, and Saturday 7 May is worked."""
    Authority.objects.update(calendar="cn")
    return world


def test_weekends_are_named_and_the_day_of_filing_is_not_counted(world):
    assert told(problem(world)) == [
        ("04-28", "04-28", None), ("04-29", "04-29", "worked"), ("04-30", "05-01", "weekend"),
        ("05-02", "05-03", "worked"),
    ]  # fmt: skip


def test_holidays_are_named_and_a_day_worked_instead_counts(china):
    case = problem(china, kind="other")
    assert told(case) == [
        ("04-28", "04-28", None), ("04-29", "04-29", "worked"), ("04-30", "05-04", "holiday"),
        ("05-05", "05-07", "worked"), ("05-08", "05-08", "weekend"), ("05-09", "05-11", "worked"),
    ]  # fmt: skip
    assert case.due_at == dt.datetime.fromisoformat("2022-05-11T18:00:00+08:00")


@pytest.mark.parametrize("kind", ["staff_return", "other", "policy"])
def test_whenever_it_is_filed_so_many_days_count_as_the_policy_gives(china, kind):
    of = Authority.objects.get()
    for hours in range(0, 24 * 16, 7):
        filed = dt.datetime(2022, 4, 23, 0, 30, tzinfo=dt.UTC) + dt.timedelta(hours=hours)
        case = Case(kind=kind, filed_at=filed, due_at=due_at(kind, filed, of))
        steps = due_steps(case, clock(case), ZONE)
        worked = sum((s.last - s.first).days + 1 for s in steps if s.reason == "worked")
        assert worked == resolution_of(kind).days, filed
        assert all(one.last + dt.timedelta(days=1) == following.first for one, following in pairwise(steps)), filed
        assert steps[-1].last == case.due_at.date(), filed


def test_a_due_time_that_the_policy_does_not_explain_is_not_explained(world):
    case = problem(world)
    case.policy_due += dt.timedelta(hours=1)
    assert told(case) == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["How this time comes about", "05-05 – 05-06", "2 working days", "public holiday, not counted"]),
        ("zh-hans", ["此时限的由来", "05-05 – 05-06", "2个工作日", "法定节假日，不计入"]),
    ],
)
def test_the_page_of_a_case_tells_it_in_both_languages(client, china, language, words):
    case = problem(china)
    client.force_login(china.olga)
    page = client.get(f"/cases/{case.number}/", headers={"accept-language": language}).text
    assert [word for word in words if word not in page] == []
