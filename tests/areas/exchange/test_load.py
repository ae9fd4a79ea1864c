import datetime as dt

import polars as pl
import pytest
from tests import factories
from tests.tables import folders

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.accounts.models import Role
from ballast.areas.audit.models import AuditEntry
from ballast.areas.exchange.models import Receipt
from ballast.areas.exchange.selectors import dump_frames
from ballast.areas.exchange.services import LoadRefusedError, load_folder, read_for_load
from ballast.areas.reference.models import Industry, Product
from ballast.areas.registry.models import Chain, Enterprise, Event, Link, Need, Site
from ballast.tables.folder import read_folder, write_folder
from ballast.tables.schema import TABLES, table

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world():
    factories.authority()
    for code in ("220000", "310000"):
        factories.region(code)
    for code in ("B08", "C36"):
        Industry.objects.create(code=code, scheme="GB/T 4754", name=code)


def load(path, **kwargs):
    return load_folder(read_for_load(path), actor="test", **kwargs)


def assert_equal(found, expected):
    for name in TABLES:
        key = list(table(name).key)
        assert found[name].sort(key).equals(expected[name].sort(key)), name


def test_dump_after_load_gives_equal_tables(tmp_path):
    folder = read_folder(folders.write(tmp_path / "in"))
    assert folder.problems == []
    load(tmp_path / "in")
    assert_equal(dump_frames(), folder.frames)


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet"])
def test_a_dumped_folder_reads_back_equal_in_every_form(tmp_path, format):
    load(folders.write(tmp_path / "in", encoding="gb18030"))
    write_folder(dump_frames(), tmp_path / "out", format=format)
    again = read_folder(tmp_path / "out")
    assert again.problems == []
    assert again.digest == read_folder(tmp_path / "in").digest


def test_a_folder_without_products_comes_back_without_them(tmp_path):
    load(folders.write(tmp_path / "in", products=None))
    assert dump_frames()["products"].is_empty()
    assert Product.objects.get(code="part").unit_id == "piece"


def test_a_second_load_changes_nothing_and_says_so(tmp_path):
    path = folders.write(tmp_path / "in")
    first = load(path)
    assert first.counts["sites"] == {"new": 3, "changed": 0, "unchanged": 0}
    second = load(path)
    assert second.counts["sites"] == {"new": 0, "changed": 0, "unchanged": 3}
    assert all(c["new"] == c["changed"] == 0 for c in second.counts.values())
    assert Receipt.objects.get().digest == first.digest
    assert AuditEntry.objects.get(action="tables.loaded").subject_id == first.digest


def test_a_changed_row_is_found_by_its_id_and_overwritten(tmp_path):
    load(folders.write(tmp_path / "in"))
    key = Site.objects.get(site_id="S2").pk
    receipt = load(folders.write(tmp_path / "in", **folders.changed("sites", "Works,", "New works,")))
    assert receipt.counts["sites"] == {"new": 0, "changed": 1, "unchanged": 2}
    assert Site.objects.get(pk=key).name == "New works"


def test_links_and_chains_are_kept_when_an_enterprise_changes(tmp_path):
    load(folders.write(tmp_path / "in"))
    load(folders.write(tmp_path / "in", **folders.changed("enterprises", "automobile;medical", "medical;energy")))
    assert set(Enterprise.objects.get(enterprise_id="E1").chains.values_list("code", flat=True)) == {
        "medical",
        "energy",
    }
    assert Chain.objects.count() == 3
    assert Link.objects.count() == 3


def test_a_dry_run_counts_and_writes_nothing(tmp_path):
    receipt = load(folders.write(tmp_path / "in"), dry_run=True)
    assert receipt.counts["links"]["new"] == 3
    assert receipt.pk is None
    assert not Enterprise.objects.exists()
    assert not Receipt.objects.exists()
    assert not AuditEntry.objects.exists()


def test_one_bad_row_loads_nothing(tmp_path):
    path = folders.write(tmp_path / "in", **folders.changed("needs", ",40,5", ",-40,5"))
    with pytest.raises(LoadRefusedError) as refused:
        load(path)
    assert [(p.file, p.row, p.column, p.code) for p in refused.value.problems] == [
        ("needs.csv", 2, "stock", "negative")
    ]
    assert not Enterprise.objects.exists()


