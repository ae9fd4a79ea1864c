import numpy as np
import pytest
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import Event, Uncertainty, ensemble, forecast
from ballast.core.network import NetworkError, build_network


def _plant(cover, upper=8.0, **more):
    """A maker and a plant with one input."""
    return build_network(
        site_ids=["maker", "plant"],
        output_value=[1.0, 1.0],
        slot_site=[1],
        slot_product=["part"],
        slot_cover=[cover],
        slot_cover_upper=[upper],
        link_supplier=[0],
        link_slot=[0],
        **more,
    )


STOP = [Event("shut", "site", "maker", 0, 5)]


def test_without_anything_uncertain_every_draw_is_the_forecast():
    for seed in range(60):
        world = random_world(seed)
        for need in range(len(world.needs)):
            if world.needs[need].cover is None:
                break
        else:
            network = network_of(world)
            one = forecast(network, world.events, horizon=world.horizon).low
            many = ensemble(network, world.events, horizon=world.horizon, draws=2)
            found = np.full(network.sites, -1)
            found[many.sites] = np.where(many.stop_share == 1.0, many.stop_quantiles(0.5), -1)
            assert (found == one.stop_day).all()
            assert many.total_lost == pytest.approx([one.total_lost_output] * 2)


def test_every_draw_lies_between_the_two_runs_of_the_forecast():
    network = _plant(np.nan)
    found = forecast(network, STOP, horizon=20)
    many = ensemble(network, STOP, horizon=20, draws=300)
    assert found.high.total_lost_output <= many.total_lost.min()
    assert many.total_lost.max() <= found.low.total_lost_output
    # Six days without arrivals: on the last one less than 0.05 is left when the stock was below 5.05 days.
    assert many.stop_share[many.sites == 1] == pytest.approx(5.05 / 8, abs=0.06)


def test_the_same_seed_gives_the_same_bits_on_any_number_of_threads():
    network = _plant(np.nan)
    about = Uncertainty(end_days=3)
    one, two, other = (
        ensemble(network, STOP, draws=50, seed=seed, threads=threads, uncertainty=about)
        for seed, threads in ((7, 1), (7, 3), (8, 1))
    )
    assert (one.total_lost == two.total_lost).all()
    assert (one.stop_quantiles(0.9) == two.stop_quantiles(0.9)).all()
    assert (one.total_lost != other.total_lost).any()


def test_bands_widen_with_what_is_uncertain():
    network = _plant(3.0)
    sure = ensemble(network, STOP, draws=100).total_quantiles()
    unsure = ensemble(network, STOP, draws=100, uncertainty=Uncertainty(stock_error=0.5, end_days=3)).total_quantiles()
    assert len(set(sure)) == 1
    assert unsure[0] < sure[0] < unsure[-1]


def test_a_site_that_seldom_stops_has_no_median_stop_day():
    network = _plant(np.nan, upper=60.0)
    many = ensemble(network, STOP, horizon=20, draws=200)
    plant = int(np.flatnonzero(many.sites == 1)[0])
    assert 0 < many.stop_share[plant] < 0.5
    assert many.stop_quantiles(0.5)[plant] == np.inf
    assert many.stop_quantiles(0.01)[plant] < 6


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: Uncertainty(stock_error=-1), "stock_error is -1"),
        (lambda: Uncertainty(end_days=-2), "end_days is -2"),
        (lambda: ensemble(_plant(1.0), STOP, draws=0), "draws is 0"),
        (lambda: ensemble(_plant(1.0), STOP, horizon=0), "horizon is 0"),
    ],
)
def test_impossible_figures_are_refused(call, reason):
    with pytest.raises(NetworkError, match=reason):
        call()
