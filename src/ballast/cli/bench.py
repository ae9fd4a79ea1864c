"""`ballast bench`: the engine beside plain references, on this machine, in one run."""

import datetime as dt
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from importlib import import_module
from multiprocessing import get_context

import click

from ballast import __version__
from ballast.bench.machine import commit, describe
from ballast.bench.timing import Row
from ballast.cli.runs import table_lines

__all__ = ["bench"]

# Model -> the sizes that it is asked about, in sites.
SIZES: dict[str, tuple[int, ...]] = {
    "network": (10_000, 100_000, 1_000_000),
    "forecast": (20_000, 100_000, 1_000_000),
    "stops": (1_000, 5_000, 10_000, 100_000),
    "dependence": (10_000, 100_000),
    "plan": (5_000,),
    "survive": (1_700,),
    "systemic_risk": (10_000, 100_000, 1_000_000),
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
@click.option("--markdown", is_flag=True, help="Print a page: the table, goals that were missed, how to repeat it.")
def bench(
    models: tuple[str, ...], sizes: tuple[int, ...], repeat: int, fast: bool, as_json: bool, markdown: bool
) -> None:
    """Time each MODEL of the engine beside a reference written plainly, on the same data in the same run.

    Models: network, forecast, stops, dependence, plan, survive, systemic_risk, inventory; all without arguments. A
    ratio above 1 says how many times longer the reference takes. Goals that are missed are shown as missed.

    Exit codes: 0 all ran, 2 bad input or usage.
    """
    if wrong := [name for name in models if name not in SIZES]:
        msg = f"{wrong[0]!r} is no model. Choose among: {', '.join(SIZES)}."
        raise click.BadParameter(msg, param_hint="MODEL")
    machine = describe()
    if not (as_json or markdown):
        click.echo(f"ballast {__version__}, {machine}\n")
    found = []
    asked = [(name, (FAST,) if fast else sizes or SIZES[name], 1 if fast else repeat) for name in models or SIZES]
    for row in _rows(asked, apart=len(asked) > 1 and not fast):
        found.append(row)
        if sys.stderr.isatty():
            click.echo(f"{row.model}: {row.question}, {row.size}", err=True)
    if as_json:
        lines = [asdict(row) | {"ratio": row.ratio} for row in found]
        click.echo(json.dumps({"ballast": __version__, "machine": machine, "rows": lines}, indent=2))
    elif markdown:
        click.echo(_page(found, machine), nl=False)
    else:
        _print(found)


def _rows(asked: list[tuple[str, tuple[int, ...], int]], *, apart: bool) -> Iterator[Row]:
    """The lines of each model; `apart`, each in a process of its own, so that its peak of memory is its own."""
    for question in asked:
        if not apart:
            yield from _of_model(*question)
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            yield from pool.submit(_of_model, *question).result()


def _of_model(name: str, sizes: tuple[int, ...], repeat: int) -> list[Row]:
    return list(import_module(f"ballast.bench.{name}").rows(sizes, repeat=repeat))


_HEAD = ("model", "question", "size", "ours", "reference", "takes", "ratio", "goal", "met", "MiB")


def _lines(rows: list[Row]) -> list[tuple[str, ...]]:
    return [
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


def _print(rows: list[Row]) -> None:
    for line in table_lines(_HEAD, _lines(rows), right=(3, 5, 6, 9)):
        click.echo(line)
    click.echo()
    for row in rows:
        if row.note:
            click.echo(f"{row.model}, {row.question}, {row.size}: {row.note}")


def _page(rows: list[Row], machine: str) -> str:
    """The run as a page of the documentation."""
    made = f"Ballast {__version__}" + (f", commit {commit()}" if commit() else "")
    missed = [f"- {r.model}: {r.question}, {r.size}: goal {r.goal}." for r in rows if r.met is False]
    notes = [f"- {r.model}: {r.question}, {r.size}: {r.note}" for r in rows if r.note]
    bars = [f"| {' | '.join(line)} |" for line in _lines(rows)]
    right = "".join("---:|" if at in {3, 5, 6, 9} else "---|" for at in range(len(_HEAD)))
    parts = [
        "# Benchmarks",
        f"One run of `ballast bench --markdown` by {made}, {dt.datetime.now(tz=dt.UTC):%Y-%m-%d}.\nMachine: {machine}.",
        "Each line times a question of the engine (`ours`) beside a reference on the same data in the same run\n"
        "(`takes`); the ratio says how many times longer the reference takes. `MiB` is the peak so far of a process\n"
        "for the model. One thread each where nothing else is said. To repeat it: `ballast bench`, or\n"
        "`ballast bench MODEL --size N`.",
        "\n".join([f"| {' | '.join(_HEAD)} |", f"|{right}", *bars]),
        "## Goals missed\n\n" + ("\n".join(missed) or "None."),
    ]
    if notes:
        parts.append("## Notes\n\n" + "\n".join(notes))
    return "\n\n".join(parts) + "\n"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds * 1e3:,.2f} ms" if seconds < 1 else f"{seconds:,.2f} s"
