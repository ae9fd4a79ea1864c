"""`ballast plan`: which cases to solve first when only so many can be, from a folder of tables."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
import polars as pl

from ballast.cli.runs import Figure, Question, answers, ask, basis, counted, give, refuse_unknown, table_lines, usage
from ballast.core.plan import Intervention, Plan
from ballast.core.plan import plan as compute
from ballast.tables.answers import plan as answer
from ballast.tables.interventions import read_interventions

__all__ = ["plan"]


@click.command()
@answers
@click.option("--limit", type=int, required=True, help="Most cases that can be solved.")
@click.option("--by", type=click.Choice(["case", "event"]), default="case", show_default=True, help="What is solved.")
@click.option("--horizon", type=click.IntRange(1, 3660), default=30, show_default=True, help="Days to look ahead.")
@click.option("--site", "sites", multiple=True, metavar="SITE", help="Count the output of this site only; repeatable.")
@click.option(
    "--takes", multiple=True, metavar="DAYS|CASE=DAYS", help="Days that each case, or this one, takes; repeatable."
)
@click.option(
    "--interventions",
    "interventions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Table of extra stock and further supplies that compete with the cases.",
)
@click.option("--target", type=Figure(0.0), help="Find the fewest cases that recover this much output.")
@click.option("--gap", type=Figure(0, 1), default=0.0, help="End within this part of the best.")
@click.option("--seconds", type=Figure(0.0), default=60.0, show_default=True, help="Longest search.")
def plan(
    folder: Path,
    date: str | None,
    limit: int,
    by: str,
    horizon: int,
    sites: tuple[str, ...],
    takes: tuple[str, ...],
    interventions: Path | None,
    target: float | None,
    gap: float,
    seconds: float,
    out: Path | None,
    file_format: str,
    as_json: bool,
) -> None:
    """Say which cases of FOLDER to solve first: the set that recovers most output, and how near it is to the best.

    Cases are the case_id of the events; an event without one stands alone. Interventions (table interventions: extra
    stock, further supplies, further suppliers) compete with them. Every set is valued by the forecast. With --out,
    writes plan, frontier and run.json there.

    Exit codes: 0 answered, 2 bad input or usage.
    """
    question = ask(folder, date)
    refuse_unknown(sites, question.network.site_ids, what="sites", option="--site")
    with usage():
        groups = answer.groups_of(question.frames["events"], by=by)
        beside = _interventions(interventions, question)
    gone_from = _days(takes, sorted(groups))
    until = time.monotonic() + seconds
    with usage(), question.clock.step("plan"):
        found = compute(
            question.network,
            question.events,
            groups,
            limit=limit,
            interventions=beside,
            horizon=horizon,
            gone_from=gone_from,
            sites=sites or None,
            target=target,
            gap=gap,
            left=lambda: until - time.monotonic(),
        )
    tables = answer.frames(found)
    asked = {"limit": limit, "by": by, "takes": sorted(takes), "sites_counted": sorted(sites), "target": target}
    out_of_time = bool(found.chosen.gap > gap)
    give(
        basis(question, **asked, seconds_allowed=seconds, out_of_time=out_of_time, **answer.summary(found)),
        tables,
        out=out,
        file_format=file_format,
        as_json=as_json,
    )
    if not as_json:
        _print(found, tables, len(groups) + len(found.interventions), "choice" if found.interventions else by, out)


def _interventions(path: Path | None, question: Question) -> list[Intervention]:
    """The table of interventions; bad rows are printed and end the command with exit code 2."""
    if path is None:
        return []
    found, problems = read_interventions(path, question.frames, day0=question.day0)
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        sys.exit(2)
    return found


def _days(takes: Sequence[str], known: Sequence[str]) -> dict[str, int]:
    """Day from which each group is gone, out of DAYS for all and CASE=DAYS for one."""
    days: dict[str, int] = {}
    for text in sorted(takes, key=lambda text: "=" in text):
        name, _, number = text.rpartition("=")
        if not number.isdigit():
            msg = f"{text!r} is no number of days. Write 3 for all cases, or CASE=3 for one."
            raise click.BadParameter(msg, param_hint="--takes")
        if name:
            refuse_unknown([name], known, what="cases", option="--takes")
        days |= dict.fromkeys([name] if name else known, int(number))
    return days


def _print(found: Plan, tables: dict[str, pl.DataFrame], groups: int, by: str, out: Path | None) -> None:
    chosen = found.chosen
    click.echo(
        f"{counted(len(chosen.groups), by)} of {groups:,} recover {chosen.value:,.2f} of {found.recoverable:,.2f} "
        f"that all together recover, over {counted(found.forecast.horizon, 'day')}"
    )
    proven = "proven best" if chosen.gap == 0.0 else f"no set recovers more than {chosen.bound:,.2f}"
    click.echo(f"Gap {chosen.gap:.2%}: {proven}")
    if found.choices:
        click.echo()
        rows = [
            (str(r["rank"]), r["group_id"], str(r["joint_set"]), *(f"{r[c]:,.2f}" for c in _MONEY), r["explanation"])
            for r in tables["plan"].iter_rows(named=True)
        ]
        head = ("", by, "set", "alone", "in the set", "")
        for line in table_lines(head, rows, right=(0, 2, 3, 4)):
            click.echo(line)
    if len(found.sizes) > 1:
        click.echo("\nBest by number solved")
        rows = [
            (str(s.size), f"{s.value:,.2f}", f"{s.bound:,.2f}", f"{s.gap:.2%}", ", ".join(s.groups))
            for s in found.sizes
        ]
        for line in table_lines(("", "recovers", "at most", "gap", ""), rows, right=(0, 1, 2, 3)):
            click.echo(line)
    if found.forecast.values_unknown:
        click.echo(f"\nSites that lose output of unknown value: {found.forecast.values_unknown}. They count 0.")
    if out is not None:
        click.echo(f"\nWritten to {out}: plan, frontier, run.json")


_MONEY = ("value_alone", "value_in_set")
