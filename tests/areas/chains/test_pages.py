"""Timeline, cause path, what-if: what a desk sees of the forecast, and what it does not."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories as make

from ballast.areas.chains import decide, selectors
from ballast.areas.chains.paths import path_of
from ballast.areas.chains.services import run_forecast
from ballast.areas.registry.models import Site


def as_(client, user):
    client.force_login(user)
    return client


def test_the_timeline_shows_the_plant_its_day_and_its_cause(client, closed):
    page = as_(client, closed.ministry).get("/stops/")
    assert [stop.site.site_id for stop in page.context["rows"]] == ["S-part", "S-car"]
    assert page.context["standing"] == 1
    assert "stops on Sunday 8 May, in 10 days" in page.text
    assert "Staff cannot come in" in page.text


def test_a_province_sees_its_own_plants_only(client, closed):
    page = as_(client, closed.officer).get("/stops/").text
    assert "Car plant" in page
    assert "Part maker" not in page
    assert client.get("/stops/S-car/").status_code == 200
    assert client.get("/stops/S-part/").status_code == 404
    assert client.get("/stops/S-part/figure/").status_code == 404
    assert client.get("/stops/nowhere/").status_code == 404


def test_the_path_names_partners_but_not_who_stands_behind_them(client, closed):
    page = as_(client, closed.officer).get("/stops/S-car/").text
    assert "Part maker" in page
    assert "Ore works" not in page
    assert "a site in Jilin" in page
    assert "Staff cannot come in" not in page
    assert "Ore works" in as_(client, closed.ministry).get("/stops/S-car/").text


def test_the_path_shows_days_of_cover_on_its_edges(client, closed):
    found = path_of(closed.ministry, "S-car")
    covers = {(a.source, a.target): a.cover_days for a in found.picture.arrows}
    assert covers[("S-part", "S-car")] == 2.5
    assert covers[("S-ore", "S-part")] == 4.0
    page = as_(client, closed.ministry).get("/stops/S-car/").text
    assert "2.5 d" in page
    assert "Stops on Sunday 8 May" in page


def test_what_if_the_event_ends_earlier_tells_plants_and_output_gained(client, closed):
    as_(client, closed.ministry)
    sent = {"event": closed.case.event.event_id, "last_day": (make.TODAY + dt.timedelta(days=1)).isoformat()}
    answer = client.post("/stops/S-car/what-if/", sent).context["answer"]
    assert (answer.stop_day, answer.stop_day_then, answer.freed_total) == (10, None, 2)
    assert answer.output_gained == pytest.approx(19.5 - 2)
    assert selectors.current_run() == closed.run, "nothing is stored"


def test_what_if_says_which_day_is_wrong(client, closed):
    as_(client, closed.ministry)
    event = closed.case.event.event_id
    assert (
        "“tomorrow” is not a date"
        in client.post("/stops/S-car/what-if/", {"event": event, "last_day": "tomorrow"}).text
    )
    early = client.post("/stops/S-car/what-if/", {"event": event, "last_day": "2022-04-01"}).text
    assert "2022-04-01 is before" in early


def test_what_if_is_for_those_who_run_forecasts(client, closed):
    sent = {"event": closed.case.event.event_id, "last_day": "2022-04-29"}
    assert as_(client, make.user("leader")).post("/stops/S-car/what-if/", sent).status_code == 404
    assert as_(client, closed.officer).post("/stops/S-car/what-if/", sent).status_code == 404, "event out of scope"


def end(client, *events, last_day="2022-04-29"):
    return client.post("/what-if/", {"event": events, "last_day": last_day})


def test_what_if_two_events_end_tells_what_only_both_together_give(client, closed):
    """Two makers that the car plant needs both: one freed alone frees no car."""
    glass = make.site("S-glass", of=make.enterprise(region=closed.jilin), product=make.product("glass"))
    make.need(closed.car, glass.product, daily_use=10.0, stock=50.0)
    make.link(glass, closed.car, product=glass.product, daily_quantity=10.0, lead_days=1)
    make.event("S-glass", event_id="EV-glass", end=make.TODAY + dt.timedelta(days=29))
    run_forecast()
    ore = closed.case.event.event_id
    answer = end(as_(client, closed.ministry), ore, "EV-glass", ore).context["answer"]
    alone = {event.event_id: plants for event, plants, _gained in answer.alone}
    freed = [site.site_id for site, _day in answer.freed]
    assert "S-car" in freed
    assert (answer.freed_total, alone["EV-glass"], alone[ore]) == (len(freed), 0, 1)
    assert answer.output_gained > sum(gained for *_rest, gained in answer.alone)
    assert "Together they give more than each alone" in end(client, ore, "EV-glass").text
    assert selectors.current_run().sites.filter(site=closed.car, stop_day__isnull=False).exists(), "nothing is stored"


def test_what_if_events_end_offers_only_events_that_may_be_named(client, closed):
    event = closed.case.event.event_id
    answer = as_(client, closed.ministry).get("/stops/")
    assert f'name="event" value="{event}"' in answer.text
    # Many causes have the same words; the site tells them apart, to those who may know it.
    assert "Ore works" in {cause.site for cause in answer.context["causes"]}
    assert {cause.site for cause in as_(client, closed.officer).get("/stops/").context["causes"]} == {""}
    assert 'class="card what-if"' not in as_(client, closed.officer).get("/stops/").text
    assert end(client, event).status_code == 404
    assert 'class="card what-if"' not in as_(client, make.user("leader")).get("/stops/").text
    assert end(client, event).status_code == 404


@pytest.mark.parametrize(
    ("count", "day", "said"),
    [(0, "2022-04-29", "Choose at least one event."), (13, "2022-04-29", "13 events were chosen; choose at most 12."),
     (1, "soon", "“soon” is not a date"), (1, "2022-04-01", "2022-04-01 is before")],
)  # fmt: skip
def test_what_if_events_end_says_what_is_wrong(client, closed, count, day, said):
    events = [closed.case.event.event_id, *(f"EV-{n}" for n in range(count - 1))][:count]
    assert said in end(as_(client, closed.ministry), *events, last_day=day).text


def test_the_path_names_who_else_could_supply(client, closed):
    part, near = closed.part.product, make.enterprise(region=closed.shanghai)
    make.site("S-far", of=make.enterprise(region=closed.jilin), product=part, name="Far maker")
    make.site("S-near", of=near, product=part, name="Near maker")
    make.site("S-shut", of=near, product=part, name="Shut maker")
    make.link(Site.objects.get(site_id="S-far"), make.site(), product=part, daily_quantity=70.0)
    make.event("S-shut")
    run_forecast()
    found = as_(client, closed.ministry).get("/stops/S-car/").context["others"]
    assert [(s.site_id, s.sends, s.stops_in) for s in found.sites] == [
        ("S-near", None, None), ("S-far", 70.0, None), ("S-shut", None, 0),
    ]  # fmt: skip
    assert (found.total, found.hidden) == (3, 0)
    page = as_(client, closed.officer).get("/stops/S-car/")
    assert [s.site_id for s in page.context["others"].sites] == ["S-near", "S-shut"]
    assert page.context["others"].hidden == 1
    assert "Far maker" not in page.text


def test_a_plant_that_is_held_itself_lacks_no_supplier(client, closed):
    assert as_(client, closed.ministry).get("/stops/S-ore/").context["others"] is None


@pytest.mark.parametrize(
    ("query", "ids"),
    [("within=5", ["S-ore", "S-part"]), ("days=0", ["S-ore"]), ("days=5", ["S-part"]), ("within=4", ["S-ore"]),
     ("region=310000", ["S-car"]), ("certain=0", []), ("q=part", ["S-part"]), ("chain=nothing", []),
     ("sort=-day", ["S-car", "S-part"]), ("event=unknown", [])],
)  # fmt: skip
def test_filters(client, closed, query, ids):
    page = as_(client, closed.ministry).get(f"/stops/?{query}")
    assert [stop.site.site_id for stop in page.context["rows"]] == ids


def test_counts_on_the_page_open_lists_of_that_length(client, closed):
    as_(client, closed.ministry)
    for days, count in client.get("/stops/").context["counts"].items():
        assert len(client.get(f"/stops/?days={days}").context["rows"]) == count


def test_the_export_holds_the_scope_and_the_figures(client, closed):
    text = as_(client, closed.officer).get("/stops/?format=csv").content.decode("utf-8-sig")
    assert "S-car" in text
    assert "S-part" not in text
    assert ",2022-05-08,10,10,yes," in text
    assert as_(client, make.user("leader")).get("/stops/?format=csv").status_code == 404


@pytest.mark.parametrize("address", ["/stops/?within=30", "/stops/?view=table&sort=-lost&within=30"])
def test_the_list_takes_as_many_queries_for_three_plants_as_for_thirty(client, closed, address):
    as_(client, closed.ministry)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for _ in range(27):
        make.event(make.site().site_id)
    run_forecast()
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(address).context["rows"]) == 30
    assert len(many) == len(few)


def test_without_a_forecast_the_page_says_what_will_be_there(client, chain):
    assert "There is no forecast yet." in as_(client, chain.ministry).get("/stops/").text
    assert client.get("/stops/S-car/").status_code == 200


@pytest.mark.parametrize("role", ["reporter", "administrator"])
def test_enterprises_and_administrators_have_no_stops(client, closed, role):
    person = closed.reporter if role == "reporter" else make.user(role)
    assert as_(client, person).get("/stops/").status_code == 404
    assert client.get("/stops/S-ore/").status_code == 404


def test_an_enterprise_learns_its_own_day_and_the_tier_of_the_trouble_but_no_name(closed):
    maker = make.user("reporter", enterprise="car-maker")
    (found,) = selectors.own_outlook(maker)
    assert (found.site, found.stop_day, found.tier, found.certain) == (closed.car, 10, 2, True)
    assert found.product == closed.part.product.label
    assert "Ore" not in repr([found.tier, found.product])


def test_cases_needed_together_are_one_line_that_ranks_by_what_they_free_together(closed, client):
    """Two closed suppliers of one plant whose inputs run out on the same day: solving one of them frees nothing."""
    from tests.areas.chains.conftest import file

    for site in (closed.ore, closed.part):
        site.daily_output_value = 0.001
        site.save()
    glass = make.site("S-glass", of=closed.ore.enterprise, name="Glass works", daily_output_value=0.001)
    make.need(closed.car, glass.product, daily_use=10.0, stock=0.0)
    make.link(glass, closed.car, daily_quantity=10.0, lead_days=3)
    closed.car.needs.filter(product=closed.part.product).update(stock=0.0)
    closed.part.needs.update(stock=0.0)
    other = file(closed, glass, blocked="Furnace is cold")
    other.event.end = closed.case.event.end
    other.event.save()
    run_forecast()
    first = decide.decide_first(closed.ministry)[0]
    assert first.joint
    assert set(first.numbers) == {closed.case.number, other.number}
    assert "both needed" in first.what
    assert decide.decide_first(closed.officer) == [], "cases of another region"
    assert 'hx-get="/decide-first/"' in as_(client, closed.ministry).get("/cases/").text
    shown = client.get("/decide-first/?k=10").text
    assert "1 plant starts only when all of them are solved:" in shown
    assert all(f'href="/cases/{number}/"' in shown for number in first.numbers)
    assert "?k=20" in client.get("/decide-first/?k=9999").text
    assert 'aria-current="true">3<' in client.get("/decide-first/?k=3").text
    assert closed.case.number not in as_(client, closed.officer).get("/decide-first/").text


def test_the_case_page_draws_the_small_path(client, closed):
    page = as_(client, closed.ministry).get(f"/cases/{closed.case.number}/").text
    assert "/stops/S-ore/figure/" in page
    assert "<svg" in client.get("/stops/S-car/figure/").text
