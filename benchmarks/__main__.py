"""Run the benchmarks one after another, each in a process of its own: all of them, or those that are named.

    python -m benchmarks [load] [pages] [jobs] [cases] [filing] [one_report]

Options of one benchmark: `python -m benchmarks.pages --help`.
"""

import subprocess
import sys

from ballast.bench.machine import describe

PARTS = ("load", "pages", "jobs", "cases", "filing", "one_report")


def main() -> int:
    asked = sys.argv[1:] or list(PARTS)
    if wrong := [name for name in asked if name not in PARTS]:
        print(f"{wrong[0]} is no benchmark. Choose among: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    failed = 0
    for name in asked:
        print(f"== {name} ==\n{describe()}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        print(flush=True)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
