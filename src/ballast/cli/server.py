"""`ballast init`, `serve`, `worker` and `tick`: set it up and keep it running."""

import secrets
import signal
import threading
from typing import Any

import click

from ballast.cli.errors import StopError
from ballast.cli.serving import run

__all__ = ["init", "run", "serve", "tick", "worker"]

_NOT_READY = "The database is not initialised, or older than this program. Run: ballast init"


def _setup() -> None:
    import django

    django.setup()


def _pending() -> list[str]:
    """Migrations that the database lacks; raises StopError when it does not answer."""
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        message = f"The database does not answer: {str(error).strip()}. Check BALLAST_DATABASE_URL and that it runs."
        raise StopError(message) from error
    return [str(migration) for migration, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def require_ready() -> None:
    """Raise StopError, naming the way out, unless the database is set up and current."""
    from ballast.areas.reference.models import Authority

    if _pending() or not Authority.objects.exists():
        raise StopError(_NOT_READY)


@click.command()
@click.option("--name", help="Name of the authority in English.")
@click.option("--name-zh", help="Name of the authority in Chinese.")
@click.option("--currency", help="Currency of output values, e.g. CNY or EUR.")
@click.option("--calendar", help="Working calendar: cn, plain for Monday to Friday, or one of your own.")
@click.option("--time-zone", help="Time zone of the desk, e.g. Asia/Shanghai.")
@click.option("--admin", metavar="NAME", help="Make this administrator and print a password, once.")
def init(admin: str | None, **fields: str | None) -> None:
    """Set up the database: tables, code lists, the authority, the first administrator.

    Running it again changes only what its options say, and brings an older database up to date.
    """
    _setup()
    from django.core.exceptions import ValidationError
    from django.core.management import call_command

    from ballast.areas.reference import schedule, services

    pending = len(_pending())
    call_command("migrate", verbosity=0, interactive=False)
    click.echo(f"Database: {pending} changes applied." if pending else "Database: up to date.")
    counts = services.load_reference()
    click.echo("Code lists: " + ", ".join(f"{n} {table.replace('_', ' ')}" for table, n in counts.items()) + " new.")
    try:
        click.echo(f"Authority: {_authority({k: v for k, v in fields.items() if v is not None})}.")
        schedule.sync()
        if admin:
            click.echo(_administrator(admin))
    except ValidationError as error:
        raise StopError(_told(error)) from error
    for step in _next_steps():
        click.echo(f"Next: {step}")


def _next_steps() -> list[str]:
    """What is still to do before a desk can work; nothing once it was done."""
    from ballast.areas.accounts.models import User
    from ballast.areas.reference.models import Authority
    from ballast.areas.registry.models import Site

    steps = []
    if not User.objects.exists():
        steps.append("`ballast init --admin NAME` makes the first administrator.")
    if Site.objects.exists():
        return steps
    if Authority.objects.filter(calendar="plain").exists():
        steps.append("`ballast init --calendar cn` where Chinese public holidays hold; plain knows no holidays.")
    steps.append(
        "`ballast template all --out FOLDER` makes empty tables; `ballast load FOLDER` takes them in when filled."
    )
    return [*steps, "`ballast serve`; the administrator gives people their rights under People."]


def _told(error: Any) -> str:  # noqa: ANN401
    """Field and reason of each fault, one a line."""
    if hasattr(error, "error_dict"):
        return "\n".join(f"{field}: {text}" for field, texts in error.message_dict.items() for text in texts)
    return "\n".join(error.messages)


def _authority(given: dict[str, str]) -> str:
    """Make or change the authority; its name."""
    from ballast.areas.reference.models import Authority
    from ballast.areas.reference.services import set_authority

    row = Authority.objects.first()
    if row is None:
        given = {"name": "Industry authority", "name_zh": "工业和信息化主管部门"} | given
    if given:
        row = set_authority("command line", **given)
    return row.name if row else ""


def _administrator(name: str) -> str:
    """Make the administrator; the line that tells so, with the password where one was made."""
    from django.db import transaction

    from ballast.areas.accounts import services
    from ballast.areas.accounts.models import Role, User

    if User.objects.filter(username=name).exists():
        return f"Administrator: {name} is there already; the password stays."
    password = secrets.token_urlsafe(12)
    with transaction.atomic():
        user = services.create_user("command line", name, password=password)
        services.grant("command line", user, role=Role.ADMINISTRATOR)
    return f"Administrator: {name}, password {password} (shown once; change it after signing in)."


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen at.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
@click.option(
    "--with-worker/--no-worker",
    default=None,
    help="Run jobs beside the pages; the default on the embedded database. With PostgreSQL run `ballast worker`.",
)
def serve(host: str, port: int, workers: int, with_worker: bool | None) -> None:
    """Serve the desk's pages and API until told to stop."""
    _setup()
    from django.db import connection, connections

    require_ready()
    if with_worker is None:
        with_worker = connection.vendor == "sqlite"
    connections.close_all()
    run(
        host=host, port=port, workers=workers, with_worker=with_worker,
        ready=lambda address: click.echo(f"Ballast serves at {address} (stop with Ctrl-C)."),
    )  # fmt: skip


@click.command()
@click.option(
    "--interval", default=0.2, show_default=True, type=click.FloatRange(0.05, 60), help="Seconds between looks."
)
@click.option("--once", is_flag=True, help="Run what is due now, then end.")
def worker(interval: float, once: bool) -> None:
    """Run queued jobs and the clock until told to stop."""
    _setup()
    from ballast.cli.working import loop

    require_ready()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    ran = loop(stop, interval=interval, once=once)
    click.echo(f"{ran} jobs run.")


@click.command()
def tick() -> None:
    """Queue the jobs that are due by the clock, once, and name them; for a system timer."""
    _setup()
    from ballast.areas.reference import schedule

    require_ready()
    schedule.sync()
    for name in schedule.tick():
        click.echo(name)
