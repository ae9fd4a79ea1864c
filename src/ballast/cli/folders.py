"""`ballast check`, `load`, `dump` and `template`: table folders in and out."""

import csv
import datetime as dt
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from ballast.tables.folder import Folder, read_folder, replace_folder
from ballast.tables.problems import Problem
from ballast.tables.schema import TABLES
from ballast.tables.templates import template as make_template

__all__ = ["check", "dump", "load", "template"]

_PRINTED = 50
_PATIENCE = 2.0
_ALL_PROBLEMS = "ballast-problems.csv"
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def _say(problems: Sequence[Problem]) -> None:
    """Print the problems to stderr; of a long list the first ones, and all of them into a file."""
    for problem in problems[:_PRINTED]:
        click.echo(str(problem), err=True)
    if len(problems) <= _PRINTED:
        return
    with Path(_ALL_PROBLEMS).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "row", "column", "value", "reason", "way_out"))
        writer.writerows((p.file, p.row, p.column, p.value, p.reason, p.hint) for p in problems)
    click.echo(f"... and {len(problems) - _PRINTED:,} more. All of them are in {_ALL_PROBLEMS}.", err=True)


def _refuse(problems: Sequence[Problem], *, as_json: bool, nothing: str = "") -> None:
    """Say what is wrong and leave with exit code 2."""
    if as_json:
        click.echo(json.dumps({"good": False, "problems": [p.to_dict() for p in problems]}, ensure_ascii=False))
    else:
        _say(problems)
        count = f"{len(problems):,} problem{'s' if len(problems) > 1 else ''}."
        click.echo(f"{count} {nothing}".strip(), err=True)
    sys.exit(2)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--date", "day0", type=click.DateTime(["%Y-%m-%d"]), help="Analysis date; today when left out.")
@_AS_JSON
def check(folder: Path, day0: dt.datetime | None, as_json: bool) -> None:
    """Check a folder of tables (CSV, XLSX, Parquet) without loading it.

    Every wrong cell is named with file, row, column, value, reason and way out. Exit 0 when all is
    good, 2 when something is wrong. docs/reference/tables.md describes the tables.
    """
    found = read_folder(folder, day0=day0.date() if day0 else dt.date.today())  # noqa: DTZ011
    if found.problems:
        _refuse(found.problems, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"good": True, "counts": found.counts, "digest": found.digest, "problems": []}))
        return
    for name, rows in found.counts.items():
        click.echo(f"{name:<12} {rows:>9,} rows  {found.files[name]}")
    click.echo(f"All good. Digest {found.digest[:12]}")


