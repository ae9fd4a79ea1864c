"""Keep the forecast fresh: run it after what it rests on has changed, once for many changes.

The order of the open cases comes first, within a second; stops, causes and due times follow with the whole forecast.
"""

import logging

from django.db import transaction
from django_tasks import task
from django_tasks.base import Task

__all__ = ["rank_cases", "refresh_forecast", "request_refresh"]

log = logging.getLogger(__name__)


# Before whatever else waits: an officer looks at the order of the cases while the rest is computed.
_FIRST = 50


@task(priority=_FIRST)
def rank_cases() -> int:
    """Put the open cases in their new order; returns how many cost another amount now."""
    # The engine is large; only a worker needs it.
    from ballast.areas.chains.ranking import rank_open_cases

    return rank_open_cases()


@task()
def refresh_forecast() -> int:
    """Run the forecast; returns the number of the run."""
    # The engine is large; only a worker needs it.
    from ballast.areas.chains.services import run_forecast

    return run_forecast().pk


def request_refresh(*_args: object, **_kwargs: object) -> None:
    """Ask for a new forecast once the present transaction is through; as a signal receiver takes any arguments."""
    connection = transaction.get_connection()
    # One request a transaction: a load of a thousand events asks once.
    if not any(entry[1] is _enqueue for entry in connection.run_on_commit):
        transaction.on_commit(_enqueue)


def _enqueue() -> None:
    """Queue the jobs unless they wait already; they will see this change too, because they start after it."""
    for job in (rank_cases, refresh_forecast):
        if not _waiting(job):
            job.enqueue()


def _waiting(job: Task[[], int]) -> bool:
    from django_tasks_db.backend import DatabaseBackend
    from django_tasks_db.models import DBTaskResult

    if not isinstance(job.get_backend(), DatabaseBackend):
        return False
    return DBTaskResult.objects.ready().filter(task_path=job.module_path).exists()
