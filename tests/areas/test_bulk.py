import pytest
from tests import factories

from ballast.areas.bulk import upsert
from ballast.areas.registry.models import Site

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
