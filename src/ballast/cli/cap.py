"""`ballast cap`: check messages of the Common Alerting Protocol."""

import json
import sys
from pathlib import Path

import click

__all__ = ["cap"]


@click.group()
def cap() -> None:
    """Messages of the Common Alerting Protocol 1.2."""


@cap.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def check(file: Path, as_json: bool) -> None:
    """Check the message in FILE against the standard; exit 1 with a line for each fault."""
    import django

    django.setup()
    from ballast.areas.responses.cap.parsing import LARGEST, CapError
    from ballast.areas.responses.cap.reading import read

    with file.open("rb") as source:
        document = source.read(LARGEST + 1)
    try:
        message, faults = read(document), []
    except CapError as error:
        message, faults = None, error.faults
    if as_json:
        click.echo(json.dumps({"faults": faults, "identifier": message.identifier if message else None}))
    elif message:
        click.echo(f"{message.kind} {message.identifier} of {message.sender}, status {message.status}: no fault.")
    else:
        click.echo("\n".join(faults))
    sys.exit(1 if faults else 0)
