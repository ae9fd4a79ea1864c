"""Measures: what proposes them, who issues them, how they end, and what each door shows."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from tests import factories as make
from tests.areas.provinces import page, person

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.alerts.models import Lamp
from ballast.areas.audit.models import AuditEntry
from ballast.areas.notices.models import Notice
from ballast.areas.reference.models import Authority
from ballast.areas.reserve import selectors
from ballast.areas.reserve.issuing import services as issuing
from ballast.areas.reserve.jobs import follow_reserve
from ballast.areas.reserve.library import services as library
from ballast.areas.reserve.models import Issue, PolicyOption, Proposal
from ballast.areas.reserve.trigger.measuring import measure
from ballast.exercise.measures import load_measures

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def prepared(world, code="diesel", *, by="olga", ready=True, **fields):
    given = {
        "name": "Release diesel", "name_zh": "投放柴油", "text": "Release 500 t.", "authority": "Energy office",
        "region": world.shanghai, "issuer": world.shanghai, "trigger_measure": "count", "product": world.diesel,
        "trigger_at_least": 2.0, "trigger_days": 3, "days": 10, "cost": 5e6, "currency": "CNY",
    } | fields  # fmt: skip
    row = library.save(person(by), code, given)
    return library.set_state(person(by), row, "ready") if ready else row


def later(days):
    """The exercise's date goes on."""
    Authority.objects.update(exercise_date=make.TODAY + days * DAY)


def test_a_trigger_counts_the_lamps_of_its_place_as_they_stood_each_day(world):
    diesel = prepared(world)
    found = measure(diesel)
    # Red: E4 for 40 days, E2 held for 5 days, E0 for 2; yesterday but one there were two.
    assert (found.value, found.lit, found.total, found.silent, found.possible) == (3, 3, 4, 0, 3)
    assert (found.holds, found.since) == (True, make.TODAY - 5 * DAY)
    share = prepared(
        world, "share", by="mia", region=None, issuer=None, chain=world.car, product=None, trigger_measure="share",
        trigger_at_least=50.0, trigger_days=1, cost=None, currency="",
    )  # fmt: skip
    found = measure(share)
    # Of the chain's four plants E0 and E2 are red, and E3 is silent.
    assert (found.value, found.possible, found.silent, found.total) == (50, 75, 1, 5)
    assert (found.since, found.since_before, found.holds) == (make.TODAY - 2 * DAY, False, True)
    old = prepared(world, "old", trigger_at_least=1.0, trigger_days=1)
    assert (measure(old).since_before, measure(old).since) == (True, make.TODAY - 30 * DAY)
    assert measure(prepared(world, "long", trigger_at_least=3.0, trigger_days=4)).holds is False


def test_it_is_proposed_and_told_but_only_a_person_issues_it(world):
    diesel = prepared(world)
    (proposal,) = selectors.open_proposals(person("olga"))
    assert (proposal.since, proposal.figures["value"]) == (make.TODAY - 5 * DAY, 3)
    told = set(Notice.objects.filter(template="measure_proposed").values_list("person__username", flat=True))
    assert told == {"mia", "max", "olga", "otto"}
    assert follow_reserve.func() == {"ended": 0, "proposed": 0}
    assert not Issue.objects.exists()
    for name in ("ana", "city"):
        with pytest.raises(NotAllowedError):
            issuing.issue(person(name), diesel, ends=make.TODAY)
    for ends in (None, make.TODAY - DAY, make.TODAY + 10 * DAY):
        with pytest.raises(ValidationError) as error:
            issuing.issue(person("olga"), diesel, ends=ends)
        assert "ends" in error.value.message_dict
    issued = issuing.issue(person("olga"), diesel, ends=make.TODAY + 4 * DAY, note="Agreed")
    assert (issued.content["text"], issued.proposal) == ("Release 500 t.", proposal)
    assert not selectors.open_proposals(person("olga")).exists()
    with pytest.raises(ValidationError, match="in force until 2022-05-02"):
        issuing.issue(person("otto"), diesel, ends=make.TODAY)
    with pytest.raises(ValidationError, match="end it before you change it"):
        library.save(person("olga"), "diesel", {"days": 20})


