"""Two persons with addresses, a mail server and a web server."""

import pytest
from tests import factories as make
from tests.areas.notices.sinks import MailSink, WebSink, running


@pytest.fixture
def mailbox(settings):
    with running(MailSink()) as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", sink.port, False
        settings.DEFAULT_FROM_EMAIL, settings.EMAIL_TIMEOUT = "Desk <desk@example.org>", 5
        settings.ADDRESS = "https://desk.example.org"
        yield sink


@pytest.fixture
def web(settings):
    settings.WEBHOOK_PRIVATE = True
    with running(WebSink()) as sink:
        yield sink


def person(name, language="en", **fields):
    found = make.user(username=name, **fields)
    found.email, found.language = f"{name}@example.org", language
    found.save()
    return found


@pytest.fixture
def ann():
    return person("ann")


@pytest.fixture
def bo():
    return person("bo", "zh-hans")
