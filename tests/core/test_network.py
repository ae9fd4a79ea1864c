import subprocess
import sys

import numpy as np
import pytest

from ballast.core.forecast import Event, forecast
from ballast.core.network import NetworkError, build_network


def _columns(**more):
    columns = {
        "site_ids": ["a", "b", "c"],
        "slot_site": [2, 2, 1],
        "slot_product": ["x", "w", "x"],
        "slot_cover": [1.0, 2.0, 3.0],
        "link_supplier": [1, 0, 0],
        "link_slot": [0, 0, 2],
        "link_share": [0.5, 0.25, 1.0],
        "link_lead": [1.0, 2.5, 0.0],
    }
    return {**columns, **more}


def test_slots_are_sorted_by_site_and_product_and_links_by_slot_and_supplier():
    network = build_network(**_columns())
    assert network.slot_site.tolist() == [1, 2, 2]
    assert network.slot_product == ("x", "w", "x")
    assert network.slot_cover.tolist() == [3.0, 2.0, 1.0]
    assert network.link_slot.tolist() == [0, 2, 2]
    assert network.link_supplier.tolist() == [0, 0, 1]
    assert network.link_share.tolist() == [1.0, 0.25, 0.5]
    assert network.slot_links.tolist() == [0, 1, 1, 3]
    assert network.site_slots.tolist() == [0, 0, 1, 3]
    assert network.links_by_supplier[network.supplier_links[0] : network.supplier_links[1]].tolist() == [0, 1]


def test_leads_go_to_the_nearest_whole_day_half_up_and_at_least_one():
    leads = [0.0, 0.4, 1.49, 1.5, 2.5, float("nan")]
    network = build_network(
        site_ids=["z", *"abcdef"],
        slot_site=[0],
        slot_product=["x"],
        link_supplier=range(1, 7),
        link_slot=[0] * 6,
        link_lead=leads,
    )
    assert network.link_lead.tolist() == [1, 1, 1, 2, 3, 1]


def test_outside_is_what_the_links_leave_of_one():
    network = build_network(**_columns())
    assert network.slot_outside.tolist() == [0.0, 1.0, 0.25]
    assert network.slot_base.tolist() == [1.0, 1.0, 1.0]


def test_links_without_a_share_take_equal_parts_of_what_the_known_ones_and_the_outside_leave():
    nan = float("nan")
    columns = _columns(link_slot=[0, 0, 0], link_supplier=[1, 0, 1], link_share=[0.4, nan, nan], link_lead=[1, 1, 2])
    assert sorted(build_network(**columns).link_share) == pytest.approx([0.3, 0.3, 0.4])
    outside = build_network(**columns, slot_outside=[0.2, nan, nan])
    assert sorted(outside.link_share) == pytest.approx([0.2, 0.2, 0.4])


def test_shares_above_one_all_arrive_and_leave_nothing_to_the_outside():
    network = build_network(**_columns(link_share=[0.8, 0.7, 1.0]))
    assert network.slot_outside.tolist() == [0.0, 1.0, 0.0]
    assert network.slot_base.tolist() == [1.0, 1.0, 1.5]


def test_shares_that_miss_one_by_rounding_alone_are_one():
    network = build_network(**_columns(link_slot=[0, 0, 0], link_supplier=[0, 1, 1], link_share=[0.7, 0.2, 0.1]))
    assert network.slot_base[2] == 1.0


def test_arrays_are_frozen_and_the_digest_tells_networks_apart():
    network = build_network(**_columns())
    with pytest.raises(ValueError, match="read-only"):
        network.slot_cover[0] = 9
    assert network.digest == build_network(**_columns()).digest
    assert network.digest != build_network(**_columns(slot_cover=[1.0, 2.0, 3.1])).digest
    assert network.digest != build_network(**_columns(site_ids=["a", "b", "cc"])).digest


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"site_ids": ["a", "b", "a"]}, "site: a stands twice"),
        ({"slot_product": ["x", "x", "x"]}, "c / x stands twice"),
        ({"slot_cover": [1.0, -2.0, 3.0]}, r"slot_cover: -2 \(c / w\) is below 0"),
        ({"link_share": [0.5, -0.25, 1.0]}, r"link_share: -0.25 \(a > c / x\) is below 0"),
        ({"link_share": [0.5, np.inf, 1.0]}, "inf .* is not finite"),
        ({"minimum_rate": [0.1, 1.5, 0.1]}, r"minimum_rate: 1.5 \(b\) is above 1"),
        ({"link_supplier": [2, 0, 0]}, "c > c / x links a site to itself"),
        ({"link_supplier": [7, 0, 0]}, r"link_supplier: 7 points outside 0\.\.2"),
        ({"link_slot": [0, 0, -1]}, r"link_slot: -1 points outside"),
        ({"output_value": [1.0]}, "1 values where 3 rows stand"),
        ({"link_slot": [0, 0, 2], "link_share": [1e308, 1e308, 1.0]}, "c / x receives more than can be counted"),
        ({"link_supplier": [0.5, 0, 0]}, r"link_supplier: 0\.5 is no whole number"),
        ({"link_supplier": [float("nan"), 0, 0]}, "link_supplier: nan points outside"),
    ],
)
def test_what_makes_no_network_is_refused_with_the_value(change, reason):
    with pytest.raises(NetworkError, match=reason):
        build_network(**_columns(**change))


@pytest.mark.parametrize("horizon", [0, -1, 100_000])
def test_an_impossible_horizon_is_refused(horizon):
    with pytest.raises(NetworkError, match=f"horizon is {horizon}"):
        forecast(build_network(**_columns()), [], horizon=horizon)


def test_a_network_without_sites_has_an_empty_forecast():
    found = forecast(build_network(site_ids=[]), [Event("e", "region", "310000", 0), Event("l", "lane", "*>*", 0)])
    assert found.low.rate.shape == (30, 0)
    assert found.low.total_lost_output == 0.0
    assert found.deadlocks == ()


def test_core_imports_without_django():
    code = (
        "import sys\n"
        "for name in ('django', 'ninja', 'polars'): sys.modules[name] = None\n"
        "import ballast.core, pkgutil, importlib\n"
        "for m in pkgutil.iter_modules(ballast.core.__path__): importlib.import_module('ballast.core.' + m.name)\n"
        "print('imported')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "imported", done.stderr
