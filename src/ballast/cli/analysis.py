"""`ballast forecast`: what stops, when, because of whom, from a folder of tables and without a server."""

import datetime as dt
import json
import math
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import click
import polars as pl

from ballast import __version__
from ballast.core.explain import CausePath
from ballast.core.forecast import Forecast
from ballast.core.forecast import forecast as compute
from ballast.core.network import NetworkError
from ballast.tables.folder import read_folder
from ballast.tables.network import build_from_frames
from ballast.tables.problems import nearest

__all__ = ["forecast"]

_SHOWN = 40
_PROGRESS_FROM = 500
_STOPS = {
    "site_id": pl.String,
    "enterprise_id": pl.String,
    "stop_day": pl.Int64,
    "stop_date": pl.Date,
    "stop_day_latest": pl.Int64,
    "certain": pl.Boolean,
    "slow_day": pl.Int64,
    "recovery_day": pl.Int64,
    "red_day": pl.Int64,
    "cause_event": pl.String,
    "cause_events": pl.String,
    "cause_path": pl.String,
    "lost_output_value": pl.Float64,
    "lost_output_value_low": pl.Float64,
    "lost_days": pl.Float64,
}
_EVENTS = {"event_id": pl.String, "output_at_risk_value": pl.Float64, "stops": pl.Int64}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--date", "date", metavar="YYYY-MM-DD", help="Day 0 of the forecast; default today.")
@click.option("--horizon", type=click.IntRange(1, 3660), default=30, show_default=True, help="Days to look ahead.")
@click.option("--without", "without", multiple=True, metavar="EVENT", help="Leave out an event; may be repeated.")
@click.option("--out", "out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the result files.")
@click.option("--format", "file_format", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def forecast(
    folder: Path,
    date: str | None,
    horizon: int,
    without: tuple[str, ...],
    out: Path | None,
    file_format: str,
    as_json: bool,
) -> None:
    """Say what will stop in FOLDER's network, on which day, because of which event, and how much output is lost.

    FOLDER holds the tables enterprises, sites, needs, links and events. With --out, writes stops, events
    and run.json there. Stops that are found are an answer and no failure.

    Exit codes: 0 answered, 2 bad input or usage.
    """
    started = time.perf_counter()
    day0 = _day(date)
    tables = read_folder(folder, day0=day0)
    for problem in tables.problems:
        click.echo(str(problem), err=True)
    if tables.problems:
        sys.exit(2)
    read = time.perf_counter()
    try:
        network, events = build_from_frames(tables.frames, day0=day0)
        _refuse_unknown(without, [event.event_id for event in events])
        found = compute(network, [e for e in events if e.event_id not in without], horizon=horizon)
    except NetworkError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    done = time.perf_counter()
    stops, by_event = _stops(found, tables.frames, day0), _events(found)
    explained = time.perf_counter()
    timings = {"read": read - started, "forecast": done - read, "explain": explained - done}
    run = _run(found, tables.digest, day0, without, timings)
    if out is not None:
        _write(out, file_format, stops, by_event, run)
    if as_json:
        result = {"run": run, "stops": _plain(stops), "events": _plain(by_event)}
        click.echo(json.dumps(result, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        _print(found, stops, by_event, day0, out)


def _day(date: str | None) -> dt.date:
    if date is None:
        return dt.datetime.now().astimezone().date()
    try:
        return dt.date.fromisoformat(date)
    except ValueError:
        msg = f"{date!r} is not a date. Write it as 2022-04-01."
        raise click.BadParameter(msg, param_hint="--date") from None


def _refuse_unknown(without: Iterable[str], events: list[str]) -> None:
    for event_id in without:
        if event_id not in events:
            guess = nearest(event_id, events)
            hint = f" Did you mean {guess!r}?" if guess else f" Events here: {', '.join(events) or 'none'}."
            msg = f"{event_id!r} is not among the events.{hint}"
            raise click.BadParameter(msg, param_hint="--without")


def _stops(found: Forecast, frames: dict[str, pl.DataFrame], day0: dt.date) -> pl.DataFrame:
    """A row for each site that falls short: those that stop first, by day."""
    low, ids = found.low, found.network.site_ids
    short = sorted(
        (i for i in range(len(ids)) if low.slow_day[i] >= 0),
        key=lambda i: (low.stop_day[i] < 0, low.stop_day[i], low.slow_day[i], ids[i]),
    )
    enterprise = dict(zip(frames["sites"]["site_id"], frames["sites"]["enterprise_id"], strict=True))
    rows = []
    hidden = len(short) < _PROGRESS_FROM or not sys.stderr.isatty()
    with click.progressbar(short, label="Explaining", file=sys.stderr, hidden=hidden) as sites:
        for site in sites:
            rows.append(_stop_row(found, site, enterprise[ids[site]], day0))
    return pl.DataFrame(rows, schema=_STOPS, orient="row")


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
    return pl.DataFrame(rows, schema=_EVENTS, orient="row")


def _run(
    found: Forecast, tables: str, day0: dt.date, without: tuple[str, ...], timings: dict[str, float]
) -> dict[str, object]:
    """What the answer rests on."""
    network, low, high = found.network, found.low, found.high
    return {
        "ballast": __version__,
        "date": day0.isoformat(),
        "horizon": found.horizon,
        "without": sorted(without),
        "tables": tables,
        "network": network.digest,
        "sites": network.sites,
        "slots": network.slots,
        "links": network.links,
        "events": len(found.events),
        "events_without_effect": list(found.unmatched_events),
        "stops": int((low.stop_day >= 0).sum()),
        "stops_certain": int((high.stop_day >= 0).sum()),
        "lost_output_value": low.total_lost_output,
        "lost_output_value_low": high.total_lost_output,
        "values_unknown": found.values_unknown,
        "stocks_unknown": found.rows_unknown,
        "inferred_share": found.inferred_share,
        "deadlocks": [list(loop.sites) for loop in found.deadlocks],
        "seconds": {name: round(seconds, 4) for name, seconds in timings.items()},
    }


def _write(out: Path, file_format: str, stops: pl.DataFrame, events: pl.DataFrame, run: dict[str, object]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, frame in (("stops", stops), ("events", events)):
        path = out / f"{name}.{file_format}"
        if file_format == "csv":
            frame.write_csv(path)
        else:
            frame.write_parquet(path)
    text = json.dumps(run, ensure_ascii=False, indent=2, allow_nan=False)
    (out / "run.json").write_text(text + "\n", encoding="utf-8")


def _print(found: Forecast, stops: pl.DataFrame, events: pl.DataFrame, day0: dt.date, out: Path | None) -> None:
    last = day0 + dt.timedelta(days=found.horizon - 1)
    stopping = stops.filter(pl.col("stop_day").is_not_null())
    slow = stops.height - stopping.height
    sites, events_in = _count(found.network.sites, "site"), _count(len(found.events), "event")
    click.echo(f"{sites}, {events_in}, {day0} to {last} ({_count(found.horizon, 'day')})")
    stop = "stops" if stopping.height == 1 else "stop"
    click.echo(f"{_count(stopping.height, 'site')} {stop}, {slow} more slow down; lost output {_money(found)}")
    if stopping.height:
        click.echo()
        _print_table(stopping)
    if events.height:
        click.echo("\nOutput at risk by event (with it minus without it)")
        for event_id, value, count in events.head(_SHOWN).iter_rows():
            click.echo(f"  {event_id:<24} {value:>16,.2f}  {_count(count, 'stop')}")
    for loop in found.deadlocks:
        click.echo(f"\nThese cannot restart by themselves, each waits for another: {', '.join(loop.sites)}")
    _print_basis(found)
    if out is not None:
        click.echo(f"\nWritten to {out}: stops, events, run.json")


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
    widths = [max(len(line[k]) for line in [head, *rows]) for k in range(len(head))]
    for line in (head, *rows):
        cells = [text.ljust(width) for text, width in zip(line[:-1], widths, strict=False)]
        click.echo("  ".join([*cells, line[-1].rjust(widths[-1])]))
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


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _known_day(day: int) -> int | None:
    return None if day < 0 else int(day)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _plain(frame: pl.DataFrame) -> list[dict[str, object]]:
    rows = frame.to_dicts()
    return [{k: v.isoformat() if isinstance(v, dt.date) else v for k, v in row.items()} for row in rows]
