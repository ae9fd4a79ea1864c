"""`ballast audit`: the record of every write and reading."""

import json
import sys

import click

__all__ = ["audit"]


@click.group()
def audit() -> None:
    """Check the audit chain."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(as_json: bool) -> None:
    """Walk the whole chain; exit 1 when an entry was altered, inserted or deleted.

    Keep the printed count and head: entries cut off at the end show only against them.
    """
    import django

    django.setup()
    from django.db import Error as DatabaseError

    from ballast.areas.audit import selectors

    try:
        found = selectors.verify()
    except DatabaseError as exc:
        message = f"The audit chain cannot be read: {exc}. Run `ballast init` first."
        raise click.UsageError(message) from exc
    if as_json:
        click.echo(
            json.dumps({"count": found.count, "head": found.head, "broken": found.broken, "reason": found.reason})
        )
    elif found.whole:
        click.echo(f"{found.count} entries, all whole. Head {found.head}")
    else:
        click.echo(f"Entry {found.broken} is broken: {found.reason}. {found.count} entries before it are whole.")
    sys.exit(0 if found.whole else 1)
