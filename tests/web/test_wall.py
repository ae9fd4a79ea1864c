"""The screen on the wall: the figures of the lists, what falls due next, only what the person may see, no hands."""

import datetime as dt

import pytest
from tests import factories as make

from ballast.areas.alerts.answers.giving import answer_lamp
from ballast.areas.alerts.answers.models import Answer
from ballast.areas.alerts.services import relight
from ballast.areas.cases import services
from ballast.areas.cases.models import Case
from ballast.areas.reference.selectors import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def sites():
    make.authority()
    nation = make.region("CN", level="nation")
    near = make.region("310000", nation, level="province", short="SH", name="Shanghai")
    far = make.region("320000", nation, level="province", short="JS", name="Jiangsu")
    return [
        make.site(f"S-{r.code}", of=make.enterprise(f"E-{r.code}", region=r), name=f"Hall {r.name}")
        for r in (near, far)
    ]


@pytest.fixture
def cases(sites):
    """One case of each site; that of the first is due in an hour, that of the second was due an hour ago."""
    found = []
    for site, hours in zip(sites, (1, -1), strict=True):
        reporter = make.user("reporter", enterprise=site.enterprise.enterprise_id)
        case = services.file_case(
            reporter, kind="energy", site=site, product=site.product, place=site.region, blocked=f"No power at {site}",
            needed_by=make.TODAY, contact="Rita", text="Since Monday.",
        )  # fmt: skip
        Case.objects.filter(pk=case.pk).update(due_at=now() + dt.timedelta(hours=hours))
        found.append(case)
    return found


def wall(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get("/wall/")


def test_figures_are_those_of_the_lists_and_what_is_overdue_is_counted_not_listed(client, sites, cases):
    make.need(sites[0], daily_use=100.0, stock=100.0, reported_at=now())
    relight()
    page = wall(client, make.user())
    values = {str(figure.label): (figure.value, figure.bad) for figure in page.context["figures"]}
    assert values["red lamps"] == (1, False)
    assert values["open cases"] == (2, False)
    assert values["overdue"] == (1, True)
    assert [case.number for case in page.context["due"]] == [cases[0].number]
    assert [red.need.site for red, _kinds in page.context["reds"]] == [sites[0]]
    assert cases[1].number not in page.text
    assert "Acknowledged" not in page.text
    lamp, olga = page.context["reds"][0][0], make.user("province_officer", username="olga", region="310000")
    until = make.TODAY + dt.timedelta(days=3)
    answer_lamp(olga, lamp.pk, Answer.Kind.ACKNOWLEDGED, until=until, note="A truck is on its way")
    page = wall(client, make.user())
    assert "<b>Acknowledged</b>" in page.text
    assert "olga" not in page.text, "who and until when stand on the lamp's page"
    assert "A truck" not in page.text


def test_it_renews_itself_and_has_nothing_to_press(client, cases):
    page = wall(client, make.user()).text
    assert 'hx-get="/wall/"' in page
    assert 'hx-select="#wall"' in page
    assert "<a " not in page
    assert "<button" not in page


def test_each_person_sees_their_own_part(client, sites, cases):
    near = wall(client, make.user("province_officer", region="310000"))
    assert cases[0].number in near.text
    assert "Jiangsu" not in near.text
    client.get("/scope/", {"region": "310000", "next": "/wall/"})
    assert "Dispatch room · Shanghai" in client.get("/wall/").text
    assert wall(client, make.user("reporter", enterprise="E-310000")).status_code == 404
    far = wall(client, make.user("province_officer", region="320000"))
    assert cases[0].number not in far.text
