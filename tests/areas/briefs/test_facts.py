"""What the brief counts equals a recount from the database."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from tests import factories as make
from tests.areas.briefs.world import HOUR, case, moved, world

from ballast.areas.alerts.models import Lamp, LampChange
from ballast.areas.briefs import selectors, services
from ballast.areas.cases import selectors as cases
from ballast.areas.cases.models import Case, State
from ballast.areas.chains.models import SiteForecast
from ballast.areas.papers.blocks import Fact, Items
from ballast.areas.reference.selectors import now
from ballast.areas.registry.models import Enterprise

pytestmark = pytest.mark.django_db


def facts(scope="/"):
    return services.make_brief(make.TODAY, scope, actor="brief job").facts


def pair(found, key):
    figure = found["figures"][key]
    return figure["value"], figure["before"]


def test_cases_are_counted_for_the_day_and_the_day_before():
    first, second = world()
    # It is three in the afternoon: fifteen hours since midnight.
    case(first)
    case(first, filed=30 * HOUR)
    closed = case(first, state=State.SOLVED, filed=50 * HOUR)
    moved(closed, State.SOLVING, State.SOLVED)
    confirmed = case(second, state=State.CONFIRMED, filed=60 * HOUR)
    moved(confirmed, State.SOLVING, State.SOLVED, ago=26 * HOUR)
    moved(confirmed, State.SOLVED, State.CONFIRMED, ago=2 * HOUR)
    case(second, filed=90 * HOUR, due=2 * HOUR)
    case(second, filed=90 * HOUR, due=40 * HOUR)
    found = facts()
    assert pair(found, "cases.received") == (1, 1)
    assert pair(found, "cases.closed") == (1, 1)
    assert pair(found, "cases.confirmed") == (1, 0)
    # Yesterday the closed one was still in hand.
    assert pair(found, "cases.in_hand") == (4, 4)
    assert pair(found, "cases.overdue") == (2, 1)


@pytest.mark.parametrize("hour", [0, 6, 12, 23])
def test_new_is_the_same_on_today_in_the_list_and_in_the_brief(client, clock, hour):
    first, second = world()
    clock(dt.datetime(2026, 1, 5, hour, 30, tzinfo=ZoneInfo("Asia/Shanghai")))
    midnight = now().astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=0, minute=0, second=0, microsecond=0)
    for site, at in (
        (first, midnight),
        (second, now()),
        (first, midnight - dt.timedelta(microseconds=1)),
        (first, now() - dt.timedelta(days=1)),
        (second, midnight - dt.timedelta(days=1)),
    ):
        Case.objects.filter(pk=case(site).pk).update(filed_at=at)
    officer = make.user()
    client.force_login(officer)
    found = facts()
    assert pair(found, "cases.received") == (2, 2)
    assert cases.counts(officer)["new"] == cases.queue(officer, {"new": "1"}).count() == 2
    brief = selectors.newest(make.TODAY, "/")
    paper = selectors.document_of(brief, "en")
    fact = next(f for block in paper.blocks for f in facts_in(block) if f.id == "cases.received")
    assert fact.value == 2
    listed = client.get(fact.href + "&format=csv").content.decode("utf-8-sig")
    assert len(listed.strip().splitlines()) - 1 == 2


def facts_in(block):
    rows = block.rows if isinstance(block, Items) else []
    return [part for row in rows for part in row if isinstance(part, Fact)]


def test_region_table_sums_to_the_cases_in_hand():
    first, second = world()
    for site, kind in ((first, "logistics"), (first, "energy"), (second, "energy")):
        case(site, kind=kind)
    found = facts()
    rows = found["regions"]
    assert sum(row["total"] for row in rows) == found["figures"]["cases.in_hand"]["value"] == Case.objects.count()
    assert all(sum(row["kinds"].values()) == row["total"] for row in rows)
    assert {row["region"]: row["total"] for row in rows} == {"310000": 2, "220000": 1}


def test_lamps_before_follow_from_their_changes():
    world()
    lamp = Lamp.objects.first()
    LampChange.objects.create(need=lamp.need, at=now() - HOUR, level_before="blue", level="yellow", rule="r")
    LampChange.objects.create(need=lamp.need, at=now() - HOUR / 2, level_before="yellow", level="red", rule="r")
    found = facts()
    assert pair(found, "lamps.red") == (2, 1)
    assert pair(found, "lamps.yellow") == (0, 0)
    assert pair(found, "lamps.blue") == (0, 1)


def test_lamps_without_a_yesterday_are_not_comparable():
    world()
    Lamp.objects.update(since=now())
    assert pair(facts(), "lamps.red") == (2, None)


def test_worst_reds_come_first_with_since():
    world()
    lamp = Lamp.objects.last()
    Lamp.objects.filter(pk=lamp.pk).update(cover_days=0.5)
    reds = facts()["reds"]
    assert [row["cover"] for row in reds] == [0.5, 2.99]
    assert reds[0]["href"] == f"/lamps/{lamp.pk}/"


def test_stops_are_counted_within_each_horizon():
    world()
    found = facts()
    assert [found["figures"][f"stops.{days}"]["value"] for days in (3, 7, 14)] == [1, 1, 2]
    assert found["figures"]["stops.14.lost"]["value"] == sum(SiteForecast.objects.values_list("lost_output", flat=True))


def test_stop_days_count_from_the_brief_not_from_an_older_run():
    world()
    run = SiteForecast.objects.first().run
    run.day = make.TODAY - dt.timedelta(days=3)
    run.save()
    found = facts()
    assert found["figures"]["stops.7"]["value"] == 2
    assert found["stops"][0]["stop_on"] == "2022-04-27"


def test_without_a_forecast_nothing_is_claimed():
    world()
    SiteForecast.objects.first().run.delete()
    found = facts()
    assert found["figures"]["stops.3"]["value"] is None
    assert found["stops"] == []


def test_restart_and_list_figures_equal_a_recount():
    world()
    found = facts()
    listed = Enterprise.objects.filter(key_list=True)
    assert found["key_list"]["total"]["value"] == listed.count() == 2
    assert found["key_list"]["at_work"]["value"] == listed.filter(operation="restarted").count() == 1
    assert [part["count"]["value"] for part in found["key_list"]["batches"]] == [2]
    assert {p["code"]: p["at_work"]["value"] for p in found["panels"]} == {"watched-310000": 1, "watched-220000": 0}
    assert found["chains"][0]["median_cover"] == 2.99


def test_province_counts_only_its_own():
    first, second = world()
    case(first)
    case(second)
    found = facts("/CN/310000/")
    assert found["figures"]["cases.received"]["value"] == 1
    assert found["figures"]["lamps.red"]["value"] == 1
    assert found["figures"]["sites.total"]["value"] == 1
    assert [row["site"]["id"] for row in found["stops"]] == ["S310000"]
    assert [row["code"] for row in found["panels"]] == ["watched-310000"]
    assert found["chains"][0]["enterprises"] == 1


def test_events_that_hold_plants_only_together_ask_for_a_decision():
    first, _second = world()
    one, two = make.event("S310000", event_id="J1"), make.event("S220000", event_id="J2")
    case(first, event=one)
    SiteForecast.objects.update(path={"events": ["J1", "J2"], "needed": ["J1", "J2"]})
    joint = facts()["joint"]
    assert [[event["id"] for event in row["events"]] for row in joint] == [["J1", "J2"]]
    assert joint[0]["plants"] == 2
    assert joint[0]["lost"] == pytest.approx(8.24e7)
    assert joint[0]["events"][0]["cases"] == [Case.objects.get().number]
    assert two.event_id == "J2"


def test_a_lane_that_names_another_provinces_site_stays_unnamed():
    first, second = world()
    make.event(f"{second.site_id}>310000", kind="lane", event_id="J1", name="Truck of the Jilin plant")
    make.event("220000>310000", kind="lane", event_id="J2", name="Road closed")
    SiteForecast.objects.filter(site=first).update(path={"events": ["J1", "J2"], "needed": ["J1", "J2"]})
    (row,) = facts("/CN/310000/")["joint"]
    assert [event.get("name", "hidden") for event in row["events"]] == ["hidden", "Road closed"]


def test_overdue_case_without_owner_asks_for_one():
    first, _second = world()
    late = case(first, due=HOUR)
    owned = case(first, due=HOUR, owner=make.user())
    found = facts()["decisions"]
    assert [row["number"] for row in found["ownerless"]] == [late.number]
    assert owned.number not in str(found)


def test_same_facts_make_no_new_issue_and_other_facts_do():
    first, _second = world()
    assert services.make_brief(make.TODAY, "/", actor="x").issue == 1
    assert services.make_brief(make.TODAY, "/", actor="x").issue == 1
    case(first)
    assert services.make_brief(make.TODAY, "/", actor="x").issue == 2


def test_brief_of_another_day_cannot_be_made():
    world()
    with pytest.raises(services.PastBriefError, match="2022-04-27"):
        services.make_brief(make.TODAY - dt.timedelta(days=1), "/", actor="x")


def test_brief_is_stale_after_a_move():
    first, _second = world()
    brief = services.make_brief(make.TODAY, "/", actor="x")
    assert not selectors.brief_is_stale(brief)
    moved(case(first), State.FILED, State.ACCEPTED)
    assert selectors.brief_is_stale(brief)


def test_daily_job_makes_one_brief_for_each_desk():
    world()
    make.user("province_officer", region="310000")
    make.user("reporter", enterprise="E310000")
    assert services.make_daily(actor="brief job") == 2


@pytest.mark.parametrize(("now_is", "word"), [(3, "a rise of"), (1, "a fall of"), (2, "unchanged")])
def test_changes_are_told_in_neutral_words(now_is, word):
    world()
    brief = services.make_brief(make.TODAY, "/", actor="x")
    brief.facts["figures"]["cases.received"] |= {"value": now_is, "before": 2}
    six = next(block for block in selectors.document_of(brief, "en").blocks if isinstance(block, Items))
    assert any(isinstance(part, str) and word in part for part in six.rows[0])


def test_event_at_a_site_of_others_stays_without_name():
    first, second = world()
    secret = make.event(second.site_id, name="Fire at the rival")
    SiteForecast.objects.filter(site=first).update(lead_event=secret)
    brief = services.make_brief(make.TODAY, "/CN/310000/", actor="x")
    assert "Fire at the rival" not in str(brief.facts)
    assert "an event at a site outside your scope" in str(selectors.document_of(brief, "en").blocks)
    assert "Fire at the rival" in str(facts("/"))


def test_brief_of_an_older_version_is_stale():
    world()
    brief = services.make_brief(make.TODAY, "/", actor="x")
    brief.facts["version"] = 1
    assert selectors.brief_is_stale(brief)
