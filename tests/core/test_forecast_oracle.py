"""The engine against the oracle on 1,000 random networks."""

import numpy as np
import pytest
from tests.core.oracle import Oracle
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import forecast, output_at_risk

BATCHES = 20
WORLDS = 1000


def _days(run, oracle, ids):
    return {
        site: (
            (int(run.stop_day[i]), int(run.slow_day[i]), int(run.recovery_day[i]), int(run.red_day[i])),
            (oracle.stop_day(site), oracle.slow_day(site), oracle.recovery_day(site), oracle.red_day(site)),
        )
        for i, site in enumerate(ids)
    }


def _check_run(run, oracle, world):
    ids = [s.id for s in world.sites]
    rates = np.array([[oracle.x[site, day] for site in ids] for day in range(world.horizon)])
    np.testing.assert_allclose(run.rate, rates, rtol=0, atol=1e-12)
    assert all(ours == theirs for ours, theirs in _days(run, oracle, ids).values()), _days(run, oracle, ids)
    lost = [oracle.lost_days(site) for site in ids]
    np.testing.assert_allclose(run.lost_days, lost, rtol=0, atol=1e-11)


def _check_causes(found, oracle, world, *, certain):
    for i, site in enumerate(world.sites):
        path = found.explain(i, certain=certain)
        assert set(path.events) == oracle.joint(site.id), (site.id, path.to_dict())


@pytest.mark.parametrize("batch", range(BATCHES))
def test_rates_days_losses_and_causes_equal_the_oracle(batch):
    for seed in range(batch * WORLDS // BATCHES, (batch + 1) * WORLDS // BATCHES):
        world = random_world(seed)
        found = forecast(network_of(world), world.events, horizon=world.horizon)
        for run, high in ((found.low, False), (found.high, True)):
            oracle = Oracle(world, high=high)
            _check_run(run, oracle, world)
            _check_causes(found, oracle, world, certain=high)


def test_output_at_risk_is_the_difference_of_two_forecasts_to_the_last_digit():
    groups_tried = 0
    for seed in range(300):
        world = random_world(seed)
        network = network_of(world)
        ids = [e.event_id for e in world.events]
        groups = {"all": ids, "none": [], "first": ids[:1], "last two": ids[-2:], "unknown": ["no such event"]}
        full = forecast(network, world.events, horizon=world.horizon).low.total_lost_output
        for name, at_risk in output_at_risk(network, world.events, groups, horizon=world.horizon).items():
            rest = world.without(groups[name]).events
            assert at_risk == full - forecast(network, rest, horizon=world.horizon).low.total_lost_output
            groups_tried += at_risk > 0
    assert groups_tried > 100
