"""`ballast forecast`: what stops, when, because of whom, from a folder of tables and without a server."""

import datetime as dt
import math
import sys
from pathlib import Path

import click
import polars as pl

from ballast.cli.runs import Question, answers, ask, basis, counted, give, refuse_unknown, supposing, table_lines, usage
from ballast.cli.scaling import executor_for, scaled, so_far
from ballast.core.forecast import CausePath, Ensemble, Event, Forecast, Uncertainty, ensemble
from ballast.core.forecast import forecast as compute
from ballast.core.parallel import Executor
from ballast.tables.answers import deadlocks
from ballast.tables.answers import ensemble as answer
from ballast.tables.results import result_frame

__all__ = ["forecast"]

_SHOWN = 40
_PROGRESS_FROM = 500


@click.command()
@answers
@scaled
@click.option("--horizon", type=click.IntRange(1, 3660), default=30, show_default=True, help="Days to look ahead.")
@supposing
@click.option("--draws", type=click.IntRange(0, 100_000), default=0, help="Forecasts with what is uncertain drawn.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of the draws.")
@click.option("--stock-error", type=click.FloatRange(0, 2), default=0.0, help="Draw known stocks: 0.1 is about 10 %.")
@click.option("--end-days", type=click.IntRange(0, 3660), default=0, help="Draw ends of events: +- so many days.")
def forecast(
    folder: Path,
    date: str | None,
    horizon: int,
    without: tuple[str, ...],
    scenarios: tuple[Path, ...],
    draws: int,
    seed: int,
    stock_error: float,
    end_days: int,
    cluster: str | None,
    workers: int | None,
    resume: Path | None,
    out: Path | None,
    file_format: str,
    as_json: bool,
) -> None:
    """Say what will stop in FOLDER's network, on which day, because of which event, and how much output is lost.

    FOLDER holds the tables enterprises, sites, needs, links and events. With --out, writes stops, events
    and run.json there, and deadlocks where loops cannot restart by themselves.
    Stops that are found are an answer and no failure. With --draws, unknown stocks are drawn
    between nothing and their bound, and ensemble says how often and when each site stops; --cluster, --workers and
    --resume are about these draws.

    Exit codes: 0 answered, 2 bad input or usage.
    """
    if not draws and (cluster or workers or resume):
        msg = "--cluster, --workers and --resume are about draws: say how many."
        raise click.BadParameter(msg, param_hint="--draws")
    question = ask(folder, date, scenarios)
    refuse_unknown(without, [event.event_id for event in question.events], what="events", option="--without")
    with usage(), question.clock.step("forecast"):
        held = [event for event in question.events if event.event_id not in without]
        found = compute(question.network, held, horizon=horizon)
    with question.clock.step("explain"):
        stops, by_event = _stops(found, question), _events(found)
    tables, more = {"stops": stops, "events": by_event}, _summary(found)
    if found.deadlocks:
        tables["deadlocks"] = deadlocks.frame(found.deadlocks, found.network, question.frames["needs"], after=horizon)
    many = None
    if draws:
        with executor_for(question.network, cluster, workers, resume) as executor, usage():
            many = _draw(question, held, horizon, draws, seed, Uncertainty(stock_error, end_days), executor)
        tables |= answer.frames(many, question.network)
        more["ensemble"] = answer.summary(many)
    run = basis(question, without=sorted(without), scenarios=[path.name for path in scenarios], **more)
    give(run, tables, out=out, file_format=file_format, as_json=as_json)
    if not as_json:
        _print(found, stops, by_event, question.day0)
        if many is not None:
            _print_bands(many)
        if out is not None:
            click.echo(f"\nWritten to {out}: {', '.join(tables)}, run.json")


def _draw(
    question: Question,
    held: list[Event],
    horizon: int,
    draws: int,
    seed: int,
    about: Uncertainty,
    executor: Executor,
) -> Ensemble:
    with question.clock.step("ensemble"), so_far("Drawing", draws) as bar:
        return ensemble(
            question.network, held, horizon=horizon, draws=draws, seed=seed, uncertainty=about, executor=executor,
            progress=bar,
        )  # fmt: skip


def _print_bands(many: Ensemble) -> None:
    bands = " / ".join(f"{value:,.2f}" for value in many.total_quantiles())
    click.echo(f"\nOf {counted(len(many.draws), 'draw')} (seed {many.seed}): lost output {bands}")
    click.echo("  at 10 %, half and 90 % of the draws")


def _stops(found: Forecast, question: Question) -> pl.DataFrame:
    """A row for each site that falls short: those that stop first, by day."""
    low, ids = found.low, found.network.site_ids
    short = sorted(
        (i for i in range(len(ids)) if low.slow_day[i] >= 0),
        key=lambda i: (low.stop_day[i] < 0, low.stop_day[i], low.slow_day[i], ids[i]),
    )
    sites = question.frames["sites"]
    enterprise = dict(zip(sites["site_id"], sites["enterprise_id"], strict=True))
    rows = []
    hidden = len(short) < _PROGRESS_FROM or not sys.stderr.isatty()
    with click.progressbar(short, label="Explaining", file=sys.stderr, hidden=hidden) as shown:
        for site in shown:
            rows.append(_stop_row(found, site, enterprise[ids[site]], question.day0))
    return result_frame("stops", rows)


