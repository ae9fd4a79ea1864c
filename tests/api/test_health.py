"""/healthz answers for the machine that watches, without login and also in trouble."""

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory

from ballast.web.health import HealthMiddleware


@pytest.mark.django_db
def test_a_sound_server_says_so_without_a_login(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_a_migration_that_is_not_applied_is_a_fault(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'audit'")
    answer = HealthMiddleware(lambda request: None)(RequestFactory().get("/healthz"))
    assert (answer.status_code, b'"missing"' in answer.content) == (503, True)


def test_a_database_that_is_away_is_a_fault_and_no_crash(monkeypatch):
    def away():
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", away)
    answer = HealthMiddleware(lambda request: None)(RequestFactory().get("/healthz"))
    assert (answer.status_code, b"unreachable" in answer.content) == (503, True)
