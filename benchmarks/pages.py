"""How long the main pages take on a given database, 95th percentile over many requests.

    BALLAST_DATA_DIR=... python -m benchmarks.pages [--requests 200] [--cases 54000] [--user ministry]

Requests pass through the whole stack (middleware, session, rights, templates) in one process, without the network.
`--cases` fills the database up to that many cases first: copies of those that are there, closed as most are.
"""

import argparse
import datetime as dt
import os
import statistics
import time

PAGES = (
    "/", "/stops/", "/lamps/", "/lamps/?level=red", "/cases/", "/cases/?overdue=1", "/enterprises/", "/sites/",
    "/chains/", "/reports/", "/map/", "/search/?q=plant",
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


def measure(client, address, requests):
    """Milliseconds of each request after one that warms up."""
    client.get(address)
    times = []
    for _ in range(requests):
        begin = time.perf_counter()
        answer = client.get(address)
        times.append((time.perf_counter() - begin) * 1000)
        assert answer.status_code == 200, (address, answer.status_code)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--cases", type=int, default=0)
    parser.add_argument("--user", default="ministry")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ballast.settings")
    import django

    django.setup()
    from django.db import connection
    from django.test import Client

    from ballast.areas.accounts.models import User
    from ballast.areas.cases.models import Case
    from ballast.areas.registry.models import Enterprise, Link

    if given.cases:
        fill(given.cases)
    client = Client(SERVER_NAME="localhost")
    person = User.objects.get(username=given.user)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    counts = [f"{m.objects.count():,} {m._meta.verbose_name_plural}" for m in (Enterprise, Link, Case)]
    print(f"{connection.vendor}: {', '.join(counts)}; {given.requests} requests a page, as {given.user}")
    print(f"{'page':24}{'median':>9}{'p95':>9}  ms")
    for address in PAGES:
        times = measure(client, address, given.requests)
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{address:24}{statistics.median(times):9.1f}{p95:9.1f}  {'' if p95 <= BUDGET_MS else 'above the goal'}")


if __name__ == "__main__":
    main()
