"""`ballast cases`: look for cases, move, merge and split them; in the name of a person, whose rights hold."""

import csv
import hashlib
import io
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from ballast.cli.acting import PERSON, acting, named, refusals

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.cases.models import Case

__all__ = ["cases"]

_COLUMNS = ("blocked", "text", "product", "place", "site_id")
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def cases() -> None:
    """List, show and move cases, put them under each other, merge and split them."""


def _refusals(user: "User", *numbers: str) -> AbstractContextManager[None]:
    """What rights and rules refuse, as a message with the way out."""
    absent = f"There is no case {' or '.join(numbers)} that {user.get_username()} may work on; see `cases list`."
    return refusals(user, absent)


@cases.command(name="list")
@PERSON
@click.option("--state", default="open", show_default=True, help="open, all, or one state.")
@click.option("--kind", default="", help="Code of a kind.")
@click.option("--region", default="", help="Code of a region: cases of its enterprises, or led there.")
@click.option("--q", default="", metavar="WORDS", help="Words in number, enterprise, site, product or report.")
@click.option("--overdue", is_flag=True, help="Only those past their due time.")
@click.option("--held", is_flag=True, help="Only those that wait for an open case under them.")
@click.option("--sort", type=click.Choice(["risk", "due", "age"]), default="risk", show_default=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Cases at most.")
@_AS_JSON
def list_cases(username: str, limit: int, as_json: bool, sort: str, **filters: str | bool) -> None:
    """List the cases that the person sees, most output at risk first."""
    user = acting(username)
    from ballast.areas.accounts.access import require
    from ballast.areas.cases import selectors
    from ballast.areas.cases.relations.family import with_waiting

    with _refusals(user):
        require(user, "view_desk")
    given = {name: "1" if value is True else str(value) for name, value in filters.items() if value}
    rows = selectors.queue(user, given | {"sort": {"risk": "-risk", "due": "due", "age": "age"}[sort]})
    total = rows.count()
    found = with_waiting(list(rows[:limit]))
    if as_json:
        click.echo(json.dumps({"total": total, "cases": [_told(case) for case in found]}, ensure_ascii=False, indent=2))
        return
    line = _lines()
    for case in found:
        click.echo(line(case))
    click.echo(f"{len(found)} of {total} cases.", err=True)


@cases.command()
@click.argument("number")
@PERSON
@_AS_JSON
def show(number: str, username: str, as_json: bool) -> None:
    """Show a case: who has it, when it is due, what stands above and under it."""
    user = acting(username)
    from ballast.areas.accounts.access import require
    from ballast.areas.audit.services import record_read
    from ballast.areas.cases.relations.family import family_of, family_shown
    from ballast.areas.cases.selectors import case_for

    with _refusals(user, number):
        require(user, "view_desk")
        case = case_for(user, number)
    record_read(user, [case.enterprise.enterprise_id], "case")
    family = family_of(user, case)
    case.waits_for = family.held
    if as_json:
        told = _told(case) | {"text": case.text, "family": family_shown(family)}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(_lines()(case))
    if case.text:
        click.echo(case.text)
    if family.parent:
        click.echo(f"under {family.parent.number}" + (", which waits for it" if family.blocks else ""))
    for one in family.children:
        waits = "waited for" if one.held_by else "not waited for"
        click.echo(f"  {one.case.number}\t{one.case.get_state_display()}\t{waits}\t{one.case.blocked}")
    if family.hidden:
        click.echo(f"  and {family.hidden} outside the scope of {username}")


@cases.command()
@click.argument("number")
@click.argument("name", metavar="MOVE")
@click.option("--text", default="", help="What is said with it; the enterprise reads it.")
@click.option("--owner", default="", metavar="NAME", help="For assign.")
@click.option("--desk", default="", help="Region, or region/department: for hand_over, give_back and decide.")
@click.option("--outcome", default="", help="How it ends, for a move that solves or closes.")
@PERSON
def move(number: str, name: str, text: str, owner: str, desk: str, outcome: str, username: str) -> None:
    """Make a move of the case's pack: of a problem accept, start, hand_over, take_over, solve and so on."""
    user = acting(username)
    from ballast.areas.cases import services
    from ballast.areas.desks.naming import desk_named

    with _refusals(user, number):
        to, chosen = desk_named(desk), named(owner) if owner else None
        case = services.make_move(
            user, number, move=name, text=text, owner=chosen, region=to.region, department=to.department,
            outcome=outcome,
        )  # fmt: skip
    click.echo(f"{number}: {case.get_state_display()}.")


@cases.command()
@click.argument("number")
@click.argument("into")
@click.option("--text", required=True, help="Why it is the same problem; the enterprise reads it.")
@PERSON
def merge(number: str, into: str, text: str, username: str) -> None:
    """Merge case NUMBER into case INTO of the same enterprise: it closes, and INTO goes on; `unmerge` undoes it."""
    user = acting(username)
    from ballast.areas.cases import services

    with _refusals(user, number, into):
        services.merge_case(user, number, into=into, text=text)
    click.echo(f"{number} goes on in {into}.")


@cases.command()
@click.argument("number")
@PERSON
def unmerge(number: str, username: str) -> None:
    """Undo the merge of case NUMBER: it stands as it stood before, and both stories are what they were."""
    user = acting(username)
    from ballast.areas.cases import services

    with _refusals(user, number):
        case = services.undo_merge(user, number)
    click.echo(f"{number} is a case of its own again: {case.get_state_display()}.")


@cases.command()
@click.argument("parent")
@click.argument("child")
@click.option("--no-wait", is_flag=True, help="PARENT does not wait for CHILD.")
@PERSON
def link(parent: str, child: str, no_wait: bool, username: str) -> None:
    """Put case CHILD under case PARENT, which waits for it: it is not solved or closed while CHILD is open.

    Again with or without --no-wait changes that.
    """
    user = acting(username)
    from ballast.areas.cases import services

    with _refusals(user, parent, child):
        services.link_child(user, parent, child=child, blocks=not no_wait)
    click.echo(f"{child} is under {parent}" + (", which does not wait for it." if no_wait else ", which waits for it."))


@cases.command()
@click.argument("child")
@PERSON
def unlink(child: str, username: str) -> None:
    """Take case CHILD off from under the one above it, which then does not wait for it any more."""
    user = acting(username)
    from ballast.areas.cases import services

    with _refusals(user, child):
        services.unlink_child(user, child)
    click.echo(f"{child} is under no other case any more.")


@cases.command()
@click.argument("numbers", nargs=-1, required=True)
@click.option("--owner", required=True, metavar="NAME", help="Who owns the cases from now on.")
@PERSON
def assign(numbers: tuple[str, ...], owner: str, username: str) -> None:
    """Assign cases to an owner, each by itself; exit 1 when one was refused, with the reason."""
    user = acting(username)
    from ballast.areas.cases import services

    chosen = named(owner)
    with _refusals(user):
        done, refused = services.move_many(user, list(numbers), move="assign", owner=chosen)
    for number in done:
        click.echo(f"{number} belongs to {owner}.")
    for number, reason in refused.items():
        click.echo(f"{number} was not assigned: {reason}", err=True)
    sys.exit(1 if refused else 0)


@cases.command()
@click.argument("number")
@click.option("--part", "parts", multiple=True, metavar="TEXT", help="What is blocked in a part; once for each part.")
@click.option(
    "--file", "table", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"CSV with a row for each part: {', '.join(_COLUMNS)}; all but the first may be missing or empty.",
)  # fmt: skip
@PERSON
@_AS_JSON
def split(number: str, parts: tuple[str, ...], table: Path | None, username: str, as_json: bool) -> None:
    """Split a case into parts, each a case under it, which it waits for; all parts or none.

    What a part leaves out is as in the case. The same parts by the same person again give the cases of the first time.
    """
    rows = [{"blocked": text} for text in parts] + (_rows(table) if table else [])
    if not rows:
        message = "Name the parts: --part TEXT for each, or --file."
        raise click.UsageError(message)
    user = acting(username)
    from ballast.areas.cases import services
    from ballast.areas.cases.relations.splitting import part_named
    from ballast.areas.cases.selectors import case_for

    token = hashlib.sha256(json.dumps([number, rows]).encode()).hexdigest()[:40]
    with _refusals(user, number):
        case = case_for(user, number)
        named = [part_named(case, **row) for row in rows]
        made = services.split_case(user, number, named, client_token=token)
    if as_json:
        click.echo(json.dumps({"numbers": [one.number for one in made]}))
        return
    click.echo(f"{number} waits for {len(made)} {'part' if len(made) == 1 else 'parts'}:")
    for one in made:
        click.echo(f"  {one.number}\t{one.blocked}")


def _rows(table: Path) -> list[dict[str, str]]:
    """The rows of a CSV of parts, without empty cells. Raises UsageError for what is none."""
    try:
        reader = csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig")), restkey="")
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"{table} is no CSV in UTF-8: {error}. Save it as one."
        raise click.UsageError(message) from error
    unknown = [name for name in reader.fieldnames or () if name not in _COLUMNS]
    if unknown or any("" in row for row in rows) or "blocked" not in (reader.fieldnames or ()):
        wrong = f"column {unknown[0]!r} is not known" if unknown else "the head does not name every cell's column"
        message = f"{table}: {wrong}; the columns are {', '.join(_COLUMNS)}, and the first is needed."
        raise click.UsageError(message)
    return [{name: value for name, value in row.items() if value} | {"blocked": row["blocked"] or ""} for row in rows]


def _told(case: "Case") -> dict[str, Any]:
    """A case as JSON tells it, under the names of the API."""
    return {
        "number": case.number, "pack": case.pack, "kind": case.kind, "state": case.state, "blocked": case.blocked,
        "enterprise_id": case.enterprise.enterprise_id, "site_id": case.site.site_id,
        "lead_region": case.lead_region_id, "owner": case.owner.get_username() if case.owner else None,
        "filed_at": case.filed_at.isoformat(), "due_at": case.due_at.isoformat(),
        "output_at_risk": case.output_at_risk, "waits_for": case.waits_for,
    }  # fmt: skip


def _lines() -> "Callable[[Case], str]":
    """How a case reads on one line: number, state, due time in the authority's zone, owner or desk, what is blocked."""
    from ballast.areas.reference.selectors import authority

    zone = ZoneInfo(authority().time_zone)

    def line(case: "Case") -> str:
        state = case.get_state_display() + (f", waits for {case.waits_for}" if case.waits_for else "")
        owner = case.owner.get_username() if case.owner else case.lead_region.label
        due = f"due {case.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
        return "\t".join((case.number, state, due, owner, case.enterprise.label, case.blocked))

    return line
