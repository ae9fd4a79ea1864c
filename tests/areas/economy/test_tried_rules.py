"""Rules tried on what is stored: every shipped rule says where its values come from, its dry run what it rests on."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner
from tests import factories as make
from tests.areas.economy.test_filings import problems
from tests.areas.economy.test_materials import publish

from ballast.areas.accounts.models import Role
from ballast.areas.alerts.models import Lamp
from ballast.areas.alerts.rulebook import proposing
from ballast.areas.alerts.rulebook.in_force import shipped
from ballast.areas.alerts.rulebook.showing import values_said
from ballast.areas.alerts.rulebook.stored import grid, place_in, source_of
from ballast.areas.economy.materials import selectors
from ballast.areas.economy.models import Commodity, Observation
from ballast.areas.economy.tried.series import stored_series
from ballast.areas.economy.tried.shortages import shares_now, short_points
from ballast.areas.reports.models import StockReport
from ballast.cli import main as ballast

pytestmark = pytest.mark.django_db
DAY = dt.date(2022, 4, 20)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Ore whose price doubled at the end of 2021 and whose users run short; filings with one bad day in March."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        make.authority(is_exercise=True, exercise_date=DAY)
        publish("ore price", [100 + (7 * t % 5) for t in range(83)] + [200.0])
        publish("ore need", [100.0] * 3, first=(2021, 10))
        publish("ore supply", [99.0, 95.0, 80.0], first=(2021, 10))
        ore = make.product("ore")
        Commodity.objects.create(
            commodity_id="ore", name="Ore", product=ore, price_series="ore price", need_series="ore need",
            supply_series="ore supply",
        )  # fmt: skip
        publish("ore_top_country_share", [60.0, 85.0, 95.0], first=(2021, 10))
        at = dt.datetime(2022, 4, 19, 2, tzinfo=dt.UTC)
        firms = [make.enterprise(f"F{k}") for k in range(6)]
        for k, firm in enumerate(firms[:5]):
            need = make.need(make.site(of=firm), ore)
            StockReport.objects.create(
                need=need, day=DAY - dt.timedelta(days=1), reported_at=at, source="load", daily_use=100.0,
                stock=100.0 if k < 2 else 2000.0,
            )  # fmt: skip
            Lamp.objects.create(need=need, level="red" if k < 2 else "normal", since=at, cover_days=1.0)
        silent = make.need(make.site(of=firms[5]), ore)
        Lamp.objects.create(need=silent, level="no_data", since=at)
        for back in range(60, 0, -1):
            problems(firms[0], DAY - dt.timedelta(days=back))
        for firm in firms[1:]:
            problems(firm, DAY - dt.timedelta(days=30))
        yield {"mia": make.user(username="tried-mia"), "olga": make.user(Role.PROVINCE_OFFICER, username="tried-olga")}
        transaction.set_rollback(True)


def tried(world, pack, *changes):
    text = shipped()[pack].text
    for old, new in (('version = "', 'version = "x'), *changes):
        assert old in text
        text = text.replace(old, new)
    begun = text.index("effective_from = ") + len("effective_from = ")
    text = f"{text[:begun]}{DAY}{text[begun + 10 :]}"
    found = proposing.propose(world["mia"], text, "to see").dry_run
    assert (found["from"], found["until"]) == ("2021-04-21", "2022-04-20")
    return {row["rule"]: row for row in found["each"]}


def test_every_shipped_rule_is_judged_on_something_or_says_that_it_is_not():
    said = {rule.name: values_said(rule) for one in shipped().values() for rule in one.pack.rules}
    assert "stock reports" in said["parts-cover"]
    assert "counts of reported problems" in said["filings-farrington"]
    assert said["bulk-short"] == said["bulk-gap"] == "Judged on the indicators that bulk materials name."
    assert "lights no lamp" in said["grain-price"]
    assert "names no series" in said["coal-western-im"]
    sources = {name: source_of(rule) for one in shipped().values() for rule in one.pack.rules for name in [rule.name]}
    without = {name for name, source in sources.items() if source is None}
    assert all("Not judged" in said[name] for name in without)
    assert without == {name for name in said if "Not judged" in said[name]}
    assert {"days_to_stop"} & {rule.measure for one in shipped().values() for rule in one.pack.rules} == set()


def test_prices_gaps_and_shares_of_the_year_are_tried(world):
    price = tried(world, "price-scores")["price-ifpa"]
    # Eight months of the year's twelve are published; the last one is abnormally high.
    assert (price["subjects"], price["values"], price["days"], price["periods"], price["why"]) == (1, 8, 8, 12, "")
    assert price["proposed"]["levels"]["red"]["now"] == 1
    bulk = tried(world, "bulk-materials", ("above = 15", "above = 25"))
    gap = bulk["bulk-gap"]
    # Gaps of 1, 5 and 20 %: red by the rule in force, yellow by the one that is proposed.
    assert (gap["in_force"]["levels"]["red"]["raised"], gap["proposed"]["levels"]["red"]["raised"]) == (1, 0)
    assert (gap["values"], gap["days"], gap["periods"]) == (3, 3, 365)
    short = bulk["bulk-short"]
    assert (short["values"], short["proposed"]["levels"]["yellow"]["now"]) == (1, 1)
    assert (bulk["bulk-price"]["why"], bulk["bulk-price"]["days"]) == ("nothing", 0)
    grade = tried(world, "review-grades-2021")["review-grade"]
    assert {level: counts["raised"] for level, counts in grade["proposed"]["levels"].items()} == {
        "a": 1, "b": 1, "c": 0, "d": 1,
    }  # fmt: skip


def test_counts_of_the_year_are_tried_and_what_is_not_kept_says_so(world):
    counts = tried(world, "problem-filings", ("above = 6", "above = 3.5"))
    second = counts["filings-c2"]
    # All kinds and logistics, in the whole and in the region: one bad day each, 50 days judged.
    assert (second["days"], second["periods"]) == (51, 365)
    assert second["proposed"]["levels"]["red"] == {"raised": 4, "burning": 8, "now": 0}
    assert second["in_force"]["levels"]["red"]["raised"] == 0
    assert counts["filings-farrington"]["why"] == "nothing"
    assert {row["why"] for row in tried(world, "coal-price-2022").values()} == {"not_kept"}


def test_pages_show_what_a_dry_run_rests_on(client, world):
    tried(world, "bulk-materials")
    tried(world, "coal-price-2022")
    client.force_login(world["olga"])
    page = client.get("/lamps/rules/bulk-materials/x2026.1/").content.decode()
    assert "3 values on 3 of 365 days · 1 subject" in page
    assert "Nothing is stored of price_to_20_day_mean in the past year: 0 days." in page
    assert "keeps no values of price: 0 days" in client.get("/lamps/rules/coal-price-2022/x2022.1/").content.decode()
    assert "tried in dry runs" in client.get("/lamps/rules/city-grain/").content.decode()


def test_reporters_short_counts_enterprises_not_inputs(world):
    [points] = short_points(["ore"], DAY)
    assert points == [(DAY - dt.timedelta(days=1), 40.0)]
    assert shares_now(["ore", "none"]) == {"ore": (40.0, 5)}
    assert selectors.material(world["olga"], "ore").lamps.short.value == 40.0
    Lamp.objects.filter(level="red").first().delete()
    assert shares_now(["ore"]) == {"ore": (None, 4)}
    assert selectors.material(world["olga"], "ore").lamps.short.why == "few"


def test_periods_of_the_grid_end_with_the_day():
    rules = {rule.period: rule for one in shipped().values() for rule in one.pack.rules}
    days, weeks, months = (grid(rules[period], DAY) for period in ("day", "week", "month"))
    assert (days[-1], len(days), weeks[-1], months[-1]) == (DAY, 365, DAY - dt.timedelta(days=6), dt.date(2022, 4, 1))
    assert (place_in(weeks, DAY), place_in(weeks, DAY + dt.timedelta(days=1)), place_in(days, days[0])) == (51, None, 0)
    assert place_in(days, days[0] - dt.timedelta(days=1)) is None


def backtested(*asked):
    return CliRunner().invoke(ballast, ["rules", "backtest", *asked])


def test_stored_series_are_back_tested_as_they_were_published(world):
    tested = backtested("--stored", "ore price", "--rule", "price-ifpa", "--json")
    assert tested.exit_code == 0, tested.output
    run = json.loads(tested.output)["run"]
    assert (run["file"], run["series"], run["real_time"]) == ("stored series", 1, "dates of publication")
    # Revised later: what was known by a day is what had been published by it.
    late = dt.datetime(2022, 4, 1, tzinfo=dt.UTC)
    Observation.objects.create(series_id="ore price", period="2021-12", value=150.0, unit="t", published_at=late)
    now, then = (stored_series(["ore price"], known_by=day)["ore price"] for day in (None, dt.date(2022, 3, 1)))
    assert (now.vintages.latest[-1], then.vintages.latest[-1], then.vintages.periods) == (150.0, 200.0, 84)
    assert stored_series(["ore pri*"], lag_days=5)["ore price"].vintages.first_published[-1] == 18992.0 + 5
    counts = stored_series(["problems*/all/all"])
    assert counts["problems/all/all"].vintages.latest.sum() == 60 + 5
    # A day is known when it is over.
    assert counts["problems/all/all"].vintages.first_published[-1] == (DAY - dt.date(1970, 1, 1)).days
    assert counts["problems-week/all/all"].frequency == "week"


def test_a_back_test_of_stored_series_refuses_to_look_ahead(world):
    at = dt.datetime(2022, 4, 1, tzinfo=dt.UTC)
    Observation.objects.bulk_create(
        Observation(series_id="at once", period=f"{year}", value=1.0 * year, unit="t", published_at=at)
        for year in range(2010, 2021)
    )
    refused = backtested("--stored", "at once")
    assert refused.exit_code == 2
    assert "every stored value was published at 2022-04-01T00:00Z" in refused.output
    assert "--assume-lag" in refused.output
    for asked, said in (
        (["--stored", "or price"], "Did you mean 'ore price'?"),
        (["--stored", "ore price", "--known-by", "2001-01-01"], "was published by 2001-01-01"),
        (["--stored", "ore price", "--known-by", "yesterday"], "'yesterday' is not a day"),
        (["prices.csv", "--stored", "ore price"], "leave FILE"),
        ([], "Give a FILE, or --stored NAME"),
    ):
        told = backtested(*asked)
        assert (told.exit_code, said in told.output) == (2, True), told.output