def test_partial_loads_the_good_rows_and_what_hangs_on_them(tmp_path):
    path = folders.write(tmp_path / "in", **folders.changed("sites", "S1,E1,Mine 1", "S1,E1,"))
    folder = read_for_load(path, partial=True)
    load_folder(folder, actor="test", partial=True)
    assert sorted(Site.objects.values_list("site_id", flat=True)) == ["S2", "S3"]
    assert Link.objects.get().supplier.site_id == "S2"
    assert set(folder.bad_rows) == {"sites", "links", "events", "offers"}
    assert "name: " in folder.bad_rows["sites"].frame["bad_reason"][0]


def test_an_unknown_region_or_industry_names_the_row_and_the_nearest_code(tmp_path):
    changed = folders.changed("sites", "工厂,310000", "工厂,310009") | folders.changed(
        "enterprises", "220000,B08", "220000,B88"
    )
    folder = read_for_load(folders.write(tmp_path / "in", **changed))
    assert {(p.file, p.row, p.column, p.code, p.details["nearest"]) for p in folder.problems} == {
        ("enterprises.csv", 2, "industry", "unknown_industry", "B08"),
        ("sites.csv", 3, "region", "unknown_region", "310000"),
    }


def test_iso_codes_of_regions_are_kept_under_the_national_code(tmp_path):
    shanghai = factories.region("310000")
    shanghai.iso = "CN-SH"
    shanghai.save()
    path = folders.write(tmp_path / "in", **folders.changed("sites", "工厂,310000", "工厂,CN-SH"))
    load(path)
    assert Site.objects.get(site_id="S2").region_id == "310000"
    assert load(path).counts["sites"]["changed"] == 0


def test_one_table_may_refer_to_what_the_register_holds(tmp_path):
    load(folders.write(tmp_path / "in"))
    text = "site_id,product,daily_use,unit,stock\nS3,part,100,piece,900\n"
    only = dict.fromkeys(TABLES) | {"needs": text}
    receipt = load(folders.write(tmp_path / "stocks", **only))
    assert receipt.counts == {"needs": {"new": 0, "changed": 1, "unchanged": 0}}
    assert Need.objects.get(site__site_id="S3", product="part").stock == 900


def test_a_stock_reported_after_the_table_was_made_stays(tmp_path):
    path = folders.write(tmp_path / "in")
    load(path)
    need = Need.objects.get(site__site_id="S2", product="ore")
    Need.objects.filter(pk=need.pk).update(stock=11, reported_at=need.reported_at + dt.timedelta(hours=1))
    assert load(path).counts["needs"]["changed"] == 0
    need.refresh_from_db()
    assert need.stock == 11


def test_days_of_events_count_from_the_day_of_the_load(tmp_path):
    load(
        folders.write(
            tmp_path / "in",
            **folders.changed("events", "EV3,product,ore,2022-05-01,2022-05-02", "EV3,product,ore,-1,3"),
        )
    )
    event = Event.objects.get(event_id="EV3")
    assert (event.start, event.end) == (factories.TODAY - dt.timedelta(1), factories.TODAY + dt.timedelta(3))


def test_loading_lights_the_lamps(tmp_path):
    load(folders.write(tmp_path / "in"))
    assert Need.objects.get(site__site_id="S3", product="part").lamp.level == "no_data"


def test_only_those_who_may_load_tables_can(tmp_path):
    folder = read_for_load(folders.write(tmp_path / "in"))
    with pytest.raises(NotAllowedError):
        load_folder(folder, actor=factories.user(Role.ANALYST))
    with pytest.raises(NotAllowedError):
        dump_frames(factories.user(Role.LEADER))
    load_folder(folder, actor=factories.user(Role.ADMINISTRATOR, username="ada"))
    assert Receipt.objects.get().actor == "ada"


def test_a_folder_checked_without_the_register_is_still_refused_for_unknown_codes(tmp_path):
    path = folders.write(tmp_path / "in", **folders.changed("sites", "工厂,310000", "工厂,DE"))
    with pytest.raises(LoadRefusedError) as refused:
        load_folder(read_folder(path), actor="test")
    assert [(p.value, p.code) for p in refused.value.problems] == [("DE", "unknown_region")]
    assert isinstance(dump_frames()["sites"], pl.DataFrame)
