"""One new report of a stock, until its lamps and until the whole forecast are new, with 20,000 enterprises.

    python -m benchmarks.one_report [--size l] [--repeat 7]
    python -m tests.postgresql python -m benchmarks.one_report      the same on a PostgreSQL of its own

The report goes through the service that page and API call, which judges the lamps in its transaction; then the jobs run
as a worker that has run them before would run them, the order of the cases first and the whole forecast after it. Lines
give the median on the clock and of the processor, of this process and, on PostgreSQL, of its server process. The input
is the hardest one with a known stock: of the sites that stop, its site is upstream of most that fall short. Its stock
goes up and down by three days of use.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

from benchmarks.exercise import prepare
from benchmarks.serving import ticks

GOAL_SECONDS = 1.0


def processor() -> float:
    """Processor seconds of this process so far, with those of its PostgreSQL server process."""
    from django.db import connection

    server = connection.connection.info.backend_pid if connection.vendor == "postgresql" else None
    return time.process_time() + (ticks(server) / os.sysconf("SC_CLK_TCK") if server else 0.0)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and of the processor of one call."""
    before, begin = processor(), time.perf_counter()
    work()
    return time.perf_counter() - begin, processor() - before


def hardest() -> tuple[object, int]:
    """The input with a known stock of a site that stops, upstream of most sites that fall short; and of how many."""
    from ballast.areas.chains.selectors import current_run
    from ballast.areas.reference.selectors import today
    from ballast.areas.registry.frames import frames
    from ballast.areas.registry.models import Need
    from ballast.tables.network import build_from_frames

    network, _events = build_from_frames(frames(), day0=today())
    rows = current_run().sites
    short = [network.site_index[site] for site in rows.values_list("site__site_id", flat=True)]
    needs = Need.objects.filter(site__in=rows.filter(stop_day__isnull=False).values("site"), stock__isnull=False)
    needs = needs.filter(daily_use__gt=0).select_related("site__enterprise")
    reaches = {
        site: int(network.reach([network.site_index[site]])[short].sum())
        for site in set(needs.values_list("site__site_id", flat=True))
    }
    need = max(needs.order_by("pk"), key=lambda one: reaches[one.site.site_id])
    return need, reaches[need.site.site_id]


def reporter_of(need: object) -> object:
    """A user who may report the input."""
    from ballast.areas.accounts.access import Role
    from ballast.areas.accounts.models import Grant, User

    user, made = User.objects.get_or_create(username="benchmark-reporter")
    if made:
        firm = need.site.enterprise.enterprise_id
        Grant.objects.create(user=user, role=Role.REPORTER, enterprise=firm)
    return user


def once(user: object, need: object, turn: int) -> list[tuple[float, float]]:
    """The times of the report with its lamps, of the order of the cases, and of the whole forecast."""
    from ballast.areas.chains.jobs import rank_cases, refresh_forecast
    from ballast.areas.reports.services import report_stocks

    stock = 3.0 * need.daily_use * (1 + turn % 2) + turn
    works = (lambda: report_stocks(user, [(need, stock)], source="page"), rank_cases.func, refresh_forecast.func)
    return [timed(work) for work in works]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=["s", "m", "l"], default="l")
    parser.add_argument("--repeat", type=int, default=7)
    given = parser.parse_args()
    print(prepare(given.size))
    from django.db import connection

    connection.ensure_connection()
    need, reached = hardest()
    user = reporter_of(need)
    print(f"   the report can reach {reached:,} sites that fall short")
    # The first finds a worker that has read nothing yet.
    found = [once(user, need, turn) for turn in range(given.repeat + 1)][1:]
    print(f"   {'':44}{'clock s':>9}{'processor s':>13}   goal {GOAL_SECONDS:g} s")
    sums = [tuple(map(sum, zip(*parts, strict=True))) for parts in found]
    columns = [*zip(*found, strict=True), sums]
    for name, times in zip(
        ("the report, with its lamps", "the order of the cases", "the whole forecast", "all"), columns, strict=True
    ):
        clock, spent = (statistics.median(part) for part in zip(*times, strict=True))
        verdict = "  above the goal" if name == "all" and clock > GOAL_SECONDS else ""
        print(f"   {name:44}{clock:9.2f}{spent:13.2f}{verdict}", flush=True)


if __name__ == "__main__":
    main()
