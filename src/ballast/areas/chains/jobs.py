"""Keep the forecast fresh: run it after what it rests on has changed, once for many changes."""

import logging

from django.db import transaction
from django_tasks import task

__all__ = ["refresh_forecast", "request_refresh"]

log = logging.getLogger(__name__)


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
    """Queue the job unless one waits already; it will see this change too, because it starts after it."""
    if not _waiting():
        refresh_forecast.enqueue()


def _waiting() -> bool:
    from django_tasks_db.backend import DatabaseBackend
    from django_tasks_db.models import DBTaskResult

    if not isinstance(refresh_forecast.get_backend(), DatabaseBackend):
        return False
    return DBTaskResult.objects.ready().filter(task_path=refresh_forecast.module_path).exists()
