"""`ballast inventory`: what months of disruption cost when orders, stocks and demand adapt, from a folder of tables."""

import datetime as dt
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict, Unpack, cast

import click
import polars as pl
from click.core import ParameterSource

from ballast.cli.inventory_table import AskedOfTable, of_table
from ballast.cli.runs import (
    Figure,
    Question,
    answers,
    ask,
    basis,
    counted,
    give,
    refuse_unknown,
    supposing,
    table_lines,
    usage,
)
from ballast.core.inventory import (
    AUTHORS_TAU,
    CURVES,
    ORDERS,
    RATIONINGS,
    Curve,
    Damage,
    InventoryRun,
    Orders,
    Rationing,
    damage_of,
    of_sites,
    simulate,
)
from ballast.tables.answers import inventory as answer
from ballast.tables.importers import kind_of

__all__ = ["inventory"]

_PROGRESS_AFTER = 2.0
# Options that only sites have, and only input-output tables.
_OF_SITES = ("without", "scenarios", "rationing", "first", "orders", "final_share")
# With less final demand than this nothing holds a fall of demand within the network.
_CLOSED = 0.1
_OF_TABLES = ("hits", "psi", "year")


class _Model(TypedDict):
    """Options that say how the model runs, by name."""

    days: int
    without: tuple[str, ...]
    scenarios: tuple[Path, ...]
    rationing: str
    first: tuple[str, ...]
    orders: str
    tau: float | None
    target_days: float | None
    capacity: float | None
    final_share: float
    curve: str
    recovery_days: float | None


@click.command()
@answers
@click.option("--days", type=click.IntRange(1, 3660), default=180, show_default=True, help="Days to run.")
@supposing
@click.option(
    "--rationing",
    type=click.Choice(RATIONINGS),
    default="proportional",
    show_default=True,
    help="Who gets what when orders exceed output: all alike, the relatively smallest order first, or a list.",
)
@click.option("--first", multiple=True, metavar="SITE", help="Served first, in this order (priority); may be repeated.")
@click.option(
    "--orders",
    type=click.Choice(ORDERS),
    default="demand",
    show_default=True,
    help="What sites order for: the demand that they meet, or what they make (Inoue and Todo).",
)
@click.option("--tau", type=float, help="Days in which a gap in stock is made up for; default 6, of a table 60.")
@click.option(
    "--target-days",
    type=float,
    help="Every stock starts with and aims at so many days; default as the tables say, of a table 90.",
)
@click.option(
    "--capacity",
    type=float,
    help="Most that can be made: 1.2 is 20 % above normal; default 1, of a table in time 1.25.",
)
@click.option(
    "--final-share",
    type=float,
    default=0.0,
    show_default=True,
    help="Part of the output of sites that supply others which leaves the network, to final demand.",
)
@click.option(
    "--curve", type=click.Choice(CURVES), default="linear", show_default=True, help="How capacity comes back."
)
@click.option(
    "--recovery-days",
    type=Figure(0, 3660),
    default=None,
    help="Days to come back after an event; default each site's recovery_days, 0 where unknown.",
)
@click.option(
    "--hit",
    "hits",
    multiple=True,
    metavar="PLACE=PART@FIRST-LAST",
    help="Capacity lost in a table, as CHN.c14=0.3@5-34; PLACE is COUNTRY, COUNTRY.SECTOR or *.SECTOR.",
)
@click.option("--psi", type=float, help="Part of the target stock below which a table's output is held back.")
@click.option("--year", type=int, help="Year of a world table; default the last.")
@click.option("--top", type=click.IntRange(1, 1_000_000), default=20, show_default=True, help="Rows to print.")
def inventory(
    folder: Path,
    date: str | None,
    out: Path | None,
    file_format: str,
    as_json: bool,
    hits: tuple[str, ...],
    psi: float | None,
    year: int | None,
    top: int,
    **model: Unpack[_Model],
) -> None:
    """Say what FOLDER's events cost over months, when sites adapt their orders to stocks and demand.

    The inventory model of Hallegatte and of Inoue and Todo: losses run down to customers and up to suppliers, scarce
    goods are rationed, capacity comes back along a curve. FOLDER holds tables of sites, or an input-output table (the
    World Input-Output Database, or pymrio's test table), whose regions and sectors lose what --hit says. With --out,
    writes inventory_sites (of a table inventory_industries), inventory_days and run.json there.

    Exit codes: 0 answered, 2 bad input or usage.
    """
    kind = kind_of(folder)
    _refuse_options(kind)
    if kind != "tables":
        days, curve = model["days"], cast(Curve, model["curve"])
        wanted = AskedOfTable(
            date, year, hits, days, model["tau"], model["target_days"], model["capacity"], psi, curve,
            model["recovery_days"], top,
        )  # fmt: skip
        of_table(folder, kind, wanted, out=out, file_format=file_format, as_json=as_json, progress=_progress(days))
        return
    question = ask(folder, date, model["scenarios"])
    run, damage, events = _run_sites(question, model)
    tables, more = _answer(question, run, damage)
    more = _asked(model) | more
    give(basis(question, events=events, **more), tables, out=out, file_format=file_format, as_json=as_json)
    if not as_json:
        _print(question, run, tables["inventory_sites"], more, events=events, top=top)
        if out is not None:
            click.echo(f"\nWritten to {out}: {', '.join(tables)}, run.json")