def test_an_extension_asks_a_second_person_and_the_end_comes_by_itself(world):
    diesel = prepared(world)
    issued = issuing.issue(person("olga"), diesel, ends=make.TODAY + DAY)
    with pytest.raises(ValidationError, match="2022-04-30 to 2022-05-09"):
        issuing.ask_extension(person("olga"), issued, until=make.TODAY, reason="Still short")
    asked = issuing.ask_extension(person("olga"), issued, until=make.TODAY + 3 * DAY, reason="Still short")
    assert [selectors.waiting_for(person(name)) for name in ("olga", "jin", "ana")] == [[], [], []]
    assert selectors.waiting_for(person("otto")) == [asked]
    with pytest.raises(ValidationError, match="second person"):
        issuing.decide_extension(person("olga"), asked, grant=True)
    with pytest.raises(NotAllowedError):
        issuing.decide_extension(person("jin"), asked, grant=True)
    with pytest.raises(ValidationError, match="Say why"):
        issuing.decide_extension(person("otto"), asked, grant=False)
    issuing.decide_extension(person("otto"), asked, grant=True)
    with pytest.raises(ValidationError, match="decided"):
        issuing.decide_extension(person("mia"), asked, grant=False, note="Late")
    later(3)
    assert Issue.objects.get().in_force(make.TODAY + 3 * DAY)
    assert follow_reserve.func()["ended"] == 0
    later(4)
    # Over before any job has run; the job only tells the audit, once, and what still holds is proposed anew.
    assert selectors.counts(person("olga"))["issued"] == 0
    with pytest.raises(ValidationError, match="not in force any more"):
        issuing.ask_extension(person("olga"), issued, until=make.TODAY + 9 * DAY, reason="Again")
    assert [follow_reserve.func()["ended"] for _twice in range(2)] == [1, 0]
    assert Proposal.objects.filter(option=diesel).count() == 2
    assert selectors.open_proposals(person("olga")).get().state == "open"
    acts = [
        a.removeprefix("measure.") for a in AuditEntry.objects.order_by("sequence").values_list("action", flat=True)
    ]
    wanted = [
        "saved",
        "state",
        "proposed",
        "issued",
        "extension_asked",
        "extended",
        "ended",
        "proposal_over",
        "proposed",
    ]
    assert acts == wanted


def test_what_is_dismissed_stays_so_until_the_trigger_was_over(world):
    diesel = prepared(world)
    (proposal,) = selectors.open_proposals(person("olga"))
    with pytest.raises(ValidationError, match="reason"):
        issuing.dismiss(person("olga"), proposal, reason=" ")
    issuing.dismiss(person("olga"), proposal, reason="A tanker arrives today")
    with pytest.raises(ValidationError, match="nobody"):
        issuing.dismiss(person("olga"), proposal, reason="Again")
    assert follow_reserve.func()["proposed"] == 0
    Lamp.objects.filter(need__product=world.diesel).update(level="normal", held="")
    follow_reserve.func()
    assert Proposal.objects.get(pk=proposal.pk).ended_at is not None
    Lamp.objects.filter(need__product=world.diesel).update(level="red")
    assert follow_reserve.func()["proposed"] == 1
    issued = issuing.issue(person("otto"), diesel, ends=make.TODAY)
    issuing.stop(person("olga"), issued, reason="Enough")
    assert not Issue.objects.get().in_force(make.TODAY)
    # Taken out, nothing is proposed; of a closed account nobody is told.
    library.set_state(person("olga"), diesel, "ended")
    assert follow_reserve.func()["proposed"] == 0
    with pytest.raises(ValidationError, match="not ready"):
        issuing.issue(person("olga"), diesel, ends=make.TODAY)


def test_the_library_refuses_what_cannot_be(world):
    bad = {"trigger_measure": "share", "trigger_at_least": 120.0, "days": 400, "currency": "yuan"}
    with pytest.raises(ValidationError) as error:
        prepared(world, ready=False, **bad)
    assert set(error.value.message_dict) == {"trigger_at_least", "days", "currency"}
    with pytest.raises(ValidationError, match="nothing is counted"):
        prepared(world, ready=False, trigger_measure="")
    with pytest.raises(NotAllowedError):
        prepared(world, region=None)
    with pytest.raises(NotAllowedError):
        prepared(world, by="jin")
    prepared(world, ready=False)
    with pytest.raises(ValidationError, match="taken"):
        library.save(person("mia"), "diesel", {"name": "Other"}, new=True)
    assert not PolicyOption.objects.exclude(state="draft").exists()


def test_a_warning_finds_what_fits_its_places_chains_and_inputs(world):
    prepared(world)
    prepared(world, "chain", by="mia", region=None, issuer=None, chain=world.car, product=None)
    prepared(world, "draft", ready=False)
    prepared(world, "nanjing", by="jin", region=world.jiangsu, issuer=world.jiangsu, product=None)

    def found(name, *given):
        return [option.code for option in selectors.overlapping(person(name), *given)]

    # What is proposed comes first.
    assert found("mia", {world.pudong.path}, {"automobile"}, {"diesel"}) == ["chain", "diesel"]
    assert found("mia", {world.pudong.path}, set(), {"steel"}) == []
    assert found("mia", {world.jiangsu.path}, {"automobile"}, set()) == ["chain", "nanjing"]
    assert found("olga", {world.jiangsu.path}, set(), set()) == []


