"""One plant in Shanghai with its reporter and officers near and far."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import transaction
from tests import factories as make

from ballast.areas.cases import services


@pytest.fixture
def world(db):
    return build()


@pytest.fixture(scope="module")
def shared(django_db_setup, django_db_blocker):
    """The world, made once for a module of tests; what each of them writes is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def build():
    make.authority()
    nation = make.region("CN", level="nation", name="China")
    shanghai = make.region("310000", nation, level="province", short="SH", name="Shanghai")
    jiangsu = make.region("320000", nation, level="province", short="JS", name="Jiangsu")
    district = make.region("310115", shanghai, name="Pudong")
    car = make.enterprise("car", region=district, name="Car works", chains=[make.chain()])
    other = make.enterprise("other", region=jiangsu, name="Other works")
    return SimpleNamespace(
        nation=nation, shanghai=shanghai, jiangsu=jiangsu, district=district,
        plant=make.site("car-07", of=car, name="Car plant"), elsewhere=make.site("oth-01", of=other),
        rita=make.user("reporter", username="rita", enterprise="car"),
        otto=make.user("reporter", username="otto", enterprise="other"),
        olga=make.user("province_officer", username="olga", region="310000"),
        jin=make.user("province_officer", username="jin", region="320000"),
        city=make.user("city_officer", username="city", region="310115"),
        mia=make.user("ministry_officer", username="mia"),
        leader=make.user("leader", username="lee"),
        analyst=make.user("analyst", username="ana"),
    )  # fmt: skip


def problem(world, **changes):
    """File one problem of the plant as its reporter."""
    fields = {
        "kind": "staff_return", "site": world.plant, "product": world.plant.product, "place": world.district,
        "blocked": "60 staff cannot come in", "needed_by": make.TODAY + dt.timedelta(days=2),
        "contact": "Rita, 555", "text": "They wait at home.",
    }  # fmt: skip
    user = changes.pop("user", world.rita)
    return services.file_case(user, **(fields | changes))
