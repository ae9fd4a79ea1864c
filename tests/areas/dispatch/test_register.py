"""The problem ledger: every case once, its fields told from the log, within the person's scope, without any note."""

import csv
import datetime as dt
import io
from zoneinfo import ZoneInfo

import docx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from ballast.areas.cases.models import Attachment, Case, CaseEntry
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.dispatch import register, register_paper
from ballast.areas.dispatch.register import Line
from ballast.areas.dispatch.register_words import filter_words
from ballast.areas.reference.selectors import now

pytestmark = pytest.mark.django_db


def body(answer):
    return b"".join(answer.streaming_content)


def rows_of(client, query=""):
    text = body(client.get(f"/dispatch/ledger/?format=csv{query or '&state=all'}")).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert len(head) == len(Line._fields)
    return [dict(zip(Line._fields, row, strict=True)) for row in rows]


def test_every_case_stands_in_the_ledger_once_with_what_its_log_tells(client, undone):
    secret = Case.objects.get(number="C-006")
    CaseEntry.objects.create(case=secret, at=now(), actor_name="Olga", side="desk", type="note", text="SECRET")
    CaseEntry.objects.create(case=secret, at=now(), actor_name="Olga", side="desk", type="reply", text="=Lorry sent")
    Attachment.objects.create(case=secret, name="proof.pdf", content_type="x", size=1, content=b"x", added_at=now())
    client.force_login(undone.mia)
    found = {row["number"]: row for row in rows_of(client)}
    assert sorted(found) == sorted(Case.objects.values_list("number", flat=True))
    disputed, confirmed, handed = found["C-006"], found["C-005"], found["C-010"]
    assert (disputed["result"], disputed["satisfied"], disputed["opinion"]) == (
        "Word of solve",
        "no",
        "Word of dispute",
    )
    assert (disputed["measure"], disputed["proof"], disputed["solved_by"]) == ("'=Lorry sent", "proof.pdf", "Olga")
    assert (confirmed["satisfied"], confirmed["measure"], confirmed["closed_at"] != "") == (
        "yes",
        "Word of start",
        True,
    )
    assert (handed["lead"], handed["filed_at"]) == ("Jilin", "2022-04-28T12:00")
    assert "SECRET" not in str(found)


def test_the_filters_of_the_list_of_cases_leave_the_same_cases(client, undone):
    client.force_login(undone.olga)
    for query in ("", "&overdue=1", "&kind=energy", "&state=solved", "&desk=220000", "&q=C-01"):
        shown = {row["number"] for row in rows_of(client, query)}
        listed = client.get(f"/cases/?format=csv{query or '&state=all'}").content.decode("utf-8-sig")
        assert shown == {row[0] for row in list(csv.reader(io.StringIO(listed)))[1:]}, query
    mine = set(visible_cases(undone.olga).values_list("number", flat=True))
    assert {row["number"] for row in rows_of(client)} == mine
    assert len(mine) < Case.objects.count()
    page = client.get("/dispatch/ledger/?overdue=1")
    assert page.context["page"].paginator.count == len(rows_of(client, "&overdue=1"))
    answer = client.get("/api/v1/dispatch/ledger?limit=5&kind=energy").json()
    assert [one["number"] for one in answer["items"]] == sorted(
        row["number"] for row in rows_of(client, "&kind=energy&state=all")
    )[:5]


def test_xlsx_holds_the_same_lines_and_queries_grow_only_by_the_hundred(client, undone):
    client.force_login(undone.mia)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(body(client.get("/dispatch/ledger/?format=xlsx&state=all"))))
    rows = sheet.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == [row["number"] for row in rows_of(client)]
    keys = register.keys(undone.mia, {"state": "all"})
    with CaptureQueriesContext(connection) as few:
        list(register.lines(keys[:3], "en"))
    with CaptureQueriesContext(connection) as many:
        list(register.lines(keys, "en"))
    assert len(few) == len(many) <= 6


def test_a_file_has_the_lines_of_the_page_with_the_minutes_of_the_authority(undone):
    keys, zone = register.keys(undone.mia, {"state": "all"}), ZoneInfo("Asia/Shanghai")
    CaseEntry.objects.filter(case__number="C-010").update(desk="310000")
    lines = list(register.lines(keys, "en"))
    shown = [
        [x.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if isinstance(x, dt.datetime) else x for x in line]
        for line in lines
    ]
    assert shown == [list(line) for line in register.written(keys, "en", zone)]
    handed = next(line for line in lines if line.number == "C-010")
    assert (handed.lead, handed.helpers) == ("Jilin", "Shanghai")


def test_the_paper_has_the_lines_of_its_filter_under_its_heading_and_a_limit_with_a_way_out(
    client, undone, monkeypatch
):
    client.force_login(undone.mia)
    Case.objects.filter(number="C-006").update(blocked="3 lorries [stand] *here*")
    rows = rows_of(client, "&overdue=1&kind=energy&lang=en")
    answer = client.get("/dispatch/ledger/?format=docx&overdue=1")
    paper = docx.Document(io.BytesIO(answer.content))
    head, table = " ".join(c.text for row in paper.tables[0].rows for c in row.cells), paper.tables[1]
    for words in ("Filter: All cases; Overdue", "Data of 2022-04-28 15:00", f"Cases: {len(table.rows) - 1}"):
        assert words in head
    assert [row.cells[0].text.split("\n")[0] for row in table.rows[1:]] == [
        row["number"] for row in rows_of(client, "&overdue=1")
    ]
    assert len(rows) <= len(table.rows) - 1
    assert (paper.sections[0].orientation, "NUMPAGES" in paper.sections[0].footer._element.xml) == (1, True)
    pdf = client.get("/dispatch/ledger/?format=pdf&state=all&lang=zh-hans")
    assert (pdf.content[:5], "zh-hans.pdf" in pdf["Content-Disposition"]) == (b"%PDF-", True)
    empty = docx.Document(io.BytesIO(client.get("/dispatch/ledger/?format=docx&month=2021-01").content))
    assert "No case fits." in "\n".join(line.text for line in empty.paragraphs)
    monkeypatch.setattr(register_paper, "MOST", 2)
    refused = client.get("/dispatch/ledger/?format=pdf&state=all")
    assert refused.status_code == 422
    for words in ("at most 2 cases", f"leaves {Case.objects.count()}", "CSV or XLSX", "format=csv", "C-001"):
        assert words in refused.text, words


def test_a_filter_is_told_in_words():
    assert filter_words({}) == ["Open cases"]
    assert filter_words({"month": "2022-04"}) == ["All cases", "Filed in 2022-04"]
    assert filter_words({"state": "solved", "kind": "energy", "owner": "none"})[1:] == ["Energy", "Without an owner"]
    assert filter_words({"overdue": "1", "q": "road"}) == ["All cases", "Overdue", "q: road"]


def test_the_ledger_is_the_desks_and_its_file_is_for_who_may_export(client, undone):
    from tests import factories as make

    client.force_login(make.user("leader"))
    assert client.get("/dispatch/ledger/").status_code == 200
    assert client.get("/dispatch/ledger/?format=csv").status_code == 404
    assert client.get("/dispatch/ledger/?format=pdf").status_code == 404
    client.force_login(undone.rita)
    assert client.get("/dispatch/ledger/").status_code == 404
    assert client.get("/api/v1/dispatch/ledger").status_code == 404
