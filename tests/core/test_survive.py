"""Time to survive against linear programs that SciPy solves, built anew and written out row by row for each node."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog
from tests.core.worlds import network_of, random_world

from ballast.core.columns import NetworkError
from ballast.core.network import build_network
from ballast.core.survive import Chain, chain_of, survive, survive_chain

PUBLISHED = json.loads((Path(__file__).parent / "stress_test_35.json").read_text())


class _Program:
    """A program in words: variables by name, one dictionary a row, every row at most its limit."""

    def __init__(self):
        self.rows, self.limits, self.names = [], [], {}

    def var(self, *name):
        return self.names.setdefault(name, len(self.names))

    def at_most(self, limit, *terms):
        row = {}
        for name, factor in terms:
            row[self.var(*name)] = row.get(self.var(*name), 0.0) + factor
        self.rows.append(row)
        self.limits.append(limit)

    def solve(self, days, worth, longest=3660.0):
        """The most days without loss, or over given days the least worth of what is lost."""
        column = self.var("days")
        cost, bounds = np.zeros(len(self.names)), [(0.0, None)] * len(self.names)
        lost = {name[1]: place for name, place in self.names.items() if name[0] == "lose"}
        for site, place in lost.items():
            bounds[place], cost[place] = ((0.0, 0.0), 0.0) if days is None else ((0.0, None), worth[site])
        bounds[column], cost[column] = ((0.0, longest), -1.0) if days is None else ((days, days), 0.0)
        matrix = np.zeros((len(self.rows), len(self.names)))
        for number, row in enumerate(self.rows):
            for place, factor in row.items():
                matrix[number, place] = factor
        found = linprog(cost, A_ub=matrix, b_ub=self.limits, bounds=bounds, method="highs")
        assert found.status == 0
        return -found.fun if days is None else found.fun


def _plain(network, stopped, *, days=None, capacity=1.0):
    """Days to survive, or money lost over `days`, by a program of its own."""
    program = _Program()
    for slot in range(network.slots):
        _input(program, network, slot, stopped)
    for site in range(network.sites):
        _site(program, network, site, capacity)
    program.at_most(0.0, (("make", stopped), 1.0))
    return program.solve(days, np.nan_to_num(network.output_value))


def _input(program, network, slot, stopped):
    """What is used is brought, at hand, from outside, or on the way from the stopped site."""
    site, into = int(network.slot_site[slot]), np.flatnonzero(network.link_slot == slot).tolist()
    cover = network.slot_cover[slot]
    on_way = [float(network.link_share[x]) * int(network.link_lead[x]) for x in into
              if network.link_supplier[x] == stopped]  # fmt: skip
    stock = (0.0 if np.isnan(cover) else float(cover)) + sum(on_way)
    terms = [(("bring", x), -1.0) for x in into] + [(("days",), -float(network.slot_outside[slot]))]
    if network.slot_essential[slot]:
        program.at_most(stock, (("make", site), 1.0), *terms)
    else:
        program.at_most(stock, (("run", site), 1.0), (("lack", slot), -1.0), *terms)


def _site(program, network, site, capacity):
    """What leaves is made; what is made is within capacity; demand is where no customer is known."""
    out = np.flatnonzero(network.link_supplier == site).tolist()
    worth = {x: _quantity(network, x, out) for x in out}
    total = sum(worth.values())
    sent = []
    for x in out:
        if worth[x] > 0.0 and network.link_share[x] > 1e-9:
            sent.append((("bring", x), worth[x] / total / float(network.link_share[x])))
        else:
            program.at_most(0.0, (("bring", x), 1.0))
    if not out:
        sent.append((("deliver", site), 1.0))
        program.at_most(0.0, (("days",), 1.0), (("deliver", site), -1.0), (("lose", site), -1.0))
    program.at_most(0.0, (("make", site), -1.0), *sent)
    lacks = [k for k in np.flatnonzero(network.slot_site == site).tolist() if not network.slot_essential[k]]
    less = [(("lack", k), float(network.slot_weight[k])) for k in lacks]
    program.at_most(0.0, (("make", site), 1.0), *less, (("run", site), -capacity))
    program.at_most(0.0, (("run", site), 1.0), (("days",), -1.0))


def _quantity(network, link, out):
    """Normal delivery; where one of the supplier's is unknown, all count by their shares."""
    use = network.slot_use[network.link_slot]
    every = np.where(np.isnan(network.link_quantity), network.link_share * use, network.link_quantity)
    return float(network.link_share[link] if np.isnan(every[out]).any() else every[link])


