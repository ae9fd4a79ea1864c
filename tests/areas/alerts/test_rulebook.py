"""Versions of rules: a second person, the difference, the dry run, the day; and lamps that are held and kept."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import factories as make

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.accounts.models import User
from ballast.areas.alerts.judging import standing_of
from ballast.areas.alerts.models import Lamp, LampChange
from ballast.areas.alerts.rulebook import proposing, selectors
from ballast.areas.alerts.rulebook.in_force import pack_on, parts_cover_on, shipped
from ballast.areas.alerts.services import relight
from ballast.areas.audit.models import AuditEntry
from ballast.areas.reports.models import StockReport

MORNING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)
SHIPPED = shipped()["parts-cover"].text


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        for name in ("mia", "mei"):
            make.user("ministry_officer", username=name)
        make.user("province_officer", username="olga", region=make.region("310000").code)
        make.user("reporter", username="rita", enterprise=make.enterprise("E-own").enterprise_id)
        yield SimpleNamespace(site=make.site(of=make.enterprise("E-two")))
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def undone(world):
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


pytestmark = pytest.mark.django_db


def person(name):
    return User.objects.get(username=name)


def page(name):
    client = Client()
    client.force_login(person(name), backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(version="2022.2", begin="2022-04-28", **changes):
    """The shipped pack with another version and day, and pieces of its text changed."""
    made = SHIPPED.replace('version = "2026.1"', f'version = "{version}"')
    made = made.replace("effective_from = 2022-04-01", f"effective_from = {begin}")
    for before, after in changes.get("pieces", ()):
        assert before in made
        made = made.replace(before, after)
    return made


def proposed(by="mia", **changes):
    return proposing.propose(person(by), text(**changes), "One week is too short for us.")


STRICTER = [("below = 7.0", "below = 8.0")]


def lit(world, stock, day=MORNING):
    need = make.need(world.site, stock=stock, reported_at=day)
    relight([need.pk], at=day)
    return need


def say(need, stock, day):
    """A report of the stock at an instant, and the lamp after it."""
    need.stock, need.reported_at = stock, day
    need.save()
    relight([need.pk], at=day)
    return Lamp.objects.get(need=need)


def counted(need):
    return standing_of(parts_cover_on(dt.date(2022, 5, 1)), Lamp.objects.get(need=need))


def test_a_version_holds_once_a_second_person_approved_it_and_lamps_go_over(world):
    need = lit(world, 750.0)
    row = proposed(pieces=STRICTER)
    assert (row.state, row.base, pack_on("parts-cover", make.TODAY)[0].version) == ("proposed", "2026.1", "2026.1")
    with pytest.raises(ValidationError, match="a second person decides"):
        proposing.decide(person("mia"), row.pack, row.version, approve=True)
    assert Lamp.objects.get(need=need).level == "blue"
    proposing.decide(person("mei"), row.pack, row.version, approve=True)
    assert Lamp.objects.get(need=need).level == "yellow"
    changes = LampChange.objects.filter(need=need).order_by("pk").values_list("level", "rule")
    assert list(changes) == [("blue", "parts-cover 2026.1"), ("yellow", "parts-cover 2022.2")]
    acts = AuditEntry.objects.filter(subject_id="parts-cover 2022.2").order_by("sequence")
    assert list(acts.values_list("action", "actor")) == [("rules.proposed", "mia"), ("rules.approved", "mei")]
    with pytest.raises(ValidationError, match="is decided"):
        proposing.decide(person("mei"), row.pack, row.version, approve=False, note="late")


def test_a_right_to_a_part_sets_no_rules_for_the_whole_and_nobody_decides_for_an_account_that_is_gone(world):
    row = proposed()
    make.user("ministry_officer", username="carl", chain=make.chain().code)
    for act in (
        lambda: proposed("carl", version="2022.3"),
        lambda: proposing.decide(person("carl"), row.pack, row.version, approve=True),
        lambda: proposing.withdraw(person("carl"), row.pack, row.version),
    ):
        with pytest.raises(NotAllowedError):
            act()
    address = f"/lamps/rules/{row.pack}/"
    assert not page("carl").get(address).context["may_set"]
    assert page("carl").post(f"{address}{row.version}/decide/", {"step": "approve"}).status_code == 404
    User.objects.get(username="mia").delete()
    with pytest.raises(ValidationError, match="no account any more"):
        proposing.decide(person("mei"), row.pack, row.version, approve=True)
    assert proposing.decide(person("mei"), row.pack, row.version, approve=False, note="Anew.").state == "refused"


def test_a_version_starts_at_its_date_and_ends_at_its_own(world):
    need = lit(world, 750.0)
    until = ("scheme =", "effective_until = 2022-05-03\nscheme =")
    row = proposed(begin="2022-05-02", pieces=[*STRICTER, until])
    proposing.decide(person("mei"), row.pack, row.version, approve=True)
    for day, level in ((1, "blue"), (2, "yellow"), (3, "yellow"), (4, "blue")):
        assert say(need, 750.0, dt.datetime(2022, 5, day, 1, tzinfo=dt.UTC)).level == level, day


def test_what_may_not_be_proposed_is_refused_with_its_reason(world):
    cases = {
        "red is below 4 days; it is fixed at 3": text(pieces=[("below = 3.0", "below = 4.0")]),
        "Line 27, rules[1] “parts-cover”, levels[1] “red”, below: 'three': is not a number": text(
            pieces=[("below = 3.0", 'below = "three"')]
        ),
        "is there already": text(version="2026.1"),
        "has passed": text(begin="2022-04-27"),
        "There is no pack “mine”": text(pieces=[('pack = "parts-cover"', 'pack = "mine"')]),
        "there are seasons": text(
            pieces=[
                ("for = 0", 'seasons = [{ from = "03-01", until = "04-01", title = "s", title_zh = "s" }]\nfor = 0')
            ]
        ),
        "stale_after is missing": text(pieces=[("stale_after = 2", "")]),
    }
    for words, given in cases.items():
        with pytest.raises(ValidationError) as found:
            proposing.propose(person("mia"), given, "why")
        assert words in " ".join(found.value.messages), (words, found.value.messages)
    with pytest.raises(ValidationError, match="Say why"):
        proposing.propose(person("mia"), text(), " ")
    with pytest.raises(NotAllowedError):
        proposing.propose(person("olga"), text(), "why")
    row = proposed()
    with pytest.raises(ValidationError, match="Say why it is refused"):
        proposing.decide(person("mei"), row.pack, row.version, approve=False)
    with pytest.raises(ValidationError, match="Only who proposed"):
        proposing.withdraw(person("mei"), row.pack, row.version)
    assert proposing.withdraw(person("mia"), row.pack, row.version).state == "withdrawn"


def test_a_rule_that_holds_and_keeps_raises_and_lowers_after_its_days(world):
    row = proposed(pieces=[("for = 0", "for = 1"), ("keep = 0", "keep = 1")])
    proposing.decide(person("mei"), row.pack, row.version, approve=True)
    need = lit(world, 2000.0)

    def at(day, hour=1):
        return MORNING + dt.timedelta(days=day, hours=hour - 1)

    assert say(need, 200.0, at(1)).level == "normal"
    assert counted(need).pending == "red"
    # Reports of one day count as the last of them, however many there are.
    assert say(need, 250.0, at(1, 3)).level == say(need, 240.0, at(1, 4)).level == "normal"
    relight(at=at(2))
    assert Lamp.objects.get(need=need).level == "normal", "a day without a report counts for nothing"
    lamp = say(need, 240.0, at(3))
    assert (lamp.level, lamp.since) == ("red", at(3))
    say(need, 2000.0, at(4))
    assert counted(need).recovering
    relight(at=at(8))
    lamp = Lamp.objects.get(need=need)
    assert (lamp.level, lamp.held) == ("no_data", "red"), "a gap never lowers"
    lamp = say(need, 2000.0, at(9))
    assert (lamp.level, lamp.held) == ("normal", "")


def test_a_night_without_reports_writes_nothing(world):
    row = proposed(pieces=[("for = 0", "for = 1"), ("keep = 0", "keep = 1")])
    proposing.decide(person("mei"), row.pack, row.version, approve=True)
    need = lit(world, 2000.0)
    before = Lamp.objects.values().get(need=need)
    with CaptureQueriesContext(connection) as asked:
        assert relight(at=MORNING + dt.timedelta(days=1)) == 0
    assert not [one["sql"] for one in asked if one["sql"].startswith(("INSERT", "UPDATE"))]
    assert Lamp.objects.values().get(need=need) == before


def test_the_dry_run_counts_what_both_versions_do_with_the_reports_of_the_year(world):
    need = make.need(world.site, stock=2000.0)
    for day, stock in enumerate((2000.0, 750.0, 200.0, 750.0, 2000.0, 750.0)):
        StockReport.objects.create(
            need=need, day=make.TODAY - dt.timedelta(days=9 - day), reported_at=MORNING, source="load", stock=stock,
            daily_use=100.0,
        )  # fmt: skip
    row = proposed(pieces=STRICTER)
    tried = row.dry_run
    assert (tried["inputs"], tried["reports"]) == (1, 6)
    before, after = tried["rules"]["in_force"]["levels"], tried["rules"]["proposed"]["levels"]
    assert (before["red"], before["yellow"], before["blue"]) == (
        {"raised": 1, "now": 0}, {"raised": 0, "now": 0}, {"raised": 2, "now": 1},
    )  # fmt: skip
    assert (after["red"], after["yellow"], after["blue"]) == (
        {"raised": 1, "now": 0}, {"raised": 2, "now": 1}, {"raised": 0, "now": 0},
    )  # fmt: skip


def test_pages_show_rules_versions_and_difference_and_take_proposals(world):
    mia, mei = page("mia"), page("mei")
    listed = mia.get("/lamps/rules/").content.decode()
    assert listed.count("/lamps/rules/") >= len(shipped())
    shown = mia.get("/lamps/rules/parts-cover/").content.decode()
    assert "below 3 days" in shown
    assert 'name="text"' in shown
    bad = mia.post("/lamps/rules/parts-cover/", {"text": text(pieces=[("below = 3.0", "below = 4.0")]), "why": "w"})
    assert bad.status_code == 422
    assert "below = 4.0" in bad.content.decode(), "nothing of what was typed is lost"
    made = mia.post("/lamps/rules/parts-cover/", {"text": text(pieces=STRICTER), "why": "<b>because</b>"})
    assert made.status_code == 302
    one = mei.get(made["Location"]).content.decode()
    assert "<del>below = 7.0</del>" in one
    assert "<strong>below = 8.0</strong>" in one
    assert "&lt;b&gt;because" in one
    assert mia.post(f"{made['Location']}decide/", {"step": "approve"}).status_code == 422
    assert mei.post(f"{made['Location']}decide/", {"step": "refuse", "note": "No."}).status_code == 302
    assert selectors.versions(person("mia"), "parts-cover").get().state == "refused"
    olga = page("olga")
    assert 'name="text"' not in olga.get("/lamps/rules/parts-cover/").content.decode()
    assert olga.post("/lamps/rules/parts-cover/", {"text": text(), "why": "w"}).status_code == 404
    for name, path in (("rita", "/lamps/rules/"), ("mia", "/lamps/rules/none/"), ("mia", "/lamps/rules/none/1/")):
        assert page(name).get(path).status_code == 404, path


def test_the_api_tells_and_takes_the_same(world):
    mia, mei = page("mia"), page("mei")
    packs = mia.get("/api/v1/rule-packs").json()["packs"]
    assert [one["pack"] for one in packs] == list(shipped())
    body = {"text": text(pieces=STRICTER), "why": "Two suppliers fewer."}
    made = mia.post("/api/v1/rule-packs", body, content_type="application/json")
    assert (made.status_code, made.json()["state"]) == (201, "proposed")
    again = mia.post("/api/v1/rule-packs", body, content_type="application/json")
    assert (again.status_code, again.json()["fields"][0]["field"]) == (422, "text")
    path = "/api/v1/rule-packs/parts-cover/versions/2022.2"
    difference = mei.get(path).json()["difference"]
    assert {"sign": "+", "text": "below = 8.0"} in difference
    assert {"sign": "-", "text": "below = 7.0"} in difference
    for client, status in ((mia, 422), (page("olga"), 404), (page("rita"), 404), (mei, 200)):
        answer = client.post(f"{path}/decision", {"decision": "approve"}, content_type="application/json")
        assert answer.status_code == status, answer.content
    detail = mia.get("/api/v1/rule-packs/parts-cover").json()
    assert (detail["version"], detail["versions"][0]["decided_by"]) == ("2022.2", "mei")
