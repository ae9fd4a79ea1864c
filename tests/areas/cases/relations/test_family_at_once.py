"""The closing rule when two people act at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from tests.areas.cases.relations.test_parents import closed, pair, solved

from ballast.areas.cases import services
from ballast.areas.cases.models import ParentLink


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_of_a_parent_that_closes_and_a_child_that_opens_again_at_once_none_breaks_the_rule(world):
    for _ in range(3):
        above, below = pair(world)
        closed(world, below)
        solved(world, above)
        start = threading.Barrier(2)

        def act(case, name, user, start=start):
            start.wait()
            try:
                return services.make_move(user, case.number, move=name, text="x").state
            except services.MoveRefusedError as error:
                return error.messages[0]
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            tried = [
                pool.submit(act, above, "confirm", world.rita),
                pool.submit(act, below, "reopen", world.olga),
            ]
        said = [future.result(timeout=30) for future in tried]
        assert said[1] == "accepted"
        link = ParentLink.objects.get(child=below)
        above.refresh_from_db()
        assert (above.state, link.blocks) in {("confirmed", False), ("solved", True)}, said