@pytest.mark.parametrize("capacity", [1.0, 1.3])
def test_every_node_of_random_networks_equals_a_program_of_its_own(capacity):
    seen = dict.fromkeys(["limited", "unlimited", "lossy"], 0)
    for seed in range(60):
        network = network_of(random_world(seed))
        recovery = np.random.default_rng(seed).integers(0, 20, network.sites).astype(float)
        found = survive(network, capacity=capacity)
        assert np.isnan(found.loss).all()
        with_days = _with_days(network, recovery, capacity)
        for site in range(network.sites):
            days = _plain(network, site, capacity=capacity)
            expected = np.inf if days >= 3660.0 * (1 - 1e-9) else days
            assert found.time_to_survive[site] == pytest.approx(expected, rel=1e-6, abs=1e-6), (seed, site)
            loss = _plain(network, site, days=recovery[site], capacity=capacity)
            assert with_days.loss[site] == pytest.approx(loss, rel=1e-6, abs=1e-6), (seed, site)
            seen["limited"] += np.isfinite(expected)
            seen["unlimited"] += np.isinf(expected)
            seen["lossy"] += loss > 0.0
    assert min(seen.values()) > 50, seen


def _with_days(network, recovery, capacity):
    return survive_chain(chain_of(network, capacity=capacity), range(network.sites), recovery)


def test_more_stock_or_a_further_supplier_never_shortens_survival():
    for seed in range(40):
        network = network_of(random_world(seed))
        if not network.slots:
            continue
        chain = chain_of(network)
        more = Chain(**{**vars(chain), "slot_stock": chain.slot_stock + 1.0})
        nodes, unknown = range(network.sites), np.full(network.sites, np.nan)
        before, after = (survive_chain(c, nodes, unknown).time_to_survive for c in (chain, more))
        assert (after >= before - 1e-6).all()


def _ore_part_car(**more):
    """A pit, a parts works with 4 days of ore, a car plant with 2.5 days of parts; leads 1 and 2."""
    return build_network(
        site_ids=["ore", "part", "car"],
        output_value=[1.0, 1.0, 100.0],
        recovery_days=[10, 3, 5],
        slot_site=[1, 2],
        slot_product=["ore", "part"],
        slot_cover=[4.0, 2.5],
        link_supplier=[0, 1],
        link_slot=[0, 1],
        link_share=[1.0, 1.0],
        link_lead=[1, 2],
        **more,
    )


def test_a_chain_worked_by_hand():
    found = survive(_ore_part_car())
    # ore: 4 + 1 on the way + 2.5; part: 2.5 + 2 on the way; car: nothing is in stock behind it.
    assert found.time_to_survive == pytest.approx([7.5, 4.5, 0.0])
    assert found.loss == pytest.approx([250.0, 0.0, 500.0])
    assert found.alarm.tolist() == [True, False, True]
    assert found.exposure == pytest.approx([0.5, 0.0, 1.0])
    assert found.time_at_rest == np.inf


def test_a_second_supplier_with_spare_capacity_takes_over():
    network = build_network(
        site_ids=["a", "b", "plant"],
        slot_site=[2],
        slot_product=["x"],
        slot_cover=[3.0],
        link_supplier=[0, 1],
        link_slot=[0, 0],
        link_share=[0.5, 0.5],
    )
    # Without spare capacity half is missing each day: 3 + half a day on the way last 7 days.
    assert survive(network).time_to_survive[:2] == pytest.approx([7.0, 7.0])
    assert survive(network, capacity=1.5).time_to_survive[0] == pytest.approx(3.5 / 0.25)
    assert survive(network, capacity=2.0).time_to_survive[0] == np.inf


