"""The audit chain: whole when nobody touched it, broken at the first row that somebody did."""

import datetime as dt

import pytest
from django.db import connection, transaction
from tests import factories as make

from ballast.areas.accounts import services as accounts
from ballast.areas.audit import selectors
from ballast.areas.audit.models import AppendOnlyError, AuditEntry
from ballast.areas.audit.services import record, record_read

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    for number in range(1, 6):
        record("thing.done", f"person {number}", subject_type="thing", subject_id=str(number), enterprise="E1")


def _sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def test_an_untouched_chain_is_whole(chain):
    found = selectors.verify()
    assert (found.whole, found.count) == (True, 5)
    assert found.head == AuditEntry.objects.get(sequence=5).digest


def test_an_empty_chain_is_whole():
    assert selectors.verify().whole


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("sequence", 9),
        ("at", "2001-01-01 00:00:00"),
        ("actor", "somebody else"),
        ("action", "thing.undone"),
        ("subject_type", "other"),
        ("subject_id", "99"),
        ("enterprise", "E2"),
        ("detail", '{"x": 1}'),
        ("previous", "f" * 64),
        ("digest", "f" * 64),
    ],
)
def test_one_altered_field_of_one_row_is_found(chain, column, value):
    _sql(f"UPDATE audit_auditentry SET {column} = %s WHERE sequence = 3", value)
    assert selectors.verify().broken == 3


def test_an_altered_row_with_a_digest_made_to_fit_breaks_the_row_after_it(chain):
    from ballast.areas.audit.services import digest_of

    row = AuditEntry.objects.get(sequence=3)
    row.actor = "somebody else"
    _sql("UPDATE audit_auditentry SET actor = %s, digest = %s WHERE sequence = 3", row.actor, digest_of(row))
    assert selectors.verify().broken == 4


@pytest.mark.parametrize("gone", [1, 3])
def test_a_deleted_row_is_found(chain, gone):
    _sql("DELETE FROM audit_auditentry WHERE sequence = %s", gone)
    found = selectors.verify()
    assert (found.broken, found.count) == (gone, gone - 1)


def test_two_swapped_rows_are_found(chain):
    for old, new in ((2, 99), (3, 2), (99, 3)):
        _sql("UPDATE audit_auditentry SET sequence = %s WHERE sequence = %s", new, old)
    assert selectors.verify().broken == 2


def test_a_tail_that_was_cut_off_shows_in_count_and_head(chain):
    before = selectors.verify()
    _sql("DELETE FROM audit_auditentry WHERE sequence = 5")
    after = selectors.verify()
    assert after.whole
    assert (after.count, after.head) != (before.count, before.head)


def test_an_entry_can_be_neither_changed_nor_deleted_through_the_model(chain):
    row = AuditEntry.objects.get(sequence=1)
    row.actor = "somebody else"
    rows = AuditEntry.objects.all()
    acts = (
        row.save,
        row.delete,
        rows.delete,
        lambda: rows.update(actor="x"),
        lambda: rows.bulk_update([row], ["actor"]),
        lambda: rows.bulk_create([row], update_conflicts=True, unique_fields=["sequence"], update_fields=["actor"]),
        lambda: rows.update_or_create(sequence=1, defaults={"actor": "x"}),
    )
    for act in acts:
        with pytest.raises(AppendOnlyError):
            act()
    assert AuditEntry.objects.get(sequence=1).actor == "person 1"


@pytest.mark.parametrize(
    "detail",
    [
        {"b": 1, "a": [1.0, -0.0, 0.1 + 0.2, 1e16, 1e300, 1e-9, -3.5]},
        {"nan": float("nan"), "inf": float("-inf")},
        {"text": "中文 'quoted' \\ \u2028 a\x00b", "none": None, "deep": {"x": [{"y": True}]}},
        {"when": dt.datetime(2022, 4, 28, 8, 40, 1, 123456, tzinfo=dt.UTC), 5: "number as key"},
    ],
)
def test_any_detail_survives_the_way_through_the_database(detail):
    record("thing.done", None, subject_type="thing", subject_id="1", detail=detail)
    assert selectors.verify().whole


def test_an_act_that_is_undone_leaves_no_entry():
    with transaction.atomic():
        record("thing.done", None, subject_type="thing", subject_id="1")
        transaction.set_rollback(True)
    record("thing.done", None, subject_type="thing", subject_id="2")
    assert selectors.verify().count == 1


def test_appending_does_not_read_the_chain(chain, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        record("thing.done", None, subject_type="thing", subject_id="1")


def test_a_change_of_an_account_is_an_entry_in_its_transaction():
    person = accounts.create_user("command line", "wang", name="Wang")
    accounts.grant("command line", person, role="reporter", enterprise="E1")
    rows = AuditEntry.objects.values_list("action", "actor", "subject_id", "enterprise")
    assert list(rows) == [
        ("user.created", "command line", "wang", ""),
        ("grant.given", "command line", "wang", "E1"),
    ]


def test_a_reading_is_noted_once_an_hour_for_each_enterprise_and_kind():
    officer = make.user()
    assert record_read(officer, ["E1", "E2"], "stocks") == 2
    assert record_read(officer, ["E1", "E3"], "stocks") == 1
    assert record_read(officer, ["E1"], "export") == 1
    assert record_read(make.user(), ["E1"], "stocks") == 1
    assert selectors.verify().whole


def test_a_reading_is_noted_again_in_the_next_hour(monkeypatch):
    officer = make.user()
    now = dt.datetime(2022, 4, 28, 8, 59, tzinfo=dt.UTC)
    monkeypatch.setattr("ballast.areas.audit.services.timezone.now", lambda: now)
    assert record_read(officer, ["E1"], "stocks") == 1
    now += dt.timedelta(minutes=2)
    assert record_read(officer, ["E1"], "stocks") == 1


def test_ones_own_enterprise_is_not_noted():
    assert record_read(make.user("reporter", enterprise="E1"), ["E1"], "stocks") == 0


def test_an_enterprise_sees_who_read_its_data_and_nobody_elses():
    officer = make.user("province_officer", region="310000")
    record_read(officer, ["E1", "E2"], "stocks")
    own = selectors.readings(make.user("reporter", enterprise="E1"))
    (reading,) = selectors.readings_page(own)
    assert (reading.name, reading.what, reading.enterprise) == (officer.username, "stocks", "E1")
    assert reading.role_labels == ["Province officer"]


def test_a_chain_of_a_thousand_entries_is_walked_in_constant_memory():
    import tracemalloc

    def peak(count):
        officer = make.user()
        record_read(officer, [f"E{n}" for n in range(count)], f"stocks {count}")
        tracemalloc.start()
        assert selectors.verify().whole
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(6000) < peak(2000) * 1.5
