"""Result tables of a network of sites: units, homes, bounds, and the same answers by hand."""

import polars as pl
import pytest

from ballast.core.columns import NetworkError
from ballast.core.network import build_network
from ballast.tables.answers.dependence import Dependence
from ballast.tables.answers.places import Home
from ballast.tables.packs import packs
from ballast.tables.results import result_schema

NAN = float("nan")
SITES = ("car", "works", "mill-cn", "mill-de", "mill-fr")


def network(*, quantities=(8.0, 5.0, 3.0, 2.0), outside=(0.2, 0.0)):
    """A car plant, a works that supplies it, and mills in three countries that supply the works."""
    use = (10.0, 10.0)
    return build_network(
        site_ids=SITES,
        site_region=["310115", "320500", "210200", "DE-BY", "FR"],
        site_product=["car", "part", "steel", "steel", "steel"],
        output_value=[100.0, 20.0, 5.0, 5.0, 5.0],
        slot_site=[0, 1],
        slot_product=["part", "steel"],
        slot_use=use,
        slot_outside=outside,
        link_supplier=[1, 2, 3, 4],
        link_slot=[0, 1, 1, 1],
        link_share=[q / use[min(1, at)] for at, q in enumerate(quantities)],
        link_quantity=quantities,
    )


def asked(of=None, **more):
    enterprise = ["auto", "auto", "steel", "stahl", "stahl"]
    return Dependence(of or network(), enterprise, **({"packs": tuple(packs().values())} | more))


def rows(frame, **where):
    return frame.filter(*[pl.col(k) == v if v is not None else pl.col(k).is_null() for k, v in where.items()])


def one(frame, **where):
    found = rows(frame, **where)
    assert found.height == 1, (where, found)
    return found.row(0, named=True)


def test_tables_are_as_documented():
    for name, frame in asked().frames.items():
        assert frame.columns == [column.name for column in result_schema(name).columns]
        assert not any(
            frame[c].is_infinite().any() or frame[c].is_nan().any() for c, t in frame.schema.items() if t.is_float()
        )


@pytest.mark.parametrize(
    ("by", "sources", "largest", "low"),
    [
        ("site", 3, "mill-cn", 0.5),
        ("enterprise", 2, "stahl", 0.5),
        ("country", 3, "CN", 0.5),
        ("region", 3, "210200", 0.5),
    ],
)
def test_concentration_by_unit(by, sources, largest, low):
    row = one(asked(by=by).frames["concentration"], subject="works", product="steel")
    assert (row["sources"], row["largest_low"]) == (sources, low)
    assert row["largest_source"] == largest
    assert row["by"] == by


def test_supply_from_outside_is_another_site_but_perhaps_the_same_enterprise():
    by_site, by_enterprise = (
        one(asked(by=by).frames["concentration"], subject="car", product="part") for by in ("site", "enterprise")
    )
    assert (by_site["hhi_low"], by_site["hhi_high"]) == pytest.approx((0.64, 0.68))
    assert (by_enterprise["hhi_low"], by_enterprise["hhi_high"]) == pytest.approx((0.64, 1.0))
    assert (by_site["single_source"], by_enterprise["single_source"]) == ("no", "possible")


def test_foreign_shares_by_hand():
    table = asked().frames["dependence"]
    works = one(table, subject="works", product="steel")
    assert (works["face_low"], works["through_high"], works["home"]) == (0.5, 0.5, "CN")
    assert (works["largest_foreign"], works["largest_foreign_face"]) == ("DE", 0.3)
    car = one(table, subject="car", product=None)
    # Its works takes half from abroad; a fifth of the parts comes from nobody knows where.
    assert (car["face_low"], car["face_high"]) == pytest.approx((0.0, 0.2))
    assert (car["through_low"], car["through_high"]) == pytest.approx((0.4, 0.6))
    assert car["largest_foreign"] is None


