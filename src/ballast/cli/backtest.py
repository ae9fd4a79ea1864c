"""`ballast rules backtest`: how well rules warned of events, on series as they were published."""

import datetime as dt
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypedDict, Unpack

import click
import polars as pl

from ballast import __version__
from ballast.areas.alerts.packs import read_pack_file, shipped_packs
from ballast.cli.runs import Figure, give, refuse_unknown, table_lines
from ballast.core.series.backtest import Outcome, named_events, rises
from ballast.core.series.measures import SERIES_MEASURES, Frequency
from ballast.core.series.vintages import LookAhead, Replay
from ballast.core.warning import FaultyFileError, Grade, Limit, Rule, Scheme, Subjects
from ballast.tables.answers import backtest as answer
from ballast.tables.named_events import NamedEvent, onsets_of, read_events
from ballast.tables.problems import nearest
from ballast.tables.series_files import COLUMNS, Series, SeriesError, read_series
from ballast.tables.studies import Study, read_study

__all__ = ["backtest"]

# Periods that an event may lie ahead unless --within says otherwise: about a quarter.
_HORIZON: Mapping[Frequency, int] = {"year": 1, "quarter": 1, "month": 3, "week": 13, "day": 90}
_DEFAULT_RISE = 20.0


class _Asked(TypedDict):
    """Options that say which rules are tried on which series, by name."""

    file: Path | None
    stored: tuple[str, ...]
    known_by: str | None
    packs: tuple[Path, ...]
    names: tuple[str, ...]
    measure: str | None
    above: float | None
    below: float | None
    events_file: Path | None
    rise: float | None
    within: int | None
    only: tuple[str, ...]
    wide: str
    columns: tuple[str, ...]
    assume_lag: int | None
    look_ahead: bool


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--stored", multiple=True, metavar="NAME", help="In place of FILE: a series of the database, * allowed.")
@click.option("--known-by", metavar="DATE", help="With --stored: only what was published by the end of this day.")
@click.option("--rules", "packs", multiple=True, type=click.Path(path_type=Path), help="Rule pack; default: shipped.")
@click.option("--rule", "names", multiple=True, metavar="NAME", help="Only this rule of them; may be repeated.")
@click.option("--measure", metavar="NAME", help="In place of rules: a measure, with --above or --below.")
@click.option("--above", type=float, help="Warn above this value of the measure.")
@click.option("--below", type=float, help="Warn below this value of the measure.")
@click.option(
    "--events", "events_file", type=click.Path(path_type=Path), help="CSV: event, onset, until, side, series."
)
@click.option("--rise", type=Figure(0, min_open=True), help="Event: a change of so many per cent.")
@click.option("--within", type=click.IntRange(1), help="Periods ahead that count; default about a quarter.")
@click.option("--series", "only", multiple=True, metavar="NAME", help="Series, * for any letters; may be repeated.")
@click.option("--wide", default="", metavar="COLUMN", help="Each other column is a series; COLUMN is the period.")
@click.option("--columns", multiple=True, metavar="NAME=COLUMN", help="What the file calls a column.")
@click.option("--assume-lag", type=click.IntRange(0), metavar="DAYS", help="Published so long after each period.")
@click.option("--look-ahead", is_flag=True, help="Show beside it what a fit on the future claims.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the result files.")
@click.option("--format", "file_format", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--each", is_flag=True, help="Print each series, not only all of them together.")
def backtest(out: Path | None, file_format: str, as_json: bool, each: bool, **asked: Unpack[_Asked]) -> None:
    """Test how rules would have warned on the series of FILE (CSV), with what was known at the time.

    A score uses what was published by then, and nothing later: the file gives published_at, or --assume-lag says it.
    With --stored the series are those of the database, with every publication that it keeps; counts of reported
    problems are called problems/REGION/KIND and problems-week/REGION/KIND, such as problems/all/logistics.
    Events are named in a file, or are changes of the series itself. With --out, writes backtest, backtest_events,
    backtest_alerts and run.json there.

    Exit codes: 0 answered, 2 bad input or usage, look-ahead among it.
    """
    started = time.perf_counter()
    if asked["events_file"] is not None and asked["rise"] is not None:
        msg = "Give --events or --rise, not both."
        raise click.UsageError(msg)
    try:
        study = _study_of(asked)
        series = _chosen(study.series, asked["only"])
        events_file = asked["events_file"] or (study.events if asked["rise"] is None else None)
        events = None if events_file is None else read_events(events_file)
        tried = _tried(series, study, events, asked)
    except (SeriesError, LookAhead, ValueError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    tables = answer.frames(tried)
    run: dict[str, object] = {
        "ballast": __version__,
        "file": asked["file"].name if asked["file"] else "stored series",
        "series": len(series),
        "rules": list(dict.fromkeys(one.trial.rule.label for one in tried)),
        "events": str(events_file.name) if events_file else f"change of {asked['rise'] or _DEFAULT_RISE:g} %",
        "absent": study.absent,
        "real_time": _real_time(series),
        "seconds": round(time.perf_counter() - started, 3),
    }
    give(run, tables, out=out, file_format=file_format, as_json=as_json)
    if not as_json:
        _print(run, tables, each=each or len(series) == 1, named=events is not None)
    if out is not None and not as_json:
        click.echo(f"\nWritten to {out}: {', '.join(tables)}, run.json")


def _study_of(asked: _Asked) -> Study:
    """The series of the file, or those of the database."""
    columns, wide, lag = asked["columns"], asked["wide"], asked["assume_lag"]
    if not asked["stored"]:
        return _study(_given(asked["file"], asked["known_by"]), columns, wide, lag)
    return _stored(asked["file"], asked["stored"], asked["known_by"], lag, read_otherwise=bool(columns or wide))


def _tried(
    series: Sequence[Series], study: Study, events: Sequence[NamedEvent] | None, asked: _Asked
) -> list[answer.Tried]:
    """Each rule that was asked for, or that the study names, on the series that it can be tried on."""
    names, measure, rise = asked["names"] or study.rules, asked["measure"], asked["rise"]
    above, below = asked["above"], asked["below"]
    rules = _rules(asked["packs"], names) if measure is None else [_of_measure(measure, above, below)]
    return [
        done
        for trial, group in _trials(series, rules, asked["within"], chosen=bool(names) or measure is not None)
        for done in answer.trial(group, trial, _outcomes(events, rise, trial), look_ahead=asked["look_ahead"])
    ]


def _given(file: Path | None, known_by: str | None) -> Path:
    if file is None:
        msg = "Give a FILE, or --stored NAME for a series of the database."
        raise click.UsageError(msg)
    if known_by is not None:
        msg = "--known-by goes with --stored; a file holds what it holds."
        raise click.UsageError(msg)
    return file


def _stored(
    file: Path | None, names: Sequence[str], known_by: str | None, lag: int | None, *, read_otherwise: bool
) -> Study:
    """Series of the database by name, with what was published by a day."""
    if file is not None or read_otherwise:
        msg = "--stored reads the database: leave FILE, --columns and --wide out."
        raise click.UsageError(msg)
    try:
        day = None if known_by is None else dt.date.fromisoformat(known_by)
    except ValueError:
        msg = f"{known_by!r} is not a day. Write 2022-04-28."
        raise click.BadParameter(msg, param_hint="--known-by") from None
    import django

    django.setup()
    from django.db import Error as DatabaseError

    from ballast.areas.economy.tried.series import stored_series

    try:
        return Study(stored_series(names, known_by=day, lag_days=lag))
    except DatabaseError as exc:
        msg = f"The stored series cannot be read: {exc}. Run `ballast init` first."
        raise click.UsageError(msg) from exc


def _study(file: Path, columns: Sequence[str], wide: str, lag: int | None) -> Study:
    """The study of a TOML file, or one of a single CSV file."""
    if file.suffix.lower() == ".toml":
        if columns or wide or lag is not None:
            msg = "A study says itself how its files are read: leave --columns, --wide and --assume-lag out."
            raise click.UsageError(msg)
        return read_study(file)
    return Study(read_series(file, columns=_columns(columns), wide=wide, lag_days=lag))


def _real_time(series: Sequence[Series]) -> str:
    """How it is known what was known when."""
    lags = sorted({one.lag_days for one in series if one.lag_days is not None})
    if not lags:
        return "dates of publication"
    days = "day" if lags == [1] else "days"
    return f"pseudo real time, published {', '.join(str(lag) for lag in lags)} {days} after each period"


def _columns(given: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        name, _, column = one.partition("=")
        if name not in COLUMNS or not column:
            msg = f"{one!r} is not NAME=COLUMN with a NAME of {', '.join(COLUMNS)}."
            raise click.BadParameter(msg, param_hint="--columns")
        found[name] = column
    return found


def _chosen(series: dict[str, Series], only: Sequence[str]) -> list[Series]:
    if not only:
        return list(series.values())
    for pattern in only:
        if not any(fnmatchcase(name, pattern) for name in series):
            guess = nearest(pattern, series)
            hint = f"Did you mean {guess!r}?" if guess else f"Series here: {', '.join(list(series)[:20])}."
            msg = f"{pattern!r} is not among the series. {hint}"
            raise click.BadParameter(msg, param_hint="--series")
    return [one for name, one in series.items() if any(fnmatchcase(name, pattern) for pattern in only)]


def _rules(packs: Sequence[Path], names: Sequence[str]) -> list[Rule]:
    """The rules of the packs, or of those that are shipped, narrowed to the names given."""
    try:
        found = [rule for path in packs or shipped_packs() for rule in read_pack_file(path).rules]
    except FaultyFileError as error:
        for fault in error.faults:
            click.echo(fault.said(error.file), err=True)
        sys.exit(2)
    except OSError as error:
        click.echo(f"{error.filename}: cannot be read ({error.strerror}). Give a rule pack (TOML).", err=True)
        sys.exit(2)
    refuse_unknown(names, [rule.name for rule in found], what="rules", option="--rule")
    return [rule for rule in found if not names or rule.name in names]


def _of_measure(name: str, above: float | None, below: float | None) -> Rule:
    """A rule made of a measure and limits for this one question."""
    refuse_unknown([name], list(SERIES_MEASURES), what="measures", option="--measure")
    if any(limit is not None and math.isnan(limit) for limit in (above, below)):
        msg = "A limit is a number: nan is neither above nor below anything."
        raise click.UsageError(msg)
    if above is None and below is None:
        msg = f"Say at which value of {name} to warn: --above or --below."
        raise click.UsageError(msg)
    scheme = Scheme("one-level", (Grade("warning", "warning", "预警"),))
    try:
        limit = Limit("warning", above=above, below=below)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return Rule(name, "asked", scheme, Subjects("series"), name, (limit,))


def _trials(
    series: Sequence[Series], rules: Sequence[Rule], within: int | None, *, chosen: bool
) -> list[tuple[answer.Trial, list[Series]]]:
    """Each rule with the series that it can be tried on.

    A rule takes series of its own period, if its measure can be taken of one series alone. Rules for certain products
    or series are tried only where those are; those with limits in a unit of their own must be chosen by name.
    """
    found: list[tuple[answer.Trial, list[Series]]] = []
    # A series that some rule names has a meaning of its own, and is left to the rules that name it.
    taken = {name for rule in rules for name in rule.subjects.series}
    for rule in rules:
        measure = SERIES_MEASURES.get(rule.measure)
        if measure is None:
            continue
        only = {*rule.subjects.series, *rule.subjects.products}
        # Limits in money or in a unit of its own are made for one series.
        own = bool(only or rule.subjects.region) or measure.name in {"price", "ratio", "indicator"}
        fit: dict[Frequency, list[Series]] = {}
        for one in series:
            right = one.frequency in measure.by and (rule.version == "asked" or one.frequency == rule.period)
            if right and (one.name in only or (one.name not in taken and not only and (chosen or not own))):
                fit.setdefault(one.frequency, []).append(one)
        found += [(answer.Trial(rule, measure, within or _HORIZON[kind]), group) for kind, group in fit.items()]
    if not found:
        kinds = ", ".join(sorted({one.frequency for one in series}))
        msg = f"No rule takes these series (by {kinds}). Measures: {', '.join(SERIES_MEASURES)}."
        raise SeriesError(msg)
    return found


def _outcomes(
    events: Sequence[NamedEvent] | None, rise: float | None, asked: answer.Trial
) -> Callable[[Series, Replay], Outcome]:
    def of(series: Series, replayed: Replay) -> Outcome:
        times = replayed.published
        if events is not None:
            return named_events(onsets_of(events, series, answer.side_of(asked.rule)), times, within=asked.within)
        change = (rise or _DEFAULT_RISE) / 100.0
        # What came is told by the figures as they stand today; only what is scored must be as it was.
        return rises(series.vintages.latest, times, change=change, within=asked.within, side=answer.side_of(asked.rule))

    return of


def _print(run: Mapping[str, object], tables: Mapping[str, pl.DataFrame], *, each: bool, named: bool) -> None:
    click.echo(f"{run['file']}: {run['series']} series")
    click.echo(f"Known at the time: {run['real_time']}. Events: {run['events']}.")
    rows = tables["backtest"]
    together = rows.filter(pl.col("series_id") == answer.ALL)["rule"]
    of_several = pl.col("rule").is_in(together.implode()) & (pl.col("series_id") != answer.ALL)
    shown = rows if each else rows.filter(~of_several)
    ahead = shown["auroc_looking_ahead"].is_not_null().any()
    head = ["series", "rule", "level", "limit", "periods", "base", "alerts", "in vain", "a day", "precision",
            "recall", "NSR", "lead days", "warned", "AUROC", "90 %"]  # fmt: skip
    lines = [_line(row, ahead=bool(ahead)) for row in shown.iter_rows(named=True)]
    click.echo()
    for line in table_lines(
        [*head, *(["LOOK-AHEAD"] if ahead else [])], lines, right=range(4, len(head) + bool(ahead))
    ):
        click.echo(line)
    if ahead:
        click.echo("\nLOOK-AHEAD is fitted on the future: it shows what such a figure claims, and must not be used.")
    for name in run["absent"] if isinstance(run["absent"], list) else []:
        click.echo(f"\nLeft out, because it is not here: {name}")
    if named and not tables["backtest_events"].is_empty():
        _print_events(tables["backtest_events"])


def _print_events(rows: pl.DataFrame) -> None:
    """Days before the onset at which each level of each rule fired, one line for a rule on a series."""
    levels = list(dict.fromkeys(rows["level"].to_list()))
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows.sort("onset", maintain_order=True).iter_rows(named=True):
        key = (str(row["event"]), str(row["onset"]), str(row["series_id"]), str(row["rule"]))
        days = "never" if row["lead_days"] is None else f"{row['lead_days']:+.0f}"
        found.setdefault(key, {})[str(row["level"])] = days
    click.echo("\nDays before the event at which each level fired (below 0: after it had set in).")
    lines = [[*key, *(cells.get(level, "") for level in levels)] for key, cells in found.items()]
    head = ["event", "onset", "series", "rule", *levels]
    for line in table_lines(head, lines, right=range(4, len(head))):
        click.echo(line)


def _line(row: Mapping[str, object], *, ahead: bool) -> list[str]:
    low, high = row["auroc_low"], row["auroc_high"]
    cells = [
        str(row["series_id"]), str(row["rule"]), str(row["level"]), str(row["limit"]), f"{row['periods']:,}",
        _part(row["base_rate"]), f"{row['alerts']:,}", f"{row['in_vain']:,}", _figure(row["alerts_per_day"], 4),
        _part(row["precision"]), _part(row["recall"]), _figure(row["noise_to_signal"], 2),
        _figure(row["lead_days"], 0), f"{row['warned']}/{row['events']}", _figure(row["auroc"], 2),
        "" if low is None else f"{low:.2f}-{high:.2f}",
    ]  # fmt: skip
    return [*cells, *([_figure(row["auroc_looking_ahead"], 2)] if ahead else [])]


def _part(value: object) -> str:
    return "" if value is None else f"{float(str(value)):.1%}"


def _figure(value: object, digits: int) -> str:
    return "" if value is None else f"{float(str(value)):.{digits}f}"
