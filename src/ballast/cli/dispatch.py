"""`ballast dispatch`: the dispatch sheet as HTML, PDF, DOCX, XLSX or JSON."""

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ballast.cli.documents import FORMS, check_screen, form_of, write
from ballast.cli.errors import StopError

if TYPE_CHECKING:
    from ballast.areas.dispatch.models import Sheet

__all__ = ["dispatch"]


@click.command()
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the sheet; default today.")
@click.option("--scope", metavar="REGION", default="", help="Code of a region, e.g. 310000; default everything.")
@click.option("--make", is_flag=True, help="Make today's sheet anew when the ledger has changed since.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--format", "form", type=click.Choice(FORMS), help="Default: from --out, else html.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; default standard output.")
@click.option(
    "--address", default="http://localhost:8000", show_default=True, help="Address of the desk, for the links."
)
def dispatch(
    day: dt.datetime | None, scope: str, make: bool, language: str, form: str | None, out: Path | None, address: str
) -> None:
    """Print the dispatch sheet: what is new, closed, overdue, and what needs a decision.

    Today's sheet is made when there is none yet. Earlier days print as they were made.
    """
    import django

    django.setup()
    from ballast.cli.server import require_ready

    require_ready()
    form = form or form_of(out)
    check_screen(form, out, "dispatch")
    write(_rendered(_stored(day.date() if day else None, scope, make), language, form, address), out)


def _stored(day: dt.date | None, scope: str, make: bool) -> "Sheet":
    """The sheet of a day and region; today's is made on the way where there is none, or where it is asked for."""
    from ballast.areas.dispatch import selectors, services
    from ballast.areas.papers import scopes
    from ballast.areas.reference.models import Region
    from ballast.areas.reference.selectors import today

    try:
        key = scopes.named(scope) if scope else scopes.EVERYTHING
    except Region.DoesNotExist:
        message = f"There is no region {scope!r}. Use a code such as 310000."
        raise StopError(message) from None
    day = day or today()
    if make and day != today():
        message = f"A sheet of {day} cannot be made any more; only today's ({today()}) can. Leave --make out."
        raise StopError(message)
    found = selectors.newest(day, key)
    if day == today() and (make or found is None):
        return services.make_sheet(key, actor="command line")
    if found is None:
        message = f"No dispatch sheet was made on {day} for {scope or 'everything'}; only today's ({today()}) can be."
        raise StopError(message)
    return found


def _rendered(found: "Sheet", language: str, form: str, address: str) -> bytes:
    from ballast.areas.dispatch import selectors
    from ballast.areas.papers import printing

    if form == "json":
        head = {"day": found.day.isoformat(), "scope": found.scope, "issue": found.issue, "made_by": found.made_by}
        times = {"since": found.since.isoformat(), "cut_off_at": found.cut_off_at.isoformat()}
        told = head | times | {"inputs_hash": found.inputs_hash, "facts": found.facts}
        return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    document = selectors.document_of(found, "zh-hans" if language == "zh" else "en")
    return printing.rendered(document, form, base=address)
