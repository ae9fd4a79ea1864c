"""`ballast user`: people, their rights and their API tokens."""

import datetime as dt
import os
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["user"]

_ACTOR = "command line"


def _setup() -> None:
    import django

    django.setup()


def _refuse(exc: Exception) -> NoReturn:
    """Say what was wrong with which field; exit 2."""
    found: dict[str, list[str]] = exc.message_dict if hasattr(exc, "error_dict") else {"": exc.messages}  # type: ignore[attr-defined]
    text = " ".join(f"{name}: {t}" if name and name != "__all__" else t for name, ts in found.items() for t in ts)
    raise click.UsageError(text)


def _person(username: str) -> "User":
    from ballast.areas.accounts.models import User

    found = User.objects.filter(username=username).first()
    if found is None:
        message = f"There is no person {username}. `ballast user list` shows all."
        raise click.UsageError(message)
    return found


@click.group()
def user() -> None:
    """Add people, give rights, make API tokens."""


@user.command()
@click.argument("username")
@click.option("--name", default="", help="Name as shown on pages.")
@click.option("--language", type=click.Choice(["en", "zh-hans"]), default="en", show_default=True)
@click.option("--admin", is_flag=True, help="Also give the right to administer.")
def add(username: str, name: str, language: str, admin: bool) -> None:
    """Add a person; asks for the password twice, or takes it from BALLAST_PASSWORD."""
    _setup()
    from django.core.exceptions import ValidationError
    from django.db import transaction

    from ballast.areas.accounts import services

    password = os.environ.get("BALLAST_PASSWORD") or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        with transaction.atomic():
            made = services.create_user(_ACTOR, username, name=name, password=password, language=language)
            if admin:
                services.grant(_ACTOR, made, role="administrator")
    except ValidationError as exc:
        _refuse(exc)
    click.echo(f"{username} is there{', with the right to administer' if admin else ' and has no right yet'}.")


@user.command()
@click.argument("username")
@click.argument("role")
@click.option("--region", default="", help="Code of a region: the right holds in it and below.")
@click.option("--chain", default="", help="Code of a chain.")
@click.option("--enterprise", default="", help="Identifier of the enterprise that a reporter reports for.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day on which the right holds.")
def grant(username: str, role: str, until: dt.datetime | None, **places: str) -> None:
    """Give a person a role, in a region, a chain or an enterprise; without any of them everywhere."""
    _setup()
    from django.core.exceptions import ValidationError

    from ballast.areas.accounts import services

    person = _person(username)
    _check_places(places)
    try:
        services.grant(_ACTOR, person, role=role, valid_until=until.date() if until else None, **places)
    except ValidationError as exc:
        _refuse(exc)
    where = " ".join(code for code in places.values() if code) or "everywhere"
    click.echo(f"{username} is {role}: {where}.")


def _check_places(places: dict[str, str]) -> None:
    from ballast.areas.reference.selectors import region_codes
    from ballast.areas.registry.models import Chain, Enterprise

    if places["region"]:
        code = region_codes().get(places["region"].upper())
        if code is None:
            message = f"There is no region {places['region']}."
            raise click.UsageError(message)
        places["region"] = code
    if places["chain"] and not Chain.objects.filter(code=places["chain"]).exists():
        message = f"There is no chain {places['chain']}."
        raise click.UsageError(message)
    if places["enterprise"] and not Enterprise.objects.filter(enterprise_id=places["enterprise"]).exists():
        message = f"There is no enterprise {places['enterprise']}."
        raise click.UsageError(message)


@user.command()
@click.argument("username")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
@click.option("--days", default=90, show_default=True, help="Days until it expires, at most 366.")
def token(username: str, name: str, days: int) -> None:
    """Make an API token that acts with the person's rights; printed this once, stored nowhere."""
    _setup()
    from django.core.exceptions import ValidationError

    from ballast.areas.accounts import services

    try:
        _row, text = services.issue_token(_person(username), name, days=days, acting=_ACTOR)
    except ValidationError as exc:
        _refuse(exc)
    click.echo(text)


@user.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_people(as_json: bool) -> None:
    """List all people with their rights."""
    import json

    _setup()
    from ballast.areas.accounts.models import User

    rows = [_row(person) for person in User.objects.prefetch_related("grants").order_by("username")]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        rights = "; ".join(_right(right) for right in row["rights"]) or "no right"
        click.echo(f"{row['username']}\t{row['name']}\t{rights}{'' if row['active'] else chr(9) + 'closed'}")


def _row(person: "User") -> dict[str, Any]:
    rights = [
        {
            "role": g.role,
            "region": g.region,
            "chain": g.chain,
            "enterprise": g.enterprise,
            "until": g.valid_until.isoformat() if g.valid_until else None,
        }
        for g in person.grants.all()
    ]
    return {
        "username": person.username,
        "name": person.get_full_name(),
        "active": person.is_active,
        "rights": rights,
    }


def _right(right: dict[str, str | None]) -> str:
    places = [str(right[key]) for key in ("region", "chain", "enterprise") if right[key]]
    until = [f"until {right['until']}"] if right["until"] else []
    return " ".join([str(right["role"]), *places, *until])
