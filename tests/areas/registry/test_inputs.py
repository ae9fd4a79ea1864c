"""A site keeps how many inputs it uses and when one was last reported."""

import datetime as dt
import random

import pytest
from tests import factories as make

from ballast.areas.registry.models import Need, Site
from ballast.areas.registry.services import set_stock

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2022, 4, 28, 4, tzinfo=dt.UTC)


def kept():
    return dict(Site.objects.values_list("site_id", "inputs")), dict(Site.objects.values_list("site_id", "last_report"))


def counted():
    """The same, one input after the other."""
    used = {site: [need for need in site.needs.all() if need.daily_use > 0] for site in Site.objects.all()}
    times = {site: [need.reported_at for need in needs if need.reported_at] for site, needs in used.items()}
    return (
        {site.site_id: len(needs) for site, needs in used.items()},
        {site.site_id: max(found, default=None) for site, found in times.items()},
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_count_follows_every_way_to_write_inputs(seed):
    chance = random.Random(seed)

    def figures():
        reported = NOON - dt.timedelta(hours=chance.randrange(50)) if chance.random() < 0.7 else None
        return {"daily_use": chance.choice([0.0, 5.0]), "reported_at": reported}

    sites = [make.site() for _ in range(4)]
    needs = [make.need(chance.choice(sites), **figures()) for _ in range(9)]
    assert kept() == counted()
    for need in needs:
        for name, value in figures().items():
            setattr(need, name, value)
    set_stock(needs[:5])
    assert kept() == counted()
    needs[-1].save()
    assert kept() == counted()
    Need.objects.update(reported_at=NOON, daily_use=1.0)
    Site.objects.count_inputs()
    assert kept() == counted()