def test_unknown_quantities_are_bounds():
    unknown = asked(network(quantities=(10.0, 5.0, NAN, NAN), outside=(0.0, 0.0)), by="country")
    # Germany and France share half of the steel in an unknown way.
    row = one(unknown.frames["concentration"], subject="works", product="steel")
    assert (row["hhi_low"], row["hhi_high"]) == pytest.approx((0.25 + 2 * 0.25**2, 0.5))
    assert row["unknown_share"] == pytest.approx(0.5)
    assert unknown.summary["links_share_unknown"] == 2
    works = one(unknown.frames["dependence"], subject="works", product="steel")
    assert (works["face_low"], works["face_high"]) == pytest.approx((0.5, 0.5))


def test_homes_of_several_countries_and_of_a_region():
    europe = asked(home=Home("CN+DE", frozenset({"CN", "DE"}))).frames["dependence"]
    assert one(europe, subject="works", product="steel")["face_low"] == pytest.approx(0.2)
    assert set(europe["home"]) == {"CN+DE"}
    city = asked(home=Home("310000", frozenset({"310000"}))).frames["dependence"]
    assert set(city["subject"]) == {"car"}
    assert one(city, subject="car", product="part")["face_low"] == pytest.approx(0.8)
    with pytest.raises(NetworkError, match=r"no site lies in JP\. Sites lie in CN, DE, FR"):
        asked(home=Home("JP", frozenset({"JP"}))).frames  # noqa: B018


def test_value_added_at_home_ends_the_walk():
    found = asked(network(outside=(0.0, 0.0), quantities=(10.0, 5.0, 3.0, 2.0)), weigh="value").frames["dependence"]
    # The works adds 10 of its 20, the plant 90 of its 100.
    assert one(found, subject="works", product=None)["through_low"] == pytest.approx(0.25)
    assert one(found, subject="car", product=None)["through_low"] == pytest.approx(0.1 * 0.25)


def test_what_one_loss_cuts():
    lone = network(quantities=(10.0, 10.0, 0.0, 0.0), outside=(0.0, 0.0))
    points = asked(lone).frames["choke_points"]
    chain = one(points, source="mill-cn", reading="chain")
    assert (chain["sites"], chain["output_value"], chain["product"]) == (2, 120.0, None)
    cut = one(points, source="mill-cn", reading="product")
    assert (cut["product"], cut["sites"], cut["output_value"]) == ("steel", 1, 20.0)
    by_enterprise = asked(lone, by="enterprise").frames["choke_points"]
    assert one(by_enterprise, source="steel", reading="chain")["sites"] == 2
    assert rows(by_enterprise, source="auto").height == 0
    passes = one(asked(lone).frames["dependence"], subject="works", product="steel")["choke_sites"]
    assert passes == "mill-cn"


def test_indicators_hold_measures_against_limits():
    table = asked(by="country").frames["indicators"]
    steel = {row["test"]: row for row in rows(table, home="CN", product="steel").iter_rows(named=True)}
    concentrated = steel["imports concentrated"]
    assert concentrated["low"] == pytest.approx(0.6**2 + 0.4**2)
    assert (concentrated["verdict"], concentrated["limit"]) == ("yes", 0.4)
    assert steel["half or more from abroad, looked through"]["verdict"] == "yes"
    assert steel["one country above 65 % of use"]["verdict"] == "no"
    # Home makes no steel for export, so imports exceed exports without end.
    assert steel["imports exceed exports"]["low"] is None
    assert steel["imports exceed exports"]["verdict"] == "yes"
    # World exports are those two mills'; the pack wants two years of three, and the tables know of one day.
    assert one(table, pack="geodep", test=None, home="CN", product="steel")["verdict"] == "unknown"
    part = one(table, test="half or more from abroad, looked through", home="CN", product="part")
    assert (part["low"], part["high"], part["verdict"]) == (pytest.approx(0.4), pytest.approx(0.6), "unknown")


def test_summary_counts_what_the_tables_show():
    found = asked()
    assert found.summary["slots_single_source"] == 0
    assert found.summary["slots_partly_outside"] == 1
    assert found.summary["inferred_share"] == 0.0
    assert found.frames["concentration"].height == 2 + 2


def test_an_empty_network_has_empty_tables():
    frames = asked(build_network(site_ids=["a"]), by="site").frames
    assert [frame.height for frame in frames.values()] == [0, 0, 0, 0]
