"""The course of a panel from the turns that operating reports keep, against the reports read one after the other."""

import datetime as dt
import random

import pytest
from tests import factories as make

from ballast.areas.reports.models import OperatingReport
from ballast.areas.reports.services import report_operation
from ballast.web.board.restart import course

pytestmark = pytest.mark.django_db

STATES = ("running", "restarted", "stopped", "unknown")


def plain(first):
    """Enterprises at work on each day: those whose newest report until then says so."""
    counts = []
    for n in range((make.TODAY - first).days + 1):
        reports = OperatingReport.objects.filter(day__lte=first + dt.timedelta(days=n)).order_by("day", "version")
        newest = {report.enterprise_id: report.operation for report in reports}
        counts.append(sum(operation in ("running", "restarted") for operation in newest.values()))
    return tuple(counts)


@pytest.mark.parametrize("seed", range(5))
def test_the_course_counts_those_at_work_whatever_order_reports_come_in(seed):
    chance = random.Random(seed)
    make.authority()
    firms = [make.enterprise(panels="p;x" if n % 2 else "p") for n in range(3)]
    reporters = [make.user("reporter", enterprise=firm.enterprise_id) for firm in firms]
    for _ in range(25):
        n, day = chance.randrange(3), make.TODAY - dt.timedelta(days=chance.randrange(6))
        report_operation(reporters[n], firms[n], operation=chance.choice(STATES), source="page", day=day)
    found = course(make.user(), "p", make.TODAY)
    assert found.counts == plain(found.first)
    assert found.counts[0] > 0
    assert set(plain(found.first - dt.timedelta(days=1))[:1]) == {0}


def test_there_is_no_course_before_two_days_are_known():
    make.authority()
    firm = make.enterprise(panels="p")
    user = make.user("reporter", enterprise=firm.enterprise_id)
    assert course(make.user(), "p", make.TODAY) is None
    report_operation(user, firm, operation="running", source="page")
    assert course(make.user(), "p", make.TODAY) is None
    assert course(make.user(), "p", make.TODAY + dt.timedelta(days=2)).counts == (1, 1, 1)
