"""Many problems in one sheet: all or none, each with its number and desk, nothing twice, every bad row named."""

import datetime as dt
import io
import time
from csv import writer
from zoneinfo import ZoneInfo

import pytest
import python_calamine
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils.formats import date_format
from django.utils.translation import override
from tests import factories as make
from tests.areas.cases.conftest import problem
from tests.tables.test_sheets import workbook

from ballast.areas.accounts.services import issue_token
from ballast.areas.audit.models import AuditEntry
from ballast.areas.audit.selectors import verify
from ballast.areas.cases.filing import store
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.sheets import bulk, sheet
from ballast.areas.reference.selectors import authority
from ballast.areas.registry.models import Event
from ballast.tables.problem_sheets import read_problem_sheet

HEAD = ("kind", "site", "product", "blocked", "place", "needed_by", "contact", "text", "still_possible")
PAGE = "/portal/problems/sheet/"


@pytest.fixture
def group(world):
    """The car works with further plants in Jiangsu and in Jilin."""
    jilin = make.region("220000", world.nation, level="province", short="JL", name="Jilin")
    car = world.plant.enterprise
    world.sites = [
        world.plant,
        make.site("car-js", of=car, region=make.region("320500", world.jiangsu), name="Suzhou plant"),
        make.site("car-jl", of=car, region=make.region("220100", jilin), name="Changchun plant"),
    ]
    return world


def row(world, number=0, **changes):
    site = world.sites[number % 3]
    given = {
        "kind": ("staff_return", "logistics", "other")[number % 3], "site": site.site_id,
        "product": site.product.pk, "blocked": f"Problem {number}", "place": "310000", "needed_by": "2022-05-01",
        "contact": "Rita, 555", "text": "Since Monday.", "still_possible": "0.4",
    }  # fmt: skip
    return [(given | changes)[name] for name in HEAD]


def csv(*rows, head=HEAD, encoding="utf-8"):
    stream = io.StringIO()
    writer(stream).writerows((head, *rows))
    return stream.getvalue().encode(encoding)


def read(*rows, **how):
    found, faults = sheet.read_sheet(csv(*rows, **how), "p.csv")
    assert faults == []
    return found


def test_401_problems_in_three_regions_are_401_cases_at_the_right_desks(group, django_capture_on_commit_callbacks):
    rows = read(*(row(group, number) for number in range(401)))
    begun = time.perf_counter()
    with django_capture_on_commit_callbacks() as asked:
        outcome = bulk.file_many(group.rita, rows)
    assert time.perf_counter() - begun < 20, "a few seconds on an idle machine"
    assert len(asked) == 1, "one forecast for the sheet, not one a case"
    assert len(outcome.filed) == Case.objects.count() == 401
    assert [one.row for one in outcome.filed] == list(range(2, 403))
    assert len({one.case.number for one in outcome.filed}) == 401
    desks = {"car-07": "310000", "car-js": "320000", "car-jl": "220000"}
    assert {(c.site.site_id, c.lead_region_id) for c in Case.objects.select_related("site")} == set(desks.items())
    first = outcome.filed[1].case
    assert (first.number, first.blocked, first.kind) == ("JS-20220428-0001", "Problem 1", "logistics")
    assert (first.event.kind, first.event.subject, first.event.capacity_left) == ("lane", "310000>car-js", 0.4)
    assert AuditEntry.objects.filter(action="case.filed").count() == CaseEntry.objects.count() == 401
    whole = AuditEntry.objects.get(action="cases.sheet_filed")
    assert (len(whole.detail["filed"]), whole.enterprise) == (401, "car")


def test_what_a_sheet_files_is_what_the_form_files(group):
    one = problem(
        group, blocked="Problem 0", place=group.shanghai, needed_by=dt.date(2022, 5, 1), text="Since Monday.",
        still_possible=0.4,
    )  # fmt: skip
    other = bulk.file_many(group.rita, read(row(group))).filed[0].case
    same = ("kind", "site", "product", "blocked", "place", "needed_by", "contact", "text", "due_at", "lead_region")
    assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]
    assert other.number == "SH-20220428-0002"