def test_the_measures_of_an_exercise_are_sound(world):
    assert load_measures() == 4
    assert [library.faults_of(vars(row), loading=True) for row in PolicyOption.objects.all()] == [{}, {}, {}, {}]
    # Else a dump that is loaded again would change them.
    assert all(row.conditions == row.conditions.strip() for row in PolicyOption.objects.all())
    green = PolicyOption.objects.get(code="green-lane-parts")
    assert (measure(green).total, measure(green).value) == (4, 66.666667)


def test_pages_and_file_show_each_person_their_own(world):
    prepared(world)
    prepared(world, "national", by="mia", region=None, issuer=None, trigger_days=1)
    (proposal,) = selectors.open_proposals(person("olga"))
    olga = page("olga")
    text = olga.get("/reserve/?state=proposed").content.decode()
    # The national one holds in Shanghai too; what it counts elsewhere is not olga's to read.
    assert "Release diesel" in text
    assert "/reserve/measures/national/" not in text
    assert "national" in olga.get("/reserve/").content.decode()
    assert "It has held since" not in olga.get("/reserve/measures/national/").content.decode()
    assert "measure of the reserve is proposed" in olga.get("/").content.decode()
    assert "投放柴油" in olga.get("/reserve/?format=csv").content.decode()
    assert olga.get("/reserve/?format=xlsx").status_code == 200
    refused = olga.post("/reserve/measures/diesel/issue/", {"ends": "tomorrow", "note": "Kept words"})
    assert refused.status_code == 422
    assert "Kept words" in refused.content.decode()
    olga.post("/reserve/measures/diesel/issue/", {"ends": "2022-05-01"})
    assert "in force until 2022-05-01" in page("ana").get("/reserve/measures/diesel/").content.decode()
    hidden = page("jin")
    assert hidden.get("/reserve/measures/diesel/").status_code == 404
    assert hidden.post(f"/reserve/proposals/{proposal.pk}/dismiss/", {"reason": "x"}).status_code == 404
    assert page("rita").get("/reserve/").status_code == 404
    assert page("ana").post("/reserve/measures/diesel/issue/", {"ends": "2022-05-01"}).status_code == 404
    form = olga.post("/reserve/new/", {"code": "b", "name": "Bus", "text": "Go", "authority": "A", "region": "nowhere"})
    assert form.status_code == 422
    assert "nowhere" in form.content.decode()


def test_the_api_does_what_the_pages_do(world):
    olga, api = page("olga"), "/api/v1/policy-options"
    body = {
        "name": "Bus", "text": "Run buses", "authority": "Transport", "region": "310000", "trigger_measure": "count",
        "trigger_at_least": 1, "issuer": "310000",
    }  # fmt: skip
    send = {"content_type": "application/json"}
    assert olga.put(f"{api}/bus", body | {"chain": "none"}, **send).status_code == 422
    made = olga.put(f"{api}/bus", body, **send).json()
    assert (made["state"], made["proposed_since"]) == ("draft", None)
    made = olga.post(f"{api}/bus/state", {"state": "ready"}, **send).json()
    assert made["proposed_since"] == "2022-03-29"
    (found,) = olga.get("/api/v1/policy-proposals").json()["items"]
    assert found["measure"] == "bus"
    issued = olga.post(f"{api}/bus/issue", {"ends": "2022-05-01"}, **send).json()
    asked = olga.post(f"/api/v1/policy-issues/{issued['id']}/extend", {"until": "2022-05-05", "reason": "r"}, **send)
    decide = f"/api/v1/policy-extensions/{asked.json()['id']}/decide"
    assert olga.post(decide, {"grant": True}, **send).status_code == 422
    assert page("jin").post(decide, {"grant": True}, **send).status_code == 404
    assert page("otto").post(decide, {"grant": True}, **send).json()["state"] == "granted"
    assert olga.get(api).json()["items"][0]["in_force_until"] == "2022-05-05"
    ended = olga.post(f"/api/v1/policy-issues/{issued['id']}/end", {"reason": "r"}, **send).json()
    assert (ended["in_force"], ended["ends"]) == (False, "2022-05-05")
    assert page("jin").put(f"{api}/bus", body, **send).status_code == 404
    assert page("rita").get(api).status_code == 404
