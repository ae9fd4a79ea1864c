"""Lamps from stock reports: levels, missing data, since-when, the enterprise's worst."""

import datetime as dt

import pytest
from tests import factories as make

from ballast.areas.alerts.models import EnterpriseLamp, Lamp, LampChange
from ballast.areas.alerts.services import relight
from ballast.areas.reports.services import report_stocks, withdraw_report

pytestmark = pytest.mark.django_db
MORNING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)


def days_later(count):
    return MORNING + dt.timedelta(days=count)


@pytest.fixture
def owner():
    make.authority()
    return make.enterprise("E-own")


def lit(owner, stock, *, use=100.0, reported_at=MORNING, **more):
    need = make.need(make.site(of=owner), stock=stock, daily_use=use, reported_at=reported_at, **more)
    relight([need.pk], at=MORNING)
    return need


def lamp(need):
    return Lamp.objects.get(need=need)


@pytest.mark.parametrize(
    ("stock", "use", "level"),
    [
        (299.0, 100.0, "red"),
        (300.0, 100.0, "yellow"),
        (0.0, 100.0, "red"),
        (0.3, 0.1, "yellow"),
        (699.0, 100.0, "yellow"),
        (700.0, 100.0, "blue"),
        (1399.0, 100.0, "blue"),
        (1400.0, 100.0, "normal"),
        (1000.0, 0.0, "not_in_use"),
        (None, 0.0, "not_in_use"),
        (None, 100.0, "no_data"),
    ],
)
def test_days_of_cover_decide_the_level(owner, stock, use, level):
    assert lamp(lit(owner, stock, use=use)).level == level


def test_blocked_stock_is_no_cover_and_stock_on_the_way_neither(owner):
    need = lit(owner, 400.0, blocked_stock=150.0, in_transit=9999.0)
    assert (lamp(need).level, lamp(need).cover_days) == ("red", 2.5)


def test_a_corrected_stock_changes_the_lamp_in_the_same_act(owner):
    need = lit(owner, 200.0)
    assert lamp(need).level == "red"
    user = make.user("reporter", enterprise="E-own")
    [report] = report_stocks(user, [(need, 2000.0)], source="page").reports
    assert lamp(need).level == "normal"
    assert EnterpriseLamp.objects.get(enterprise=owner).level == "normal"
    withdraw_report(report, acting_user=user)
    assert lamp(need).level == "red"


def test_missing_data_show_as_no_data_but_never_lower_the_enterprise(owner):
    need = lit(owner, 200.0)
    relight(at=days_later(3))
    now = lamp(need)
    assert (now.level, now.held, now.held_since, now.since) == ("no_data", "red", MORNING, days_later(3))
    worst = EnterpriseLamp.objects.get(enterprise=owner)
    assert (worst.level, worst.since, worst.unconfirmed_since) == ("red", MORNING, days_later(3))
    assert worst.missing == 1


def test_a_report_two_days_old_still_counts(owner):
    need = lit(owner, 200.0)
    assert relight(at=days_later(2)) == 0
    assert lamp(need).level == "red"


def test_data_that_return_at_the_held_level_keep_its_since(owner):
    need = lit(owner, 200.0)
    relight(at=days_later(3))
    need.reported_at = days_later(4)
    need.save()
    relight([need.pk], at=days_later(4))
    assert (lamp(need).level, lamp(need).since, lamp(need).held) == ("red", MORNING, "")


def test_data_that_return_at_another_level_begin_a_new_since(owner):
    need = lit(owner, 200.0)
    relight(at=days_later(3))
    need.stock, need.reported_at = 5000.0, days_later(4)
    need.save()
    relight([need.pk], at=days_later(4))
    assert (lamp(need).level, lamp(need).since) == ("normal", days_later(4))


def test_since_stays_while_the_level_stays(owner):
    need = lit(owner, 200.0)
    need.stock = 100.0
    need.save()
    assert relight([need.pk], at=days_later(1)) == 0
    assert (lamp(need).since, lamp(need).cover_days) == (MORNING, 1.0)


def test_every_change_of_level_is_kept_with_inputs_and_rule(owner):
    need = lit(owner, 200.0)
    need.stock = 800.0
    need.save()
    relight([need.pk], at=days_later(1))
    newest, first = LampChange.objects.filter(need=need)
    assert (first.level_before, first.level, newest.level_before, newest.level) == ("", "red", "red", "blue")
    assert newest.inputs["stock"] == 800.0
    assert newest.rule == "parts-cover 2026.1"


def test_lighting_again_changes_nothing(owner):
    lit(owner, 200.0)
    lit(owner, None)
    changes = LampChange.objects.count()
    assert relight(at=MORNING) == 0
    assert LampChange.objects.count() == changes


def test_an_undated_stock_is_no_present_data(owner):
    assert lamp(lit(owner, 5000.0, reported_at=None)).level == "no_data"


@pytest.mark.parametrize(
    ("stocks", "level"),
    [
        ([5000.0, 200.0, None], "red"),
        ([5000.0, 500.0], "yellow"),
        ([5000.0, None], "normal"),
        ([None, None], "no_data"),
    ],
)
def test_the_enterprise_shows_its_worst_level(owner, stocks, level):
    needs = [lit(owner, stock) for stock in stocks]
    worst = EnterpriseLamp.objects.get(enterprise=owner)
    assert worst.level == level
    assert worst.worst_need in needs


def test_a_confirmed_red_goes_before_a_held_one(owner):
    held = lit(owner, 10.0)
    relight(at=days_later(3))
    fresh = make.need(make.site(of=owner), stock=250.0, reported_at=days_later(3))
    relight([fresh.pk], at=days_later(3))
    worst = EnterpriseLamp.objects.get(enterprise=owner)
    assert (worst.worst_need, worst.unconfirmed_since, worst.missing) == (fresh, None, 1)
    assert lamp(held).held == "red"


def test_inputs_out_of_use_do_not_count(owner):
    lit(owner, 0.0, use=0.0)
    lit(owner, 5000.0)
    assert EnterpriseLamp.objects.get(enterprise=owner).level == "normal"


def test_lamps_stand_where_their_enterprise_stands(owner):
    need = lit(owner, 200.0)
    assert (lamp(need).region_id, lamp(need).chains) == (owner.region_id, "")
    owner.region = make.region("320000")
    owner.save()
    owner.chains.set([make.chain("medical"), make.chain("automobile")])
    assert relight() == 0
    for row in (lamp(need), EnterpriseLamp.objects.get(enterprise=owner)):
        assert (row.region_id, row.chains) == ("320000", ";automobile;medical;")