def everything(rows):
    """All columns of the rows without their keys and instants of writing, in the order in which they came."""
    left_out = {"id", "at", "filed_at", "state_since", "digest", "previous"}
    names = [f.attname for f in rows.model._meta.concrete_fields if f.attname not in left_out | {"case_id", "event_id"}]
    return list(rows.order_by("pk").values(*names))


@pytest.fixture
def office_hours(monkeypatch):
    """Nine in the morning in Shanghai, when an answer is due hours later to the microsecond, and it stays so."""
    instant = dt.datetime(2026, 11, 23, 1, 4, 57, 882988, tzinfo=dt.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: instant)
    return instant


def test_filing_together_writes_what_filing_one_after_another_writes(group, office_hours, monkeypatch):
    kinds = ("staff_return", "logistics", "other", "energy")
    rows = [row(group, n, kind=kind, still_possible=n % 3 / 5) for n, kind in enumerate(kinds * 2)]

    def written():
        with transaction.atomic():
            filed = bulk.file_many(group.rita, read(*rows)).filed
            found = [everything(model.objects.all()) for model in (Case, CaseEntry, Event, AuditEntry)]
            found.append(
                [(one.case.number, one.case.event and one.case.event.event_id, one.case.due_at) for one in filed]
            )
            assert verify().whole
            transaction.set_rollback(True)
        return found

    together = written()
    monkeypatch.setattr(bulk, "store_many", lambda user, given: [store(user, *one) for one in given])
    assert together == written()
    assert [len(found) for found in together] == [8, 8, 6, 15, 8]


def test_one_bad_row_among_401_files_nothing_and_is_named(group):
    cells = [row(group, number) for number in range(401)]
    cells[200][5] = "soon"
    outcome = bulk.file_many(group.rita, read(*cells))
    assert not Case.objects.exists()
    assert not Event.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="case").exists()
    assert [(f.row, f.column, f.value) for f in outcome.faults] == [(202, "needed_by", "soon")]
    assert outcome.faults[0].reason
    assert outcome.faults[0].hint
    assert (len(outcome.held), len(outcome.refused), outcome.filed) == (400, 1, ())


def test_the_good_rows_are_filed_when_asked_and_the_whole_sheet_mended_files_the_rest(group):
    cells = [row(group, number) for number in range(5)]
    bad = [list(one) for one in cells]
    bad[3][0] = "weather"
    outcome = bulk.file_many(group.rita, read(*bad), good_only=True)
    assert [one.row for one in outcome.filed] == [2, 3, 4, 6]
    assert [one.number for one in outcome.refused] == [5]
    again = bulk.file_many(group.rita, read(*cells))
    assert [one.row for one in again.filed] == [5]
    assert [one.row for one in again.before] == [2, 3, 4, 6]
    assert Case.objects.count() == 5


def test_the_same_sheet_again_files_nothing_and_says_what_was_filed(group):
    rows = read(*(row(group, number) for number in range(4)))
    first = bulk.file_many(group.rita, rows)
    kept = (Event.objects.count(), CaseEntry.objects.count(), AuditEntry.objects.count())
    again = bulk.file_many(group.rita, rows)
    assert again.filed == ()
    assert again.before == first.filed
    assert (Event.objects.count(), CaseEntry.objects.count(), AuditEntry.objects.count()) == kept


def test_the_same_rows_on_another_day_are_new_unless_the_upload_is_the_same(group):
    rows, token = read(row(group, needed_by="2022-04-28")), bulk.new_token()
    bulk.file_many(group.rita, rows, token)
    next_day = make.TODAY + dt.timedelta(days=1)
    make.Authority.objects.update(exercise_date=next_day)
    again = bulk.file_many(group.rita, rows, token)
    assert (len(again.filed), len(again.before), again.faults) == (0, 1, [])
    rows = read(row(group, needed_by="2022-04-29"))
    bulk.file_many(group.rita, rows, token)
    assert len(bulk.file_many(group.rita, rows, bulk.new_token()).filed) == 1


