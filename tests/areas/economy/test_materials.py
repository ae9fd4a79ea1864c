"""The bulk-material board: halves of the lamp, the past beside it, the calendar, scope, page, API and export."""

import csv
import datetime as dt
import io
import json

import numpy as np
import pytest
from tests import factories as make

from ballast.areas.accounts.models import Role
from ballast.areas.alerts.rulebook.in_force import shipped
from ballast.areas.alerts.rulebook.models import PackVersion
from ballast.areas.economy.materials import selectors
from ballast.areas.economy.materials.lamps import Half, worst
from ballast.areas.economy.materials.passing_on import industries
from ballast.areas.economy.materials.rules import rules_on, watches_of
from ballast.areas.economy.models import Commodity, Observation

pytestmark = pytest.mark.django_db
DAY = dt.date(2022, 4, 20)


def publish(series, values, first=(2015, 1), lag=2):
    rows = []
    for k, value in enumerate(values):
        months = first[0] * 12 + first[1] - 1 + k
        end = dt.datetime((months + 1) // 12, (months + 1) % 12 + 1, 1, tzinfo=dt.UTC)
        period = f"{months // 12}-{months % 12 + 1:02}"
        rows.append(
            Observation(series_id=series, period=period, value=value, unit="t", published_at=end + dt.timedelta(lag))
        )
    Observation.objects.bulk_create(rows)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Ore with the worked prices of IFPA (2021-12: 6.13), short stock and a gap; contract goods; urea; a bare one."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        make.authority(is_exercise=True, exercise_date=DAY)
        prices = [100 + (7 * t % 5) + 0.5 * (t * t % 7) for t in range(84)]
        prices[-3:] = [p * f for p, f in zip(prices[-3:], (1.05, 1.10, 1.20), strict=True)]
        publish("ore price", prices)
        publish("later", [1000.0], first=(2021, 12), lag=200)  # published in July: not yet known
        publish("ore stock", [1200.0], first=(2021, 12))
        publish("ore use", [31 * 400.0], first=(2021, 12))
        publish("ore need", [100.0], first=(2021, 12))
        publish("ore supply", [90.0], first=(2021, 12))
        publish("contract", [61.0] * 84)
        publish("ore_import_share_XA", [8.0, 3.0], first=(2022, 1))
        publish("ore_import_share_XB", [88.0, 90.5, 99.0], first=(2022, 1), lag=20)  # the last of them not yet known
        ore = make.product("ore")
        Commodity.objects.create(
            commodity_id="ore", name="Ore", name_zh="矿石", product=ore, special=True, price_series="ore price",
            stock_series="ore stock", use_series="ore use", need_series="ore need", supply_series="ore supply",
            cost_sector="c2",
        )  # fmt: skip
        Commodity.objects.create(commodity_id="potash", name="Potash", price_series="contract", stock_series="later")
        Commodity.objects.create(commodity_id="fertiliser", name="Urea", name_zh="尿素")
        shanghai, jilin = make.region("310000"), make.region("220000")
        for place in (shanghai, shanghai, jilin):
            make.need(make.site(of=make.enterprise(region=place)), ore)
        yield {
            "ministry": make.user(username="board-ministry"),
            "jilin": make.user(Role.PROVINCE_OFFICER, username="board-jilin", region="220000"),
            "reporter": make.user(
                Role.REPORTER, username="board-reporter", enterprise=make.enterprise(region=jilin).enterprise_id
            ),
        }
        transaction.set_rollback(True)


def test_a_lamp_is_made_of_price_cover_and_gap_as_known_at_the_time(world):
    ore = selectors.material(world["ministry"], "ore")
    assert ore.lamps.price.value == pytest.approx(6.133824, abs=5e-7)
    assert (ore.lamps.price.level, ore.lamps.price.period) == ("red", "2021-12")
    assert (ore.lamps.cover.value, ore.lamps.cover.level) == (3.0, "red")
    assert (ore.lamps.gap.level, ore.lamps.gap.value) == ("yellow", pytest.approx(10.0))
    assert ore.lamps.level == "red"
    # 84 months, the first 36 without a score, the last three without their outcome.
    assert sum(hit.months for hit in ore.lamps.price.hits) == 84 - 36 - 3
    assert ore.lamps.price.hit.level == "red"


def test_prices_that_stand_still_and_indicators_not_yet_published_give_no_lamp(world):
    potash = selectors.material(world["ministry"], "potash")
    assert (potash.lamps.price.level, potash.lamps.price.why, potash.lamps.price.value) == (
        "no_data", "no_verdict", None,
    )  # fmt: skip
    assert potash.lamps.cover.why == "nothing"
    assert potash.lamps.gap.why == "not_named"
    assert potash.lamps.level == "no_data"


def test_two_halves_at_one_level_make_it_one_worse():
    def half(level):
        return Half(level, 1.0)

    assert worst([half("blue"), half("blue"), half("normal")]) == "yellow"
    assert worst([half("red"), half("red")]) == "red"
    assert worst([half("normal"), half("normal")]) == "normal"
    assert worst([half("blue"), Half("no_data", why="nothing")]) == "blue"
    assert worst([Half("no_data", why="nothing")]) == "no_data"


def test_the_watch_opens_and_ends_by_itself():
    urea = Commodity(commodity_id="fertiliser", name="Urea")
    [first, _] = watches_of(urea, dt.date(2023, 2, 14), rules_on(dt.date(2023, 2, 14)))
    assert (first.open, first.day) == (False, dt.date(2023, 2, 15))
    [first, _] = watches_of(urea, dt.date(2023, 2, 15), rules_on(dt.date(2023, 2, 15)))
    assert (first.open, first.day) == (True, dt.date(2023, 5, 31))
    [first, _] = watches_of(urea, dt.date(2023, 6, 1), rules_on(dt.date(2023, 6, 1)))
    assert (first.open, first.day) == (False, dt.date(2023, 9, 1))
    assert watches_of(urea, dt.date(2022, 3, 1), rules_on(dt.date(2022, 3, 1))) == []  # the rule was not in force yet
    assert watches_of(Commodity(commodity_id="ore", name="Ore"), DAY, rules_on(DAY)) == []


def test_plants_are_those_of_the_scope_and_lamps_the_same_for_all(world):
    whole = selectors.material(world["ministry"], "ore")
    part = selectors.material(world["jilin"], "ore")
    assert (whole.plants, part.plants) == (3, 1)
    assert whole.lamps == part.lamps
    assert [m.commodity.commodity_id for m in selectors.board(world["ministry"], special=True)] == ["ore"]
    assert [m.commodity.commodity_id for m in selectors.board(world["ministry"])] == ["ore", "potash", "fertiliser"]


def test_a_dearer_sector_reaches_those_who_buy_most_of_it():
    found = industries("c2")
    assert found[0].name == "Coke and refined petroleum"
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)
    assert all(0 < one.share < 1 for one in found)
    assert industries("") == []