class _Bar:
    """A progress line on stderr, once the work takes longer than one waits in silence."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.shown = False

    def __call__(self, table: str, done: int, total: int) -> None:
        if time.monotonic() - self.started < _PATIENCE or not sys.stderr.isatty():
            return
        filled = round(30 * done / max(total, 1))
        line = f"\r[{'#' * filled}{'.' * (30 - filled)}] {100 * done // max(total, 1):>3} %  {table:<12}"
        click.echo(line, err=True, nl=False)
        self.shown = True

    def close(self) -> None:
        """End the line."""
        if self.shown:
            click.echo(err=True)


def _ready() -> None:
    """Start Django; StopError that names `ballast init` unless the database is set up."""
    import django

    from ballast.cli.server import require_ready

    django.setup()
    require_ready()


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Do everything and take it back: shows what a load would change.")
@click.option("--partial", is_flag=True, help="Load the good rows and write the others to --bad-rows.")
@click.option(
    "--bad-rows",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("bad-rows"),
    show_default=True,
    help="With --partial: folder for the refused rows, one CSV a table with the reasons.",
)
@_AS_JSON
def load(folder: Path, dry_run: bool, partial: bool, bad_rows: Path, as_json: bool) -> None:
    """Load a folder of tables into the database, all of it or nothing.

    A row is found again by its id, so loading twice changes nothing. Exit 0 when all was loaded, 1 when
    --partial left rows out, 2 when nothing was loaded.
    """
    _ready()
    from ballast.areas.exchange.services import LoadRefusedError, load_folder, read_for_load

    found = read_for_load(folder, partial=partial)
    bar = _Bar()
    try:
        receipt = load_folder(found, actor="command line", dry_run=dry_run, partial=partial, progress=bar)
    except LoadRefusedError as error:
        bar.close()
        _refuse(error.problems, as_json=as_json, nothing="Nothing was loaded.")
        return
    bar.close()
    kept = _keep_bad_rows(found, bad_rows) if found.problems else []
    _told(receipt.counts, found, dry_run=dry_run, as_json=as_json, kept=kept)
    sys.exit(1 if found.problems else 0)


def _keep_bad_rows(found: Folder, target: Path) -> list[Path]:
    """Write the refused rows as they stand in the files, with row number and reason; the files written."""
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, bad in found.bad_rows.items():
        path = target / f"{name}.csv"
        path.write_bytes(b"\xef\xbb\xbf" + bad.frame.write_csv().encode())
        written.append(path)
    return written


def _told(
    counts: Mapping[str, Mapping[str, int]], found: Folder, *, dry_run: bool, as_json: bool, kept: Sequence[Path]
) -> None:
    """Print what the load did."""
    total = {key: sum(c[key] for c in counts.values()) for key in ("new", "changed", "unchanged")}
    if as_json:
        result: dict[str, Any] = {"good": not found.problems, "dry_run": dry_run, "digest": found.digest}
        result |= {"counts": counts, "total": total, "problems": [p.to_dict() for p in found.problems]}
        click.echo(json.dumps(result | {"bad_rows": [str(p) for p in kept]}, ensure_ascii=False))
        return
    for name, one in counts.items():
        click.echo(f"{name:<12} {one['new']:>9,} new {one['changed']:>9,} changed {one['unchanged']:>9,} unchanged")
    click.echo(f"{total['new']:,} new, {total['changed']:,} changed, {total['unchanged']:,} unchanged")
    if found.problems:
        _say(found.problems)
        rows = sum(b.frame.height for b in found.bad_rows.values())
        click.echo(f"{rows:,} bad rows were left out. Mend them in {kept[0].parent} and load that folder.", err=True)
    if dry_run:
        click.echo("Dry run: nothing was written.")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--format", type=click.Choice(["csv", "xlsx", "parquet"]), default="csv", show_default=True)
@click.option("--force", is_flag=True, help="Write into a folder that is not empty; its table files are replaced.")
def dump(folder: Path, format: str, force: bool) -> None:
    """Write the database as a folder of tables that `ballast load` takes back."""
    if folder.exists() and not folder.is_dir():
        message = f"{folder} is a file. Name a folder."
        raise click.UsageError(message)
    if folder.is_dir() and any(folder.iterdir()) and not force:
        message = f"{folder} is not empty. Name another folder, or use --force to replace its tables."
        raise click.UsageError(message)
    _ready()
    from ballast.areas.exchange.selectors import dump_frames

    try:
        written = replace_folder(dump_frames(), folder, format=format)
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}."
        raise click.UsageError(message) from error
    for path, rows in written.items():
        click.echo(f"{rows:>9,} rows  {path}")
    click.echo(f"{len(written)} tables." if written else "The database holds no rows yet.")


@click.command()
@click.argument("table", type=click.Choice([*TABLES, "all"]))
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the files.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Explanations in.")
def template(table: str, out: Path, language: str) -> None:
    """Make an empty XLSX table to fill in, with choices and explanations."""
    names = TABLES if table == "all" else (table,)
    taken = [out / f"{name}.xlsx" for name in names if (out / f"{name}.xlsx").exists()]
    if taken:
        message = f"{taken[0]} is there already. Name another folder."
        raise click.UsageError(message)
    out.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = out / f"{name}.xlsx"
        path.write_bytes(make_template(name, language))
        click.echo(str(path))
