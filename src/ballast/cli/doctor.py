"""`ballast doctor`: whether what is stored of the cases is in order, and the way out where it is not."""

import json
import sys
from typing import Any

import click

__all__ = ["doctor"]

# Cases that are named one by one under a finding.
_NAMED = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Check what is stored of the cases, and name the way out of what is wrong; exit 1 when something is.

    Due times and the parts of desks against log, policy and calendar; parents and children; owners and desks; the
    calendar's end; states against the case packs.
    """
    import django

    django.setup()
    from django.db import Error as DatabaseError

    try:
        found = _clocks() | _parts() | _links() | _owners() | _packs()
    except DatabaseError as error:
        message = f"The database cannot be read: {error}. Run `ballast init` first."
        raise click.UsageError(message) from error
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(found)))
    sys.exit(1 if any(found[name] for name in _WRONG) else 0)


# What is empty, or none, when all is well.
_WRONG = (
    "differing", "beyond_calendar", "differing_parts", "closed_over_open", "in_loops", "owners_gone", "unmanned_desks",
    "outside_packs",
)  # fmt: skip


def _clocks() -> dict[str, Any]:
    from ballast.areas.cases.clocks.checks import beyond_calendar, differing
    from ballast.areas.cases.clocks.dues import in_hand
    from ballast.areas.reference.selectors import authority

    beyond = beyond_calendar()
    return {
        "cases": in_hand().count(),
        "differing": [
            {"number": case.number, "stored": case.due_at.isoformat(), "computed": dues.due_at.isoformat()}
            for case, dues in differing()
        ],
        "calendar": authority().calendar,
        "calendar_known_until": beyond.known_until.isoformat() if beyond.known_until else None,
        "beyond_calendar": beyond.cases,
    }


def _parts() -> dict[str, Any]:
    from ballast.areas.cases.clocks.parts_kept import unlike_parts
    from ballast.areas.cases.models import Case
    from ballast.cli.counting import counted

    with counted("Parts of desks", Case.objects.count()) as step:
        return {"differing_parts": unlike_parts(step=step)}


def _links() -> dict[str, Any]:
    from ballast.areas.cases.relations.checks import broken_links

    return broken_links()._asdict()


def _owners() -> dict[str, Any]:
    from ballast.areas.cases.ownership.checks import owners_gone, unmanned_desks

    return {"owners_gone": owners_gone(), "unmanned_desks": [desk._asdict() for desk in unmanned_desks()]}


def _packs() -> dict[str, Any]:
    from ballast.areas.cases.selectors import outside_packs

    return {"outside_packs": [{"pack": name, "state": state, "cases": n} for name, state, n in outside_packs()]}


def _lines(found: dict[str, Any]) -> list[str]:
    return [*_clock_lines(found), *_part_lines(found), *_link_lines(found), *_owner_lines(found), *_pack_lines(found)]


def _clock_lines(found: dict[str, Any]) -> list[str]:
    wrong = found["differing"]
    lines = [f"clocks: {found['cases']} cases in hand, {len(wrong)} with a stored clock that is not the computed one."]
    lines += [f"  {one['number']}: stored {one['stored']}, computed {one['computed']}" for one in wrong[:_NAMED]]
    if wrong:
        lines.append("  Run `ballast clocks recompute`; if they differ again, report it as a fault of Ballast.")
    until = found["calendar_known_until"]
    lines.append(f"calendar {found['calendar']}: " + (f"holidays known to {until}." if until else "knows no holidays."))
    if found["beyond_calendar"]:
        lines.append(
            f"  {found['beyond_calendar']} cases in hand are due after that, by weekends alone: load a calendar that "
            "goes further with `ballast clocks calendar FILE`."
        )
    return lines


def _part_lines(found: dict[str, Any]) -> list[str]:
    wrong = found["differing_parts"]
    lines = [f"parts of desks: {len(wrong)} cases with other parts than their log says."]
    if wrong:
        lines += [
            f"  {_some(wrong)}",
            "  Run `ballast clocks recompute`; cases from before parts were stored get them.",
        ]
    return lines


def _link_lines(found: dict[str, Any]) -> list[str]:
    closed, loops = found["closed_over_open"], found["in_loops"]
    lines = [f"parents and children: {len(closed)} closed parents over an open child, {len(loops)} links in loops."]
    lines += [
        f"  {parent} is closed and waits for {child}: reopen it, or "
        f"`ballast cases link {parent} {child} --no-wait --as NAME`."
        for parent, child in closed[:_NAMED]
    ]
    lines += [
        f"  {child} is under {parent}, and above it: `ballast cases unlink {child} --as NAME`."
        for parent, child in loops[:_NAMED]
    ]
    return lines


def _owner_lines(found: dict[str, Any]) -> list[str]:
    gone, unmanned = found["owners_gone"], found["unmanned_desks"]
    lines = [f"owners: {len(gone)} cases in hand of people who do not work on cases, {len(unmanned)} desks of nobody."]
    lines += [
        f"  {number} belongs to {owner}: `ballast cases assign {number} --owner OTHER --as NAME`."
        for number, owner in gone[:_NAMED]
    ]
    lines += [
        f"  {one['desk']} leads {one['cases']} cases: give a person the right, "
        f"`ballast user grant NAME province_officer --region {one['desk'].partition('/')[0]}`."
        for one in unmanned[:_NAMED]
    ]
    return lines


def _pack_lines(found: dict[str, Any]) -> list[str]:
    return [
        f"packs: {one['cases']} cases are in state {one['state']!r} of pack {one['pack']!r}, which is in no file: "
        "give the state back to its pack."
        for one in found["outside_packs"]
    ]


def _some(numbers: list[str]) -> str:
    more = len(numbers) - _NAMED
    return ", ".join(numbers[:_NAMED]) + (f" and {more} more" if more > 0 else "")