def test_pages_api_and_export_say_the_same(client, world):
    client.force_login(world["ministry"])
    page = client.get("/materials/").content.decode()
    assert "no verdict: stands still" in page
    assert "open until 2022-05-31" in page
    assert "+6.13" in client.get("/materials/ore/").content.decode()
    said = client.get("/api/v1/materials/ore").json()
    assert said["price"]["value"] == pytest.approx(6.133824, abs=5e-7)
    assert said["industries"][0]["code"] == "c8"
    shares = [(one["country"], one["share"]) for one in said["origins"]["shares"]]
    assert (said["origins"]["period"], shares, said["origins"]["rest"]) == ("2022-02", [("XB", 90.5), ("XA", 3.0)], 6.5)
    assert "invented for the exercise" in client.get("/materials/ore/").content.decode()
    assert client.get("/api/v1/materials/potash").json()["origins"] is None
    assert [m["commodity_id"] for m in client.get("/api/v1/materials?special=true").json()] == ["ore"]
    text = client.get("/materials/?format=csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["commodity_id"] == "ore"
    assert float(rows[0]["cover_days"]) == 3.0
    assert json.loads(client.get("/api/v1/materials/nothing").content)["code"]
    assert client.get("/materials/nothing/").status_code == 404
    client.force_login(world["reporter"])
    assert client.get("/materials/").status_code == 404
    assert client.get("/api/v1/materials").status_code == 404


def test_the_board_follows_the_rules_in_force(world):
    from django.db import transaction

    text = (
        shipped()["bulk-materials"]
        .text.replace('version = "2026.1"', 'version = "2022.9"')
        .replace("below = 5\n", "below = 2\n")
    )
    with transaction.atomic():
        given = {"pack": "bulk-materials", "version": "2022.9", "base": "2026.1", "effective_from": DAY}
        row = PackVersion.objects.create(
            **given, text=text, proposed_by=world["ministry"], proposed_at=dt.datetime(2022, 4, 1, tzinfo=dt.UTC)
        )
        assert selectors.material(world["ministry"], "ore").lamps.cover.level == "red"  # nobody approved it yet
        PackVersion.objects.filter(pk=row.pk).update(state=PackVersion.State.APPROVED)
        assert selectors.material(world["ministry"], "ore").lamps.cover.level == "yellow"
        transaction.set_rollback(True)
    assert selectors.material(world["ministry"], "ore").lamps.cover.level == "red"


def test_a_new_publication_changes_the_board_at_once(world):
    from django.db import transaction

    with transaction.atomic():
        publish("ore stock", [4000.0], first=(2021, 12), lag=10)
        assert selectors.material(world["ministry"], "ore").lamps.cover.value == 10.0
        transaction.set_rollback(True)
    assert np.isfinite(selectors.material(world["ministry"], "ore").lamps.cover.value)
