from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.test_network_oracle import built, worlds
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import forecast
from ballast.core.network import arranged, build_network
from ballast.core.network.locality import near_order


@settings(deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_an_arranged_network_is_the_network_of_the_rows_in_that_order(world, random):
    sites, slots, links = world
    order = random.sample(range(len(sites)), len(sites))
    moved = arranged(built(*world), np.array(order))
    expected = built([sites[k] for k in order], slots, links)
    assert moved.digest == expected.digest == built(*world).digest
    for field in fields(moved):
        mine, its = getattr(moved, field.name), getattr(expected, field.name)
        assert mine == its if field.name.endswith(("ids", "region", "product")) else mine.tobytes() == its.tobytes()


def plain_walk(network):
    """Breadth first with lists, from the site with most links."""
    customers = {i: [] for i in range(network.sites)}
    suppliers = {i: [] for i in range(network.sites)}
    for link in range(network.links):
        customers[int(network.link_supplier[link])].append(int(network.link_customer[link]))
        suppliers[int(network.link_customer[link])].append(int(network.link_supplier[link]))
    order = []
    for start in sorted(customers, key=lambda i: (-len(customers[i]) - len(suppliers[i]), i)):
        agenda = [start] if start not in order else []
        order += agenda
        for site in agenda:
            for other in customers[site] + suppliers[site]:
                if other not in order:
                    order.append(other)
                    agenda.append(other)
    return order


@settings(deadline=None)
@given(worlds())
def test_the_near_order_is_a_walk_over_the_links_breadth_first(world):
    network = built(*world)
    assert near_order(network).tolist() == plain_walk(network)


def test_a_forecast_gives_every_site_the_same_bits_in_any_order():
    for seed in range(12):
        world = random_world(seed)
        network = network_of(world)
        order = near_order(network)
        one = forecast(network, world.events, horizon=world.horizon).low
        other = forecast(arranged(network, order), world.events, horizon=world.horizon).low
        assert one.rate[:, order].tobytes() == other.rate.tobytes()
        assert one.stop_day[order].tolist() == other.stop_day.tolist()


def test_a_network_without_sites_has_an_order_without_sites():
    network = build_network(site_ids=[])
    assert near_order(network).tolist() == []
    assert arranged(network, near_order(network)).digest == network.digest
