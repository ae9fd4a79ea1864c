import pytest
from tests import factories

from ballast.areas.bulk import raw_rows, set_columns, upsert
from ballast.areas.registry.models import Need, Site

pytestmark = pytest.mark.django_db


def test_a_row_with_the_same_key_is_overwritten_and_unnamed_fields_stay():
    site = factories.site("S1", name="Old", latitude=1.5)
    names = ("site_id", "name", "enterprise_id", "region_id", "product_id")
    rest = (site.enterprise_id, site.region_id, site.product_id)
    told = []
    upsert(Site, ("site_id",), names, [("S1", "New", *rest), ("S2", "Other", *rest)], step=told.append)
    site.refresh_from_db()
    assert (site.name, site.latitude) == ("New", 1.5)
    made = Site.objects.get(site_id="S2")
    assert (made.name, made.latitude, made.minimum_rate) == ("Other", None, 0.05)
    assert told == [2]


def test_no_rows_write_nothing():
    upsert(Site, ("site_id",), ("site_id", "name"), [])
    assert not Site.objects.exists()


def test_columns_are_set_by_key_and_many_keys_go_as_one_value():
    site = factories.site("S1")
    needs = [factories.need(site, stock=stock) for stock in (1.0, 2.0, 3.0)]
    keys = [need.pk for need in needs]
    set_columns(Need, keys[:2], {"stock": [7.5, None], "blocked_stock": [1.0, 2.0]})
    rows = Need.objects.filter(pk__among=keys).order_by("pk").values_list("stock", "blocked_stock")
    assert raw_rows(rows) == list(rows) == [(7.5, 1.0), (None, 2.0), (3.0, 0.0)]
    assert raw_rows(rows.none()) == []
    assert Site.objects.filter(needs__pk__among=keys[:1]).get() == site
    assert not Need.objects.filter(pk__among=[]).exists()
    set_columns(Need, [], {"stock": []})
