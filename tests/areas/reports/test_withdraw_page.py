"""Taking back a stock report in the portal: asked first, with what stands afterwards; only one's own."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories as make

from ballast.areas.alerts.models import Lamp
from ballast.areas.audit.models import AuditEntry
from ballast.areas.chains import jobs
from ballast.areas.reports.models import StockReport
from ballast.areas.reports.services import report_stocks

pytestmark = pytest.mark.django_db
YESTERDAY = make.TODAY - dt.timedelta(days=1)


@pytest.fixture
def bolt(client):
    make.authority()
    need = make.need(
        make.site("S-own", of=make.enterprise("E-own"), name="Own plant"), make.product("bolt"), stock=None
    )
    need.reporter = make.user("reporter", enterprise="E-own")
    client.force_login(need.reporter)
    return need


def report(need, stock, day=None):
    [made] = report_stocks(need.reporter, [(need, stock, 0.0, 0.0, 100.0)], source="page", day=day).reports
    return made


def page_of(made):
    return f"/portal/stocks/reports/{made.pk}/withdraw/"


def test_the_figures_of_the_day_before_stand_again(client, bolt):
    report(bolt, 250.0, YESTERDAY)
    wrong = report(bolt, 25_000.0)
    asked = client.get(page_of(wrong))
    assert (asked.context["standing"].stock, asked.context["changes"]) == (250.0, True)
    assert (asked.context["cover"], asked.context["cover_after"]) == (250.0, 2.5)
    bolt.refresh_from_db()
    assert bolt.stock == 25_000.0, "asking changes nothing"
    done = client.post(page_of(wrong), follow=True)
    assert done.redirect_chain == [("/portal/stocks/reports/", 302)]
    assert "Product bolt at Own plant stands at 250 piece, as reported for 2022-04-27." in done.text
    bolt.refresh_from_db()
    assert bolt.stock == 250.0
    assert Lamp.objects.get(need=bolt).level == "red"
    entry = AuditEntry.objects.filter(action="stocks.withdrawn").get()
    assert (entry.actor, entry.enterprise) == (bolt.reporter.username, "E-own")


def test_the_page_promises_what_the_withdrawal_does(client, bolt):
    """Whatever is withdrawn of several days and versions, the figures afterwards are those that the page showed."""
    reports = [
        report(bolt, stock, day) for stock, day in ((10.0, YESTERDAY), (20.0, YESTERDAY), (30.0, None), (40.0, None))
    ]
    for place in (1, 3, 0, 2):
        promised = client.get(page_of(reports[place])).context["standing"]
        client.post(page_of(reports[place]))
        bolt.refresh_from_db()
        assert bolt.stock == (promised.stock if promised else None)


def test_the_last_report_leaves_the_stock_unknown_not_zero(client, bolt):
    only = report(bolt, 40.0)
    assert "its stock is unknown until you report it" in client.get(page_of(only)).text
    assert "is unknown until you report it" in client.post(page_of(only), follow=True).text
    bolt.refresh_from_db()
    assert bolt.stock is None


def test_a_report_that_does_not_count_changes_no_figure(client, bolt):
    old = report(bolt, 10.0, YESTERDAY)
    report(bolt, 30.0)
    assert "Nothing changes in the present figures" in client.get(page_of(old)).text
    client.post(page_of(old))
    bolt.refresh_from_db()
    assert bolt.stock == 30.0


def test_withdrawing_twice_changes_nothing_and_the_page_says_so(client, bolt):
    made = report(bolt, 40.0)
    client.post(page_of(made))
    first = StockReport.objects.get().withdrawn_at
    entries = AuditEntry.objects.count()
    client.post(page_of(made))
    assert (StockReport.objects.get().withdrawn_at, AuditEntry.objects.count()) == (first, entries)
    page = client.get(page_of(made)).text
    assert "This report was withdrawn" in page
    assert "Withdraw this report" not in page


def test_nobody_else_sees_or_withdraws_it(client, bolt):
    made = report(bolt, 40.0)
    others = [("reporter", {"enterprise": "E-other"}), ("ministry_officer", {}), ("leader", {}), ("administrator", {})]
    make.enterprise("E-other")
    for role, scope in others:
        client.force_login(make.user(role, **scope))
        assert client.get(page_of(made)).status_code == 404
        assert client.post(page_of(made)).status_code == 404
    assert StockReport.objects.get().withdrawn_at is None
    client.force_login(make.user("reporter", enterprise="E-other"))
    assert client.get("/portal/stocks/reports/").context["page"].paginator.count == 0
    assert client.get(f"/portal/stocks/reports/?need={bolt.pk}").status_code == 404


def test_the_forecast_follows(client, bolt, django_capture_on_commit_callbacks, monkeypatch):
    made = report(bolt, 40.0)
    # What the report itself asked for; one transaction asks once.
    connection.run_on_commit.clear()
    asked = []
    monkeypatch.setattr(jobs.refresh_forecast.__class__, "enqueue", lambda self: asked.append(self.name))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page_of(made))
    assert "refresh_forecast" in asked


def test_reports_are_listed_newest_first_and_cost_as_many_queries_however_many(client, bolt):
    report(bolt, 10.0, YESTERDAY)
    report(bolt, 20.0)
    address = "/portal/stocks/reports/"
    assert [r.stock for r in client.get(address).context["page"]] == [20.0, 10.0]
    assert [r.stock for r in client.get(f"{address}?need={bolt.pk}").context["page"]] == [20.0, 10.0]
    assert client.get(f"{address}?need=x").status_code == 404
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for stock in range(30, 60):
        report(bolt, float(stock))
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(address).context["page"]) == 32
    assert len(many) == len(few)
