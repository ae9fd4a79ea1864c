"""`ballast modes`: list modes, propose, second and end one; in the name of a person, whose rights hold."""

import datetime as dt
import json
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import click

from ballast.cli.acting import PERSON, acting, refusals

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.modes.duties import Clock
    from ballast.areas.modes.models import Switch

__all__ = ["modes"]

_DAY = click.DateTime(["%Y-%m-%d"])
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def modes() -> None:
    """List modes (vigilance, emergency), propose one, second another person's, end one."""


def _refusals(user: "User", number: int = 0) -> AbstractContextManager[None]:
    return refusals(user, f"There is no mode {number} that {user.get_username()} may see; see `modes list`.")


@modes.command(name="list")
@PERSON
@click.option("--all", "every", is_flag=True, help="Those that are over, refused or withdrawn, too.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Modes at most.")
@_AS_JSON
def list_modes(username: str, every: bool, limit: int, as_json: bool) -> None:
    """List the modes that hold somewhere in the person's scope or wait for a second person, newest first."""
    user = acting(username)
    from ballast.areas.modes import selectors
    from ballast.areas.modes.duties import clock
    from ballast.areas.modes.models import Switch

    at = clock()
    with _refusals(user):
        rows = selectors.visible_switches(user).order_by("-pk")
    if not every:
        living = (Switch.State.ASKED, Switch.State.CONFIRMED)
        rows = rows.filter(state__in=living, ends__gte=at.local.date(), stopped_at=None)
    total, found = rows.count(), list(rows[:limit])
    if as_json:
        told = {"total": total, "modes": [_told(row, at) for row in found]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for row in found:
        click.echo(_line(row, at))
    click.echo(f"{len(found)} of {total} modes.", err=True)


@modes.command()
@click.argument("mode", type=click.Choice(["vigilance", "emergency"]))
@click.option("--region", default="", help="Code; with all below it. A region or a chain has to be named.")
@click.option("--chain", default="", help="Code.")
@click.option("--from", "starts", type=_DAY, help="First day; today where it is left out.")
@click.option("--until", "ends", type=_DAY, required=True, help="Last day, six months ahead at most.")
@click.option("--cadence", default="", help="weekly, workdays, daily or twice_daily; the mode's own where left out.")
@click.option("--wide/--not-wide", default=None, help="Whether wider fields are asked; the mode's own where left out.")
@click.option("--reason", required=True, help="The enterprises concerned read it.")
@PERSON
@_AS_JSON
def propose(
    mode: str, region: str, chain: str, starts: dt.datetime | None, ends: dt.datetime, cadence: str, wide: bool | None,
    reason: str, username: str, as_json: bool,
) -> None:  # fmt: skip
    """Propose MODE for a region, a chain or both; it holds once a second person has confirmed it."""
    user = acting(username)
    from ballast.areas.accounts.access import require
    from ballast.areas.modes import selectors, services
    from ballast.areas.modes.views import named_scope

    with _refusals(user):
        require(user, selectors.SWITCH)
        place, of = named_scope(region, chain)
        row = services.ask(
            user, mode=mode, region=place, chain=of, starts=starts.date() if starts else None, ends=ends.date(),
            cadence=cadence, wide=wide, reason=reason,
        )  # fmt: skip
    _say(row, as_json, f"Mode {row.pk} waits for a second person: ballast modes second {row.pk} --as NAME")


@modes.command()
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
@click.option("--refuse", is_flag=True, help="Refuse it instead; needs --note.")
@click.option("--note", default="", help="Said with it; the one who asked reads it.")
@PERSON
@_AS_JSON
def second(number: int, refuse: bool, note: str, username: str, as_json: bool) -> None:
    """Confirm mode NUMBER as a second person of the same or a higher level, or refuse it."""
    user = acting(username)
    from ballast.areas.modes import selectors, services

    with _refusals(user, number):
        row = services.decide(user, selectors.get_switch(user, number), confirm=not refuse, note=note)
    done = "is refused" if refuse else f"holds from {row.starts} to {row.ends}"
    _say(row, as_json, f"Mode {row.pk} {done}.")


@modes.command()
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
@click.option("--reason", required=True, help="Whoever asks later reads it.")
@PERSON
@_AS_JSON
def end(number: int, reason: str, username: str, as_json: bool) -> None:
    """End mode NUMBER before its last day; one person is enough."""
    user = acting(username)
    from ballast.areas.modes import selectors, services

    with _refusals(user, number):
        row = services.stop(user, selectors.get_switch(user, number), reason=reason)
    _say(row, as_json, f"Mode {row.pk} is over: back to normal.")


def _say(row: "Switch", as_json: bool, text: str) -> None:
    from ballast.areas.modes.duties import clock

    click.echo(json.dumps(_told(row, clock()), ensure_ascii=False, indent=2) if as_json else text)


def _told(row: "Switch", at: "Clock") -> dict[str, Any]:
    """A mode as JSON tells it, under the names of the API."""
    return {
        "id": row.pk, "mode": row.mode, "region": row.region_id, "chain": row.chain_id, "cadence": row.cadence,
        "wide": row.wide, "starts": row.starts.isoformat(), "ends": row.ends.isoformat(), "reason": row.reason,
        "state": row.state, "in_force": row.holds(at.instant, at.local.date()),
    }  # fmt: skip


def _line(row: "Switch", at: "Clock") -> str:
    """How a mode reads on one line: number, mode, scope, days, cadence, how it stands, reason."""
    state = "in force" if row.holds(at.instant, at.local.date()) else str(row.get_state_display())
    days = f"{row.starts} to {row.ends}"
    cells = (str(row.pk), str(row.get_mode_display()), row.place, days, str(row.get_cadence_display()), state)
    return "\t".join((*cells, row.reason.replace("\n", " ")))
