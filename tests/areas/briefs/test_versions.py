"""Briefs that another version of Ballast stored: they print, or it is said plainly that they do not."""

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.urls import reverse
from tests import factories as make
from tests.areas.briefs.world import world

from ballast.areas.briefs import selectors, services
from ballast.areas.briefs.facts.versions import VERSION, brought_up, enterprise_ids, version_of
from ballast.areas.briefs.models import Brief
from ballast.cli import main as ballast

pytestmark = pytest.mark.django_db
# As the very first version stored it, before events had a place.
FIRST = json.loads(Path(__file__).with_name("version_1.json").read_text(encoding="utf-8"))
YESTERDAY = make.TODAY - dt.timedelta(days=1)


def stored(facts):
    cut_off = dt.datetime(2022, 4, 27, 7, 0, tzinfo=dt.UTC)
    return Brief.objects.create(day=YESTERDAY, scope="/", issue=1, cut_off_at=cut_off, facts=facts)


@pytest.fixture
def reader(client):
    world()
    client.force_login(make.user())
    return client


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_brief_of_the_first_version_still_prints(reader, language):
    stored(FIRST)
    page = reader.get(f"/briefs/{YESTERDAY}/?lang={language}")
    assert page.status_code == 200
    assert {"en": "Lane closed", "zh-hans": "通道关闭"}[language] in page.content.decode()
    assert reader.get(f"/briefs/{YESTERDAY}.pdf?lang={language}").content.startswith(b"%PDF-")


def test_a_brief_of_the_first_version_counts_24_hours_and_says_so(reader):
    stored(FIRST)
    page = reader.get(f"/briefs/{YESTERDAY}/?lang=en").content.decode()
    assert "hours up to the cut-off" in page
    assert "from midnight" not in page
    assert "filed_from=2022-04-26T07:00:00" in page


def test_facts_carry_their_version(reader):
    facts = services.make_brief(make.TODAY, "/", actor="brief job").facts
    assert version_of(facts) == facts["version"] == VERSION
    assert brought_up(facts) is facts
    assert version_of(FIRST) == 1


SHAPES = {
    "empty": {},
    "without a section": {key: value for key, value in FIRST.items() if key != "regions"},
    "of a later version": {"version": VERSION + 1, "day": "2022-04-27", "papers": []},
    "a section of another kind": FIRST | {"stops": {"3": 1}},
}


@pytest.mark.parametrize("facts", SHAPES.values(), ids=SHAPES)
def test_a_brief_that_cannot_be_printed_says_so(reader, facts):
    found = stored(facts)
    for address in (f"/briefs/{YESTERDAY}/", f"/briefs/{YESTERDAY}.pdf", f"/briefs/{YESTERDAY}.html"):
        answer = reader.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (410, "text/html; charset=utf-8"), address
        assert "Another version of Ballast" in answer.content.decode()
    assert reader.get(f"/api/v1/briefs/{YESTERDAY}").json()["facts"] == facts
    assert reader.get(reverse("briefs:list")).status_code == 200
    with pytest.raises(selectors.OtherVersionError, match="issue 1"):
        selectors.document_of(found, "en")


def test_the_command_names_the_way_out(reader):
    stored({})
    run = CliRunner().invoke(ballast, ["brief", "--date", str(YESTERDAY)], standalone_mode=False)
    assert "another version of Ballast" in str(run.exception)
    assert "--format json" in str(run.exception)
    assert CliRunner().invoke(ballast, ["brief", "--date", str(YESTERDAY), "--format", "json"]).exit_code == 0


def test_a_fault_in_the_present_form_is_not_hidden(reader):
    brief = services.make_brief(make.TODAY, "/", actor="brief job")
    del brief.facts["regions"]
    with pytest.raises(KeyError):
        selectors.document_of(brief, "en")


def test_readings_of_any_version_are_noted():
    assert set(enterprise_ids(FIRST)) <= {"E310000", "E220000"}
    assert sorted(enterprise_ids({"a": [{"enterprise_id": "E1"}, {"b": {"enterprise_id": "E2"}}], "c": None})) == [
        "E1",
        "E2",
    ]


def test_todays_brief_of_an_older_version_is_made_anew(reader):
    Brief.objects.create(
        day=make.TODAY, scope="/", issue=1, cut_off_at=dt.datetime(2022, 4, 28, 1, tzinfo=dt.UTC), facts=FIRST
    )
    assert reader.get(f"/briefs/{make.TODAY}/").status_code == 200
    assert version_of(Brief.objects.get(issue=2).facts) == VERSION
