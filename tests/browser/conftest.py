"""A served exercise and a real browser: one world for the package, one page a test, no remote host."""

import os
from urllib.parse import urlparse

import pytest

from ballast.web import assets
from tests.browser import install

# The browser's driver runs an event loop in this thread; Django's guard is for servers, not for that.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
PASSWORD = "correct-horse-battery"
# No other host has an address. To catch requests in a route would switch the browser's cache off.
ARGUMENTS = [
    "--no-sandbox", "--disable-background-networking", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
]  # fmt: skip


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def database(django_db_setup, django_db_blocker, tmp_path_factory):
    """A test database that keeps what is written until the package ends, so that the server sees it."""
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    with django_db_blocker.unblock():
        # pytest-django makes one only for tests that carry its mark.
        there = any(word in str(connection.settings_dict["NAME"]) for word in ("memory", "test_"))
        if not there and connection.vendor == "sqlite":
            # A file, as in service: each thread of the server has its own connection.
            connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test_.sqlite3")
        made = None if there else setup_databases(verbosity=0, interactive=False)
        call_command("flush", interactive=False, verbosity=0)
        yield
        call_command("flush", interactive=False, verbosity=0)
        if made:
            teardown_databases(made, verbosity=0)


@pytest.fixture(scope="package")
def desk(database):
    """Address of a server with the small exercise."""
    from pytest_django.live_server_helper import LiveServer

    from ballast.exercise.load import install as load_exercise

    assets.build()
    load_exercise("s", password=PASSWORD)
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=install.find(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(desk, chromium):
    """Make a page of a signed-in person: open_page("ministry", theme="dark", language="zh-hans", width=390).

    After the test, an error on the console or a request to another host fails it.
    """
    from django.test import Client

    from ballast.areas.accounts.models import User

    contexts, faults = [], []

    def make(username=None, *, theme="light", language="en", width=1360, height=860):
        context = chromium.new_context(
            base_url=desk, viewport={"width": width, "height": height}, color_scheme=theme, locale="en-GB"
        )
        contexts.append(context)
        cookies = [{"name": "django_language", "value": language, "url": desk}]
        if username:
            client = Client()
            person = User.objects.get(username=username)
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
            cookies.append({"name": "sessionid", "value": client.cookies["sessionid"].value, "url": desk})
        context.add_cookies(cookies)
        page = context.new_page()
        page.on("request", notice_remote)
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("response", lambda got: faults.append(f"{got.status} {got.url}") if got.status >= 500 else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    def notice_remote(request):
        if urlparse(request.url).netloc not in {"", urlparse(desk).netloc}:
            faults.append(f"remote host: {request.url}")

    yield make
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def places(desk):
    """Addresses of the main pages, desk and portal, with a real subject where one is needed."""
    from ballast.areas.accounts.models import User
    from ballast.areas.alerts.selectors import visible_lamps
    from ballast.areas.cases.selectors import own_cases, queue
    from ballast.areas.chains.selectors import filtered
    from ballast.areas.registry.event_scope import visible_events
    from ballast.areas.reports.selectors import own_reports
    from ballast.areas.responses.models import Warned

    ministry, reporter = User.objects.get(username="ministry"), User.objects.get(username="reporter")
    stop = filtered(ministry, days=14).first().site
    lamp = visible_lamps(ministry).order_by("severity", "pk").first()
    own = own_cases(reporter).first()
    event = visible_events(ministry).filter(forecasts__run__is_current=True).order_by("event_id").first().event_id
    warning = Warned.objects.order_by("pk").first().pk
    withdraw = f"/portal/stocks/reports/{own_reports(reporter).first().pk}/withdraw/"
    return {
        "ministry": [
            "/", "/stops/", f"/stops/{stop.site_id}/", "/lamps/", f"/lamps/{lamp.pk}/", "/cases/",
            f"/cases/{queue(ministry).first().number}/", f"/cases/{queue(ministry).first().number}/split/?by=inputs",
            "/enterprises/",
            f"/enterprises/{stop.enterprise.enterprise_id}/", "/sites/", f"/sites/{stop.site_id}/", "/chains/",
            "/reports/", "/map/", "/materials/", "/materials/copper/", "/problem-counts/",
            "/search/?q=plant", "/briefs/",
            "/briefs/2022-04-28/", "/tokens/",
            "/dispatch/", "/dispatch/2022-04-28/", "/dispatch/2022-04-28/cases/?figure=overdue", "/dispatch/reds/",
            "/dispatch/ledger/", "/dispatch/circulars/", "/dispatch/handovers/",
            "/notices/", "/notices/settings/", "/cases/texts/", "/cases/clocks/",
            "/desks/", "/desks/tracks/", "/desks/groups/", "/desks/rules/", "/desks/rules/new/", "/desks/escalation/",
            "/cases/mine/", "/cases/new/visit/", "/cases/measures/parts/",
            "/lamps/ask/", "/lamps/rules/", "/lamps/rules/parts-cover/",
            "/lamps/?level=red", "/warnings/", "/warnings/cap/", f"/warnings/{warning}/",
            "/reserve/", "/reserve/new/", "/modes/", "/reports/rates/",
            "/cases/?new=1", "/cases/board/", "/wall/", "/cases/measures/", "/events/",
            f"/events/{event}/", f"/events/{event}/change/", "/events/new/?kind=lane",
        ],
        "reporter": [
            "/portal/", "/portal/stocks/", "/portal/stocks/reports/", withdraw, "/portal/stocks/upload/",
            "/portal/operation/", "/portal/problems/", "/portal/problems/sheet/",
            "/portal/problems/new/", f"/portal/problems/{own.number}/", "/portal/readers/",
        ],
        "administrator": ["/audit/", "/people/", "/outbox/", "/webhooks/"],
        None: ["/login/"],
    }  # fmt: skip
