"""Each desk's own part: departments are desks of their own, lines of the policy name them, and the time is counted."""

import datetime as dt

import pytest
from tests import factories as make
from tests.areas.cases.clocks.test_clocks import at, case, stands  # noqa: F401 - fixtures

from ballast.areas.cases import selectors, services
from ballast.areas.cases.clocks import extensions
from ballast.areas.cases.clocks import policies as clock_policies
from ballast.areas.cases.clocks.card import card_of
from ballast.areas.cases.clocks.dues import clocks_of, stories
from ballast.areas.cases.clocks.models import Part
from ballast.areas.cases.clocks.rules import read_policy, rules_in_force
from ballast.areas.cases.measuring.parts import opens_parts, part_measures
from ballast.areas.cases.models import Case
from ballast.areas.desks import services as desks
from ballast.areas.reference.selectors import now

pytestmark = pytest.mark.django_db
POLICY = """
version = "parts"
since = 2022-04-28
[[clocks]]
clock = "part"
desks = ["/transport"]
minutes = 120
[[clocks]]
clock = "part"
desks = ["310000"]
days = 1
until = 18:00:00
"""


@pytest.fixture
def handed(at, case, shared):  # noqa: F811
    """The province had it from Thursday four o'clock, its transport office from Friday ten to eleven, Jiangsu then."""
    clock_policies.load_policy("test", _with_transport(shared))
    at("04-29 10:00")
    _hand(shared.olga, case, department=shared.transport)
    at("04-29 11:00")
    _hand(shared.olga, case, region=shared.jiangsu, taken_by=shared.jin)
    return Case.objects.get(pk=case.pk)


def _with_transport(shared):
    shared.transport = desks.save_department(shared.mia, shared.shanghai, "transport", name="Transport", members=[])
    return POLICY


def _hand(user, held, taken_by=None, **to):
    services.make_move(user, held.number, move="hand_over", text="Yours", **to)
    services.make_move(taken_by or user, held.number, move="take_over")


def test_a_department_has_its_own_part_by_its_own_line_of_the_policy(at, handed, shared):  # noqa: F811
    stored = {part.agency: (part.state, part.ended, part.used) for part in Part.objects.filter(case=handed)}
    assert stored == {
        "310000": ("met", True, 120.0), "310000/transport": ("met", True, 60.0), "320000": ("running", False, 0.0),
    }  # fmt: skip
    assert stands(handed)["Part of Shanghai · Transport"] == "met"
    rules = rules_in_force()
    clocks = clocks_of(handed, stories([handed], rules)[handed.pk], rules, now())
    budgets = {name.agency: clock.due for name, clock in clocks.items() if name.agency}
    assert budgets["310000/transport"] == dt.datetime(2022, 4, 29, 4, tzinfo=dt.UTC)  # two hours from ten
    assert budgets["310000"] < budgets["320000"] == handed.part_due
    # It comes back with one hour left, so it is late from the end of Friday on, and never while it was elsewhere.
    at("04-29 16:00")
    _hand(shared.jin, handed, department=shared.transport, taken_by=shared.olga)
    part = Part.objects.get(case=handed, agency="310000/transport")
    assert (part.state, part.ended, part.due) == ("running", False, dt.datetime(2022, 4, 29, 9, tzinfo=dt.UTC))
    at("05-02 10:00")
    services.make_move(shared.olga, handed.number, move="start")
    part.refresh_from_db()
    assert (part.state, part.ended, part.used) == ("missed", False, 60.0 + 60 + 60)


def test_more_time_is_granted_to_the_department_that_asked(at, case, shared):  # noqa: F811
    clock_policies.load_policy("test", _with_transport(shared))
    _hand(shared.olga, case, department=shared.transport)
    asked = extensions.ask_for_time(shared.olga, case.number, clock="part", days=1, text="More")
    extensions.decide_on_time(shared.mia, case.number, asked.pk, grant=True)
    by_desk = {line.desk: line.due for line in card_of(Case.objects.get(pk=case.pk)).clocks}
    assert by_desk["310000/transport"] > dt.datetime(2022, 4, 29, 8, tzinfo=dt.UTC)


def test_the_time_of_each_desk_is_counted_and_each_figure_opens_its_cases(client, at, handed, shared):  # noqa: F811
    at("05-20 10:00")
    lines = {line.key: line for line in part_measures(shared.mia)}
    assert lines["310000"].counts == {"all": 1, "running": 0, "met": 1, "missed": 0, "late": 0}
    assert (lines["310000"].hours.median, lines["310000"].in_time, lines["310000/transport"].used) == (2.0, 1.0, 1.0)
    assert (lines["320000"].counts["late"], lines["320000"].in_time, lines["320000"].hours.median) == (1, None, None)
    assert (lines[""].counts["all"], lines[""].used) == (3, 3.0)
    assert [line.key for line in part_measures(shared.mia, {"month": "2022-03"})] == []
    for key, word, found in (("320000", "late", 1), ("310000", "all", 1), ("310000/transport", "missed", 0)):
        assert selectors.queue(shared.mia, opens_parts(key, word)).count() == found, (key, word)
    assert not selectors.queue(shared.mia, {"state": "all", "part": "320000", "part_is": "moon"}).exists()
    client.force_login(shared.mia)
    assert "Part of Jiangsu" in client.get("/cases/?state=all&part=320000&part_is=late").text
    page = client.get("/cases/measures/parts/").text
    assert "Shanghai · Transport" in page
    assert "part=320000&amp;part_is=late" in page
    assert "各单位用时" in client.get("/cases/measures/parts/", headers={"accept-language": "zh-hans"}).text
    assert client.get("/cases/measures/parts/?month=soon").status_code == 422
    told = client.get("/api/v1/cases/measures/parts").json()
    assert (told["total"]["cases"], told["items"][0]["desk"], told["items"][0]["hours"]["median"]) == (3, "310000", 2.0)
    assert client.get("/api/v1/cases/measures/parts?kind=moon").status_code == 422
    # Whoever sees none of the cases sees none of their parts.
    assert part_measures(make.user("province_officer", region=make.region("440000", shared.nation).pk)) == []


def test_a_line_of_the_policy_names_desks_that_are_there_and_parts_only(shared):
    for line, words in (
        ('desks = ["310000/moon"]', "310000/moon"), ('desks = ["/moon"]', "/moon"), ('desks = ["a b"]', "a b"),
    ):  # fmt: skip
        with pytest.raises(Exception, match=words):
            read_policy(POLICY.replace('desks = ["/transport"]', line).replace('["310000"]', '["320000"]'))
    with pytest.raises(Exception, match="only the clock “part”"):
        read_policy(POLICY.replace('clock = "part"', 'clock = "resolution"', 1))
    given = read_policy(POLICY.replace('desks = ["/transport"]', 'desks = ["320000"]'))
    assert '"desks": ["320000"]' in given.rules
