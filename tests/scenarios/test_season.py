"""Four months of drawn cases: as many as asked for, each with a story that could have been lived, ready to go on."""

import datetime as dt
import itertools

import pytest
from tests import factories as make

from ballast.areas.cases.measuring.measures import measures
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.numbering import next_number
from ballast.areas.reference.selectors import now
from ballast.areas.registry.models import Event
from ballast.exercise.season import DAYS, Ground, Place, draw
from ballast.exercise.season_load import fill

pytestmark = pytest.mark.django_db
WANTED = 300


@pytest.fixture
def filled():
    make.authority(calendar="cn")
    nation = make.region("CN", level="nation")
    near, far = make.region("310000", nation, level="province", short="SH"), make.region(
        "320000", nation, level="province", short="JS"
    )  # fmt: skip
    made = make.product("car")
    for region in (near, far):
        site = make.site(of=make.enterprise(region=region), product=made)
        make.need(site, make.product("engine"))
    return fill(WANTED)


def test_cases_are_drawn_up_to_the_number_wanted_and_go_on(filled):
    assert filled == Case.objects.count() == WANTED
    assert fill(WANTED) == 0
    span = now() - dt.timedelta(days=DAYS + 1)
    assert all(span <= case.filed_at < now() for case in Case.objects.all())
    assert {"confirmed", "withdrawn", "solving"} <= set(Case.objects.values_list("state", flat=True))
    newest = Case.objects.latest("filed_at")
    assert not Case.objects.filter(number=next_number(newest.lead_region, newest.filed_at.date())).exists()
    assert measures(make.user()).total.counts["received"] == WANTED
    assert not Case.objects.filter(parts=None).exists(), "each desk's own part is counted, of cases that are over too"


def test_every_story_leads_step_by_step_to_the_state_of_its_case(filled):
    lines = CaseEntry.objects.filter(type=CaseEntry.Type.MOVE).order_by("case", "pk")
    for _case, told in itertools.groupby(lines.select_related("case"), key=lambda line: line.case_id):
        steps = list(told)
        assert [one.state_before for one in steps] == ["", *(one.state_after for one in steps[:-1])]
        assert steps[-1].state_after == steps[-1].case.state
        assert [one.at for one in steps] == sorted(one.at for one in steps)
    told = set(lines.values_list("move", flat=True))
    assert {"hand_over", "take_over", "refuse", "dispute", "confirm", "withdraw"} <= told


def test_events_hold_as_long_as_their_case_is_open(filled):
    held = Event.objects.filter(withdrawn_at__isnull=True)
    open_cases = Case.objects.filter(closed_at__isnull=True, event__isnull=False)
    assert set(held.values_list("pk", flat=True)) == set(open_cases.values_list("event", flat=True))
    assert Case.objects.filter(event__isnull=True).exclude(kind="other").count() == 0


def test_the_same_arguments_draw_the_same_cases():
    place = Place("S1", "E1", "310000", ("Site", "厂"), "car", ())
    ground = Ground([place], {"310000": "310000"}, {"310000": "SH"})
    until = dt.datetime(2022, 4, 28, 9, tzinfo=dt.UTC)
    assert list(draw(40, ground, until=until)) == list(draw(40, ground, until=until))
    assert list(draw(40, ground, until=until, seed=1)) != list(draw(40, ground, until=until))
