"""Stock reports: versions, retries, corrections, withdrawals, rights."""

import datetime as dt
import math

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from tests import factories as make

from ballast.areas.audit.models import AuditEntry
from ballast.areas.reports.models import StockReport
from ballast.areas.reports.rows import RowsError
from ballast.areas.reports.services import report_stocks, withdraw_report

pytestmark = pytest.mark.django_db
YESTERDAY = make.TODAY - dt.timedelta(days=1)


@pytest.fixture
def world():
    make.authority()
    need = make.need(make.site(of=make.enterprise("E-own")), stock=None)
    return need, make.user("reporter", enterprise="E-own")


def report(user, need, stock, blocked=0.0, transit=0.0, use=100.0, **more):
    return report_stocks(user, [(need, stock, blocked, transit, use)], source="page", **more)


def test_a_report_becomes_the_current_figures_of_the_input(world):
    need, user = world
    receipt = report(user, need, 250.0, 10.0, 5.0)
    need.refresh_from_db()
    assert (need.stock, need.blocked_stock, need.in_transit) == (250.0, 10.0, 5.0)
    assert need.reported_at == receipt.at
    assert receipt.day == make.TODAY
    [stored] = StockReport.objects.all()
    assert (stored.version, stored.reporter, stored.source) == (1, user, "page")


def test_the_same_report_again_changes_nothing(world):
    need, user = world
    report(user, need, 250.0)
    entries = AuditEntry.objects.count()
    again = report(user, need, 250.0)
    assert (again.reports, again.unchanged) == ((), 1)
    assert StockReport.objects.count() == 1
    assert AuditEntry.objects.count() == entries


def test_a_correction_keeps_the_old_version(world):
    need, user = world
    report(user, need, 250.0)
    report(user, need, 900.0)
    need.refresh_from_db()
    assert need.stock == 900.0
    assert list(StockReport.objects.order_by("version").values_list("version", "stock")) == [(1, 250.0), (2, 900.0)]


def test_the_figure_that_came_with_the_tables_is_kept_as_a_version(world):
    need, user = world
    need.stock, need.reported_at = 70.0, dt.datetime(2022, 4, 27, 2, 0, tzinfo=dt.UTC)
    need.save()
    [new] = report(user, need, 250.0).reports
    old = StockReport.objects.get(source="load")
    assert (old.day, old.stock, old.reporter) == (YESTERDAY, 70.0, None)
    withdraw_report(new, acting_user=user)
    need.refresh_from_db()
    assert need.stock == 70.0


def test_withdrawing_a_correction_gives_the_version_before_it(world):
    need, user = world
    report(user, need, 250.0)
    [second] = report(user, need, 900.0).reports
    withdraw_report(second, acting_user=user)
    need.refresh_from_db()
    assert need.stock == 250.0
    assert StockReport.objects.get(pk=second.pk).withdrawn_at is not None


def test_withdrawing_the_only_report_of_a_day_gives_the_day_before(world):
    need, user = world
    report(user, need, 40.0, day=YESTERDAY)
    [today] = report(user, need, 900.0).reports
    withdraw_report(today, acting_user=user)
    need.refresh_from_db()
    assert need.stock == 40.0


def test_withdrawing_all_leaves_the_stock_unknown_not_zero(world):
    need, user = world
    [only] = report(user, need, 40.0).reports
    withdraw_report(only, acting_user=user)
    entries = AuditEntry.objects.count()
    withdraw_report(only, acting_user=user)
    need.refresh_from_db()
    assert need.stock is None
    assert need.reported_at is None
    assert AuditEntry.objects.count() == entries


def test_a_withdrawn_version_can_be_reported_again(world):
    need, user = world
    [first] = report(user, need, 40.0).reports
    withdraw_report(first, acting_user=user)
    [second] = report(user, need, 40.0).reports
    need.refresh_from_db()
    assert (second.version, need.stock) == (2, 40.0)


def test_a_late_correction_of_yesterday_does_not_replace_today(world):
    need, user = world
    report(user, need, 900.0)
    report(user, need, 1.0, day=YESTERDAY)
    need.refresh_from_db()
    assert need.stock == 900.0


def test_a_report_for_tomorrow_is_refused(world):
    need, user = world
    with pytest.raises(ValidationError, match="after today"):
        report(user, need, 1.0, day=make.TODAY + dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ((-1.0, 0.0, 0.0, 100.0), "stock"),
        ((None, 0.0, 0.0, 100.0), "stock"),
        ((math.nan, 0.0, 0.0, 100.0), "stock"),
        ((math.inf, 0.0, 0.0, 100.0), "stock"),
        ((1e13, 0.0, 0.0, 100.0), "stock"),
        ((10.0, 11.0, 0.0, 100.0), "blocked_stock"),
        ((10.0, 0.0, -2.0, 100.0), "in_transit"),
        ((10.0, 0.0, 0.0, -1.0), "daily_use"),
    ],
)
def test_a_bad_figure_is_refused_by_row_and_field_and_nothing_is_stored(world, row, field):
    need, user = world
    good = make.need(need.site)
    with pytest.raises(RowsError) as error:
        report_stocks(user, [(good, 1.0, 0.0, 0.0, 1.0), (need, *row)], source="api")
    assert [(p.row, p.field) for p in error.value.problems] == [(1, field)]
    assert not StockReport.objects.exists()


def test_the_same_input_twice_in_one_report_is_refused(world):
    need, user = world
    with pytest.raises(RowsError, match="already in row 1"):
        report_stocks(user, [(need, 1.0), (need, 2.0)], source="api")


def test_zero_stock_is_a_figure(world):
    need, user = world
    report(user, need, 0.0)
    need.refresh_from_db()
    assert need.stock == 0.0


def test_nobody_reports_for_another_enterprise(world):
    need, _ = world
    for stranger in (
        make.user("reporter", enterprise=make.enterprise("E-other").enterprise_id),
        make.user(),
        make.user(None),
    ):
        with pytest.raises(ObjectDoesNotExist):
            report(stranger, need, 1.0)
    assert not StockReport.objects.exists()


def test_the_audit_entry_names_the_old_and_the_new_figure(world):
    need, user = world
    report(user, need, 250.0)
    report(user, need, 900.0)
    entry = AuditEntry.objects.filter(action="stocks.reported").latest("sequence")
    assert entry.enterprise == "E-own"
    [row] = entry.detail["rows"]
    assert row["changes"] == {"stock": [250.0, 900.0]}