def test_unknown_recovery_gives_no_loss_and_no_alarm():
    network = build_network(site_ids=["a", "b"], slot_site=[1], slot_product=["x"], link_supplier=[0], link_slot=[0])
    found = survive(network)
    assert np.isnan(found.loss).all()
    assert not found.alarm.any()


def test_tables_that_fall_short_are_told():
    network = build_network(site_ids=["a"], slot_site=[0], slot_product=["x"], slot_cover=[6.0], slot_outside=[0.4])
    assert survive(network).time_at_rest == pytest.approx(10.0)


def test_impossible_questions_are_refused():
    with pytest.raises(NetworkError, match="sites: tram is not there"):
        survive(_ore_part_car(), sites=["tram"])
    with pytest.raises(NetworkError, match="capacity: -1 is no part of normal output"):
        survive(_ore_part_car(), capacity=-1)
    assert survive(_ore_part_car(), sites=["part"]).time_to_survive == pytest.approx([4.5])


def _published():
    """The small network of the stress-test notebooks: five products, ten suppliers, twenty sub-suppliers.

    Source: R. Yoshimatsu, "Stress-test small networks", Databricks Industry Solutions, repository
    supply-chain-stress-test (2025): nodes, stocks, capacities, demand, margins and recovery times as published there.
    """
    names = sorted(PUBLISHED["stock"])
    place = {name: number for number, name in enumerate(names)}
    part = PUBLISHED["part"]
    slots = sorted({(customer, part[supplier]) for supplier, customer in PUBLISHED["links"]})
    links = [(place[a], slots.index((b, part[a]))) for a, b in PUBLISHED["links"]]
    chain = Chain(
        demand=np.array([PUBLISHED["demand"].get(name, 0.0) for name in names], dtype=float),
        margin=np.array([PUBLISHED["margin"].get(name, 0.0) for name in names], dtype=float),
        capacity=np.array([PUBLISHED["capacity"][name] for name in names], dtype=float),
        stock=np.array([PUBLISHED["stock"][name] for name in names], dtype=float),
        slot_site=np.array([place[site] for site, _ in slots]),
        slot_use=np.ones(len(slots)),
        slot_stock=np.zeros(len(slots)),
        slot_outside=np.zeros(len(slots)),
        slot_weight=np.full(len(slots), np.nan),
        link_supplier=np.array([a for a, _ in links]),
        link_slot=np.array([b for _, b in links]),
        link_take=np.ones(len(links)),
        link_on_way=np.zeros(len(links)),
    )
    recover = np.array([PUBLISHED["time_to_recover"].get(name, np.nan) for name in names], dtype=float)
    return names, survive_chain(chain, range(len(names)), recover)


def test_the_published_example_of_35_nodes():
    names, found = _published()
    loss = dict(zip(names, found.loss, strict=True))
    times = dict(zip(names, found.time_to_survive, strict=True))
    # As its text says: T2_10, sole source of a material for three products, leads; T2_8 and T3_15 are among the
    # five riskiest, T3_14 (same place, half the recovery time) is not.
    riskiest = sorted((name for name in names if loss[name] > 0), key=lambda name: -loss[name])[:5]
    assert riskiest[0] == "T2_10"
    assert {"T2_8", "T3_15"} <= set(riskiest)
    assert "T3_14" not in riskiest
    # By hand: T1_1, T1_3 and T1_5 live on their own stock and on what T2_10 has left:
    # (801 + 827 + 781) t = 1,630 + 2,306 + 2,155 + 2,465.
    assert times["T2_10"] == pytest.approx(8556 / 2409, rel=1e-9)
    # By hand: T1_1 and T1_3 have no other source of what T2_8 makes. The 1,569 units that it has left go to T1_1,
    # whose margin is larger; T1_3 makes nothing. 0.22 (801 x 9 - 1,630 - 1,569) + 0.14 (827 x 9 - 2,306).
    assert loss["T2_8"] == pytest.approx(0.22 * 4010 + 0.14 * 5137, rel=1e-9)