def test_two_rows_that_say_the_same_are_two_problems(group):
    rows = read(row(group), row(group))
    assert len(bulk.file_many(group.rita, rows).filed) == 2
    assert len(bulk.file_many(group.rita, rows).before) == 2


def test_a_twin_that_comes_meanwhile_is_found_and_nothing_is_filed_twice(group, monkeypatch):
    rows = read(row(group))
    first = bulk.file_many(group.rita, rows).filed[0].case
    found, calls = bulk._filed_before, []

    def late(user, keys):
        calls.append(1)
        return {} if len(calls) == 1 else found(user, keys)

    monkeypatch.setattr(bulk, "_filed_before", late)
    outcome = bulk.file_many(group.rita, rows)
    assert [one.case for one in outcome.before] == [first]
    assert Case.objects.count() == 1


def test_another_enterprise_s_site_is_answered_like_one_that_is_not_there(group):
    outcome = bulk.file_many(group.rita, read(row(group, site="oth-01"), row(group, site="nowhere")))
    theirs, nowhere = outcome.faults
    assert (theirs.column, theirs.value, nowhere.value) == ("site", "oth-01", "nowhere")
    assert (theirs.reason, theirs.hint) == (nowhere.reason, nowhere.hint)
    assert not Case.objects.exists()


def test_every_fault_of_every_row_comes_at_once(group):
    outcome = bulk.file_many(
        group.rita,
        read(
            row(group, product="unobtainium", place="Atlantis", needed_by="2022-04-01"),
            row(group, kind="", blocked="x" * 201, still_possible="40"),
            row(group, 2),
        ),
    )
    assert [(f.row, f.column) for f in outcome.faults] == [
        (2, "product"), (2, "place"), (2, "needed_by"), (3, "kind"), (3, "blocked"), (3, "still_possible"),
    ]  # fmt: skip
    assert [one.number for one in outcome.held] == [4]


def test_names_and_titles_in_either_language_are_understood(group):
    head = ("问题类别", "厂点", "产品或物料", "堵点", "受阻地点", "需求日期", "联系人", "事情经过及所需协助")
    made = group.sites[1].product.name
    cells = ("人员返岗", "Suzhou plant", made, "员工无法返岗", "Shanghai", "2022/5/1", "张", "封控")
    outcome = bulk.file_many(group.rita, read(cells, head=head, encoding="gb18030"))
    case = outcome.filed[0].case
    assert (case.kind, case.site.site_id, case.place, case.blocked) == (
        "staff_return", "car-js", group.shanghai, "员工无法返岗",
    )  # fmt: skip
    assert case.event.capacity_left == 0.0


def test_a_formula_error_is_named_and_a_text_that_looks_like_one_stays_text(group):
    found, faults = sheet.read_sheet(workbook(HEAD, row(group), row(group, text="=X!A1")), "p.xlsx")
    assert faults == []
    outcome = bulk.file_many(group.rita, found)
    assert [(f.row, f.column, f.value) for f in outcome.faults] == [(3, "text", "#REF!")]
    outcome = bulk.file_many(group.rita, read(row(group, text="=1+1", site="oth-01")))
    back = sheet.template(group.rita, outcome.refused)
    lines, problems = read_problem_sheet(back, "p.xlsx", most=10)
    assert problems == []
    assert lines[0].cells["text"] == "=1+1"


