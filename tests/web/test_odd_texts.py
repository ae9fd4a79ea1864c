"""Whatever stands in a search box or a filter, on pages and in the API: an answer, never a fault of the server.

PostgreSQL is asked what it takes otherwise than SQLite: characters that it has not, numbers and dates beyond its own.
"""

import datetime as dt
from functools import cache
from urllib.parse import quote, urlencode

import pytest
from django.db import connection, transaction
from django.test import Client
from tests import factories as make

from ballast.areas.alerts.services import relight
from ballast.areas.dispatch.services import make_sheet
from ballast.web.api import api

pytestmark = pytest.mark.django_db
MORNING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)

# Percent-encoded, because half of a surrogate pair has no other way into an address.
TEXTS = {
    "nul": "a%00b",
    "controls, wildcards and quotes": quote("".join(chr(n) for n in [*range(1, 32), 127]) + "%_\\'\");--"),
    "long": "x" * 10_000,
    "long Chinese": quote("长" * 20_000),
    "half of a surrogate pair": "%ED%A0%80",
    "no UTF-8": "%ff%fe",
    "far date": "9999-12-31",
    "many digits": "9" * 400,
    "other digits": quote("²٣"),
}
OTHERWISE = {"nul", "half of a surrogate pair", "no UTF-8", "far date", "many digits"}
DESK = {
    "/": ["page"],
    "/search/": ["q"],
    "/enterprises/": [
        "q", "region", "chain", "operation", "key_list", "batch", "panel", "level", "sort", "page", "format",
    ],
    "/sites/": ["q", "region", "chain", "product", "level", "sort", "page"],
    "/lamps/": ["q", "region", "chain", "product", "level", "held", "enterprise", "sort", "page"],
    "/warnings/": ["state", "page"],
    "/warnings/cap/": ["page"],
    "/modes/": ["page"],
    "/reserve/": ["q", "state", "page"],
    "/lamps/ask/": ["region", "chain", "page"],
    "/lamps/rules/": ["page"],
    "/lamps/rules/parts-cover/": ["page"],
    "/cases/": [
        "q", "kind", "state", "region", "home", "chain", "owner", "new", "held", "filed_from", "filed_to",
        "solved_from", "confirmed_to", "month", "desk", "province", "reopened", "part", "part_is", "sort", "page",
        "view",
    ],
    "/cases/measures/": ["view", "month", "kind", "desk", "province", "chain", "format"],
    "/cases/measures/parts/": ["month", "kind", "desk", "province", "chain", "format"],
    "/stops/": ["q", "within", "days", "region", "chain", "certain", "event", "slow", "sort", "page", "view"],
    "/events/": ["q", "kind", "state", "region", "sort", "page"],
    "/events/new/": ["kind", "site", "region", "lane_from"],
    "/events/subjects/": ["site"],
    "/reports/": ["q", "region", "chain", "late", "reported", "sort", "page"],
    "/map/": ["measure"],
    "/materials/": ["special", "format"],
    "/problem-counts/": ["kind", "format"],
    "/cases/mine/": ["sort", "page"],
    "/desks/": ["change"],
    "/desks/tracks/": ["change"],
    "/briefs/": ["scope", "page"],
    "/briefs/2022-04-28/": ["scope", "lang", "part", "issue"],
    "/notices/": ["page", "unread"],
    "/dispatch/": ["scope", "page"],
    "/dispatch/2022-04-28/": ["scope", "lang", "issue"],
    "/dispatch/2022-04-28/cases/": ["scope", "issue", "figure", "kind", "region", "desk", "page", "format"],
    "/dispatch/reds/": ["page", "format"],
    "/dispatch/circulars/": ["page"],
    "/dispatch/handovers/": ["scope", "page"],
    "/dispatch/ledger/": ["q", "kind", "state", "desk", "month", "page", "format"],
    "/scope/": ["region", "chain", "next"],
}  # fmt: skip
PORTAL = {
    "/portal/": ["page"],
    "/portal/stocks/reports/": ["need", "page"],
    "/portal/problems/": ["page"],
    "/portal/readers/": ["page", "format"],
}
ADMINISTRATOR = {
    "/people/": ["q", "page"],
    "/outbox/": ["q", "state", "channel", "page"],
    "/audit/": ["q", "action", "actor", "enterprise", "since", "until", "page", "format"],
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        make.authority()
        firm = make.enterprise("E-own", region=make.region("310000"), chains=[make.chain()], name="100% Cotton")
        make.enterprise("E_two", name="Back\\slash")
        make.need(make.site("S-own", of=firm), stock=200.0, reported_at=MORNING)
        relight(at=MORNING)
        make_sheet("/", actor="dispatch job")
        yield firm
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def sign_in(world, django_db_blocker):
    """A client of a person with the role, signed in once for all the pages that are asked."""

    @cache
    def client(role, enterprise=""):
        one = Client()
        one.force_login(make.user(role, enterprise=enterprise))
        return one

    with django_db_blocker.unblock():
        client("ministry_officer"), client("reporter", "E-own"), client("administrator")
    return client


def texts():
    """The texts that the database at hand is asked."""
    return TEXTS if connection.vendor == "sqlite" else {title: TEXTS[title] for title in TEXTS if title in OTHERWISE}


def faults_of(client, page, names, fine):
    """What is answered otherwise than well, with a text in one parameter after the other.

    Texts that every database takes stand in all parameters at once, and in one after the other where that is refused.
    """
    faults = []
    for title, text in texts().items():
        # The longest is for searches, where a database has its limit.
        asked = [name for name in names if name == "q" or title != "long Chinese"]
        together = "&".join(f"{name}={text}" for name in asked)
        if title not in OTHERWISE and client.get(f"{page}?{together}").status_code == 200:
            continue
        for name in asked:
            status = client.get(f"{page}?{name}={text}").status_code
            if not fine(status):
                faults.append(f"{page}?{name}= with {title}: {status}")
    return faults


def ask_all(client, page, names):
    assert faults_of(client, page, names, lambda status: status < 500) == []
    # Nothing that was asked spoils the session for what is asked next.
    assert client.get(page).status_code < 400


@pytest.mark.parametrize(("page", "names"), DESK.items(), ids=DESK)
def test_a_desk_page_answers_whatever_it_is_asked(sign_in, page, names):
    ask_all(sign_in("ministry_officer"), page, names)


@pytest.mark.parametrize(("page", "names"), PORTAL.items(), ids=PORTAL)
def test_a_page_of_an_enterprise_answers_whatever_it_is_asked(sign_in, page, names):
    ask_all(sign_in("reporter", "E-own"), page, names)


@pytest.mark.parametrize(("page", "names"), ADMINISTRATOR.items(), ids=ADMINISTRATOR)
def test_a_page_of_the_administrator_answers_whatever_it_is_asked(sign_in, page, names):
    ask_all(sign_in("administrator"), page, names)


@pytest.mark.parametrize(
    "place", ["/enterprises/{}/", "/sites/{}/", "/stops/{}/", "/cases/{}/", "/api/v1/sites/{}", "/{}/", "/static/{}"]
)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_address_of_nothing_is_not_found_or_not_understood(sign_in, place, text):
    assert sign_in("ministry_officer").get(place.format(text)).status_code in {400, 404, 422}


def _string_parameters():
    """Names of the parameters of each list of the API, by its address."""
    paths = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    for path, operations in paths.items():
        names = [one["name"] for one in operations.get("get", {}).get("parameters", []) if one["in"] == "query"]
        if names and "{" not in path:
            yield pytest.param(path, names, id=path)


@pytest.mark.parametrize(("path", "names"), list(_string_parameters()))
def test_a_list_of_the_api_answers_whatever_it_is_asked(sign_in, path, names):
    assert faults_of(sign_in("ministry_officer"), path, names, lambda status: status in {200, 404, 422}) == []


@pytest.mark.parametrize("page", ["/login/", "/portal/problems/new/", "/people/"])
@pytest.mark.parametrize("name", ["username", "text", "first_name", "blocked"])
def test_a_form_answers_whatever_it_is_sent(client, world, page, name):
    role = {"/portal/problems/new/": "reporter", "/people/": "administrator"}.get(page)
    if role:
        client.force_login(make.user(role, enterprise="E-own" if role == "reporter" else ""))
    for title, text in TEXTS.items():
        sent = client.post(page, f"{name}={text}", content_type="application/x-www-form-urlencoded")
        assert sent.status_code < 500, f"{page} {name} with {title}"


@pytest.mark.parametrize("page", ["/search/", "/enterprises/", "/lamps/", "/cases/", "/stops/"])
def test_a_search_that_can_match_nothing_says_so(client, world, page):
    client.force_login(make.user())
    assert client.get(f"{page}?q={TEXTS['nul']}").status_code == 400
    long = client.get(f"{page}?q={TEXTS['long']}")
    assert (long.status_code, b"S-own" in long.content, b"E-own" in long.content) == (200, False, False)


@pytest.mark.parametrize(
    ("words", "found"), [("%", {"E-own"}), ("_", {"E_two"}), ("\\", {"E_two"}), ("100% c", {"E-own"}), ("0_ C", set())]
)
def test_wildcards_of_the_database_are_plain_characters(client, world, words, found):
    client.force_login(make.user())
    page = client.get(f"/enterprises/?{urlencode({'q': words})}").content.decode()
    assert {name for name in ("E-own", "E_two") if f"/enterprises/{name}/" in page} == found
    answer = client.get(f"/api/v1/enterprises?{urlencode({'q': words})}").json()
    assert {row["enterprise_id"] for row in answer["items"]} == found