def _run_sites(question: Question, model: _Model) -> tuple[InventoryRun, Damage, int]:
    """The run of the folder's sites, what the events take away, and how many events these are."""
    network, days = question.network, model["days"]
    refuse_unknown(model["without"], [event.event_id for event in question.events], what="events", option="--without")
    refuse_unknown(model["first"], network.site_ids, what="sites", option="--first")
    events = [event for event in question.events if event.event_id not in model["without"]]
    with usage(), question.clock.step("inventory"):
        damage = damage_of(
            network, events, days, curve=cast(Curve, model["curve"]), recovery_days=model["recovery_days"]
        )
        run = simulate(
            of_sites(network, target_days=model["target_days"], final_share=model["final_share"]),
            damage,
            days=days,
            rationing=cast(Rationing, model["rationing"]),
            orders=cast(Orders, model["orders"]),
            tau=AUTHORS_TAU if model["tau"] is None else model["tau"],
            capacity=1.0 if model["capacity"] is None else model["capacity"],
            first=[network.site_index[site] for site in model["first"]],
            progress=_progress(days),
        )
    return run, damage, len(events)


def _asked(model: _Model) -> dict[str, Any]:
    """What was asked for, as run.json keeps it."""
    return {
        "without": sorted(model["without"]),
        "scenarios": [path.name for path in model["scenarios"]],
        "final_share": model["final_share"],
        "curve": model["curve"],
        "recovery_days": model["recovery_days"],
        "target_days": model["target_days"],
        "first": list(model["first"]),
    }


def _refuse_options(kind: str) -> None:
    """Usage error for a folder that holds no flows, and for options that have no meaning for what it holds."""
    if kind not in ("tables", "world", "mrio"):
        msg = f"{kind} data hold no flows of goods. Give tables of sites, or an input-output table."
        raise click.BadParameter(msg, param_hint="FOLDER")
    context = click.get_current_context()
    for name in _OF_TABLES if kind == "tables" else _OF_SITES:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(option for option in context.command.params if option.name == name).opts[0]
            what = "tables of sites; give an input-output table" if kind == "tables" else "an input-output table"
            msg = f"has no meaning for {what}. Leave it out."
            raise click.BadParameter(msg, param_hint=option)


def _answer(question: Question, run: InventoryRun, damage: Damage) -> tuple[dict[str, pl.DataFrame], dict[str, object]]:
    sites = question.frames["sites"]
    enterprises = dict(zip(sites["site_id"], sites["enterprise_id"], strict=True))
    return answer.frames(run, damage, enterprises, question.day0), answer.summary(run, damage)


def _progress(days: int) -> Callable[[int], None] | None:
    """Days done, on a terminal, once a run has taken a while."""
    if not sys.stderr.isatty():
        return None
    started = time.monotonic()

    def say(done: int) -> None:
        if time.monotonic() - started > _PROGRESS_AFTER:
            click.echo(f"\rRunning: day {done} of {days}", err=True, nl=done == days)

    return say


def _print(
    question: Question, run: InventoryRun, sites: pl.DataFrame, said: dict[str, object], *, events: int, top: int
) -> None:
    day0, last = question.day0, question.day0 + dt.timedelta(days=run.days - 1)
    spent = f"{day0} to {last} ({counted(run.days, 'day')})"
    click.echo(f"{counted(run.network.firms, 'site')}, {counted(events, 'event')}, {spent}")
    share = "" if said["lost_share"] is None else f", {said['lost_share']:.2%} of normal output"
    direct = f"of it {said['direct_lost_value']:,.2f} where events strike"
    click.echo(f"Lost output {said['lost_output_value']:,.2f}{share}; {direct}")
    short = int(str(said["sites_short"]))
    click.echo(
        f"{counted(short, 'site')} {'falls' if short == 1 else 'fall'} short, {said['stops']:,} of them stop; "
        f"final demand not met {said['unmet_final_demand_value']:,.2f}"
    )
    click.echo(_recovery(said, day0))
    if sites.height:
        click.echo()
        _print_table(sites, top)
    _print_notes(run, cast("list[str]", said["events_without_effect"]))


def _print_notes(run: InventoryRun, without_effect: list[str]) -> None:
    notes = list(run.network.notes)
    if without_effect:
        notes.append(f"events that hold nothing here: {', '.join(without_effect)}")
    if run.network.final_share < _CLOSED:
        notes.append(
            f"only {run.network.final_share:.1%} of output goes to final demand: so closed a network hardly recovers "
            "from any loss. --final-share says what leaves it"
        )
    if notes:
        click.echo()
    for note in notes:
        click.echo(f"{note[0].upper()}{note[1:]}.")


def _recovery(said: dict[str, object], day0: dt.date) -> str:
    back = said["recovery_day"]
    if back is None:
        return "Output is not back within the run; --days runs longer"
    if back == 0:
        return "All output stays within 0.1 % of normal"
    on = day0 + dt.timedelta(days=int(str(back)))
    return f"Output is lowest on day {said['lowest_day']} and back from day {back} ({on})"


def _print_table(sites: pl.DataFrame, top: int) -> None:
    rows = [
        (
            row["site_id"],
            "unknown" if row["lost_output_value"] is None else f"{row['lost_output_value']:,.2f}",
            f"{row['lost_days']:,.1f}",
            f"{row['direct_days']:,.1f}",
            "-" if row["stop_day"] is None else f"day {row['stop_day']}",
            "not yet" if row["recovery_day"] is None else f"day {row['recovery_day']}",
        )
        for row in sites.head(top).iter_rows(named=True)
    ]
    head = ("site", "lost output", "lost days", "of it direct", "stops", "back")
    for line in table_lines(head, rows, right=(1, 2, 3)):
        click.echo(line)
    if sites.height > top:
        click.echo(f"... and {sites.height - top} more; --top, --out or --json gives all.")
