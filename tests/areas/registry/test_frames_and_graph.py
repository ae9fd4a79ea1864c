"""Columns for the analysis, the tier graph, the restart rates."""

import csv
from importlib import resources

import polars as pl
import pytest
from tests import factories as make

from ballast.areas.registry.drawing import draw
from ballast.areas.registry.frames import frames
from ballast.areas.registry.graph import MOST_NODES, ego
from ballast.areas.registry.selectors import batches, restart_rate

pytestmark = pytest.mark.django_db


def chain_of_three():
    ore, part, car = (make.site(s, product=make.product(s)) for s in ("ore", "part", "car"))
    make.link(ore, part)
    make.link(part, car, provenance="inferred")
    return ore, part, car


@pytest.mark.parametrize("table", ["enterprises", "sites", "needs", "links", "events", "products"])
def test_columns_are_those_of_the_schema(table):
    chain_of_three()
    text = resources.files("ballast.tables").joinpath(f"schemas/{table}.csv").read_text(encoding="utf-8")
    assert set(frames()[table].columns) <= {row["attribute"] for row in csv.DictReader(text.splitlines())}


def test_frames_carry_values_and_keep_unknown_as_null():
    chain, other = make.chain("automobile"), make.chain("medical")
    owner = make.enterprise("E1", chains=[other, chain])
    site = make.site("S1", of=owner, daily_output_value=None)
    make.need(site, make.product("N"), stock=None)
    found = frames()
    assert found["enterprises"].row(0, named=True)["chains"] == "automobile;medical"
    assert found["enterprises"].row(0, named=True)["identifier"] is None
    assert found["sites"].row(0, named=True)["daily_output_value"] is None
    assert found["needs"].select("site_id", "product", "stock", "daily_use").rows() == [("S1", "N", None, 100.0)]
    assert found["needs"].schema["reported_at"] == pl.Datetime("us", "UTC")


def test_frames_of_some_sites_hold_only_what_lies_among_them():
    chain_of_three()
    found = frames(["part", "car"])
    assert found["sites"]["site_id"].to_list() == ["car", "part"]
    assert found["links"].select("supplier_site", "customer_site").rows() == [("part", "car")]
    assert found["enterprises"].height == 2


def test_empty_register_gives_empty_frames_with_all_columns():
    assert {name: frame.height for name, frame in frames().items()} == dict.fromkeys(frames(), 0)
    assert "lead_days" in frames()["links"].columns


def test_the_graph_has_tiers_on_both_sides():
    _, part, _ = chain_of_three()
    found = ego(make.user(), part)
    assert {n.key: n.tier for n in found.nodes} == {"ore": -1, "part": 0, "car": 1}
    assert [(e.supplier, e.customer, e.inferred) for e in found.edges] == [
        ("ore", "part", False),
        ("part", "car", True),
    ]


def test_the_graph_of_an_enterprise_joins_its_sites():
    _, part, car = chain_of_three()
    found = ego(make.user(), car.enterprise)
    tiers = {n.key: n.tier for n in found.nodes}
    assert tiers[part.enterprise.enterprise_id] == -1
    assert sorted(tiers.values()) == [-2, -1, 0]


def test_a_hub_is_folded_to_sixty_nodes():
    hub = make.site("hub")
    for _ in range(70):
        make.link(make.site(), hub)
        make.link(hub, make.site())
    found = ego(make.user(), hub)
    assert len(found.nodes) <= MOST_NODES
    assert found.folded == {
        -1: 70 - sum(n.tier == -1 for n in found.nodes),
        1: 70 - sum(n.tier == 1 for n in found.nodes),
    }
    assert draw(found).height > 0


def test_a_reporter_gets_no_graph():
    site = chain_of_three()[1]
    user = make.user("reporter", enterprise=site.enterprise.enterprise_id)
    assert ego(user, site).nodes == []
    assert draw(ego(user, site)) is None


def test_a_loop_of_suppliers_ends():
    first, second = make.site("a"), make.site("b")
    make.link(first, second)
    make.link(second, first)
    assert {n.key: n.tier for n in ego(make.user(), first).nodes} == {"a": 0, "b": -1}


def test_restart_rates_of_list_batch_panel_and_region():
    nation = make.region("CN", level="nation")
    shanghai, jilin = make.region("310000", nation), make.region("220000", nation)
    for number, (region, state, batch) in enumerate(
        [(shanghai, "running", 1), (shanghai, "restarted", 1), (shanghai, "stopped", 2), (jilin, "unknown", 2)]
    ):
        make.enterprise(f"K{number}", region=region, operation=state, key_list=True, key_batch=batch, panels="p1;p10")
    make.enterprise("plain", region=shanghai, operation="running", panels="p10")
    user = make.user()
    assert restart_rate(user)[:2] == (2, 4)
    assert restart_rate(user, region="310000")[:2] == (2, 3)
    assert restart_rate(user, panel="p1")[:2] == (2, 4)
    assert restart_rate(user, panel="p10")[:2] == (3, 5)
    assert restart_rate(user, batch=1).rate == 1.0
    assert restart_rate(user, panel="none").rate is None
    assert [(n, r.listed, r.restarted) for n, r in batches(user)] == [(1, 2, 2), (2, 2, 0)]
    local = make.user("province_officer", region="220000")
    assert restart_rate(local)[:2] == (0, 1)
