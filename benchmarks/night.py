"""All lamps judged anew after a night of reports: 20,000 enterprises with ten inputs each, read, judged and written.

    python -m benchmarks.night [--enterprises 20000] [--inputs 10] [--repeat 3]
    python -m tests.postgresql python -m benchmarks.night      the same on a PostgreSQL of its own

Three nights under each of two rules, the one that is shipped and one that waits a day before it raises or lowers:
every input was reported, one in five, none. Stocks move by up to a tenth, so that some lamps change their level. Timed
is `relight` from its first read to the end of its transaction, not the writing of the reports. `processor` is what
this process and, on PostgreSQL, its server process took: what a machine with nothing else to do would need at most.
The database is a new one in a folder that is removed at the end, unless BALLAST_DATABASE_URL names an empty one.
"""

import argparse
import datetime as dt
import os
import statistics
import tempfile
import time
from typing import NamedTuple

import numpy as np

from benchmarks.exercise import ballast
from benchmarks.serving import ticks

GOAL_SECONDS = 2.0
EVENING = dt.datetime(2022, 4, 28, 1, 0, tzinfo=dt.UTC)
NIGHTS = {"every input reported": 1.0, "one in five reported": 0.2, "none reported": 0.0}


class Spent(NamedTuple):
    """Seconds on the clock and of the processor, and the lamps whose level changed."""

    clock: float
    processor: float
    changed: int


def begin() -> None:
    """A database with nothing but the code lists, and Django on it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ballast.settings")
    ballast("init")
    import django

    django.setup()


def register(enterprises: int, inputs: int) -> None:
    """Enterprises with one site each, and so many inputs of every site."""
    from ballast.areas.bulk import analyze, upsert
    from ballast.areas.reference.models import Product, Region, Unit
    from ballast.areas.registry.models import Enterprise, Need, Site

    places = list(Region.objects.filter(level="city").values_list("pk", flat=True)[:300])
    goods, unit = [f"part-{number}" for number in range(inputs + 1)], Unit.objects.values_list("pk", flat=True)[0]
    upsert(Product, ["code"], ["code", "name", "unit_id"], ((code, code, unit) for code in goods))
    rows = range(enterprises)
    upsert(
        Enterprise, [], ["enterprise_id", "name", "region_id"],
        ((f"E{i:06}", f"Enterprise {i}", places[i % len(places)]) for i in rows),
    )  # fmt: skip
    keys = list(Enterprise.objects.order_by("enterprise_id").values_list("pk", flat=True))
    upsert(
        Site, [], ["site_id", "name", "enterprise_id", "region_id", "product_id"],
        ((f"S{i:06}", f"Site {i}", keys[i], places[i % len(places)], goods[0]) for i in rows),
    )  # fmt: skip
    sites = list(Site.objects.order_by("site_id").values_list("pk", flat=True))
    stocks = np.random.default_rng(1).uniform(1.0, 30.0, enterprises * inputs).tolist()
    upsert(
        Need, [], ["site_id", "product_id", "unit_id", "daily_use", "stock", "reported_at"],
        (
            (site, good, unit, 100.0, 100.0 * stocks[place * inputs + turn], EVENING)
            for place, site in enumerate(sites)
            for turn, good in enumerate(goods[1:])
        ),
    )  # fmt: skip
    analyze()


def report(share: float, at: dt.datetime, seed: int) -> None:
    """New stocks of that share of the inputs, reported at that instant."""
    from django.db import transaction

    from ballast.areas.bulk import set_fields
    from ballast.areas.registry.models import Need

    rows = list(Need.objects.order_by("pk").values_list("pk", "stock"))
    chance = np.random.default_rng(seed)
    chosen, moved = chance.random(len(rows)) < share, chance.uniform(0.9, 1.1, len(rows))
    with transaction.atomic():
        set_fields(
            Need, ["stock", "reported_at"],
            ((pk, stock * by, at) for (pk, stock), by, now in zip(rows, moved.tolist(), chosen, strict=True) if now),
        )  # fmt: skip


def hold_for_a_day() -> None:
    """Put a version of the parts-cover rule in force that waits a day before it raises and before it lowers."""
    from ballast.areas.alerts.models import PackVersion
    from ballast.areas.alerts.rulebook.in_force import shipped

    text = shipped()["parts-cover"].text.replace("for = 0", "for = 1").replace("keep = 0", "keep = 1")
    text = text.replace('version = "2026.1"', 'version = "waits"')
    PackVersion.objects.create(
        pack="parts-cover", version="waits", title="t", title_zh="t", text=text, effective_from=EVENING.date(),
        why="benchmark", state=PackVersion.State.APPROVED, proposed_at=EVENING, decided_at=EVENING,
    )  # fmt: skip


def judged(at: dt.datetime) -> Spent:
    """Judge every lamp as of an instant."""
    from django.db import connection

    from ballast.areas.alerts.services import relight

    connection.ensure_connection()
    server = connection.connection.info.backend_pid if connection.vendor == "postgresql" else None
    before = _processor(server)
    start = time.perf_counter()
    changed = relight(at=at)
    return Spent(time.perf_counter() - start, _processor(server) - before, changed)


def _processor(server: int | None) -> float:
    return time.process_time() + (ticks(server) / os.sysconf("SC_CLK_TCK") if server else 0.0)


def nights(first: int, repeat: int) -> list[bool]:
    """The three nights, each so many times, from that day on; whether each is within the goal."""
    within, day = [], first
    for name, share in NIGHTS.items():
        found = []
        for _ in range(repeat):
            at = EVENING + dt.timedelta(days=day)
            report(share, at, day)
            found.append(judged(at + dt.timedelta(hours=5)))
            day += 1
        clock, processor = (statistics.median(one[part] for one in found) for part in (0, 1))
        within.append(clock <= GOAL_SECONDS)
        verdict = "" if within[-1] else "  above the goal"
        print(f"   {name:28}{clock:9.2f}{processor:11.2f}{found[-1].changed:10,}{verdict}", flush=True)
    return within


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--enterprises", type=int, default=20_000)
    parser.add_argument("--inputs", type=int, default=10)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ballast-night-") as folder:
        os.environ["BALLAST_DATA_DIR"] = folder
        begin()
        register(given.enterprises, given.inputs)
        from django.db import connection

        print(f"{connection.vendor}: {given.enterprises:,} enterprises with {given.inputs} inputs each")
        print(f"   {'':28}{'clock s':>9}{'processor s':>11}{'changed':>10}   goal {GOAL_SECONDS:g} s")
        for name, prepare, first in (("rule as shipped", None, 1), ("rule that waits a day", hold_for_a_day, 40)):
            if prepare:
                prepare()
            evening = EVENING + dt.timedelta(days=first - 1)
            report(1.0, evening, 0)
            spent = judged(evening)
            print(
                f" {name}\n   {'all for the first time':28}{spent.clock:9.2f}{spent.processor:11.2f}{spent.changed:10,}"
            )
            nights(first, given.repeat)


if __name__ == "__main__":
    main()
