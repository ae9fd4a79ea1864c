"""Ore, part, car: the network that the handbook works by hand, in two regions."""

import datetime as dt
from types import SimpleNamespace

import pytest
from tests import factories as make

from ballast.areas.cases import services as cases
from ballast.areas.chains.services import run_forecast
from ballast.areas.registry import kept_frames


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    """Each test has a register of its own, whose rows have the keys of those of the test before."""
    monkeypatch.setattr(kept_frames, "_kept", None)


@pytest.fixture
def chain(db):
    """ore (closed days 0-9) -> part (4 days of cover, lead 1) -> car (2.5 days, lead 2); car in Shanghai."""
    make.authority()
    nation = make.region("CN", level="nation")
    shanghai = make.region("310000", nation, level="province", short="SH", name="Shanghai")
    jilin = make.region("220000", nation, level="province", short="JL", name="Jilin")
    ore_p, part_p, car_p = (make.product(code) for code in ("ore", "part", "car"))
    ore = make.site("S-ore", of=make.enterprise("ore-works", region=jilin), product=ore_p, name="Ore works")
    part = make.site("S-part", of=make.enterprise("part-maker", region=jilin), product=part_p, name="Part maker")
    car = make.site("S-car", of=make.enterprise("car-maker", region=shanghai), product=car_p, name="Car plant")
    make.need(part, ore_p, daily_use=100.0, stock=400.0)
    make.need(car, part_p, daily_use=100.0, stock=250.0)
    make.link(ore, part, product=ore_p, lead_days=1)
    make.link(part, car, product=part_p, lead_days=2)
    reporter = make.user("reporter", username="rita", enterprise="ore-works")
    return SimpleNamespace(
        ore=ore, part=part, car=car, shanghai=shanghai, jilin=jilin, reporter=reporter,
        ministry=make.user("ministry_officer", username="mia"),
        officer=make.user("province_officer", username="olga", region="310000"),
    )  # fmt: skip


@pytest.fixture
def closed(chain):
    """The ore works have filed that they cannot work; their event ends on day 9."""
    chain.case = file(chain, chain.ore)
    chain.case.event.end = make.TODAY + dt.timedelta(days=9)
    chain.case.event.save()
    chain.run = run_forecast()
    chain.case.refresh_from_db()
    return chain


def file(chain, site, **changes):
    fields = {
        "kind": "staff_return", "site": site, "product": site.product, "blocked": "Staff cannot come in",
        "place": site.region, "needed_by": make.TODAY + dt.timedelta(days=2), "contact": "Rita", "text": "Help.",
    }  # fmt: skip
    return cases.file_case(chain.reporter, **(fields | changes))
