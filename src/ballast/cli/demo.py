"""`ballast demo`: load the exercise into an embedded database, then serve it."""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ballast.cli.serving import StopError, free_port, run

if TYPE_CHECKING:
    from ballast.exercise.words import Language

__all__ = ["demo"]

_DEFAULT_FOLDER = "ballast-data/demo"


@click.command()
@click.option(
    "--size",
    type=click.Choice(["s", "m", "l"]),
    help="300, 5,000 or 20,000 invented enterprises; m when there is no exercise yet.",
)
@click.option(
    "--language",
    type=click.Choice(["en", "zh"]),
    help="Language that the people of the exercise write in; en when there is no exercise yet.",
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen at.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option("--fresh", is_flag=True, help="Throw the exercise of the data folder away and load it anew.")
@click.option("--load-only", is_flag=True, help="Load, print the logins and end.")
def demo(
    size: str | None, language: "Language | None", port: int, no_browser: bool, fresh: bool, load_only: bool
) -> None:
    """Load the exercise (an invented replay of spring 2022) and serve it.

    The exercise lives in ballast-data/demo, or where BALLAST_DATA_DIR says. A second start uses what is there.
    """
    os.environ.setdefault("BALLAST_DATA_DIR", _DEFAULT_FOLDER)
    import django

    django.setup()
    if not load_only:
        free_port("127.0.0.1", port)
    loaded = _prepare(size, language, fresh=fresh)
    if load_only:
        _print_logins("")
        return
    from django.db import connections

    connections.close_all()
    if loaded:
        _start_anew(port, no_browser=no_browser)
    run(port=port, open_browser=not no_browser, ready=_print_logins)


def _start_anew(port: int, *, no_browser: bool) -> None:
    """Put a fresh process in the place of this one, which goes on with what is loaded.

    Loading has started the threads of polars. The server forks its workers, in which these threads are missing while
    their locks are held: the first forecast there would wait for ever.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    command = ["-c", "from ballast.cli import main; main(prog_name='ballast')", "demo", "--port", str(port)]
    os.execv(sys.executable, [sys.executable, *command, *(["--no-browser"] if no_browser else [])])  # noqa: S606


def _say(text: str) -> None:
    click.echo(text, err=True)


def _prepare(size: str | None, language: "Language | None", *, fresh: bool) -> bool:
    """Bring the database up to date and see that it holds the exercise asked for; returns whether it was loaded now."""
    from django.conf import settings
    from django.core.management import call_command

    from ballast.areas.reference import schedule
    from ballast.exercise import load
    from ballast.exercise.people import shared_password

    if fresh:
        _remove()
    call_command("migrate", verbosity=0, interactive=False)
    found = load.installed()
    if found:
        _same("size", found["size"], size)
        _same("language", found.get("language", "en"), language)
        _say(f"The exercise is there: {_counted(found)}.")
        load.complete(_say)
    else:
        began = time.monotonic()
        _say(f"Loading the exercise into {settings.DATA_DIR} …")
        try:
            password = shared_password(settings.DATA_DIR)
            counts = load.install(size or "m", password=password, language=language or "en", progress=_say)
        except ValueError as error:
            raise StopError(str(error)) from error
        _say(f"Loaded in {time.monotonic() - began:.0f} s: {_counted(counts)}.")
    schedule.sync()
    return not found


def _same(option: str, has: str, asked: str | None) -> None:
    """Raises StopError when the exercise that is there differs in an option from what was asked for."""
    from django.conf import settings

    if asked not in {None, has}:
        text = "{folder} holds an exercise of {option} {has}. Start with --{option} {has}, or with --fresh "
        text += "--{option} {asked}."
        raise StopError(text.format(folder=settings.DATA_DIR, option=option, has=has, asked=asked))


def _counted(counts: dict[str, Any]) -> str:
    names = ("enterprises", "sites", "needs", "links", "events", "cases")
    return f"size {counts['size']}, " + ", ".join(f"{counts[name]:,} {name}" for name in names)


def _remove() -> None:
    """Throw an exercise away. Raises StopError when the database holds anything else."""
    from django.core.management import call_command
    from django.db import connection, connections

    from ballast.areas.reference.models import Authority

    if "reference_authority" not in connection.introspection.table_names():
        return
    row = Authority.objects.first()
    if row is not None and not row.is_exercise:
        text = f"The database is that of {row.name} and no exercise. Choose another folder: BALLAST_DATA_DIR."
        raise StopError(text)
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        connections.close_all()
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    else:
        call_command("flush", verbosity=0, interactive=False)


def _print_logins(address: str) -> None:
    """Address and logins, on standard output."""
    from django.conf import settings
    from django.db import connections

    from ballast.exercise.people import logins, shared_password

    rows = logins()
    width = max(len(role) for _, role, _ in rows)
    click.echo("")
    if address:
        click.echo(f"Ballast, exercise of 28 April 2022: {address} (stop with Ctrl-C)")
    click.echo(f"Password of all logins: {shared_password(settings.DATA_DIR)}")
    for username, role, scope in rows:
        click.echo(f"  {username:<14} {role:<{width}}  {scope}")
    connections.close_all()
