"""Code lists: loaded once, found by every code that people use."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import override
from tests import factories as make

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.audit.models import AuditEntry
from ballast.areas.reference import selectors, services
from ballast.areas.reference.models import Authority, Industry, Region, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """Rows that the loading wrote, by list; what a test alters is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield services.load_reference()
        transaction.set_rollback(True)


def test_loading_again_changes_nothing(loaded):
    assert loaded["regions"] == Region.objects.count() > 3500
    assert set(services.load_reference().values()) == {0}
    assert AuditEntry.objects.filter(action="reference.loaded").count() == 1


def test_a_row_that_was_altered_is_mended_and_a_row_of_the_operator_stays(loaded):
    Region.objects.filter(code="310000").update(name="Wrong")
    Unit.objects.create(code="barrel-x", name="Barrel")
    assert services.load_reference()["regions"] == 1
    assert Region.objects.get(code="310000").name == "Shanghai"
    assert Unit.objects.filter(code="barrel-x").exists()


def test_every_region_lies_below_its_parent(loaded):
    rows = {r.code: r for r in Region.objects.all()}
    assert all(r.path == f"{rows[r.parent_id].path if r.parent_id else '/'}{r.code}/" for r in rows.values())
    assert rows["310115"].path == "/CN/310000/310100/310115/"
    levels = [r.level for r in rows.values()]
    assert [levels.count(name) for name in ("nation", "province", "city", "county")] == [247, 34, 342, 2975]


@pytest.mark.parametrize(
    ("code", "found"),
    [("DE", "DE"), ("DEU", "DE"), ("deu", "DE"), ("CN-SH", "310000"), ("TWN", "710000"), ("RoW", "ROW")],
)
def test_a_region_is_found_by_each_of_its_codes(loaded, code, found):
    assert selectors.region(code).code == found
    assert selectors.region_codes()[code.upper()] == found


def test_an_unknown_region_is_not_found(loaded):
    with pytest.raises(Region.DoesNotExist):
        selectors.region("999999")


def test_a_subtree_ends_at_its_border(loaded):
    codes = set(selectors.subtree("220000").values_list("code", flat=True))
    assert {"220000", "220100", "220102"} <= codes
    assert all(code.startswith("22") for code in codes)
    assert not selectors.subtree("999999").exists()


def test_no_two_tiles_of_a_map_share_a_place(loaded):
    provinces = list(selectors.tile_regions().values_list("tile_x", "tile_y"))
    assert len(provinces) == len(set(provinces)) == 34
    cities = list(selectors.tile_regions("320000").values_list("tile_x", "tile_y"))
    assert len(cities) == len(set(cities)) == 13
    assert max(x for x, _y in cities) == 3


def test_a_scope_is_named_in_the_language_of_the_page(loaded):
    assert selectors.region_scope_label(["320000", "320200"]) == "Jiangsu, Wuxi"
    with override("zh-hans"):
        assert selectors.region_scope_label(["320000"]) == "江苏省"
    assert selectors.region_scope_label([""]) == "All regions"


def test_industrial_divisions_have_an_english_name_and_an_isic_division(loaded):
    row = Industry.objects.get(code="C36")
    assert (row.name, row.isic, row.parent_code) == ("Manufacture of automobiles", "29", "C")
    assert selectors.industries(search="汽车制造").filter(code="C36").exists()


def test_the_authority_is_one_row_and_changes_are_recorded():
    first = services.set_authority("ballast init", name="Example", calendar="cn")
    second = services.set_authority("ballast init", name="Other")
    assert first.pk == second.pk
    assert Authority.objects.get().calendar == "cn"
    assert AuditEntry.objects.filter(action="authority.set").count() == 2


@pytest.mark.parametrize(
    "fields", [{"time_zone": "Moon/Sea"}, {"calendar": "lunar"}, {"nonsense": 1}, {"currency": "EURO"}]
)
def test_a_wrong_field_of_the_authority_is_named(fields):
    with pytest.raises(ValidationError) as caught:
        services.set_authority("ballast init", **({"name": "Example"} | fields))
    assert set(caught.value.message_dict) == set(fields)


def test_only_an_administrator_changes_the_authority():
    with pytest.raises(NotAllowedError):
        services.set_authority(make.user(), name="Mine")
