"""How long pages and API lists take on a given database, what they cost, and how many queries each one makes.

    python -m benchmarks.pages [--size l] [--requests 200] [--reports 10] [--cases 54000] [--user ministry] [PAGE ...]

A real server (`ballast serve`, two processes) answers over the loopback one request after another, each page
in turn. `server CPU` is the processor time of its processes for a request; it tells a slow page from a busy
machine. `after a report` is the first request after an enterprise reported a stock, `--reports` times: nothing
may be kept from before. The number of queries comes from a request inside this process with an empty cache.

The data folder is BALLAST_DATA_DIR, and is filled with the exercise first when it is empty. With
BALLAST_DATABASE_URL the database is that one; the time of its own processes is in no figure but the wall's.
`--cases` fills the database up to that many cases: four months of them, as `python -m benchmarks.cases` does.
"""

import argparse
import statistics
from dataclasses import dataclass

from benchmarks.exercise import prepare
from benchmarks.serving import Server, served

PAGES = (
    "/", "/stops/", "/lamps/", "/lamps/?level=red", "/cases/", "/cases/?overdue=1", "/cases/?state=confirmed",
    "/enterprises/", "/sites/", "/chains/", "/events/", "/reports/", "/map/", "/search/?q=plant", "/briefs/",
)  # fmt: skip
ROUTES = (
    "enterprises", "sites", "needs", "links", "chains", "events", "stock-reports", "operating-reports", "lamps",
    "cases", "stops", "briefs",
)  # fmt: skip
BUDGET_MS = 150


def single_pages():
    """Addresses of one enterprise, one stopping plant, one lamp, one case and one brief, the heaviest at hand."""
    from ballast.areas.alerts.models import Lamp
    from ballast.areas.briefs.models import Brief
    from ballast.areas.cases.models import Case
    from ballast.areas.chains.models import SiteForecast

    stop = SiteForecast.objects.filter(run__is_current=True).order_by("-lost_output").select_related("site__enterprise")
    worst = stop.filter(stop_day__isnull=False).first()
    found = [f"/enterprises/{worst.site.enterprise.enterprise_id}/", f"/stops/{worst.site.site_id}/"] if worst else []
    found += [f"/sites/{worst.site.site_id}/"] if worst else []
    found += [f"/lamps/{row.pk}/" for row in Lamp.objects.order_by("severity", "cover_days")[:1]]
    found += [f"/cases/{row.number}/" for row in Case.objects.order_by("-output_at_risk")[:1]]
    return found + [f"/briefs/{row.day}/" for row in Brief.objects.order_by("-day")[:1]]


@dataclass(frozen=True)
class Cost:
    """What one address costs; times in ms."""

    queries: int
    processor: float
    first: list[float]
    times: list[float]

    @property
    def p95(self):
        """What 95 of 100 requests stay below."""
        return statistics.quantiles(self.times, n=20)[-1]

    @property
    def verdict(self):
        """What is wrong with it; "" when nothing is."""
        if self.p95 > BUDGET_MS:
            return "above the goal"
        return "slow after a report" if statistics.median(self.first) > BUDGET_MS else ""

    def __str__(self):
        after = f"{statistics.median(self.first):8.1f}{max(self.first):9.1f}"
        wall = f"{statistics.median(self.times):9.1f}{self.p95:9.1f}{max(self.times):9.1f}"
        return f"{self.queries:8}{self.processor:12.1f}{after}{wall}  {self.verdict}"


HEAD = f"   {'':34}{'':8}{'server':>12}{'after a report':>17}{'all requests':>27}  ms\n" + (
    f"   {'page':34}{'queries':>8}{'CPU':>12}{'median':>8}{'longest':>9}{'median':>9}{'p95':>9}{'longest':>9}"
)


def queries(client, address):
    """Queries of one request with an empty cache."""
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    cache.clear()
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200, address
    return len(found)


def report():
    """Report a stock as the enterprise of the login `reporter` would, one piece more than before."""
    from ballast.areas.accounts.models import User
    from ballast.areas.reports.selectors import own_needs
    from ballast.areas.reports.services import report_stocks

    reporter = User.objects.get(username="reporter")
    need = own_needs(reporter).first()
    report_stocks(reporter, [(need, (need.stock or 0) + 1)], source="page")


def measure(server: Server, cookie, address, requests, reports):
    """(first after each report, all requests, processor time of one), after a few that warm both processes up."""
    for _ in range(4):
        server.ask(address, cookie)
    first = []
    for _ in range(reports):
        report()
        first.append(server.ask(address, cookie))
    begin = server.processor_ms()
    times = [server.ask(address, cookie) for _ in range(requests)]
    return first, times, (server.processor_ms() - begin) / requests


def sign_in(name):
    """A client inside this process, and the cookie by which the server knows the same person."""
    from django.conf import settings
    from django.test import Client

    from ballast.areas.accounts.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username=name), backend="django.contrib.auth.backends.ModelBackend")
    return client, f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def described():
    """How much there is in the database."""
    from ballast.areas.cases.models import Case
    from ballast.areas.registry.models import Enterprise, Link

    return ", ".join(f"{m.objects.count():,} {m._meta.verbose_name_plural}" for m in (Enterprise, Link, Case))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="Addresses; all lists and one page of each kind.")
    parser.add_argument("--size", choices=["s", "m", "l"], default="l")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--reports", type=int, default=10)
    parser.add_argument("--cases", type=int, default=0)
    parser.add_argument("--user", default="ministry")
    given = parser.parse_args()
    print(prepare(given.size))
    from ballast.exercise.season_load import fill

    if given.cases:
        fill(given.cases, progress=print)
    client, cookie = sign_in(given.user)
    print(f"{described()}; {given.requests} requests a page, as {given.user}; goal: p95 at most {BUDGET_MS} ms")
    print(HEAD)
    above = 0
    with served() as server:
        for address in given.pages or (*PAGES, *single_pages(), *(f"/api/v1/{route}" for route in ROUTES)):
            count = queries(client, address)
            first, times, processor = measure(server, cookie, address, given.requests, given.reports)
            cost = Cost(count, processor, first, times)
            above += bool(cost.verdict)
            print(f"   {address:34}{cost}", flush=True)
    print(f"   {'all within the goal' if not above else f'{above} not within the goal'}")


if __name__ == "__main__":
    main()
