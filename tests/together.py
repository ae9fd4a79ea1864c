"""Do one thing several times at the same moment, each in its own thread with its own connection."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

__all__ = ["together"]


def together(act, things):
    """What `act` makes of each thing, each in its own thread as soon as all are ready."""
    start = threading.Barrier(len(things))

    def run(thing):
        start.wait()
        try:
            return act(thing)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(run, things))
