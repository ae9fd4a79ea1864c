"""One outage is one notice for each officer, however many plants it reaches."""

import pytest
from tests import factories as make

from ballast.areas.audit.models import AuditEntry
from ballast.areas.chains.services import run_forecast
from ballast.areas.notices.models import Notice
from ballast.areas.responses import selectors
from ballast.areas.responses.models import Warned
from ballast.areas.responses.warnings.naming import title_for

pytestmark = pytest.mark.django_db


def _notices(person):
    return list(Notice.objects.filter(person=person).order_by("pk"))


def test_four_hundred_plants_behind_one_outage_are_one_notice_for_each_officer(undone):
    make.event("S-mine", event_id="FIRE", name="Fire at the mine")
    run_forecast()
    (warning,) = Warned.objects.all()
    assert warning.events == ["FIRE"]
    for person, stops in ((undone.mia, 402), (undone.olga, 390), (undone.jin, 12)):
        (notice,) = _notices(person)
        assert (notice.template, notice.values["stops"]) == ("warning", str(stops))
        assert notice.path == f"/warnings/{warning.pk}/"
        (row,) = selectors.rows_of(person, [warning])
        assert (row.stops, row.reds) == (stops, 0)
    assert not _notices(undone.anna), "analysts read the page, they are not called"
    assert not _notices(undone.rita)
    assert _notices(undone.mia)[0].subject == "Fire at the mine"
    assert title_for(undone.olga, warning) == "an event at a site outside your scope"
    run_forecast()
    assert Notice.objects.count() == 3, "the same warning is told once"
    assert AuditEntry.objects.filter(action="warning.begun").count() == 1
