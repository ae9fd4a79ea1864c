"""Pages of events: what the list and the page say, the preview before recording, and who may do what."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories as make
from tests.areas.chains.conftest import file

from ballast.areas.audit.models import AuditEntry
from ballast.areas.chains import jobs
from ballast.areas.chains.event_page import event_view
from ballast.areas.chains.models import EventForecast
from ballast.areas.chains.services import compute, run_forecast
from ballast.areas.registry.models import Event
from ballast.areas.registry.services import end_event
from ballast.core.forecast import forecast

DAY9 = make.TODAY + dt.timedelta(days=9)


def as_(client, user):
    client.force_login(user)
    return client


def filled(**changes):
    """What the form of a closed ore works sends."""
    given = {
        "event_id": "EV-form", "kind": "site", "site": "Ore works", "start": "2022-04-28", "end": "2022-05-07",
        "capacity_left": "0", "reason": "Mine is flooded", "step": "preview",
    }  # fmt: skip
    return given | changes


def shown(page):
    """The mark of the effect that the page shows."""
    return re.search(r'name="previewed" value="(\w+)"', page.text)[1]


def record(client, **changes):
    first = client.post("/events/new/", filled(**changes))
    assert first.status_code == 200, first.context["form"].errors
    return client.post("/events/new/", filled(**changes, step="record", previewed=shown(first)))


def ids(client, query=""):
    return [row.event.event_id for row in client.get(f"/events/{query}").context["rows"]]


# --- what the forecast keeps of events


def test_the_run_keeps_what_each_event_holds_and_puts_at_risk(closed):
    row = EventForecast.objects.get(run=closed.run)
    found, _tables = compute(make.TODAY, 30)
    without = forecast(found.network, [], horizon=30)
    assert row.event == closed.case.event
    assert row.output_at_risk == found.low.total_lost_output - without.low.total_lost_output
    assert row.output_at_risk == closed.case.output_at_risk
    assert (row.sites, row.start, row.end, row.capacity_left) == (1, make.TODAY, DAY9, 0.0)


@pytest.mark.parametrize(
    ("kind", "subject", "sites"),
    [("site", "S-ore", 1), ("region", "220000", 2), ("region", "CN", 3), ("product", "part", 1),
     ("lane", "220000>*", 2), ("lane", "S-part>310000", 1), ("lane", "310000>220000", 0)],
)  # fmt: skip
def test_sites_held_are_those_of_the_subject_and_of_a_lane_those_supplied(chain, kind, subject, sites):
    make.event(subject, kind, event_id="EV-1")
    run_forecast()
    assert EventForecast.objects.get().sites == sites


def test_an_event_without_a_case_has_its_output_at_risk_too(closed):
    make.event("S-car", event_id="EV-car", end=make.TODAY)
    run = run_forecast()
    assert run.events.get(event__event_id="EV-car").output_at_risk == pytest.approx(1.0)
    assert run.events.count() == 2


# --- the list


def test_a_line_of_the_list_says_it_all(client, closed):
    (row,) = as_(client, closed.ministry).get("/events/").context["rows"]
    assert (str(row.subject), row.state, row.sites, row.cases, row.stops) == ("Ore works", "now", 1, 1, 3)
    assert row.output_at_risk == pytest.approx(19.5)
    page = client.get("/events/").text
    assert 'href="/sites/S-ore/"' in page
    assert f'href="/stops/?event={row.event.event_id}"' in page
    assert client.get(f"/stops/?event={row.event.event_id}").context["rows"].total == row.stops


@pytest.fixture
def many(closed):
    """Events of every kind and state beside the one of the case."""
    day = dt.timedelta(days=1)
    make.event("310000", "region", event_id="EV-soon", start=make.TODAY + day, name="Storm is coming")
    make.event("S-car", event_id="EV-past", start=make.TODAY - 9 * day, end=make.TODAY - day)
    make.event("220000>310000", "lane", event_id="EV-lane", capacity_left=0.3, name_zh="高速封闭")
    make.event("part", "product", event_id="EV-gone")
    end_event(Event.objects.get(event_id="EV-gone"), acting_user="test", withdraw=True)
    closed.own = closed.case.event.event_id
    run_forecast()
    return closed


def test_states_kinds_places_and_words_filter_the_list(client, many):
    as_(client, many.ministry)
    cases = {
        "": {many.own, "EV-lane", "EV-soon"},
        "?state=now": {many.own, "EV-lane"},
        "?state=upcoming": {"EV-soon"},
        "?state=ended": {"EV-past"},
        "?state=withdrawn": {"EV-gone"},
        "?state=all": {many.own, "EV-lane", "EV-soon", "EV-past", "EV-gone"},
        "?state=nonsense": set(),
        "?kind=lane": {"EV-lane"},
        "?kind=nonsense": set(),
        "?region=310000": {"EV-lane", "EV-soon"},
        "?region=220000": {many.own, "EV-lane"},
        "?region=310000&state=all": {"EV-lane", "EV-soon", "EV-past"},
        "?q=ore+works": {many.own},
        "?q=Shanghai": {"EV-lane", "EV-soon"},
        "?q=高速": {"EV-lane"},
        "?q=storm": {"EV-soon"},
        "?q=Product+part&state=all": {"EV-gone"},
        "?q=nothing": set(),
    }
    assert {query: set(ids(client, query)) for query in cases} == cases


def test_the_counts_of_the_states_open_lists_of_that_length(client, many):
    as_(client, many.ministry)
    for query in ("", "&kind=site", "&q=Shanghai"):
        for state, count in client.get(f"/events/?{query}").context["counts"].items():
            assert len(ids(client, f"?state={state}{query}")) == count


def test_the_list_is_sorted_by_output_at_risk_and_as_asked(client, many):
    as_(client, many.ministry)
    risks = [row.output_at_risk for row in client.get("/events/").context["rows"]]
    assert risks == sorted(risks, reverse=True)
    assert risks[0] > risks[-1]
    assert ids(client, "?sort=start")[-1] == "EV-soon"
    assert ids(client, "?sort=-capacity")[0] == "EV-lane"
    assert ids(client, "?sort=-stops")[0] == many.own
    assert set(ids(client, "?sort=nonsense")) == set(ids(client))


def test_the_export_holds_the_list_and_is_noted(client, many):
    as_(client, many.ministry)
    text = client.get("/events/?state=all&format=csv").content.decode("utf-8-sig")
    assert len(text.splitlines()) == 6
    assert "Ore works" in text
    assert "Jilin → Shanghai" in text
    assert client.get("/events/?format=xlsx").content[:2] == b"PK"
    exported = AuditEntry.objects.filter(action="list.exported", subject_id="events").first()
    assert exported.detail == {"enterprises": 2}
    as_(client, make.user("leader"))
    assert client.get("/events/?format=csv").status_code == 404
    assert "format=csv" not in client.get("/events/").text


def test_a_province_lists_what_touches_it(client, many):
    as_(client, many.officer)
    assert set(ids(client, "?state=all")) == {"EV-soon", "EV-past", "EV-lane"}
    assert client.get(f"/events/{many.own}/").status_code == 404
    assert client.get("/events/EV-lane/").status_code == 200


@pytest.mark.parametrize("address", ["/events/", "/events/?state=all&q=e&region=310000", "/events/{}/"])
def test_pages_take_as_many_queries_for_many_events_and_cases(client, many, address):
    as_(client, many.officer)
    address = address.format("EV-lane")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(25):
        event = make.event(make.site(of=many.car.enterprise).site_id, event_id=f"EV-x{number}", name="More")
        case = file(many, many.ore, blocked=f"More {number}")
        case.event = event if number % 2 else Event.objects.get(event_id="EV-lane")
        case.lead_region = many.shanghai
        case.save()
    run_forecast()
    with CaptureQueriesContext(connection) as more:
        page = client.get(address)
    assert len(page.context["rows"] if "rows" in page.context else page.context["found"].cases) > 10
    assert len(more) <= len(few)


# --- one event


def test_the_page_shows_facts_cases_stops_and_who_recorded_it(client, closed):
    event = closed.case.event
    page = as_(client, closed.ministry).get(f"/events/{event.event_id}/")
    found = page.context["found"]
    assert found.fresh
    assert [case.number for case in found.cases] == [closed.case.number]
    assert [stop.site.site_id for stop in found.stops] == ["S-ore", "S-part", "S-car"]
    assert found.recorded.case == closed.case.number
    assert "Ore works" in page.text
    assert "Car plant" in page.text


def test_a_desk_reading_of_a_plants_event_is_noted_for_the_enterprise(client, closed):
    as_(client, closed.ministry).get(f"/events/{closed.case.event.event_id}/")
    entry = AuditEntry.objects.filter(action="data.read", enterprise="ore-works").latest("sequence")
    assert (entry.actor, entry.detail["what"]) == ("mia", "event")


def test_the_history_tells_every_change_newest_first(client, chain):
    as_(client, chain.ministry)
    record(client)
    first = client.post("/events/EV-form/change/", change(capacity_left="25"))
    client.post("/events/EV-form/change/", change(capacity_left="25", step="record", previewed=shown(first)))
    client.post("/events/EV-form/end/")
    client.post("/events/EV-form/withdraw/")
    client.post("/events/EV-form/restore/")
    history = event_view(chain.ministry, "EV-form").history
    assert [(c.act, c.who) for c in history] == [
        (act, "mia") for act in ("restored", "withdrawn", "changed", "changed", "recorded")
    ]
    assert history[2].values == [("Last day", "2022-05-07", "2022-04-28")]
    assert history[3].values == [("Capacity left", "0 %", "25 %")]
    assert {c.at.date() for c in history} == {make.TODAY}, "by the exercise's clock"
    assert "0 % → 25 %" in client.get("/events/EV-form/").text


def test_figures_that_lag_behind_say_so_until_the_forecast_has_run(client, closed):
    address = f"/events/{closed.case.event.event_id}/"
    lag = "do not count the last change yet"
    assert lag not in as_(client, closed.ministry).get(address).text
    client.post(f"{address}end/")
    assert lag in client.get(address).text
    run_forecast()
    assert lag not in client.get(address).text
    client.post(f"{address}withdraw/")
    assert lag in client.get(address).text
    run_forecast()
    assert lag not in client.get(address).text


# --- recording


def change(**changes):
    return {name: value for name, value in filled(**changes).items() if name not in ("kind", "site")}


def test_nothing_is_recorded_before_its_effect_was_shown(client, chain):
    as_(client, chain.ministry)
    page = client.post("/events/new/", filled(step="record"))
    assert page.context["effect"] is not None
    assert not Event.objects.exists()
    altered = client.post("/events/new/", filled(step="record", previewed=shown(page), end="2022-05-08"))
    assert altered.context["effect"] is not None
    assert not Event.objects.exists(), "what was shown is not what was sent"
    assert client.post("/events/new/", filled(step="record", previewed=shown(page))).status_code == 302
    event = Event.objects.get()
    assert (event.kind, event.subject, event.end, event.capacity_left) == ("site", "S-ore", dt.date(2022, 5, 7), 0.0)
    assert (event.event_id, event.name) == ("EV-form", "Mine is flooded")


@pytest.mark.parametrize(
    "changes",
    [{}, {"capacity_left": "40", "end": ""}, {"start": "2022-05-01"}, {"start": "2022-04-01"},
     {"start": "2022-07-01", "end": ""},
     {"kind": "region", "region": "Jilin"}, {"kind": "product", "product": "part", "end": "2022-05-20"},
     {"kind": "lane", "lane_from": "Jilin", "lane_to": "", "end": ""},
     {"kind": "lane", "lane_from": "S-part", "lane_to": "Shanghai (310000)", "end": ""}],
)  # fmt: skip
def test_the_preview_promises_what_the_forecast_then_says(client, chain, changes):
    """With another event already there: plants that newly stop within 14 days, sites held, money to the last digit."""
    make.event("S-part", event_id="EV-other", start=make.TODAY + dt.timedelta(days=3), end=DAY9, capacity_left=0.5)
    before = {row.site.site_id: row.stop_day for row in run_forecast().sites.select_related("site")}
    as_(client, chain.ministry)
    effect = client.post("/events/new/", filled(**changes)).context["effect"]
    assert record(client, **changes).status_code == 302
    run = run_forecast()
    row = run.events.get(event__event_id="EV-form")
    assert (effect.sites, effect.output_at_risk, effect.output_now) == (row.sites, row.output_at_risk, None)
    after = {r.site.site_id: r.stop_day for r in run.sites.select_related("site")}

    def stops(days):
        return {site: day for site, day in days.items() if day is not None and day <= 14}

    new = {site: day for site, day in stops(after).items() if site not in stops(before)}
    assert effect.stops_total == len(new)
    assert {site.site_id: (day - make.TODAY).days for site, day in effect.stops} == new


def test_the_preview_of_the_ore_mine(client, chain):
    effect = as_(client, chain.ministry).post("/events/new/", filled()).context["effect"]
    assert (effect.sites, effect.stops_total, effect.freed_total) == (1, 3, 0)
    assert effect.output_at_risk == pytest.approx(19.5)
    assert [(site.site_id, day.isoformat()) for site, day in effect.stops] == [
        ("S-ore", "2022-04-28"), ("S-part", "2022-05-03"), ("S-car", "2022-05-08"),
    ]  # fmt: skip


def test_a_province_is_shown_its_own_plants_only(client, chain):
    jilin = make.user("province_officer", region="220000")
    page = as_(client, jilin).post("/events/new/", filled())
    assert [site.site_id for site, _day in page.context["effect"].stops] == ["S-ore", "S-part"]
    assert page.context["effect"].stops_total == 2
    assert "Car plant" not in page.text


def test_the_preview_names_events_about_the_same_subject(client, closed):
    page = as_(client, closed.ministry).post("/events/new/", filled())
    assert [event.pk for event in page.context["others"]] == [closed.case.event.pk]
    assert client.post("/events/new/", filled(site="Car plant")).context["others"] == []


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"site": ""}, "site", "Fill in"),
        ({"site": "Nowhere"}, "site", "is called “Nowhere”"),
        ({"site": "S-nowhere"}, "site", "is called"),
        ({"site": "a"}, "site", "fits several: Car plant (S-car), Part maker (S-part). Choose one."),
        ({"kind": "storm"}, "kind", "valid choice"),
        ({"end": "2022-04-27"}, "end", "before the first day"),
        ({"end": "soon"}, "end", "valid date"),
        ({"start": ""}, "start", "required"),
        ({"capacity_left": "101"}, "capacity_left", "100"),
        ({"capacity_left": "nan"}, "capacity_left", "number"),
        ({"capacity_left": "-1"}, "capacity_left", "0"),
        ({"reason": "  "}, "reason", "required"),
        ({"kind": "lane"}, "lane_from", "at least one end"),
        ({"kind": "lane", "lane_to": "Mars"}, "lane_to", "is called “Mars”"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(client, chain, changes, field, text):
    page = as_(client, chain.ministry).post("/events/new/", filled(**changes))
    assert page.status_code == 422
    assert text in " ".join(page.context["form"].errors[field])
    assert ('value="Mine is flooded"' in page.text) == ("reason" not in changes)
    assert not Event.objects.exists()


def test_the_form_sent_twice_records_one_event(client, chain):
    as_(client, chain.ministry)
    record(client)
    assert record(client).status_code == 302
    assert Event.objects.count() == 1
    altered = record(client, reason="Another one")
    assert altered.status_code == 422
    assert "sent before" in altered.text


def test_the_form_begins_with_what_the_link_says(client, chain):
    page = as_(client, chain.ministry).get("/events/new/?kind=region&region=Jilin").text
    assert 'value="Jilin"' in page
    assert re.search(r'value="region"[^>]*checked', page)
    assert re.search(r'name="event_id" value="EV-20220428-[0-9A-F]{6}"', page)


def test_options_follow_what_is_typed_and_stay_in_scope(client, chain):
    as_(client, chain.officer)
    field = "/events/subjects/?field="
    assert "Car plant (S-car)" in client.get(f"{field}site&site=car").text
    assert "Ore" not in client.get(f"{field}site&site=").text
    assert "Shanghai (310000)" in client.get(f"{field}region&region=sh").text
    assert "Jilin" not in client.get(f"{field}region&region=").text
    assert "Jilin (220000)" in client.get(f"{field}lane_to&lane_to=Ji").text
    assert client.get(f"{field}product&product=").text.strip() == ""
    chosen = client.get("/events/subjects/", {"field": "site", "site": "Car plant (S-car)"}).text
    assert "Car plant (S-car)" in chosen
    assert client.get(f"{field}reason").status_code == 404


# --- who may


def test_a_province_records_for_its_own_place_only(client, chain):
    as_(client, chain.officer)
    assert [value for value, _label in client.get("/events/new/").context["form"].fields["kind"].choices] == [
        "site", "region", "lane",
    ]  # fmt: skip
    assert "Nothing in your scope" in client.post("/events/new/", filled()).text
    assert client.post("/events/new/", filled(kind="region", region="Jilin")).status_code == 422
    assert client.post("/events/new/", filled(kind="product", product="car")).status_code == 422
    lane = client.post("/events/new/", filled(kind="lane", lane_from="Jilin", lane_to="CN"))
    assert lane.status_code == 422
    assert "One end of the lane has to lie in your scope." in lane.text
    assert record(client, site="Car plant").status_code == 302
    assert Event.objects.get().subject == "S-car"


@pytest.mark.parametrize("role", ["leader", "analyst"])
def test_those_who_only_read_see_and_have_no_button(client, closed, role):
    address = f"/events/{closed.case.event.event_id}/"
    as_(client, make.user(role))
    for page in ("/events/", address):
        text = client.get(page).text
        assert "/events/new/" not in text
        assert 'method="post"' not in text.split("<main", 1)[1]
    assert client.get("/events/new/").status_code == 404
    assert client.post("/events/new/", filled()).status_code == 404
    assert client.get("/events/subjects/?field=site&site=o").status_code == 404
    for act in ("change", "end", "withdraw", "restore"):
        assert client.post(f"{address}{act}/", change()).status_code == 404
    assert Event.objects.get().end == DAY9


@pytest.mark.parametrize("role", ["reporter", "administrator"])
def test_enterprises_and_administrators_have_no_events(client, closed, role):
    address = f"/events/{closed.case.event.event_id}/"
    as_(client, closed.reporter if role == "reporter" else make.user(role))
    assert {client.get(page).status_code for page in ("/events/", "/events/new/", address)} == {404}
    assert client.post(f"{address}withdraw/").status_code == 404


def test_what_may_be_seen_but_not_changed_has_no_button_and_takes_no_change(client, chain):
    make.event("CN", "region", event_id="EV-all")
    page = as_(client, chain.officer).get("/events/EV-all/")
    assert not page.context["found"].may_change
    assert client.get("/events/EV-all/change/").status_code == 404
    for act in ("change", "end", "withdraw", "restore"):
        assert client.post(f"/events/EV-all/{act}/", change()).status_code == 404
    assert Event.objects.get().withdrawn_at is None


# --- changing, ending, withdrawing


def test_a_change_shows_what_it_moves_and_is_stored_when_confirmed(client, closed):
    address = f"/events/{closed.case.event.event_id}/change/"
    as_(client, closed.ministry)
    assert 'value="2022-05-07"' in client.get(address).text
    page = client.post(address, change(end="2022-04-28", reason="Staff cannot come in"))
    effect = page.context["effect"]
    assert (effect.stops_total, effect.freed_total) == (0, 2)
    assert (effect.output_at_risk, effect.output_now) == pytest.approx((1.0, 19.5))
    assert Event.objects.get().end == DAY9
    sent = change(end="2022-04-28", reason="Staff cannot come in", step="record", previewed=shown(page))
    assert client.post(address, sent).status_code == 302
    assert Event.objects.get().end == make.TODAY
    assert run_forecast().events.get().output_at_risk == effect.output_at_risk


def test_it_ends_today_and_its_button_goes(client, closed):
    address = f"/events/{closed.case.event.event_id}/"
    as_(client, closed.ministry)
    assert f"{address}end/" in client.get(address).text
    client.post(f"{address}end/")
    assert Event.objects.get().end == make.TODAY
    assert f"{address}end/" not in client.get(address).text


def test_an_upcoming_event_cannot_end_today(client, chain):
    make.event("S-ore", event_id="EV-soon", start=make.TODAY + dt.timedelta(days=2))
    as_(client, chain.ministry)
    assert "/events/EV-soon/end/" not in client.get("/events/EV-soon/").text
    assert "before the first day" in client.post("/events/EV-soon/end/", follow=True).text
    assert Event.objects.get().end is None


def test_a_mistake_is_withdrawn_and_that_can_be_undone(client, closed):
    address = f"/events/{closed.case.event.event_id}/"
    as_(client, closed.ministry)
    page = client.post(f"{address}withdraw/", follow=True)
    assert f"{address}restore/" in page.text
    assert f"{address}change/" not in page.text
    assert not run_forecast().events.exists()
    refused = client.post(f"{address}change/", change(step="preview"))
    sent = change(step="record", previewed=shown(refused))
    assert "Let it count again" in client.post(f"{address}change/", sent).text
    client.post(f"{address}restore/")
    assert run_forecast().events.exists()


@pytest.mark.parametrize("act", ["record", "change", "end", "withdraw", "restore"])
def test_every_write_asks_for_a_forecast(client, closed, django_capture_on_commit_callbacks, monkeypatch, act):
    address = f"/events/{closed.case.event.event_id}/"
    as_(client, closed.ministry)
    if act == "restore":
        client.post(f"{address}withdraw/")
    given = change(capacity_left="10") if act == "change" else filled(site="Car plant")
    where = {"record": "/events/new/", "change": f"{address}change/"}.get(act)
    if where:
        given |= {"step": "record", "previewed": shown(client.post(where, given))}
    connection.run_on_commit.clear()
    asked = []
    monkeypatch.setattr(jobs.refresh_forecast.__class__, "enqueue", lambda self: asked.append(self.name))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(where or f"{address}{act}/", given).status_code == 302
    assert "refresh_forecast" in asked


# --- links to the page


def test_stops_paths_cases_and_sites_link_to_the_event(client, closed):
    event = closed.case.event.event_id
    as_(client, closed.ministry)
    link = f'href="/events/{event}/"'
    for page in ("/stops/", "/stops/?view=table", "/stops/S-car/", f"/cases/{closed.case.number}/", "/sites/S-ore/"):
        assert link in client.get(page).text, page


def test_the_case_page_names_the_site_and_not_its_code(client, closed):
    card = as_(client, closed.ministry).get(f"/cases/{closed.case.number}/").text.split(">Event<", 1)[1]
    assert 'href="/sites/S-ore/">Ore works</a>' in card
    assert "Site S-ore" not in card


def test_what_a_person_may_not_open_is_no_link(client, many):
    as_(client, many.officer)
    text = client.get("/stops/S-car/").text + client.get("/stops/").text
    assert "/events/EV-soon/" in text
    assert many.own not in text


def test_the_site_page_leads_to_a_form_that_names_the_site(client, chain):
    found = re.search(r'href="(/events/new/\?[^"]*)"', as_(client, chain.ministry).get("/sites/S-ore/").text)
    assert 'value="Ore works (S-ore)"' in client.get(found[1].replace("&amp;", "&")).text
    assert "/events/new/" not in as_(client, make.user("leader")).get("/sites/S-ore/").text


def test_the_search_finds_events_by_their_reason_and_subject(client, many):
    as_(client, many.ministry)
    for words in ("Staff cannot", "Ore works", many.own):
        assert f'href="/events/{many.own}/"' in client.get("/search/", {"q": words}).text
    as_(client, many.officer)
    assert "/events/EV-soon/" in client.get("/search/?q=storm").text
    assert many.own not in client.get("/search/?q=Staff").text
