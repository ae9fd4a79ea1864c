"""Working calendars as data: versions, shifts, holidays, what a file that cannot stand is told."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from tests import factories as make

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.audit.models import AuditEntry
from ballast.areas.reference import selectors, services
from ballast.areas.reference.calendars import calendars, read_calendar, shipped
from ballast.areas.reference.models import WorkingCalendar

pytestmark = pytest.mark.django_db
OWN = """
name = "port"
version = "2022-1"
title = "Port office"
known_until = 2022-12-31
[week]
monday = ["08:00-12:00", "13:00-17:30"]
saturday = ["08:00-12:00"]
[[day]]
date = 2022-05-02
name = "Labour Day"
[[day]]
date = 2022-05-08
shifts = ["22:00-24:00"]
"""


def test_the_chinese_calendar_knows_holidays_and_days_worked_instead_to_the_end_of_2026():
    make.authority()
    china = selectors.calendar("cn")
    told = {date.isoformat(): off for date, off in china.exceptions.items()}
    assert (told["2022-05-02"], told["2022-04-24"], told["2026-02-17"], told["2026-02-14"]) == (
        True,
        False,
        True,
        False,
    )
    days = calendars()["cn"]
    assert (days.own, days.known_until) == (False, dt.date(2026, 12, 31))
    assert not days.ends_before(dt.date(2026, 12, 31))
    assert days.ends_before(dt.date(2027, 1, 1))
    assert not selectors.calendar("plain").exceptions
    assert not calendars()["plain"].ends_before(dt.date(2099, 1, 1))
    assert [row.name for row in shipped()] == ["cn", "plain"]


def test_an_own_calendar_with_a_lunch_break_is_loaded_once_and_used():
    make.authority()
    row = services.load_calendar("command line", OWN)
    assert services.load_calendar("command line", OWN) is None
    assert str(row) == "port 2022-1"
    clock = calendars()["port"].calendar("Asia/Shanghai")
    assert clock.shifts(dt.date(2022, 5, 9)) == (
        (dt.time(8), dt.time(12)), (dt.time(13), dt.time(17, 30)),
    )  # fmt: skip
    assert clock.shifts(dt.date(2022, 5, 2)) == ()
    assert clock.shifts(dt.date(2022, 5, 8)) == ((dt.time(22), dt.time()),)
    assert clock is calendars()["port"].calendar("Asia/Shanghai")  # what it met is kept
    services.set_authority("test", calendar="port")
    assert selectors.calendar().week == {0, 5}
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["calendar.loaded", "authority.set"]


def test_a_new_version_holds_from_when_it_is_loaded_and_the_old_one_stays():
    make.authority()
    noon = dt.datetime(2022, 4, 1, 12, tzinfo=dt.UTC)
    make.working_calendar("plain", {"2022-04-05": []}, version="a", since=noon)
    assert calendars(noon - dt.timedelta(seconds=1))["plain"].version == "1"
    assert calendars(noon)["plain"].version == calendars()["plain"].version == "a"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = ", "not valid TOML"),
        (OWN.replace('"port"', '"Port Office"'), "name: “Port Office”"),
        (OWN.replace('version = "2022-1"', ""), "version: “”"),
        (OWN.replace("2022-12-31", '"soon"'), "known_until: “soon” is not a date"),
        (OWN.replace("saturday", "caturday"), "week.caturday: there is no such weekday"),
        (OWN.replace("13:00-17:30", "11:00-17:30"), "week.monday: “11:00-17:30” ends before it begins or overlaps"),
        (OWN.replace("22:00-24:00", "2200"), "day 2 (2022-05-08), shifts: “2200” is not a shift"),
        (OWN.replace("2022-05-08", "2022-05-02"), "day 2, date: 2022-05-02 stands here twice"),
        (OWN.replace("shifts =", "shift ="), "day 2, shift: there is no such key"),
        ('name = "x"\nversion = "1"\n', "week: the table is missing"),
        ('name = "x"\nversion = "1"\n[week]\n', "no weekday has a shift"),
    ],
)
def test_what_is_wrong_with_a_calendar_is_named(text, told):
    with pytest.raises(ValidationError) as caught:
        read_calendar(text)
    assert told in " ".join(caught.value.messages)


def test_a_version_with_other_contents_and_a_person_without_the_right_are_refused():
    make.authority()
    services.load_calendar("command line", OWN)
    with pytest.raises(ValidationError, match="has a version “2022-1” already"):
        services.load_calendar("command line", OWN.replace("Port office", "Harbour"))
    with pytest.raises(NotAllowedError):
        services.load_calendar(make.user(), OWN)
    assert WorkingCalendar.objects.count() == 1
