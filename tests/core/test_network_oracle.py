"""The network beside the plainest way to build one: rows in lists, sorted, and summed one after the other."""

import math
from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.core.network import build_network

NAN = float("nan")
ODD_FIGURES = st.sampled_from([NAN, 0.0, 0.1, 0.2, 0.7, 1.0, 1 / 3, 1e10, 2.5])
NAMES = ["b", "a", "厂", "aaaaaaaaa", "aaaaaaaaab", "é"]


@st.composite
def worlds(draw):
    """Rows of sites, slots and links; links name their slot by (site, product)."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=5))
    sites = [(name, draw(st.sampled_from(["310000", "DE"])), draw(ODD_FIGURES)) for name in names]
    pairs = [(name, product) for name in names for product in ("x", "y", "z")]
    slots = [(*pair, draw(ODD_FIGURES)) for pair in draw(st.lists(st.sampled_from(pairs), unique=True, max_size=7))]
    links = []
    for supplier, (site, product, _) in draw(
        st.lists(st.tuples(st.sampled_from(names), st.sampled_from(slots or [("", "", 0)])), max_size=14)
    ):
        if slots and supplier != site:
            lead, share = draw(st.sampled_from([NAN, 0.2, 1.0, 2.5, 4.0])), draw(ODD_FIGURES)
            links.append((supplier, (site, product), lead, share, draw(ODD_FIGURES), draw(st.booleans())))
    return sites, slots, links


def built(sites, slots, links):
    place = {site[0]: i for i, site in enumerate(sites)}
    slot_of = {slot[:2]: k for k, slot in enumerate(slots)}
    return build_network(
        site_ids=[site[0] for site in sites],
        site_region=[site[1] for site in sites],
        output_value=[site[2] for site in sites],
        slot_site=[place[slot[0]] for slot in slots],
        slot_product=[slot[1] for slot in slots],
        slot_cover=[slot[2] for slot in slots],
        link_supplier=[place[link[0]] for link in links],
        link_slot=[slot_of[link[1]] for link in links],
        link_lead=[link[2] for link in links],
        link_share=[link[3] for link in links],
        link_quantity=[link[4] for link in links],
        link_inferred=[link[5] for link in links],
    )


def last_when_unknown(value):
    return math.inf if math.isnan(value) else value


def in_order(sites, slots, links):
    """Slots by site and product; links by slot, supplier id, lead, share, quantity and source."""
    place = {site[0]: i for i, site in enumerate(sites)}
    slots = sorted(slots, key=lambda slot: (place[slot[0]], slot[1]))
    of_slot = {slot[:2]: k for k, slot in enumerate(slots)}

    def key(link):
        supplier, slot, lead, share, quantity, inferred = link
        lead = 1.0 if math.isnan(lead) else lead
        return (of_slot[slot], supplier, lead, last_when_unknown(share), last_when_unknown(quantity), inferred)

    return place, slots, of_slot, sorted(links, key=key)


def filled(slots, links):
    """(shares of all links, outside and arrivals of all slots)."""
    shares, outside, base = [], [], []
    for slot in slots:
        given = [link[3] for link in links if link[1] == slot[:2]]
        known = 0.0
        for share in given:
            known += 0.0 if math.isnan(share) else share
        open_links = sum(math.isnan(share) for share in given)
        mine = [max(0.0, 1.0 - known) / open_links if math.isnan(share) else share for share in given]
        total = 0.0
        for share in mine:
            total += share
        shares += mine
        outside.append(max(0.0, 1.0 - total))
        base.append(1.0 if abs(total + outside[-1] - 1.0) <= 1e-9 else total + outside[-1])
    return shares, outside, base


@settings(deadline=None)
@given(worlds())
def test_a_network_holds_the_rows_in_order_with_every_gap_filled(world):
    sites, _, _ = world
    place, slots, of_slot, links = in_order(*world)
    shares, outside, base = filled(slots, links)
    network = built(*world)
    assert network.site_ids == [site[0] for site in sites]
    assert network.site_region == [site[1] for site in sites]
    assert [network.site_index[name] for name in place] == list(place.values())
    assert network.slot_site.tolist() == [place[slot[0]] for slot in slots]
    assert network.slot_product == [slot[1] for slot in slots]
    assert np.array_equal(network.slot_cover, [slot[2] for slot in slots], equal_nan=True)
    assert network.link_slot.tolist() == [of_slot[link[1]] for link in links]
    assert network.link_supplier.tolist() == [place[link[0]] for link in links]
    assert network.link_customer.tolist() == [place[link[1][0]] for link in links]
    assert network.link_lead.tolist() == [max(1, math.floor((1 if math.isnan(x[2]) else x[2]) + 0.5)) for x in links]
    assert np.array_equal(network.link_quantity, [link[4] for link in links], equal_nan=True)
    assert network.link_inferred.tolist() == [link[5] for link in links]
    assert network.link_share.tolist() == shares
    assert network.slot_outside.tolist() == outside
    assert network.slot_base.tolist() == base


@settings(deadline=None)
@given(worlds())
def test_offsets_lead_from_a_site_to_its_slots_their_links_and_its_customers(world):
    network = built(*world)
    for site in range(network.sites):
        slots = range(network.site_slots[site], network.site_slots[site + 1])
        assert list(slots) == [k for k in range(network.slots) if network.slot_site[k] == site]
        out = network.links_by_supplier[network.supplier_links[site] : network.supplier_links[site + 1]]
        assert out.tolist() == [j for j in range(network.links) if network.link_supplier[j] == site]
    for slot in range(network.slots):
        links = range(network.slot_links[slot], network.slot_links[slot + 1])
        assert list(links) == [j for j in range(network.links) if network.link_slot[j] == slot]


@settings(deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_neither_the_bits_nor_the_digest_depend_on_the_order_of_the_rows(world, random):
    turned = [random.sample(rows, len(rows)) for rows in world]
    one, other = built(*world), built(*turned)
    assert one.digest == other.digest
    by_id = np.argsort(one.site_ids.order)
    back = other.site_ids.order[by_id]
    assert one.site_ids == other.site_ids.take(back)
    for field in fields(one):
        mine, its = getattr(one, field.name), getattr(other, field.name)
        if field.name in {"site_ids", "slot_site", "link_slot", "link_supplier"}:
            continue
        rows = np.concatenate([np.arange(0), *(_rows_of(other, field.name, site) for site in back)]).astype(np.intp)
        assert list(mine) == its.take(rows) if field.name.endswith(("region", "product")) else _same(mine, its[rows])


def _rows_of(network, name, site):
    """The rows of a column that belong to a site."""
    if name.startswith("slot"):
        return np.flatnonzero(network.slot_site == site)
    if name.startswith("link"):
        return np.flatnonzero(network.link_customer == site)
    return np.array([site])


def _same(mine, its):
    return mine.tobytes() == its.tobytes()


@settings(deadline=None)
@given(worlds())
def test_the_digest_tells_apart_what_differs(world):
    sites, slots, links = world
    before = built(*world).digest
    (name, region, _), *rest = sites
    assert built([(name, region, 77.0), *rest], slots, links).digest != before
    assert built([(name, "320000", sites[0][2]), *rest], slots, links).digest != before
    free = [(name, p) for p in "xyz" if (name, p) not in {slot[:2] for slot in slots}]
    if free:
        assert built(sites, [*slots, (*free[0], NAN)], links).digest != before
    if links:
        assert built(sites, slots, links[1:]).digest != before
