"""One new report of a stock, until its lamps and until the whole forecast are new, with 20,000 enterprises.

    python -m benchmarks.one_report [--size l] [--repeat 7]
    python -m tests.postgresql python -m benchmarks.one_report      the same on a PostgreSQL of its own

The report goes through the service that page and API call, which judges the lamps in its transaction; then the jobs run
as a worker that has run them before would run them, the order of the cases first and the whole forecast after it. Lines
give the median on the clock and of the processor, of this process and, on PostgreSQL, of its server process. The input
belongs to a site that stops in the forecast, and goes up and down by three days of use.
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


def inputs() -> list[tuple[object, object]]:
    """Inputs with a known stock of sites that stop, each with a user who may report it."""
    from ballast.areas.accounts.models import User
    from ballast.areas.chains.selectors import current_run
    from ballast.areas.registry.models import Need
    from ballast.areas.registry.selectors import visible_sites

    user = User.objects.get(username="reporter")
    held = current_run().sites.filter(stop_day__isnull=False).values("site")
    own = Need.objects.filter(site__in=visible_sites(user, "report").values("pk"), stock__isnull=False)
    found = list(own.filter(site__in=held)[:1] or own[:1])
    return [(user, need) for need in found]


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
    [(user, need)] = inputs()
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
