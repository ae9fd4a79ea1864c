"""Two provinces, four plants with a lamp each, and people with every kind of right to measures."""

import datetime as dt

import pytest
from tests import factories as make
from tests.areas.provinces import provinces

NOW = dt.datetime(2022, 4, 28, 0, 40, tzinfo=dt.UTC)


def lamp(need, level, *, held="", days=0):
    """The lamp of an input, which went to its level so many days ago."""
    from ballast.areas.alerts.models import Lamp, LampChange

    at = NOW - dt.timedelta(days=days)
    Lamp.objects.create(need=need, level=level, held=held, since=at)
    LampChange.objects.create(need=need, at=at, level_before="normal", level=held or level, rule="parts-cover 1")


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """The world before any measure; all that its tests write is undone."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        world = provinces()
        world.diesel = diesel = make.product("diesel", name="Diesel")
        places = (world.pudong, world.pudong, world.shanghai, world.jiangsu, world.shanghai)
        sites = [
            make.site(f"S{n}", of=make.enterprise(f"E{n}", region=place, chains=[world.car] if n < 4 else []))
            for n, place in enumerate(places)
        ]
        lamp(make.need(sites[0], diesel), "red", days=2)
        lamp(make.need(sites[0], make.product("steel")), "yellow", days=9)
        lamp(make.need(sites[1], diesel), "normal", days=9)
        lamp(make.need(sites[2], diesel), "no_data", held="red", days=5)
        lamp(make.need(sites[3], diesel), "no_data", days=5)
        lamp(make.need(sites[4], diesel), "red", days=40)
        make.user("ministry_officer", username="max")
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(built):
    """The world, and what this test writes is undone."""
    from django.db import transaction

    with transaction.atomic():
        yield built
        transaction.set_rollback(True)
