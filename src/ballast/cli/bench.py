"""`ballast bench`: the engine beside plain references, on this machine, in one run."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module

import click

from ballast import __version__
from ballast.bench.machine import describe
from ballast.bench.timing import Row
from ballast.cli.runs import table_lines

__all__ = ["bench"]

# Model -> the sizes that it is asked about, in sites.
SIZES: dict[str, tuple[int, ...]] = {
    "network": (10_000, 100_000),
    "forecast": (20_000, 100_000),
    "stops": (1_000, 10_000, 100_000),
    "dependence": (10_000, 100_000),
    "plan": (5_000,),
    "survive": (1_700,),
    "inventory": (1_000, 10_000, 100_000),
}
FAST = 300


@click.command()
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--size", "sizes", multiple=True, type=click.IntRange(100, 5_000_000), help="Sites; may be repeated.")
@click.option(
    "--repeat", type=click.IntRange(1, 20), default=3, show_default=True, help="Runs, of which the best counts."
)
@click.option("--fast", is_flag=True, help=f"Only {FAST} sites, once: shows that all runs, says little of speed.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as JSON.")
def bench(models: tuple[str, ...], sizes: tuple[int, ...], repeat: int, fast: bool, as_json: bool) -> None:
    """Time each MODEL of the engine beside a reference written plainly, on the same data in the same run.

    Models: network, forecast, stops, dependence, plan, survive, inventory; all without arguments. A ratio above 1 says
    how many times longer the reference takes. Goals that are missed are shown as missed.

    Exit codes: 0 all ran, 2 bad input or usage.
    """
    if wrong := [name for name in models if name not in SIZES]:
        msg = f"{wrong[0]!r} is no model. Choose among: {', '.join(SIZES)}."
        raise click.BadParameter(msg, param_hint="MODEL")
    if not as_json:
        click.echo(f"ballast {__version__}, {describe()}\n")
    found = []
    for row in _rows(models or tuple(SIZES), (FAST,) if fast else sizes, 1 if fast else repeat):
        found.append(row)
        if sys.stderr.isatty():
            click.echo(f"{row.model}: {row.question}, {row.size}", err=True)
    if as_json:
        lines = [asdict(row) | {"ratio": row.ratio} for row in found]
        click.echo(json.dumps({"ballast": __version__, "machine": describe(), "rows": lines}, indent=2))
    else:
        _print(found)


def _rows(models: tuple[str, ...], sizes: tuple[int, ...], repeat: int) -> Iterator[Row]:
    for name in models:
        yield from import_module(f"ballast.bench.{name}").rows(sizes or SIZES[name], repeat=repeat)


def _print(rows: list[Row]) -> None:
    head = ("model", "question", "size", "ours", "reference", "takes", "ratio", "goal", "met", "MiB")
    lines = [
        (
            row.model,
            row.question,
            row.size,
            _seconds(row.seconds),
            row.reference or "-",
            _seconds(row.reference_seconds),
            "-" if row.ratio is None else f"{row.ratio:,.1f}x",
            row.goal or "-",
            {True: "yes", False: "MISSED", None: "-"}[row.met],
            "-" if row.memory_mib is None else f"{row.memory_mib:,.0f}",
        )
        for row in rows
    ]
    for line in table_lines(head, lines, right=(3, 5, 6, 9)):
        click.echo(line)
    click.echo()
    for row in rows:
        if row.note:
            click.echo(f"{row.model}, {row.question}, {row.size}: {row.note}")


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds * 1e3:,.2f} ms" if seconds < 1 else f"{seconds:,.2f} s"
