"""`ballast inventory` on an input-output table: what hits on regions and sectors cost over months."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import polars as pl

from ballast import __version__
from ballast.cli.runs import Clock, counted, day_zero, give, table_lines, usage
from ballast.core.inventory import ArioParameters, Curve, Hit, losses_of, simulate_table
from ballast.tables.answers import inventory_table as answer
from ballast.tables.importers import digest_of
from ballast.tables.importers.world import read_mrio, read_world, years_of

__all__ = ["AskedOfTable", "of_table"]


@dataclass(frozen=True)
class AskedOfTable:
    """The options of one run; None takes BoARIO's default."""

    date: str | None
    year: int | None
    hits: tuple[str, ...]
    days: int
    tau: float | None
    target_days: float | None
    capacity: float | None
    psi: float | None
    curve: Curve
    recovery_days: float | None
    top: int


def of_table(
    folder: Path,
    kind: str,
    asked: AskedOfTable,
    *,
    out: Path | None,
    file_format: str,
    as_json: bool,
    progress: Callable[[int], None] | None,
) -> None:
    """Read the table, run it, and print or write what it lost."""
    clock, day0 = Clock(), day_zero(asked.date)
    with usage(), clock.step("read"):
        year = None if kind == "mrio" else asked.year or max(years_of(folder))
        table = read_mrio(folder) if year is None else read_world(folder, year)
    with usage(), clock.step("inventory"):
        parameters = _parameters(asked)
        hits = [Hit.of(text) for text in asked.hits]
        loss = losses_of(table, hits, asked.days, curve=asked.curve, recovery_days=asked.recovery_days or 0.0)
        run = simulate_table(table, loss, parameters, progress=progress)
    tables, said = answer.frames(run, loss, day0), answer.summary(run)
    settings = {
        "stock_days": parameters.stock_days,
        "tau": parameters.tau_stock,
        "capacity": parameters.alpha_max,
        "psi": parameters.psi,
        "curve": asked.curve,
        "recovery_days": asked.recovery_days or 0.0,
        "hits": list(asked.hits),
    }
    basis = {"ballast": __version__, "source": kind, "files": digest_of(folder, kind), "year": year}
    report = basis | {"date": day0.isoformat()} | settings | said | {"seconds": clock.seconds}
    give(report, tables, out=out, file_format=file_format, as_json=as_json)
    if not as_json:
        _print(said, tables["inventory_industries"], asked, day0)
        if out is not None:
            click.echo(f"\nWritten to {out}: {', '.join(tables)}, run.json")


def _parameters(asked: AskedOfTable) -> ArioParameters:
    usual = ArioParameters()
    return ArioParameters(
        stock_days=usual.stock_days if asked.target_days is None else asked.target_days,
        psi=usual.psi if asked.psi is None else asked.psi,
        tau_stock=usual.tau_stock if asked.tau is None else asked.tau,
        alpha_max=usual.alpha_max if asked.capacity is None else asked.capacity,
    )


def _print(said: dict[str, object], industries: pl.DataFrame, asked: AskedOfTable, day0: dt.date) -> None:
    last = day0 + dt.timedelta(days=asked.days - 1)
    click.echo(
        f"{said['countries']} countries, {said['sectors']} sectors, {day0} to {last} ({counted(asked.days, 'day')})"
    )
    click.echo(
        f"Lost output {said['lost_output_value']:,.2f}, {said['lost_share']:.2%} of normal; "
        f"final demand not met {said['unmet_final_demand_value']:,.2f}"
    )
    back = said["recovery_day"]
    if back is None:
        click.echo("Output is not back within the run; --days runs longer")
    elif back:
        click.echo(f"Output is lowest on day {said['lowest_day']} and back from day {back}")
    if not asked.hits:
        click.echo("\nNothing is hit. --hit PLACE=PART@FIRST-LAST takes capacity.")
        return
    rows = [
        (
            f"{row['country']}.{row['sector']}",
            f"{row['lost_output_value']:,.2f}",
            f"{row['lost_days']:,.1f}",
            f"{row['direct_days']:,.1f}",
            f"{row['lowest_share']:.1%} on day {row['lowest_day']}",
        )
        for row in industries.head(asked.top).iter_rows(named=True)
    ]
    click.echo()
    for line in table_lines(("industry", "lost output", "lost days", "of it direct", "lowest"), rows, right=(1, 2, 3)):
        click.echo(line)
    if industries.height > asked.top:
        click.echo(f"... and {industries.height - asked.top} more; --top, --out or --json gives all.")
