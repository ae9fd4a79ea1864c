"""One made network for the module: a mine that stops, four hundred plants behind it, two provinces with desks."""

import pytest


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The network before anything happens; all that its tests write is undone."""
    from django.db import transaction
    from tests.areas.responses.network import build

    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def undone(world):
    """The network, and what this test writes is undone."""
    from django.db import transaction

    with transaction.atomic():
        yield world
        transaction.set_rollback(True)
