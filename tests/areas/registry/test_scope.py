"""What a scope of regions and chains reaches, however many regions lie below it."""

import pytest
from tests import factories as make

from ballast.areas.alerts.selectors import visible_lamps
from ballast.areas.alerts.services import relight
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.registry import selectors

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("few", [300, 1])
def test_a_regions_scope_reaches_all_below_it_and_nothing_else(monkeypatch, few):
    monkeypatch.setattr(selectors, "_FEW_REGIONS", few)
    make.authority()
    top = make.region("310000")
    inner = make.region("310115", make.region("310100", top))
    near, far = make.need(make.site("S-near", of=make.enterprise(region=inner))), make.need(make.site("S-far"))
    far.site.enterprise.region = make.region("220000")
    far.site.enterprise.save()
    relight()
    user = make.user("province_officer", region="310000")
    assert [site.site_id for site in selectors.visible_sites(user)] == ["S-near"]
    assert [lamp.need for lamp in visible_lamps(user)] == [near]
    assert not visible_cases(user).exists()


def test_a_region_that_is_not_there_reaches_nothing():
    make.authority()
    make.need()
    relight()
    user = make.user("province_officer", region="999999")
    assert not selectors.visible_sites(user).exists()
    assert not visible_lamps(user).exists()
    assert not visible_cases(user).exists()