def _stop_row(found: Forecast, site: int, enterprise: str, day0: dt.date) -> tuple[object, ...]:
    low, high, path = found.low, found.high, found.explain(site)
    stop = _known_day(low.stop_day[site])
    return (
        found.network.site_ids[site],
        enterprise,
        stop,
        None if stop is None else day0 + dt.timedelta(days=stop),
        _known_day(high.stop_day[site]),
        bool(found.certain[site]),
        _known_day(low.slow_day[site]),
        _known_day(low.recovery_day[site]),
        _known_day(low.red_day[site]),
        path.lead_event or _without_event(path),
        ";".join(path.events),
        " > ".join(path.path),
        _known(low.lost_output[site]),
        _known(high.lost_output[site]),
        float(low.lost_days[site]),
    )


def _without_event(path: CausePath) -> str | None:
    """What is said where no event leads: the tables themselves supply less than is used."""
    return "shortfall of the tables" if path.tables else None


def _events(found: Forecast) -> pl.DataFrame:
    """What each event costs by itself: with all events minus without it, in money and in sites that stop."""
    ids = [event.event_id for event in found.events]
    at_risk = found.output_at_risk({event_id: [event_id] for event_id in ids})
    stops = int((found.low.stop_day >= 0).sum())
    rows = []
    for event_id in ids:
        rest, _slow = found.days_without(frozenset([event_id]), certain=False)
        rows.append((event_id, at_risk[event_id], stops - int((rest >= 0).sum())))
    rows.sort(key=lambda row: (-row[1], row[0]))
    return result_frame("events", rows)


def _summary(found: Forecast) -> dict[str, object]:
    """What the answer says in sum, and what it rests on."""
    low, high = found.low, found.high
    return {
        "horizon": found.horizon,
        "events": len(found.events),
        "events_without_effect": list(found.unmatched_events),
        "stops": int((low.stop_day >= 0).sum()),
        "stops_certain": int((high.stop_day >= 0).sum()),
        "lost_output_value": low.total_lost_output,
        "lost_output_value_low": high.total_lost_output,
        "values_unknown": found.values_unknown,
        "stocks_unknown": found.rows_unknown,
        "inferred_share": found.inferred_share,
        "deadlocks": deadlocks.records(found.deadlocks, found.network),
    }


def _print(found: Forecast, stops: pl.DataFrame, events: pl.DataFrame, day0: dt.date) -> None:
    last = day0 + dt.timedelta(days=found.horizon - 1)
    stopping = stops.filter(pl.col("stop_day").is_not_null())
    slow = stops.height - stopping.height
    sites, events_in = counted(found.network.sites, "site"), counted(len(found.events), "event")
    click.echo(f"{sites}, {events_in}, {day0} to {last} ({counted(found.horizon, 'day')})")
    stop = "stops" if stopping.height == 1 else "stop"
    click.echo(f"{counted(stopping.height, 'site')} {stop}, {slow} more slow down; lost output {_money(found)}")
    if stopping.height:
        click.echo()
        _print_table(stopping)
    if events.height:
        click.echo("\nOutput at risk by event (with it minus without it)")
        for event_id, value, count in events.head(_SHOWN).iter_rows():
            click.echo(f"  {event_id:<24} {value:>16,.2f}  {counted(count, 'stop')}")
    for loop in found.deadlocks:
        click.echo(f"\n{deadlocks.said(loop, found.network)}")
    _print_basis(found)


def _print_table(stopping: pl.DataFrame) -> None:
    head = ("site", "stops", "date", "", "because of", "path", "lost output")
    rows = [
        (
            row["site_id"],
            f"day {row['stop_day']}",
            str(row["stop_date"]),
            "certain" if row["certain"] else "possible",
            _joint(row["cause_event"], row["cause_events"]),
            row["cause_path"],
            "unknown" if row["lost_output_value"] is None else f"{row['lost_output_value']:,.2f}",
        )
        for row in stopping.head(_SHOWN).iter_rows(named=True)
    ]
    for line in table_lines(head, rows):
        click.echo(line)
    if stopping.height > _SHOWN:
        click.echo(f"... and {stopping.height - _SHOWN} more; --out or --json gives all.")


def _joint(lead: str | None, joint: str) -> str:
    others = len(joint.split(";")) - 1 if joint else 0
    return f"{lead or '?'} and {others} more" if others else lead or "?"


def _print_basis(found: Forecast) -> None:
    if found.rows_unknown:
        click.echo(f"\nUnknown stocks: {found.rows_unknown}. 'possible' stops if they are empty, 'certain' anyway.")
    if found.values_unknown:
        click.echo(f"Sites that lose output of unknown value: {found.values_unknown}. They count 0 in totals.")
    if found.inferred_share:
        click.echo(f"{found.inferred_share:.1%} of the flow runs over inferred links.")
    if found.unmatched_events:
        click.echo(f"Events that hold nothing here: {', '.join(found.unmatched_events)}")


def _money(found: Forecast) -> str:
    low, high = found.low.total_lost_output, found.high.total_lost_output
    return f"{low:,.2f}" if found.low is found.high else f"{high:,.2f} to {low:,.2f}"


def _known_day(day: int) -> int | None:
    return None if day < 0 else int(day)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
