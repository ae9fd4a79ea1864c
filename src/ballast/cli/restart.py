"""`ballast restart`: which sites have to run for one site to run, from a folder of tables."""

from pathlib import Path

import click
import numpy as np
import polars as pl

from ballast.cli.runs import Figure, Question, answers, ask, basis, counted, give, refuse_unknown, table_lines, usage
from ballast.core.columns import Bools, Floats
from ballast.core.forecast import forecast
from ballast.core.stops import RestartSet, restart_set
from ballast.tables.answers import deadlocks
from ballast.tables.answers import restart as answer

__all__ = ["restart"]

_SHOWN = 40


@click.command()
@answers
@click.option("--site", "site", required=True, metavar="SITE", help="The site that is to run.")
@click.option(
    "--day", type=click.IntRange(0, 3660), default=0, show_default=True, help="Day whose events hold, from --date."
)
@click.option(
    "--share",
    type=Figure(0, 1, min_open=True),
    help="Part of each essential input that has to come in; default the minimum rate of its site.",
)
@click.option(
    "--least",
    type=click.Choice(["sites", "stopped", "output"]),
    default="sites",
    show_default=True,
    help="What there should be least of: sites, sites that stand still, or daily output value.",
)
@click.option("--without", "without", multiple=True, metavar="EVENT", help="Leave out an event; may be repeated.")
@click.option("--seconds", type=Figure(0.0), default=60.0, show_default=True, help="Longest search.")
def restart(
    folder: Path,
    date: str | None,
    site: str,
    day: int,
    share: float | None,
    least: str,
    without: tuple[str, ...],
    seconds: float,
    out: Path | None,
    file_format: str,
    as_json: bool,
) -> None:
    """Say which sites of FOLDER's network have to run for one of them to run for good: a set as small as can be.

    Sites that events hold on the day cannot be in it; where no such set is left, says which inputs cannot be served
    and because of which events. Loops in the set that cannot restart by themselves come with their starter lots. With
    --out, writes restart, restart_inputs, restart_blocked, deadlocks if there are any, and run.json there.

    Exit codes: 0 answered, 2 bad input or usage.
    """
    question = ask(folder, date)
    network = question.network
    refuse_unknown([site], network.site_ids, what="sites", option="--site")
    refuse_unknown(without, [event.event_id for event in question.events], what="events", option="--without")
    events = [event for event in question.events if event.event_id not in without]
    with usage(), question.clock.step("forecast"):
        before = forecast(network, events, horizon=day + 1)
        still = before.low.standing_still(day)
    with usage(), question.clock.step("restart"):
        found = restart_set(
            network, network.site_index[site], events, day=day, share=share, seconds=seconds,
            weight=_weight(question, least, still),
        )  # fmt: skip
        loops = [loop for loop in before.deadlocks if set(loop.places) <= set(found.sites.tolist())]
    tables = answer.frames(found, _enterprises(question), still)
    if loops:
        tables["deadlocks"] = deadlocks.frame(loops, network, question.frames["needs"], after=day + 1)
    asked = {"day": day, "share": share, "least": least, "without": sorted(without), "seconds_allowed": seconds}
    run = basis(question, **asked, **answer.summary(found, still))
    give(run, tables, out=out, file_format=file_format, as_json=as_json)
    if not as_json:
        _print(found, tables, least, still)
        for loop in loops:
            click.echo(f"\n{deadlocks.said(loop, network)}")
        if out is not None:
            click.echo(f"\nWritten to {out}: {', '.join(tables)}, run.json")


def _weight(question: Question, least: str, still: Bools) -> Floats | None:
    """[n] what a site counts; sites of unknown output count 0."""
    if least == "stopped":
        return still.astype(np.float64)
    return np.nan_to_num(question.network.output_value) if least == "output" else None


def _enterprises(question: Question) -> dict[str, str]:
    sites = question.frames["sites"]
    return dict(zip(sites["site_id"], sites["enterprise_id"], strict=True))


def _print(found: RestartSet, tables: dict[str, pl.DataFrame], least: str, still: Bools) -> None:
    target = found.network.site_ids[found.target]
    if found.blocked:
        click.echo(f"{target} cannot run, whatever restarts:\n")
        _print_blocked(tables["restart_blocked"])
        return
    stand = int(still[found.sites].sum())
    click.echo(
        f"For {target} to run, {counted(found.sites.size, 'site')} have to run together, of which {stand} stand still"
        if found.sites.size > 1
        else f"{target} runs by itself: it needs no other site"
    )
    click.echo(_proof(found, least))
    click.echo()
    _print_sites(tables["restart"], tables["restart_inputs"])


def _proof(found: RestartSet, least: str) -> str:
    what = {"sites": "sites", "stopped": "sites that stand still", "output": "daily output"}[least]
    held = f"{int(found.indispensable.sum())} of them in every set with which it runs"
    if found.proven:
        return f"No set has fewer {what}; {held}" if least != "output" else f"No set has less {what}; {held}"
    return f"No site of it can be left out; the least that any set may have is {found.bound:,g} {what}; {held}"


def _print_sites(sites: pl.DataFrame, inputs: pl.DataFrame) -> None:
    takes = {
        key[0]: "; ".join(f"{row['product']} from {row['suppliers'] or 'outside'}" for row in part.to_dicts())
        for key, part in inputs.group_by("site_id", maintain_order=True)
    }
    rows = [
        (
            str(row["step"]),
            row["site_id"],
            "stands still" if row["stands_still"] else "runs",
            "in every set" if row["indispensable"] else "one choice",
            f"loop {row['loop']}" if row["loop"] else "",
            takes.get(row["site_id"], ""),
        )
        for row in sites.head(_SHOWN).iter_rows(named=True)
    ]
    for line in table_lines(("step", "site", "", "", "", "takes"), rows, right=(0,)):
        click.echo(line)
    if sites.height > _SHOWN:
        click.echo(f"... and {sites.height - _SHOWN} more; --out or --json gives all.")


def _print_blocked(table: pl.DataFrame) -> None:
    rows = [
        (
            row["site_id"],
            "held itself" if row["product"] is None else f"{row['product']}: {row['most']:.0%} of {row['needed']:.0%}",
            row["suppliers"].replace(";", ", "),
            row["events"].replace(";", ", "),
        )
        for row in table.head(_SHOWN).iter_rows(named=True)
    ]
    for line in table_lines(("site", "can come in", "suppliers that cannot run", "events"), rows, right=()):
        click.echo(line)
    if table.height > _SHOWN:
        click.echo(f"... and {table.height - _SHOWN} more; --out or --json gives all.")
