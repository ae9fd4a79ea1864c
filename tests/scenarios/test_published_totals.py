"""The totals that were published in spring 2022 come out of the database, at size m."""

import pytest
from tests.conftest import EXERCISE_PASSWORD as PASSWORD

from ballast.areas.accounts.models import User
from ballast.areas.alerts.models import Lamp
from ballast.areas.chains.models import ForecastRun
from ballast.areas.registry.models import Enterprise
from ballast.areas.registry.selectors import batches, restart_rate
from ballast.exercise import DAY0, load

pytestmark = pytest.mark.django_db


def test_published_totals_come_out_of_the_database():
    load.install("m", password=PASSWORD)
    ministry = User.objects.get(username="ministry")
    shanghai = restart_rate(ministry, panel="shanghai-666")
    assert (shanghai.restarted, shanghai.listed) == (578, 666)
    assert round(shanghai.rate, 3) == 0.868
    jilin = restart_rate(ministry, panel="monitored-220000")
    assert (jilin.restarted, jilin.listed) == (49, 50)
    found = batches(ministry)
    assert [number for number, _ in found] == [1, 2, 3, 4]
    assert sum(rate.listed for _, rate in found) == 1_624
    assert Enterprise.objects.filter(panels__contains="vehicle-groups").count() == 15
    reds = Lamp.objects.filter(level="red").count()
    assert 10 <= reds <= 150
    run = ForecastRun.objects.get(is_current=True)
    assert run.day == DAY0
    assert 20 <= run.sites.filter(stop_day__range=(1, 14)).count() <= 60
