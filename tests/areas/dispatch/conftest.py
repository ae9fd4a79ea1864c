"""One room for a module of tests: two provinces with desks, and cases in every state that a sheet counts."""

import pytest


@pytest.fixture(scope="module")
def room(django_db_setup, django_db_blocker):
    """The room at three in the afternoon of 2022-04-28; all that its tests write is undone."""
    from django.db import transaction
    from tests.areas.dispatch.room import build

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        yield build(patch)
        transaction.set_rollback(True)


@pytest.fixture
def undone(room):
    """The room, and what this test writes is undone."""
    from django.db import transaction

    with transaction.atomic():
        yield room
        transaction.set_rollback(True)
