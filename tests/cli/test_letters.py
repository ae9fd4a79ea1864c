"""`ballast outbox`: send what is owed, count it, test the mail server."""

import json

import pytest
from click.testing import CliRunner
from django.utils import timezone
from tests import factories as make
from tests.areas.notices.sinks import MailSink, running

from ballast.areas.notices.models import Message
from ballast.cli import main


def run(*arguments):
    return CliRunner().invoke(main, ["outbox", *arguments])


@pytest.mark.django_db
def test_what_is_owed_is_sent_counted_and_the_server_tested(settings):
    make.authority()
    settings.EMAIL_HOST = ""
    without = run("test", "ann@example.org")
    assert (without.exit_code, "BALLAST_MAIL_HOST" in without.output) == (1, True)
    at = timezone.now()
    for name in ("ann", "bo"):
        Message.objects.create(channel="mail", target=f"{name}@example.org", body="x", written_at=at, next_try=at)
    with running(MailSink()) as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", sink.port, False
        sink.answers = {"bo@example.org": "550 no such person"}
        assert run("test", "cy@example.org").output == "250 taken\n"
        sent = run("send")
        assert (sent.exit_code, sent.output) == (1, "1 sent, 1 given up, 0 put off.\n")
        assert run("send", "--json").output == '{"sent": 0, "failed": 0, "put_off": 0}\n'
        assert [letter["To"] for letter in sink.letters] == ["cy@example.org", "ann@example.org"]
    counted = run("status", "--json")
    assert (counted.exit_code, json.loads(counted.output)["failed"]) == (1, 1)
