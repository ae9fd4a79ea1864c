"""Time the way in: tables written as CSV, checked, and loaded into a fresh embedded database.

    python -m benchmarks.load [--size l]

Check and load are the commands of the command line, with their start; the goal holds for both together.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.exercise import ballast

GOAL_SECONDS = 60.0


def timed(name: str, work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    seconds = time.perf_counter() - begin
    print(f"   {name:<44}{seconds:9.1f} s", flush=True)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=["s", "m", "l"], default="l")
    size = parser.parse_args().size
    from ballast.exercise import generate
    from ballast.tables.folder import write_folder

    with tempfile.TemporaryDirectory(prefix="ballast-load-") as name:
        tables = str(Path(name) / "tables")
        environment = {k: v for k, v in os.environ.items() if k != "BALLAST_DATABASE_URL"}
        environment["BALLAST_DATA_DIR"] = str(Path(name) / "data")
        begin = time.perf_counter()
        frames = generate(size).frames
        print(f"{size}: " + ", ".join(f"{frame.height:,} {table}" for table, frame in frames.items()))
        print(f"   {'generate':<44}{time.perf_counter() - begin:9.1f} s")
        timed("write as CSV", lambda: write_folder(frames, tables))
        timed("ballast init", lambda: ballast("init", env=environment))
        spent = timed("ballast check", lambda: ballast("check", tables, env=environment))
        spent += timed("ballast load, fresh", lambda: ballast("load", tables, env=environment))
        verdict = "within" if spent <= GOAL_SECONDS else "above"
        print(f"   {'check and load':<44}{spent:9.1f} s  {verdict} the goal of {GOAL_SECONDS:.0f} s")
        timed("ballast load again, nothing changed", lambda: ballast("load", tables, env=environment))
        size_mb = sum(f.stat().st_size for f in (Path(name) / "data").iterdir()) / 2**20
        print(f"   {'database':<44}{size_mb:9.1f} MiB")


if __name__ == "__main__":
    main()
