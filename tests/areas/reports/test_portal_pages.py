"""The enterprise's pages: the table, the sheet, the state of the day; and the API beside them."""

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests import factories as make

from ballast.areas.alerts.models import Lamp
from ballast.areas.alerts.services import relight
from ballast.areas.registry.models import Need
from ballast.areas.reports.forms import figure
from ballast.areas.reports.models import OperatingReport, StockReport

pytestmark = pytest.mark.django_db
MORNING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)
JSON = "application/json"


@pytest.fixture
def world(client):
    make.authority()
    owner = make.enterprise("E-own")
    site = make.site("S-own", of=owner)
    needs = [
        make.need(site, make.product(p), stock=s, reported_at=MORNING) for p, s in (("bolt", 200.0), ("nut", 900.0))
    ]
    stranger = make.need(make.site("S-other", of=make.enterprise("E-other")), make.product("bolt"))
    relight(at=MORNING)
    user = make.user("reporter", enterprise="E-own")
    client.force_login(user)
    return {"needs": needs, "stranger": stranger, "user": user, "site": site}


def filled(needs, **stocks):
    data = {}
    for need in needs:
        for name in ("stock", "blocked_stock", "in_transit", "daily_use"):
            data[f"{name}-{need.pk}"] = f"{getattr(need, name):g}"
        data[f"stock-{need.pk}"] = stocks.get(need.product_id, data[f"stock-{need.pk}"])
    return data


def test_correcting_a_stock_on_the_page_changes_the_lamp_and_says_so(client, world):
    bolt, _ = world["needs"]
    page = client.get("/portal/stocks/").content.decode()
    assert f'name="stock-{bolt.pk}"' in page
    assert 'value="200"' in page
    answer = client.post("/portal/stocks/", filled(world["needs"], bolt="2,000"), follow=True)
    assert answer.redirect_chain == [("/portal/stocks/", 302)]
    assert Lamp.objects.get(need=bolt).level == "normal"
    text = answer.content.decode()
    assert 'id="receipt"' in text
    assert "200 → 2,000" in text
    assert 'id="receipt"' not in client.get("/portal/stocks/").content.decode()


