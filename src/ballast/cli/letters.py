"""`ballast outbox`: what is owed to persons and other systems."""

import json
import sys

import click

__all__ = ["outbox"]


@click.group()
def outbox() -> None:
    """Send e-mails and calls of webhooks that are owed, and test the mail server."""


def _setup() -> None:
    import django

    django.setup()
    from ballast.cli.server import require_ready

    require_ready()


@outbox.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def send(as_json: bool) -> None:
    """Send what is due now; exit 1 when something was given up or put off.

    The worker does this by itself. Of several that send at once each takes other messages.
    """
    _setup()
    from ballast.areas.notices import outbox as messages

    tally = messages.send_owed(most_seconds=3600)
    if as_json:
        click.echo(json.dumps(vars(tally)))
    else:
        click.echo(f"{tally.sent} sent, {tally.failed} given up, {tally.put_off} put off.")
    sys.exit(1 if tally.failed or tally.put_off else 0)


@outbox.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def status(as_json: bool) -> None:
    """Count the messages by state; exit 1 when some failed."""
    _setup()
    from ballast.areas.notices import selectors

    counts = selectors.totals()
    click.echo(json.dumps(counts) if as_json else "\n".join(f"{state} {count}" for state, count in counts.items()))
    sys.exit(1 if counts["failed"] else 0)


@outbox.command()
@click.argument("address")
def test(address: str) -> None:
    """Send a test e-mail to ADDRESS and print what the mail server answers; exit 1 when it did not take it."""
    _setup()
    from ballast.areas.notices import mail

    answer = mail.probe(address)
    click.echo(answer.text)
    sys.exit(0 if answer.sent else 1)
