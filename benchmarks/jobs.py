"""How long the worker's jobs take on a given database, the forecast with its parts.

    python -m benchmarks.jobs [--size l]

The data folder is BALLAST_DATA_DIR, and is filled with the exercise first when it is empty.
"""

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

from benchmarks.exercise import prepare

GOAL_SECONDS = 10.0
T = TypeVar("T")


def timed(name: str, work: Callable[[], T]) -> T:
    begin = time.perf_counter()
    result = work()
    print(f"   {name:<44}{time.perf_counter() - begin:9.2f} s", flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=["s", "m", "l"], default="l")
    print(prepare(parser.parse_args().size))
    from django.conf import settings

    from ballast.areas.alerts.services import relight
    from ballast.areas.cases.selectors import open_cases_by_event
    from ballast.areas.chains.services import run_forecast
    from ballast.areas.reference.selectors import today
    from ballast.areas.registry.frames import frames
    from ballast.core.forecast import forecast
    from ballast.tables.network import build_from_frames

    tables = timed("tables from the database", frames)
    network, events = timed("network from the tables", lambda: build_from_frames(tables, day0=today()))
    found = timed("forecast", lambda: forecast(network, events, horizon=settings.FORECAST_HORIZON))
    groups = {event: [event] for event in open_cases_by_event()}
    timed(f"output at risk of {len(groups):,} events with cases", lambda: found.output_at_risk(groups))
    stops = [i for i, day in enumerate(found.low.stop_day) if day >= 0]
    timed(f"cause paths of {len(stops):,} stops", lambda: [found.explain(i).to_dict() for i in stops])
    begin = time.perf_counter()
    timed("the whole job, written", run_forecast)
    spent = time.perf_counter() - begin
    print(f"   {'':<44}{'within' if spent <= GOAL_SECONDS else 'above':>9} the goal of {GOAL_SECONDS:.0f} s")
    timed("all lamps anew", relight)


if __name__ == "__main__":
    main()
