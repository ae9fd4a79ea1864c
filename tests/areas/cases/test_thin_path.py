"""File, queue, assign, solve, confirm: the way a problem goes when all goes well."""

import datetime as dt

import pytest
from tests import factories as make

from ballast.areas.cases import selectors, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    make.authority()
    nation = make.region("CN", level="nation")
    shanghai = make.region("310000", nation, level="province", short="SH")
    plant = make.site("car-07", of=make.enterprise("car", region=make.region("310115", shanghai)))
    reporter = make.user("reporter", username="rita", enterprise="car")
    officer = make.user("province_officer", username="olga", region="310000")
    return plant, reporter, officer


def file(reporter, plant, **changes):
    fields = {
        "kind": "staff_return", "site": plant, "product": plant.product, "blocked": "60 staff cannot come in",
        "place": plant.region, "needed_by": make.TODAY + dt.timedelta(days=2), "contact": "Rita, 555",
        "text": "They wait at home.",
    }  # fmt: skip
    return services.file_case(reporter, **(fields | changes))


def test_a_filed_problem_runs_from_the_queue_to_the_enterprise_s_word(world):
    plant, reporter, officer = world
    case = file(reporter, plant)
    assert case.number == "SH-20220428-0001"
    assert case.event.subject == "car-07"
    assert [c.number for c in selectors.queue(officer)] == [case.number]
    services.make_move(officer, case.number, move="assign", owner=officer)
    services.make_move(officer, case.number, move="start")
    services.make_move(officer, case.number, move="solve", text="A bus runs twice a day.")
    assert selectors.counts(officer)["waiting"] == 1
    case = services.make_move(reporter, case.number, move="confirm")
    case.event.refresh_from_db()
    assert (case.state, case.closed_at is not None) == ("confirmed", True)
    assert case.event.withdrawn_at is not None
    assert [e.move for e in selectors.story(reporter, case)] == ["file", "assign", "start", "solve", "confirm"]
    assert list(selectors.queue(officer)) == []
