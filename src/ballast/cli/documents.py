"""`ballast brief`: the daily brief as HTML, PDF, DOCX, XLSX or JSON."""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ballast.cli.errors import StopError

if TYPE_CHECKING:
    from ballast.areas.briefs.models import Brief

__all__ = ["FORMS", "brief", "check_screen", "form_of", "write"]

FORMS = ["html", "pdf", "docx", "xlsx", "json"]
# Forms that are of no use on a screen.
_BINARY = {"pdf", "docx", "xlsx"}


@click.command()
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the brief; default today.")
@click.option("--scope", metavar="REGION", default="", help="Code of a region, e.g. 310000; default everything.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--format", "form", type=click.Choice(FORMS), help="Default: from --out, else html.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; default standard output.")
@click.option(
    "--address", default="http://localhost:8000", show_default=True, help="Address of the desk, for the links."
)
def brief(day: dt.datetime | None, scope: str, language: str, form: str | None, out: Path | None, address: str) -> None:
    """Print the daily brief: who is red, what stops, what was solved, what to decide.

    Today's brief is made, or made anew when newer data are there. Earlier days print as they were issued.
    """
    import django

    django.setup()
    from ballast.cli.server import require_ready

    require_ready()
    form = form or form_of(out)
    check_screen(form, out, "brief")
    write(_rendered(_stored(day.date() if day else None, scope), language, form, address), out)


def check_screen(form: str, out: Path | None, name: str) -> None:
    """Refuse to print on a screen what is no text."""
    if form in _BINARY and out is None and sys.stdout.isatty():
        message = f"A {form.upper()} on the screen is of no use. Name a file: --out {name}.{form}"
        raise click.UsageError(message)


def write(content: bytes, out: Path | None) -> None:
    """Write the content to a file, or to standard output without one."""
    if out is None:
        click.echo(content, nl=False)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        message = f"{out} cannot be written: {error.strerror}."
        raise StopError(message) from error
    click.echo(f"{out}: {len(content):,} bytes", err=True)


def form_of(out: Path | None) -> str:
    """The form that the file's name ends with; HTML when it says nothing."""
    suffix = out.suffix.lower().lstrip(".") if out else ""
    return suffix if suffix in FORMS else "html"


def _stored(day: dt.date | None, scope: str) -> "Brief":
    """The brief of a day and region; today's is made on the way."""
    from ballast.areas.briefs import selectors, services
    from ballast.areas.papers import scopes
    from ballast.areas.reference.models import Region
    from ballast.areas.reference.selectors import today

    try:
        key = scopes.named(scope) if scope else scopes.EVERYTHING
    except Region.DoesNotExist:
        message = f"There is no region {scope!r}. Use a code such as 310000."
        raise StopError(message) from None
    day = day or today()
    if day == today():
        return services.renew(day, key, actor="command line")
    found = selectors.newest(day, key)
    if found is None:
        message = f"No brief was issued on {day} for {scope or 'everything'}; only today's ({today()}) can be made."
        raise StopError(message)
    return found


def _rendered(found: "Brief", language: str, form: str, address: str) -> bytes:
    from ballast.areas.briefs import selectors
    from ballast.areas.papers import printing

    if form == "json":
        head: dict[str, Any] = {"day": found.day.isoformat(), "scope": found.scope, "issue": found.issue}
        head |= {"cut_off_at": found.cut_off_at.isoformat(), "made_by": found.made_by, "facts": found.facts}
        return (json.dumps(head, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    try:
        document = selectors.document_of(found, "zh-hans" if language == "zh" else "en")
    except selectors.OtherVersionError as error:
        message = f"{error} Take its figures with --format json."
        raise StopError(message) from error
    return printing.rendered(document, form, base=address)
