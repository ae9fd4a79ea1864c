"""How long the main pages take on a given database, and how many queries each one makes.

    python -m benchmarks.pages [--size l] [--requests 200] [--cases 54000] [--user ministry]

A real server (`ballast serve`, two processes) answers over the loopback one request after another, each page
in turn. The number of queries and the processor time come from requests inside this process: cold with an empty
cache, else with what pages keep for a minute; they tell a slow page from a busy machine. The data folder is
BALLAST_DATA_DIR, and is filled with the exercise first when it is empty. `--cases` fills the database up to
that many cases: copies of those that are there, closed as most are.
"""

import argparse
import datetime as dt
import http.client
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.exercise import prepare

PAGES = (
    "/", "/stops/", "/lamps/", "/lamps/?level=red", "/cases/", "/cases/?overdue=1", "/enterprises/", "/sites/",
    "/chains/", "/reports/", "/map/", "/search/?q=plant", "/briefs/",
)  # fmt: skip
BUDGET_MS = 150


def fill(wanted):
    """Copies of the present cases until there are so many; nine in ten confirmed, as after a year's work."""
    from ballast.areas.cases.models import Case

    models = list(Case.objects.all())
    missing = wanted - len(models)
    rows = []
    for i in range(max(missing, 0)):
        row = models[i % len(models)]
        back = dt.timedelta(days=1 + i % 300)
        closed = i % 10 != 0
        rows.append(
            Case(
                number=f"B-{i:06d}",
                kind=row.kind,
                state="confirmed" if closed else "solving",
                enterprise_id=row.enterprise_id,
                site_id=row.site_id,
                product_id=row.product_id,
                blocked=row.blocked,
                place_id=row.place_id,
                needed_by=row.needed_by,
                contact=row.contact,
                text=row.text,
                filed_at=row.filed_at - back,
                due_at=row.due_at - back,
                lead_region_id=row.lead_region_id,
                state_since=row.filed_at - back,
                closed_at=row.filed_at if closed else None,
                output_at_risk=None if closed else (row.output_at_risk or 0) / (1 + i),
            )
        )
    Case.objects.bulk_create(rows, batch_size=2000)


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


def inside(client, address):
    """Queries of one request with an empty cache, and median processor time in ms, cold and warm."""
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    cache.clear()
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200, address
    count, spent = len(found), ([], [])
    for i in range(20):
        if i % 2 == 0:
            cache.clear()
        begin = time.process_time()
        client.get(address)
        spent[i % 2].append((time.process_time() - begin) * 1000)
    return count, statistics.median(spent[0]), statistics.median(spent[1])


@contextmanager
def served() -> Iterator[int]:
    """A server on a free port of the loopback, stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("ballast")), "serve", "--no-worker", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        assert "serves at" in server.stdout.readline()
        yield port
    finally:
        server.terminate()
        server.wait(30)


def measure(port, cookie, address, requests):
    """Milliseconds of each request, connection included, after a few that warm both processes up."""
    times = []
    for i in range(-4, requests):
        begin = time.perf_counter()
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        link.request("GET", address, headers={"Cookie": cookie, "Accept-Language": "en"})
        answer = link.getresponse()
        answer.read()
        link.close()
        assert answer.status == 200, (address, answer.status)
        if i >= 0:
            times.append((time.perf_counter() - begin) * 1000)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=["s", "m", "l"], default="l")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--cases", type=int, default=0)
    parser.add_argument("--user", default="ministry")
    given = parser.parse_args()
    print(prepare(given.size))
    from django.conf import settings
    from django.test import Client

    from ballast.areas.accounts.models import User
    from ballast.areas.cases.models import Case
    from ballast.areas.registry.models import Enterprise, Link

    if given.cases:
        fill(given.cases)
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username=given.user), backend="django.contrib.auth.backends.ModelBackend")
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    counts = [f"{m.objects.count():,} {m._meta.verbose_name_plural}" for m in (Enterprise, Link, Case)]
    print(f"{', '.join(counts)}; {given.requests} requests a page, as {given.user}; goal: p95 at most {BUDGET_MS} ms")
    print(f"   {'page':30}{'queries':>9}{'CPU cold':>10}{'CPU':>8}{'median':>9}{'p95':>9}{'longest':>9}  ms")
    with served() as port:
        for address in (*PAGES, *single_pages()):
            counted, cold, warm = inside(client, address)
            times = measure(port, cookie, address, given.requests)
            p95 = statistics.quantiles(times, n=20)[-1]
            figures = f"{counted:9}{cold:10.1f}{warm:8.1f}{statistics.median(times):9.1f}{p95:9.1f}{max(times):9.1f}"
            print(f"   {address:30}{figures}  {'' if p95 <= BUDGET_MS else 'above the goal'}", flush=True)


if __name__ == "__main__":
    main()
