"""Random small worlds for the tests of the engine, and their way into a network."""

import random

from tests.core.oracle import Link, Need, Site, World

from ballast.core.forecast import Event
from ballast.core.network import build_network

REGIONS = ("310000", "310101", "310104", "320500", "CN-SH", "DE", "DE-BY")


def network_of(world):
    """The world as arrays."""
    place = {s.id: i for i, s in enumerate(world.sites)}
    slot = {(n.site, n.product): k for k, n in enumerate(world.needs)}
    nan = float("nan")

    def known(value):
        return nan if value is None else value

    return build_network(
        site_ids=[s.id for s in world.sites],
        site_region=[s.region for s in world.sites],
        site_product=[s.product for s in world.sites],
        output_value=[known(s.value) for s in world.sites],
        minimum_rate=[s.minimum for s in world.sites],
        slot_site=[place[n.site] for n in world.needs],
        slot_product=[n.product for n in world.needs],
        slot_essential=[n.essential for n in world.needs],
        slot_weight=[known(n.weight) for n in world.needs],
        slot_cover=[known(n.cover) for n in world.needs],
        slot_cover_upper=[known(n.upper) for n in world.needs],
        slot_target=[known(n.target) for n in world.needs],
        slot_outside=[known(n.outside) for n in world.needs],
        link_supplier=[place[x.supplier] for x in world.links],
        link_slot=[slot[x.customer, x.product] for x in world.links],
        link_share=[known(x.share) for x in world.links],
        link_lead=[x.lead for x in world.links],
        link_inferred=[x.inferred for x in world.links],
    )


def random_world(seed, *, plain=False):
    """A world with loops, shared suppliers and all kinds of events.

    `plain` leaves out what breaks monotonicity: ceilings and non-essential inputs.
    """
    rng = random.Random(seed)
    names = [f"s{i}" for i in range(rng.randint(2, 11))]
    products = [f"p{i}" for i in range(rng.randint(1, 4))]
    sites = [
        Site(
            name,
            rng.choice(REGIONS),
            rng.choice(products),
            rng.choice([None, 1.0, 3.0, round(rng.uniform(0, 50), 2)]),
            rng.choice([0.0, 0.05, 0.05, 0.3, 0.5, 1.0]),
        )
        for name in names
    ]
    needs, links = [], []
    for site in sites:
        for product in rng.sample(
            products, rng.choice([0, 1, 2, min(3, len(products))]) if len(products) > 1 else rng.choice([0, 1])
        ):
            needs.append(_need(rng, site.id, product, plain=plain))
            links += _links(rng, names, site.id, product)
    horizon = rng.randint(8, 24)
    events = [_event(rng, k, names, products) for k in range(rng.randint(0, 6))]
    return World(sites, needs, links, events, horizon)


def _need(rng, site, product, *, plain):
    cover = rng.choice([None, 0.0, 0.5, 1.0, 2.5, float(rng.randint(0, 5)), round(rng.uniform(0, 4), 3)])
    return Need(
        site,
        product,
        cover,
        upper=rng.choice([None, 2.0, 6.5]),
        target=1e9 if plain else rng.choice([None, None, None, 0.0, 1.0, 4.0, 10.0]),
        essential=plain or rng.random() < 0.75,
        weight=rng.choice([None, 0.2, 0.5, 1.0]),
        outside=rng.choice([None] * 8 + [0.0, 0.3, 1.0]),
    )


def _links(rng, names, customer, product):
    others = [name for name in names if name != customer]
    chosen = rng.sample(others, min(len(others), rng.choice([0, 1, 1, 1, 1, 1, 2, 2, 3])))
    shares = {
        1: rng.choice([[1.0], [1.0], [1.0], [0.6], [None], [1.2]]),
        2: rng.choice([[0.5, 0.5], [0.7, 0.3], [0.7, None], [None, None], [1.0, 1.0], [0.123, 0.456]]),
        3: rng.choice([[0.5, 0.3, 0.2], [0.4, None, None], [1 / 3, 1 / 3, 1 / 3], [0.1, 0.1, 0.1]]),
    }
    if not chosen:
        return []
    return [
        Link(name, customer, product, share, rng.choice([0, 1, 1, 1, 1.5, 2, 3, 2.49, 7, 60]), rng.random() < 0.2)
        for name, share in zip(chosen, shares[len(chosen)], strict=True)
    ]


def _event(rng, number, names, products):
    kind = rng.choice(["site", "site", "site", "region", "product", "lane"])
    subject = {
        "site": lambda: rng.choice(names),
        "region": lambda: rng.choice([*REGIONS, "CN", "310100"]),
        "product": lambda: rng.choice(products),
        "lane": lambda: rng.choice([">", " -> ", "→"]).join(rng.choice([*names, *REGIONS, "*"]) for _ in "ab"),
    }[kind]()
    start = rng.randint(-3, 8)
    end = rng.choice([None, start, start + rng.randint(0, 8), start + 3])
    left = rng.choice([0.0, 0.0, 0.0, 0.04, 0.3, 0.5, 0.9, 1.0])
    return Event(f"e{number}", kind, subject, start, end, left)
