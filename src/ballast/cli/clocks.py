"""`ballast clocks`: calendars and policies of the cases' clocks."""

import json
from pathlib import Path
from typing import Any

import click

__all__ = ["clocks"]

_ACTOR = "command line"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _setup() -> None:
    import django

    django.setup()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"{path} is not in UTF-8: {error.reason}. Save it as UTF-8."
        raise click.UsageError(message) from error


@click.group()
def clocks() -> None:
    """Working calendars, and the policies by which cases are due."""


@clocks.command()
@click.argument("file", type=_FILE)
def calendar(file: Path) -> None:
    """Load a version of a working calendar from a TOML file; cases in hand are computed anew."""
    _setup()
    from django.core.exceptions import ValidationError

    from ballast.areas.reference.services import load_calendar

    try:
        row = load_calendar(_ACTOR, _text(file))
    except ValidationError as error:
        raise click.UsageError("\n".join(error.messages)) from error
    click.echo("Nothing new: this version is there already." if row is None else f"Calendar {row} is loaded.")


@clocks.command()
@click.argument("file", type=_FILE)
def policy(file: Path) -> None:
    """Load a version of the clocks of a case pack from a TOML file; cases in hand go over and keep their pauses."""
    _setup()
    from django.core.exceptions import ValidationError

    from ballast.areas.cases.clocks.policies import load_policy

    try:
        loaded = load_policy(_ACTOR, _text(file))
    except ValidationError as error:
        raise click.UsageError("\n".join(error.messages)) from error
    if loaded is None:
        click.echo("Nothing new: this version is there already.")
        return
    row, moved = loaded
    click.echo(f"Policy {row} is loaded, in force from {row.since:%Y-%m-%d %H:%M %Z}.")
    click.echo(f"{len(moved.numbers)} of {moved.looked_at} cases in hand are due at another time now.")


@clocks.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_all(as_json: bool) -> None:
    """List the calendars and policies in force."""
    _setup()
    from ballast.areas.cases.clocks.rules import rules_in_force

    rules = rules_in_force()
    calendars: list[dict[str, Any]] = [
        {
            "name": one.name,
            "version": one.version,
            "title": one.said["title"],
            "known_until": one.said["known_until"],
            "days": len(one.said["days"]),
            "office": one.name == rules.office,
        }
        for one in rules.days.values()
    ]
    policies: list[dict[str, Any]] = [
        {
            "pack": pack,
            "version": one.version,
            "since": one.since.astimezone(rules.zone).isoformat(),
            "rules": len(one.rules),
        }
        for pack, versions in rules.policies.items()
        for one in versions
    ]
    if as_json:
        click.echo(json.dumps({"calendars": calendars, "policies": policies}, ensure_ascii=False, indent=2))
        return
    for one in calendars:
        until = f"known to {one['known_until']}" if one["known_until"] else "knows no holidays"
        own = ", of the authority" if one["office"] else ""
        click.echo(f"calendar {one['name']}\t{one['version']}\t{one['title']}\t{until}{own}")
    for row in policies:
        click.echo(f"policy {row['pack']}\t{row['version']}\tfrom {row['since'][:16]}\t{row['rules']} rules")


@clocks.command()
def recompute() -> None:
    """Compute the clocks of all cases in hand and the parts of desks in all cases anew, and store what differs.

    Cases that closed before parts were stored get theirs. Again it changes nothing.
    """
    _setup()
    from ballast.areas.cases.clocks.dues import follow_all
    from ballast.areas.cases.clocks.parts_kept import mend_parts, over
    from ballast.cli.counting import counted

    moved = follow_all("policy", actor=_ACTOR)
    click.echo(f"{moved.looked_at} cases in hand, {len(moved.numbers)} due at another time now.")
    with counted("Parts of desks", over().count()) as step:
        mended = mend_parts(step=step)
    click.echo(f"{mended.looked_at} cases that are over, {mended.changed} got other parts of desks.")
