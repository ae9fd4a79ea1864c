"""The card of a chain: its enterprises, their lamps, its products by tier."""

import pytest
from tests import factories as make

from ballast.areas.alerts.services import relight
from ballast.areas.chains.cards import chain_cards, product_tiers
from ballast.areas.reference.selectors import now

pytestmark = pytest.mark.django_db


def test_product_tiers_count_from_the_final_product_and_show_loops_last():
    edges = {"ore": {"part"}, "part": {"car"}, "x": {"y"}, "y": {"x"}}
    assert product_tiers({"ore", "part", "car", "x", "y"}, edges) == {"car": 0, "part": 1, "ore": 2, "x": 3, "y": 3}


def test_chain_cards_count_enterprises_sites_and_tiers_in_scope():
    chain = make.chain()
    car = make.site("car", of=make.enterprise(chains=[chain], operation="running"), product=make.product("car"))
    part = make.site("part", of=make.enterprise(chains=[chain]), product=make.product("part"))
    make.need(car, part.product)
    [card] = chain_cards(make.user())
    assert (card.enterprises, card.sites, card.restart.restarted) == (2, 2, 1)
    assert [(tier, [one.product.code for one in products]) for tier, products, _ in card.tiers] == [
        (0, ["car"]),
        (1, ["part"]),
    ]


def test_an_enterprise_counts_in_each_of_its_chains_by_its_worst_lamp():
    make.authority()
    automobile, medical = make.chain("automobile"), make.chain("medical")
    both, one = make.enterprise(chains=[automobile, medical]), make.enterprise(chains=[medical])
    for owner, stocks in ((both, (5000.0, 100.0)), (one, (5000.0,))):
        for stock in stocks:
            make.need(make.site(of=owner), stock=stock, reported_at=now())
    make.enterprise(chains=[medical])
    relight()
    levels = {card.chain.code: card.levels for card in chain_cards(make.user())}
    assert levels == {"automobile": {"red": 1}, "medical": {"red": 1, "normal": 1}}
    seen = {card.chain.code: (card.levels, card.enterprises) for card in chain_cards(make.user(chain="automobile"))}
    assert seen == {"automobile": ({"red": 1}, 1), "medical": ({"red": 1}, 1)}
