"""What all analysis commands share: a folder in, result tables and run.json out."""

import datetime as dt
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click
import polars as pl

from ballast import __version__
from ballast.core.forecast import Event
from ballast.core.network import Network, NetworkError
from ballast.tables.cells import FIRST_YEAR, LAST_YEAR
from ballast.tables.folder import Folder, digest_of, read_folder
from ballast.tables.network import build_from_frames, remarks
from ballast.tables.problems import nearest
from ballast.tables.scenario import put_over

__all__ = [
    "Clock",
    "Figure",
    "Question",
    "answers",
    "ask",
    "basis",
    "counted",
    "day_zero",
    "give",
    "refuse_unknown",
    "supposing",
    "table_lines",
    "usage",
]

F = TypeVar("F", bound=Callable[..., object])


class Figure(click.FloatRange):
    """A number within a range, and a number indeed: `nan` is neither below nor above any bound."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; click's own refusal for all else."""
        found = float(super().convert(value, param, ctx))
        if math.isnan(found):
            self.fail(f"{value} is no number.", param, ctx)
        return found


def answers(command: F) -> F:
    """The arguments and options of every analysis: FOLDER --date --out --format --json."""
    for option in reversed(
        [
            click.argument("folder", type=click.Path(path_type=Path)),
            click.option("--date", "date", metavar="YYYY-MM-DD", help="Day 0 of the analysis; default today."),
            click.option(
                "--out", "out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the result files."
            ),
            click.option(
                "--format", "file_format", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True
            ),
            click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
        ]
    ):
        command = option(command)
    return command


def supposing(command: F) -> F:
    """The options of analyses that ask what would be: --without --scenario."""
    for option in reversed(
        [
            click.option(
                "--without", "without", multiple=True, metavar="EVENT", help="Leave out an event; may be repeated."
            ),
            click.option(
                "--scenario",
                "scenarios",
                multiple=True,
                type=click.Path(path_type=Path),
                help="Folder of tables whose rows replace or join those of FOLDER; may be repeated.",
            ),
        ]
    ):
        command = option(command)
    return command


@dataclass
class Clock:
    """Seconds of each step of a run, for run.json."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what is done inside."""
        started = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - started, 4)


@dataclass(frozen=True)
class Question:
    """A folder as it was read: its tables, and the network and events made of them."""

    frames: dict[str, pl.DataFrame]
    network: Network
    events: list[Event]
    day0: dt.date
    tables: str  # digest of the files
    clock: Clock


@contextmanager
def usage() -> Iterator[None]:
    """An impossible question ends with exit code 2 and what is wrong with it."""
    try:
        yield
    except NetworkError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def ask(folder: Path, date: str | None, scenarios: Sequence[Path] = ()) -> Question:
    """Read a table folder, with the rows of scenario folders put over it in their order.

    Bad rows are printed and end the command with exit code 2.
    """
    clock, day0 = Clock(), day_zero(date)
    with clock.step("read"):
        tables = _good(read_folder(folder, day0=day0))
        frames = tables.frames
        for path in scenarios:
            frames = put_over(frames, _good(read_folder(path, day0=day0, base=frames)).frames)
        with usage():
            network, events = build_from_frames(frames, day0=day0)
    return Question(frames, network, events, day0, digest_of(frames) if scenarios else tables.digest, clock)


def _good(folder: Folder) -> Folder:
    for problem in folder.problems:
        click.echo(str(problem), err=True)
    if folder.problems:
        sys.exit(2)
    return folder


def basis(question: Question, **more: object) -> dict[str, object]:
    """run.json: what an answer rests on, with what the command adds; ends with the seconds of each step."""
    network = question.network
    common: dict[str, object] = {
        "ballast": __version__,
        "date": question.day0.isoformat(),
        "tables": question.tables,
        "network": network.digest,
        "sites": network.sites,
        "slots": network.slots,
        "links": network.links,
        "warnings": remarks(network),
    }
    return common | more | {"seconds": question.clock.seconds}


def give(
    run: Mapping[str, object], tables: Mapping[str, pl.DataFrame], *, out: Path | None, file_format: str, as_json: bool
) -> None:
    """Write the result tables and run.json into `out`, and print them as JSON when asked to."""
    if out is not None:
        _write(out, file_format, tables, run)
    if as_json:
        result = {"run": run} | {name: _plain(frame) for name, frame in tables.items()}
        click.echo(json.dumps(result, ensure_ascii=False, indent=2, allow_nan=False))


def table_lines(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = (-1,)) -> list[str]:
    """A table for the terminal: columns two spaces apart, those numbered in `right` set to the right."""
    to_right = {k % len(head) for k in right}
    widths = [max(len(line[k]) for line in [head, *rows]) for k in range(len(head))]
    return [
        "  ".join(
            text.rjust(width) if k in to_right else text.ljust(width)
            for k, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in [head, *rows]
    ]


def refuse_unknown(given: Sequence[str], known: Sequence[str], *, what: str, option: str) -> None:
    """Usage error for a name that is not there, with the nearest that is."""
    there = set(known)
    for name in given:
        if name not in there:
            guess = nearest(name, known)
            hint = (
                f"Did you mean {guess!r}?" if guess else f"{what.capitalize()} here: {', '.join(known[:20]) or 'none'}."
            )
            msg = f"{name!r} is not among the {what}. {hint}"
            raise click.BadParameter(msg, param_hint=option)


def counted(number: int, noun: str) -> str:
    """The number with its noun: 1 site, 2,000 sites."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def day_zero(date: str | None) -> dt.date:
    """Day 0 of an analysis: the date given, else today; a usage error when it is none of 1990 to 2100, as in tables."""
    if date is None:
        return dt.datetime.now().astimezone().date()
    try:
        found = dt.date.fromisoformat(date)
    except ValueError:
        msg = f"{date!r} is not a date. Write it as 2022-04-01."
        raise click.BadParameter(msg, param_hint="--date") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        msg = f"{date} is outside {FIRST_YEAR} to {LAST_YEAR}. Check the year."
        raise click.BadParameter(msg, param_hint="--date")
    return found


def _write(out: Path, file_format: str, tables: Mapping[str, pl.DataFrame], run: Mapping[str, Any]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        path = out / f"{name}.{file_format}"
        if file_format == "csv":
            frame.write_csv(path)
        else:
            frame.write_parquet(path)
    text = json.dumps(run, ensure_ascii=False, indent=2, allow_nan=False)
    (out / "run.json").write_text(text + "\n", encoding="utf-8")


def _plain(frame: pl.DataFrame) -> list[dict[str, object]]:
    rows = frame.to_dicts()
    return [{k: v.isoformat() if isinstance(v, dt.date) else v for k, v in row.items()} for row in rows]
