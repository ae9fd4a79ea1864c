"""Starter lots of loops: beside trying all start days, and beside the forecast that gets them."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.oracle import Link, Need, Site, World
from tests.core.worlds import network_of

from ballast.core.forecast import Event, forecast
from ballast.core.forecast.starters import Loop, Lot, runs, starter_lots


def least_total(loop):
    """The least lots over all start days, by going through them and through the days."""
    best = np.inf
    latest = (loop.members - 1) * loop.longest
    for starts in itertools.product(range(latest + 1), repeat=loop.members):
        total = 0.0
        for k, site in enumerate(loop.site):
            lack = 0.0
            for day in range(starts[site], latest + loop.longest + 1):
                come = loop.come[k] + sum(
                    loop.share[x] * loop.rate
                    for x in np.flatnonzero(loop.slot == k)
                    if starts[loop.supplier[x]] + loop.lead[x] <= day
                )
                lack += max(0.0, loop.rate - come)
            total += max(0.0, lack - loop.cover[k]) if loop.essential[k] else 0.0
        best = min(best, total)
    return best


@st.composite
def loops(draw, *, plain=False):
    """Two or three members in a ring, with further links, stocks and supplies."""
    n = draw(st.integers(2, 3))
    more = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=2))
    pairs = list(dict.fromkeys([(i, (i + 1) % n) for i in range(n)] + [(a, b) for a, b in more if a != b]))
    slots, links = [], []
    for supplier, customer in sorted(pairs, key=lambda pair: pair[1]):
        same = slots and slots[-1] == customer and draw(st.booleans())
        if not same:
            slots.append(customer)
        links.append((supplier, len(slots) - 1, draw(st.integers(1, 2))))
    count = np.bincount([slot for _s, slot, _l in links])
    share = [1.0 / count[slot] for _s, slot, _l in links]
    if not plain:
        share = [value * draw(st.sampled_from([1.0, 1.0, 2.0])) for value in share]
    kinds = st.just(0.0) if plain else st.sampled_from([0.0, 0.0, 0.02, 1.0])
    stocks = st.just(0.0) if plain else st.sampled_from([0.0, 0.0, 0.08, 3.0])
    s = len(slots)
    return Loop(
        slots=np.arange(s),
        site=np.array(slots),
        essential=np.ones(s, dtype=bool),
        weight=np.full(s, 0.5),
        come=np.array([draw(kinds) for _ in slots]),
        cover=np.array([draw(stocks) for _ in slots]),
        supplier=np.array([link[0] for link in links]),
        slot=np.array([link[1] for link in links]),
        share=np.array(share),
        lead=np.array([link[2] for link in links]),
        rate=0.05,
    )


@settings(max_examples=60, deadline=None)
@given(loops())
def test_lots_keep_the_loop_running_and_none_are_smaller(loop):
    found = starter_lots(loop)
    assert found is not None
    assert runs(loop, np.array(found.starts), found.lots)
    if found.proven:
        assert found.days == pytest.approx(least_total(loop), abs=1e-6)
    else:
        assert found.days >= least_total(loop) - 1e-6


@settings(max_examples=40, deadline=None)
@given(loops(plain=True), st.sampled_from([0.98, 0.5, 0.0]))
def test_anything_less_is_too_little(loop, part):
    """Without stocks and other supplies all rates shrink with the lots."""
    found = starter_lots(loop)
    assert found.proven
    less = [Lot(lot.slot, lot.days * part, tuple((d, q * part) for d, q in lot.daily)) for lot in found.lots]
    assert runs(loop, np.array(found.starts), found.lots)
    assert not runs(loop, np.array(found.starts), less)


def _restarted(part=1.0):
    """Works a and b feed one another (leads 3 and 2); a shut lane emptied both. Lots come by road from `lot`."""
    sites = [Site(name, "DE", "", 1.0, 0.05) for name in ("a", "b")]
    needs = [Need("a", "y", 1.0, target=1.0), Need("b", "x", 1.0, target=1.0)]
    links = [Link("a", "b", "x", 1.0, 3), Link("b", "a", "y", 1.0, 2)]
    shut = [Event("road", "lane", "a>b", 0, 9)]
    network = network_of(World(sites, needs, links, [], 20))
    before = forecast(network, shut, horizon=20)
    (loop,) = before.deadlocks
    events = list(shut)
    for lot in loop.starter.lots:
        customer, product = network.site_ids[network.slot_site[lot.slot]], network.slot_product[lot.slot]
        for day, much in lot.daily:
            # What is sent on the day before arrives; what came on day 0 finds a full store.
            name = f"lot{day}"
            sites.append(Site(name, "DE", "", 0.0, 0.05))
            links.append(Link(name, customer, product, much * part, 1))
            events += [Event(f"{name} before", "site", name, 0, 20 + day - 2), Event(name, "site", name, 20 + day)]
    after = forecast(network_of(World(sites, needs, links, events, 80)), events, horizon=80)
    return loop, after.low.rate


def test_the_forecast_runs_again_with_the_lots():
    loop, rate = _restarted()
    assert loop.sites == ("a", "b")
    assert loop.starter.days == pytest.approx(0.05 * (3 + 2))
    assert loop.starter.proven
    for site, start in enumerate(loop.starter.starts):
        assert rate[20 + start - 1, site] == pytest.approx(0.0, abs=1e-12)
        assert (rate[20 + start :, site] >= 0.05 - 1e-9).all()


def test_with_a_little_less_it_stays_stopped():
    _loop, rate = _restarted(part=0.9)
    assert (rate[60:, :2] < 0.05 - 1e-3).all()


def test_a_loop_that_gets_too_little_for_good_has_no_lots():
    sites = [Site(name, "DE", "", 1.0, 0.05) for name in ("a", "b")]
    needs = [Need("a", "y", 1.0), Need("b", "x", 1.0), Need("b", "z", 9.0)]
    links = [Link("a", "b", "x"), Link("b", "a", "y")]
    sites.append(Site("mine", "DE", "", 1.0, 0.05))
    links.append(Link("mine", "b", "z"))
    events = [Event("road", "lane", "a>b", 0, 5), Event("shut", "site", "mine", 0)]
    (loop,) = forecast(network_of(World(sites, needs, links, events, 9)), events, horizon=9).deadlocks
    assert (loop.sites, loop.starter) == (("a", "b"), None)


def test_an_idle_site_that_the_loop_will_need_belongs_to_it():
    sites = [Site(name, "DE", "", 1.0, 0.05) for name in ("a", "b", "c")]
    needs = [Need("a", "y", 1.0), Need("b", "x", 1.0), Need("b", "z", 9.0), Need("c", "x", 1.0)]
    links = [Link("a", "b", "x"), Link("b", "a", "y"), Link("a", "c", "x"), Link("c", "b", "z")]
    events = [Event("road", "lane", "a>*", 0, 5)]
    (loop,) = forecast(network_of(World(sites, needs, links, events, 12)), events, horizon=12).deadlocks
    assert loop.sites == ("a", "b", "c")
    # b has z at hand until c brings it; what a ships reaches both, so b's parts for a are all that is lacking.
    assert loop.starter.days == pytest.approx(0.05 * 2)
    assert loop.starter.proven
