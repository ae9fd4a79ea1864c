"""The audit pages of administrators and of enterprises."""

import csv
import io

import pytest
import python_calamine
from tests import factories as make

from ballast.areas.audit.services import record, record_read

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(make.user("administrator"))
    return client


def test_an_administrator_searches_and_filters_the_entries(admin):
    record("case.filed", "wang", subject_type="case", subject_id="C-1", enterprise="E1")
    record("case.closed", "li", subject_type="case", subject_id="C-2", enterprise="E2", detail={"why": "<b>"})
    text = admin.get("/audit/").content.decode()
    assert "C-1" in text
    assert "&lt;b&gt;" in text
    for query in ("q=C-2", "action=case.closed", "actor=li", "enterprise=E2"):
        text = admin.get(f"/audit/?{query}").content.decode()
        assert "C-2" in text
        assert "C-1" not in text
    assert "C-1" not in admin.get("/audit/?until=2001-01-01").content.decode()
    assert "C-1" in admin.get("/audit/?since=nonsense&page=99&until=2022-99-99").content.decode()


def test_the_list_is_exported_and_no_cell_becomes_a_formula(admin):
    record("case.filed", "=1+1", subject_type="case", subject_id="C-1")
    answer = admin.get("/audit/?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["actor"] for row in rows] == ["'=1+1"]
    sheet = python_calamine.load_workbook(io.BytesIO(admin.get("/audit/?format=xlsx").content)).get_sheet_by_index(0)
    assert sheet.to_python()[1][2] == "=1+1"
    assert admin.get("/audit/?format=exe").status_code == 404


@pytest.mark.parametrize("role", ["ministry_officer", "analyst", "leader", None])
def test_anyone_else_gets_404(client, role):
    client.force_login(make.user(role))
    assert client.get("/audit/").status_code == 404


def test_a_stranger_is_sent_to_the_login(client):
    assert client.get("/audit/").status_code == 302
    assert client.get("/portal/readers/").status_code == 302


def test_an_enterprise_sees_its_readers(client):
    record_read(make.user(username="officer-zhao"), ["E1"], "stocks")
    record_read(make.user(username="officer-qian"), ["E2"], "stocks")
    client.force_login(make.user("reporter", enterprise="E1"))
    text = client.get("/portal/readers/").content.decode()
    assert "officer-zhao" in text
    assert "officer-qian" not in text
    assert b"officer-zhao" in client.get("/portal/readers/?format=csv").content
