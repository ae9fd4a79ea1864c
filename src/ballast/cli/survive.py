"""`ballast survive`: how long demand can be met after each site stops, from a folder of tables."""

import sys
from pathlib import Path

import click
import polars as pl

from ballast.cli.runs import answers, ask, basis, counted, give, refuse_unknown, table_lines, usage
from ballast.core.survive import survive as compute
from ballast.tables.answers import survive as answer

__all__ = ["survive"]

_PROGRESS_FROM = 200


@click.command()
@answers
@click.option("--site", "sites", multiple=True, metavar="SITE", help="Stop this site only; may be repeated.")
@click.option("--top", type=click.IntRange(1, 1_000_000), default=20, show_default=True, help="Sites to print.")
@click.option(
    "--capacity",
    type=click.FloatRange(0.0),
    default=1.0,
    show_default=True,
    help="Most that a site can make: 1.2 is 20 % above normal.",
)
def survive(
    folder: Path,
    date: str | None,
    sites: tuple[str, ...],
    top: int,
    capacity: float,
    out: Path | None,
    file_format: str,
    as_json: bool,
) -> None:
    """Say how long the demand on FOLDER's network can be met when a site stops, and where recovery takes longer.

    Each site is stopped alone, and all that still runs is planned anew. With --out, writes survive and run.json there.

    Exit codes: 0 answered, 2 bad input or usage.
    """
    question = ask(folder, date)
    network = question.network
    refuse_unknown(sites, network.site_ids, what="sites", option="--site")
    count = len(set(sites)) or network.sites
    hidden = count < _PROGRESS_FROM or not sys.stderr.isatty()
    with (
        usage(),
        question.clock.step("survive"),
        click.progressbar(length=count, label="Stopping", file=sys.stderr, hidden=hidden) as bar,
    ):
        found = compute(network, sites=set(sites) or None, capacity=capacity, progress=lambda _done: bar.update(1))
    tables, said = answer.frames(found, network), answer.summary(found, network)
    run = basis(question, capacity=capacity, **said)
    give(run, tables, out=out, file_format=file_format, as_json=as_json)
    if as_json:
        return
    click.echo(
        f"{counted(count, 'site')} stopped alone: {said['alarms']} recover later than demand can be met, "
        f"{said['unlimited']} without limit"
    )
    _print(tables["survive"], top)
    if said["time_to_survive_at_rest"] is not None:
        click.echo(
            f"\nEven with no site stopped, demand can be met for {said['time_to_survive_at_rest']:,.1f} days only."
        )
    if said["stocks_unknown"]:
        click.echo(f"\nUnknown stocks: {said['stocks_unknown']}. They count as empty.")
    if said["time_to_recover_unknown"]:
        click.echo(f"Sites whose recovery_days nobody knows: {said['time_to_recover_unknown']}. They raise no alarm.")
    if out is not None:
        click.echo(f"\nWritten to {out}: survive, run.json")


def _print(table: pl.DataFrame, top: int) -> None:
    if not table.height:
        return
    rows = [
        (
            row["site_id"],
            "not limited" if row["unlimited"] else f"{row['time_to_survive']:,.1f} days",
            "unknown" if row["time_to_recover"] is None else f"{row['time_to_recover']:,.0f} days",
            "alarm" if row["alarm"] else "",
            "unknown" if row["loss_at_recovery"] is None else f"{row['loss_at_recovery']:,.2f}",
        )
        for row in table.head(top).iter_rows(named=True)
    ]
    click.echo()
    for line in table_lines(("site", "survives", "recovers", "", "loss at recovery"), rows, right=(1, 2, 4)):
        click.echo(line)
    if table.height > top:
        click.echo(f"... and {table.height - top} more; --top, --out or --json gives all.")
