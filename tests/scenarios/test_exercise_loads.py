"""Loads of the exercise: what was published comes out, in both languages, and a broken load leaves nothing."""

import pytest
from tests.conftest import EXERCISE_PASSWORD as PASSWORD

from ballast.areas.accounts.models import User
from ballast.areas.alerts.models import Lamp
from ballast.areas.cases.models import Case, CaseEntry
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


def test_a_stop_in_the_middle_leaves_nothing(monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError

    monkeypatch.setattr(load, "load_cases", broken)
    with pytest.raises(RuntimeError):
        load.install("s", password=PASSWORD)
    assert not Enterprise.objects.exists()
    assert load.installed() is None


def test_people_of_a_chinese_exercise_have_chinese_names_and_pages():
    load.install("s", password=PASSWORD, language="zh")
    ministry = User.objects.get(username="ministry")
    assert (ministry.get_full_name(), ministry.language) == ("部值班员", "zh-hans")
    assert User.objects.get(username="province").get_full_name() == "上海市值班员"
    assert set(User.objects.values_list("language", flat=True)) == {"zh-hans"}
    assert not [name for name in CaseEntry.objects.values_list("actor_name", flat=True) if name.isascii()]
    assert not [text for text in Case.objects.values_list("text", flat=True) if text.isascii()]