def test_a_fault_is_shown_beside_its_cell_and_nothing_typed_is_lost(client, world):
    answer = client.post("/portal/stocks/", filled(world["needs"], bolt="many", nut="-5"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="many"' in text
    assert 'value="-5"' in text
    assert "is not a number" in text
    assert not StockReport.objects.exists()
    answer = client.post("/portal/stocks/", filled(world["needs"], bolt="123", nut="-5"))
    assert "cannot be below 0" in answer.content.decode()
    assert 'value="123"' in answer.content.decode()
    assert not StockReport.objects.exists()


def test_a_cleared_stock_is_left_out_not_zero(client, world):
    bolt, nut = world["needs"]
    client.post("/portal/stocks/", filled(world["needs"], bolt="", nut="10"))
    bolt.refresh_from_db()
    assert bolt.stock == 200.0
    assert list(StockReport.objects.filter(day=make.TODAY, source="page").values_list("need", flat=True)) == [nut.pk]


@pytest.mark.parametrize(
    ("text", "value"), [("1,234.5", 1234.5), (" 1 200 ", 1200.0), ("１２", 12.0), ("", None), ("0", 0.0)]
)
def test_figures_are_read_as_people_type_them(text, value):
    assert figure(text) == value


@pytest.mark.parametrize("text", ["1,5", "abc", "1.2.3", "0x10"])
def test_what_is_no_clear_figure_is_refused(text):
    with pytest.raises(ValueError, match="could not convert"):
        figure(text)


def sheet(text, name="stocks.csv"):
    return {"sheet": SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)}


HEAD = "site_id,product,daily_use,stock,blocked_stock,in_transit,unit\n"


def confirm(client, answer):
    token = answer.context["read"].token()
    return client.post("/portal/stocks/upload/", {"rows": token}, follow=True)


def test_an_uploaded_sheet_is_shown_first_and_stored_when_confirmed(client, world):
    answer = client.post(
        "/portal/stocks/upload/", sheet(HEAD + "S-own,bolt,100,5000,0,0,piece\nS-own,nut,100,,,,piece\n")
    )
    assert answer.status_code == 200
    assert "200 → 5,000" in answer.content.decode()
    assert not StockReport.objects.exists()
    confirm(client, answer)
    bolt, nut = world["needs"]
    bolt.refresh_from_db()
    assert bolt.stock == 5000.0
    assert not StockReport.objects.filter(need=nut).exists()


def test_the_same_sheet_twice_changes_nothing(client, world):
    text = HEAD + "S-own,bolt,100,5000,0,0,piece\n"
    confirm(client, client.post("/portal/stocks/upload/", sheet(text)))
    count = StockReport.objects.count()
    confirm(client, client.post("/portal/stocks/upload/", sheet(text)))
    assert StockReport.objects.count() == count


def test_all_faults_of_a_sheet_are_listed_and_nothing_is_stored(client, world):
    text = HEAD + "S-own,bolt,100,-1,0,0,piece\nS-other,bolt,100,5,0,0,piece\nS-own,nut,100,5,0,0,t\n"
    answer = client.post("/portal/stocks/upload/", sheet(text))
    assert answer.status_code == 422
    assert {fault.row for fault in answer.context["read"].faults} == {2, 3, 4}
    assert "is not one of your inputs" in answer.content.decode()
    assert not StockReport.objects.exists()


def test_the_sheet_that_ballast_gives_comes_back_without_a_change(client, world):
    given = client.get("/portal/stocks/template.xlsx")
    answer = client.post("/portal/stocks/upload/", sheet(given.content, "stocks.xlsx"))
    assert answer.status_code == 200
    assert answer.context["preview"] == []
    assert len(answer.context["read"].rows) == 2


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04broken"])
def test_an_unreadable_file_is_refused_with_a_reason(client, world, content):
    answer = client.post("/portal/stocks/upload/", {"sheet": SimpleUploadedFile("stocks.xlsx", content)})
    assert answer.status_code == 422
    assert not StockReport.objects.exists()


def test_an_altered_preview_is_refused(client, world):
    answer = client.post("/portal/stocks/upload/", {"rows": "x:y:z"}, follow=True)
    assert "Upload the sheet again" in answer.content.decode()


def test_the_state_of_the_day(client, world):
    answer = client.post("/portal/operation/", {"operation": "restarted", "staff_share": "60", "capacity_share": "45"})
    assert answer.status_code == 302
    report = OperatingReport.objects.get()
    assert (report.operation, report.staff_share, report.capacity_share) == ("restarted", 0.6, 0.45)
    report.enterprise.refresh_from_db()
    assert report.enterprise.operation == "restarted"
    client.post("/portal/operation/", {"operation": "restarted", "staff_share": "60", "capacity_share": "45"})
    assert OperatingReport.objects.count() == 1
    client.post("/portal/operation/", {"operation": "stopped"})
    assert list(OperatingReport.objects.order_by("version").values_list("operation", flat=True)) == [
        "restarted",
        "stopped",
    ]


def test_the_form_of_the_state_looks_like_the_other_forms(client, world):
    form = client.get("/portal/operation/").context["form"]
    classes = {name: field.widget.attrs["class"] for name, field in form.fields.items()}
    assert classes.pop("operation") == "form-check-input"
    assert set(classes.values()) == {"form-control"}


def test_a_share_above_100_is_refused(client, world):
    answer = client.post("/portal/operation/", {"operation": "running", "staff_share": "101"})
    assert answer.status_code == 422
    assert not OperatingReport.objects.exists()


@pytest.mark.parametrize(
    "address", ["/portal/stocks/", "/portal/stocks/template.xlsx", "/portal/stocks/upload/", "/portal/operation/"]
)
def test_an_officer_alters_no_stock(client, world, address):
    client.force_login(make.user())
    assert client.get(address).status_code == 404
    assert client.post(address, filled(world["needs"], bolt="1")).status_code == 404
    assert Need.objects.get(pk=world["needs"][0].pk).stock == 200.0


def test_the_api_takes_a_report_and_a_retry_changes_nothing(client, world):
    body = {"rows": [{"site_id": "S-own", "product": "bolt", "stock": 50}]}
    first = client.post("/api/v1/stock-reports", body, content_type=JSON, headers={"Idempotency-Key": "k1"})
    again = client.post("/api/v1/stock-reports", body, content_type=JSON, headers={"Idempotency-Key": "k1"})
    other = client.post("/api/v1/stock-reports", body, content_type=JSON)
    assert (first.status_code, first.json()["reported"]) == (201, 1)
    assert again.json() == first.json()
    assert (other.json()["reported"], other.json()["unchanged"]) == (0, 1)
    assert StockReport.objects.filter(source="api").count() == 1


def test_the_api_names_every_bad_row(client, world):
    rows = [
        {"site_id": "S-own", "product": "bolt", "stock": -1},
        {"site_id": "S-own", "product": "nut", "stock": 1, "blocked_stock": 2},
    ]
    answer = client.post("/api/v1/stock-reports", {"rows": rows}, content_type=JSON)
    assert answer.status_code == 422
    assert [f["field"] for f in answer.json()["fields"]] == ["rows.0.stock", "rows.1.blocked_stock"]


def test_the_api_answers_404_for_anothers_input(client, world):
    for site, product in (("S-other", "bolt"), ("S-none", "bolt"), ("S-own", "none")):
        body = {"rows": [{"site_id": site, "product": product, "stock": 1}]}
        assert client.post("/api/v1/stock-reports", body, content_type=JSON).status_code == 404


def test_the_api_withdraws_only_own_reports(client, world):
    body = {"rows": [{"site_id": "S-own", "product": "bolt", "stock": 50}]}
    [pk] = client.post("/api/v1/stock-reports", body, content_type=JSON).json()["ids"]
    client.force_login(make.user("reporter", enterprise="E-other"))
    assert client.post(f"/api/v1/stock-reports/{pk}/withdraw").status_code == 404
    assert client.get("/api/v1/stock-reports").json()["items"] == []
    client.force_login(world["user"])
    answer = client.post(f"/api/v1/stock-reports/{pk}/withdraw")
    assert answer.json()["withdrawn_at"] is not None
    assert Need.objects.get(pk=world["needs"][0].pk).stock == 200.0


def test_the_api_takes_an_operating_report(client, world):
    body = {"enterprise_id": "E-own", "operation": "running", "capacity_share": 0.8}
    assert client.post("/api/v1/operating-reports", body, content_type=JSON).status_code == 201
    assert (
        client.post("/api/v1/operating-reports", body | {"enterprise_id": "E-other"}, content_type=JSON).status_code
        == 404
    )
    assert client.get("/api/v1/operating-reports").json()["items"][0]["operation"] == "running"


def test_a_hundred_inputs_cost_as_many_queries_as_ten(client, world):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def save(count):
        needs = list(Need.objects.filter(site=world["site"]).order_by("pk"))
        data = filled(needs) | {f"stock-{need.pk}": str(count) for need in needs}
        with CaptureQueriesContext(connection) as seen:
            assert client.post("/portal/stocks/", data).status_code == 302
        return len(seen)

    for _ in range(8):
        make.need(world["site"], stock=1.0, reported_at=MORNING)
    relight(at=MORNING)
    few = save(1)
    for _ in range(90):
        make.need(world["site"], stock=1.0, reported_at=MORNING)
    relight(at=MORNING)
    # SQLite takes at most 999 values a statement, so long inserts come in a few parts.
    assert save(2) <= few + 3


def test_the_page_reads_the_bytes_of_an_excel_file(client, world):
    assert client.get("/portal/stocks/template.xlsx").content[:2] == b"PK"
    assert io.BytesIO(client.get("/portal/stocks/template.xlsx").content).getbuffer().nbytes > 1000
