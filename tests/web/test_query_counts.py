"""The number of queries of a page does not grow with the data, and changes only on purpose.

After a wanted change: BALLAST_WRITE_QUERY_COUNTS=1 pytest tests/web/test_query_counts.py
"""

import datetime as dt
import json
import os
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import factories as make

from ballast.areas.accounts.models import User
from ballast.areas.alerts.models import Lamp
from ballast.areas.alerts.services import relight
from ballast.areas.cases.models import Case
from ballast.areas.chains.models import ForecastRun, SiteForecast
from ballast.areas.notices.models import Notice
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import now

pytestmark = pytest.mark.django_db

BASELINE = Path(__file__).with_name("query_counts.json")
DESK = (
    "/", "/stops/", "/events/", "/lamps/", "/cases/", "/enterprises/", "/sites/", "/chains/", "/reports/", "/map/",
    "/search/?q=plant", "/briefs/", "/cases/measures/", "/cases/measures/parts/", "/cases/mine/", "/cases/clocks/",
    "/dispatch/",
    "/dispatch/reds/", "/dispatch/ledger/", "/dispatch/circulars/", "/dispatch/handovers/",
    "/notices/", "/cases/board/", "/wall/", "/materials/", "/materials/copper/", "/problem-counts/",
    "/warnings/", "/reserve/", "/modes/", "/reports/rates/",
)  # fmt: skip
PORTAL = ("/portal/", "/portal/stocks/", "/portal/stocks/reports/", "/portal/problems/")


def count(person, address):
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.get(address)
    cache.clear()
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def counted():
    ministry, reporter = User.objects.get(username="ministry"), User.objects.get(username="reporter")
    told = {"template": "assigned", "case_number": Case.objects.first().number, "values": {"actor": "desk"}}
    Notice.objects.get_or_create(person=ministry, subject="x", **told, defaults={"at": now()})
    return {a: count(ministry, a) for a in DESK} | {a: count(reporter, a) for a in PORTAL}


def grow(n=30):
    """More of everything that lists show, in several regions, and more inputs at the reporter's own enterprise."""
    regions = list(Region.objects.filter(level="province")[:6])
    run = ForecastRun.objects.get(is_current=True)
    reporter = User.objects.get(username="reporter")
    own = make.Enterprise.objects.get(enterprise_id=reporter.grants.get().enterprise)
    for i in range(n):
        region = regions[i % len(regions)]
        firm = make.enterprise(f"X{i}", region=region, chains=[make.chain("automobile")], key_list=True, key_batch=1)
        plant = make.site(f"X{i}", of=firm, name=f"plant {i}")
        event = make.event(plant.site_id)
        make.need(plant, make.product(f"X{i}"), stock=100.0, reported_at=now())
        make.need(own.sites.first(), make.product(f"X{i}"), stock=100.0, reported_at=now())
        SiteForecast.objects.create(run=run, site=plant, stop_day=1 + i % 9, lost_output=1e9 + i, lead_event=event)
        Notice.objects.create(
            person=User.objects.get(username="ministry"), at=now(), template="assigned", subject="x",
            case_number=f"X-{firm.pk}-{i}", values={"actor": "desk"},
        )  # fmt: skip
        for at in (firm, own):
            case(at, plant if at is firm else own.sites.first(), region, event if at is firm else None, i)
    relight()


def case(firm, plant, region, event, i):
    at = now()
    Case.objects.create(
        number=f"X-{firm.pk}-{i}", kind="energy", enterprise=firm, site=plant, blocked="Power for the plant",
        place=region, needed_by=at.date(), contact="desk", text="No power.", filed_at=at, lead_region=region,
        due_at=at + dt.timedelta(days=1), state_since=at, event=event, output_at_risk=2e9 + i,
    )  # fmt: skip


@pytest.fixture(scope="module")
def before(exercise, django_db_blocker):
    with django_db_blocker.unblock():
        return counted()


def test_queries_do_not_grow_with_the_data(before):
    lamps = Lamp.objects.count()
    grow()
    assert Lamp.objects.count() > lamps + 50
    after = counted()
    assert {a: (before[a], after[a]) for a in before if after[a] > before[a]} == {}


def test_queries_are_those_of_the_baseline(before):
    if os.environ.get("BALLAST_WRITE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(before, indent=1) + "\n")
    assert before == json.loads(BASELINE.read_text())