@pytest.mark.parametrize(
    ("data", "name", "word"),
    [
        (b"", "p.csv", "empty"),
        (csv(), "p.csv", "no rows"),
        (csv(["x" for _ in HEAD], ["Sé" for _ in HEAD], encoding="latin-1"), "p.csv", "neither UTF-8"),
        (b"no zip", "p.xlsx", "XLSX"),
        (b"%PDF-", "p.pdf", "form of file"),
        (csv(["x"], head=("kind",)), "p.csv", "missing"),
        (csv(*(["x"] * 9 for _ in range(2001))), "p.csv", "2001 rows"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why_in_both_languages(world, data, name, word):
    found, faults = sheet.read_sheet(data, name)
    assert found == []
    assert word in " ".join(fault.reason for fault in faults)
    with override("zh-hans"):
        assert sheet.read_sheet(data, name)[1][0].reason not in {fault.reason for fault in faults}


def test_more_rows_than_are_taken_name_the_limit(group):
    one = read(row(group))[0]
    with pytest.raises(ValidationError, match="at most 2000"):
        bulk.file_many(group.rita, [one] * 2001)
    too_many = sheet.read_sheet(csv(*(row(group, n) for n in range(2001))), "p.csv")[1]
    assert "At most 2000" in too_many[0].hint


@pytest.mark.parametrize("user", ["olga", "mia", "leader", "analyst"])
def test_only_enterprises_file_sheets(group, client, user):
    with pytest.raises(ObjectDoesNotExist):
        bulk.file_many(getattr(group, user), read(row(group)))
    client.force_login(getattr(group, user))
    for address in (PAGE, f"{PAGE}template.xlsx"):
        assert client.get(address).status_code == 404
    assert client.post(PAGE, upload(csv(row(group)))).status_code == 404
    assert not Case.objects.exists()


def sheets_of(data):
    """Rows of each sheet of a workbook."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


@pytest.mark.parametrize(("language", "head", "kind"), [("en", "Site", "Logistics"), ("zh-hans", "厂点", "物流运输")])
def test_the_template_offers_own_sites_only_and_speaks_the_person_s_language(group, language, head, kind):
    with override(language):
        data = sheet.template(group.rita)
    first, choices, _explanations = sheets_of(data)
    assert head in first[0]
    assert len(first) == 1
    kinds, sites = ({cells[place] for cells in choices[1:]} - {""} for place in (0, 2))
    assert kind in kinds
    assert sites == {"car-07", "car-js", "car-jl"}
    lines, problems = read_problem_sheet(data, "p.xlsx", most=10)
    assert (lines, [p.code for p in problems]) == ([], ["no_rows"])


def upload(data, name="p.csv", **more):
    return {"sheet": SimpleUploadedFile(name, data), **more}


def test_the_page_files_a_sheet_and_shows_the_cases_by_desk(group, client):
    client.force_login(group.rita)
    page = client.get(PAGE)
    assert f"{PAGE}template.xlsx" in page.content.decode()
    data = csv(*(row(group, number) for number in range(6)))
    answer = client.post(PAGE, upload(data, token=page.context["token"]))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "6 problems were filed" in text
    assert [(region.pk, len(cases)) for region, cases in answer.context["desks"]] == [
        ("220000", 2), ("310000", 2), ("320000", 2),
    ]  # fmt: skip
    assert '/portal/problems/SH-20220428-0001/"' in text
    case = Case.objects.get(number="SH-20220428-0001")
    zone = ZoneInfo(authority().time_zone)
    for told in (case.answer_due, case.due_at):
        assert date_format(told.astimezone(zone), "D m-d H:i") in text
    assert "The desks answer" in text
    text = client.post(PAGE, upload(data)).content.decode()
    assert date_format(case.answer_due.astimezone(zone), "D m-d H:i") in text
    assert "not filed again" in text
    assert '/portal/problems/SH-20220428-0001/"' in text
    assert Case.objects.count() == 6


def test_the_page_names_bad_rows_gives_them_back_and_files_the_good_ones(group, client):
    client.force_login(group.rita)
    answer = client.post(PAGE, upload(csv(row(group), row(group, 1, site="oth-01"), row(group, 2))))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "nothing was filed" in text
    assert "oth-01" in text
    assert not Case.objects.exists()
    kept = {name: answer.context[name] for name in ("rows", "token", "name")}
    back = client.post(PAGE, kept | {"do": "correct"})
    lines, problems = read_problem_sheet(back.content, "p.xlsx", most=10)
    assert problems == []
    assert [line.cells["site"] for line in lines] == ["oth-01"]
    head, marked = sheets_of(back.content)[0]
    assert dict(zip(head, marked, strict=True))["bad_row"] == 3
    assert "You have no site" in dict(zip(head, marked, strict=True))["bad_reason"]
    answer = client.post(PAGE, kept | {"do": "file"})
    assert answer.status_code == 200
    assert Case.objects.count() == 2
    assert "1 row was not filed" in answer.content.decode()


def test_a_page_that_was_altered_files_nothing(group, client):
    client.force_login(group.rita)
    answer = client.post(PAGE, {"rows": "x:y:z", "do": "file"}, follow=True)
    assert "Upload the sheet again" in answer.content.decode()
    assert not Case.objects.exists()


def test_the_page_speaks_chinese(group, client):
    client.force_login(group.rita)
    data = csv(row(group), row(group, site="oth-01"))
    text = client.post(PAGE, upload(data), headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "贵企业没有该标识的厂点" in text
    assert "nothing was filed" not in text


@pytest.fixture
def send(client, group):
    def post(data, name="p.csv", **more):
        token = issue_token(group.rita, "sheet test")[1]
        headers = {"Authorization": f"Bearer {token}"} | more.pop("headers", {})
        return client.post("/api/v1/case-sheets", upload(data, name, **more), headers=headers)

    return post


def test_the_api_files_a_sheet_and_a_retry_files_nothing(group, office_hours, send):
    data = csv(*(row(group, number) for number in range(3)))
    first = send(data)
    assert first.status_code == 201, first.text
    assert [(one["row"], one["lead_region"]) for one in first.json()["filed"]] == [
        (2, "310000"), (3, "320000"), (4, "220000"),
    ]  # fmt: skip
    stored = {case.number: case for case in Case.objects.all()}
    for one in first.json()["filed"]:
        case = stored[one["number"]]
        # JSON tells thousandths of a second.
        late = [getattr(case, name) - dt.datetime.fromisoformat(one[name]) for name in ("answer_due", "due_at")]
        assert [dt.timedelta(0) <= gap < dt.timedelta(milliseconds=1) for gap in late] == [True, True]
    again = send(data)
    assert (again.status_code, again.json()["filed"]) == (200, [])
    assert again.json()["before"] == first.json()["filed"]
    assert Case.objects.count() == 3


def test_the_api_answers_a_retry_with_the_same_key_as_before(group, client):
    key = {"Idempotency-Key": "sheet-1"}
    headers = key | {"Authorization": f"Bearer {issue_token(group.rita, 'key test')[1]}"}
    body = encode_multipart(BOUNDARY, upload(csv(row(group))))
    answers = [
        client.generic("POST", "/api/v1/case-sheets", body, content_type=MULTIPART_CONTENT, headers=headers)
        for _ in range(2)
    ]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert Case.objects.count() == 1


def test_the_api_names_every_bad_row_and_files_the_good_ones_when_asked(group, send):
    data = csv(row(group), row(group, 1, site="oth-01", needed_by="soon"))
    answer = send(data)
    assert answer.status_code == 422
    assert [field["field"] for field in answer.json()["fields"]] == ["rows.3.site", "rows.3.needed_by"]
    assert "2 faults" in answer.json()["message"]
    assert not Case.objects.exists()
    answer = send(data, good_only="true")
    assert answer.status_code == 201
    assert [one["row"] for one in answer.json()["filed"]] == [2]
    assert {one["row"] for one in answer.json()["faults"]} == {3}
    assert send(b"x", "p.pdf").status_code == 422


def test_a_session_may_send_a_sheet_with_a_key(group):
    """The body is read for the key and for the CSRF token."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(group.rita)
    csrf = browser.get(PAGE).cookies["csrftoken"].value
    answer = browser.post(
        "/api/v1/case-sheets", upload(csv(row(group)), csrfmiddlewaretoken=csrf), headers={"Idempotency-Key": "s-1"}
    )
    assert answer.status_code == 201, answer.text
