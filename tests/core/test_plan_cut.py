"""Plans of strict needs beside a minimum cut: without a limit, what pays at a price per case is a closure problem.

Picard 1976: a step of a site's output can be won when all groups before it are solved; each group costs the price. The
most that can be won is all steps minus the largest flow. Over all prices this is the upper hull of the frontier.
"""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from ballast.core.forecast import Event, forecast
from ballast.core.network import build_network
from ballast.core.plan import plan

HORIZON = 12
ENDLESS = 2**30


def strict_network(seed, *, sites=24, closed=6):
    """Every input has one supplier upstream, no stock, lead 1; some sites are closed throughout. Whole values."""
    rng = np.random.default_rng(seed)
    links = [(int(s), i) for i in range(4, sites) for s in rng.choice(i, rng.integers(1, 4), replace=False)]
    network = build_network(
        site_ids=[f"s{i:02d}" for i in range(sites)],
        output_value=rng.integers(0, 20, sites).astype(float),
        slot_site=[i for _s, i in links],
        slot_product=[f"p{s:02d}" for s, _i in links],
        slot_cover=np.zeros(len(links)),
        link_supplier=[s for s, _i in links],
        link_slot=range(len(links)),
    )
    held = rng.choice(sites, closed, replace=False)
    return network, [Event(f"e{k}", "site", f"s{i:02d}", 0) for k, i in enumerate(held)]


def most_won(network, events, price):
    """The most that any set of events can win, less the price of each, by a minimum cut."""
    alone = [forecast(network, [event], horizon=HORIZON).low.lost_days for event in events]
    groups, steps = len(events), []
    for site in range(network.sites):
        order = sorted(range(groups), key=lambda g: -alone[g][site])
        for end in range(1, groups + 1):
            below = alone[order[end]][site] if end < groups else 0.0
            won = network.output_value[site] * (alone[order[end - 1]][site] - below)
            if won > 0.0:
                steps.append((round(won), order[:end]))
    source, sink = groups + len(steps), groups + len(steps) + 1
    arcs = [(g, sink, price) for g in range(groups)]
    for k, (won, before) in enumerate(steps):
        arcs += [(source, groups + k, won), *((groups + k, g, ENDLESS) for g in before)]
    tails, heads, room = (np.array(column) for column in zip(*arcs, strict=True))
    flow = maximum_flow(csr_array((room.astype(np.int32), (tails, heads)), shape=(sink + 1, sink + 1)), source, sink)
    return sum(won for won, _before in steps) - int(flow.flow_value)


@pytest.mark.parametrize("seed", range(5))
def test_the_frontier_touches_what_the_cut_says_at_every_price(seed):
    network, events = strict_network(seed)
    groups = {event.event_id: [event.event_id] for event in events}
    found = plan(network, events, groups, limit=len(events), horizon=HORIZON)
    worth = [0.0, *(size.value for size in found.sizes)]
    assert all(size.gap <= 1e-9 for size in found.sizes)
    slopes = np.diff(worth)
    prices = sorted({0, 1, 10_000, *(max(0, round(slope)) for slope in slopes), *(int(s) // 2 for s in slopes)})
    for price in prices:
        best = max(value - price * size for size, value in enumerate(worth))
        assert best == pytest.approx(most_won(network, events, price), abs=1e-6), price
    assert worth[-1] == pytest.approx(found.recoverable)


def test_an_unprofitable_case_is_left_alone():
    network, events = strict_network(3)
    assert most_won(network, events, 10_000) == 0
    assert most_won(network, events, 0) == pytest.approx(
        forecast(network, events, horizon=HORIZON).low.total_lost_output
    )
