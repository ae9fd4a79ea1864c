"""Lamps over the API: list and detail tell the same, and the page's filters narrow both."""

import datetime as dt

import pytest
from tests import factories as make

from ballast.areas.alerts.services import relight

pytestmark = pytest.mark.django_db
MORNING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def lamp(client):
    make.authority()
    plant = make.site("car-07", of=make.enterprise("E-car", chains=[make.chain()]))
    need = make.need(plant, stock=299.0, blocked_stock=9.0, reported_at=MORNING)
    make.need(plant, stock=9000.0, reported_at=MORNING)
    relight(at=MORNING)
    client.force_login(make.user())
    return need.lamp


def listed(client, **filters):
    answer = client.get("/api/v1/lamps", filters)
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


def test_list_and_detail_tell_the_same_of_a_lamp(client, lamp):
    (row,) = listed(client, level="red")
    assert (row["id"], row["site_id"], row["enterprise_id"]) == (lamp.pk, "car-07", "E-car")
    assert (row["stock"], row["blocked_stock"], row["cover_days"]) == (299.0, 9.0, pytest.approx(2.9))
    detail = client.get(f"/api/v1/lamps/{lamp.pk}").json()
    assert {name: detail[name] for name in row} == row
    assert [change["level"] for change in detail["changes"]] == ["red"]
    assert detail["reason"]["stock"] == 299.0


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 2),
        ({"level": "red"}, 1),
        ({"chain": "automobile"}, 2),
        ({"chain": "medical"}, 0),
        ({"region": "310000"}, 2),
        ({"q": "car-0"}, 2),
        ({"enterprise": "E-other"}, 0),
    ],
)
def test_a_filter_keeps_what_fits_it(client, lamp, filters, count):
    assert len(listed(client, **filters)) == count


def test_a_filter_that_is_too_long_is_refused_by_name(client, lamp):
    answer = client.get("/api/v1/lamps", {"q": "x" * 101})
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "q")
