"""Shared fixtures."""

import gc
import socket

import pytest

EXERCISE_PASSWORD = "ka-lo-me-nu-17-exercise"
# Files that take longest begin first: no worker is left alone with one of them at the end.
_LONG = ("test_commands_in_docs.py", "test_demo.py", "test_odd_texts.py", "test_rights_matrix.py", "test_schema.py")
_LOCAL = {"127.0.0.1", "::1", "localhost"}


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name not in _LONG)


def pytest_collection_finish():
    """What was imported stays: to look through it again for rubbish takes a twentieth of the run."""
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """Each test runs with room on the stack, as each request does: pytest's own frames come on top of theirs."""
    from _pytest.runner import runtestprotocol

    from ballast.stack import roomy

    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    roomy(runtestprotocol)(item, nextitem=nextitem)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A database that was made from the models stands where migrating leaves one."""
    from django.core.management import call_command
    from django.db import connection

    from tests.factories import escalation_steps

    with django_db_blocker.unblock():
        tables = connection.introspection.table_names()
        # None where no test of the run asks for a database.
        if not tables or "django_migrations" in tables:
            return
        call_command("migrate", fake=True, verbosity=0)
        escalation_steps()
        # Whoever copies the file finds all in it.
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """No test may ask a remote host; loopback and local sockets are open."""
    connect = socket.socket.connect

    def guarded(self, address):
        if isinstance(address, tuple) and address[0] not in _LOCAL:
            msg = f"a test tried to reach {address}"
            raise RuntimeError(msg)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _language():
    """A request in another language leaves it active in the thread; the next test begins in the default one."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _empty_cache():
    """Kept results are keyed by row numbers, which a rolled-back test hands out again."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(scope="module")
def exercise(django_db_setup, django_db_blocker):
    """What the small exercise counted, loaded once for a module of tests; what each of them writes is undone."""
    from django.db import transaction

    from ballast.exercise.load import install

    with django_db_blocker.unblock(), transaction.atomic():
        yield install("s", password=EXERCISE_PASSWORD)
        transaction.set_rollback(True)
