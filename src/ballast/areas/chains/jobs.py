"""Keep the forecast fresh: run it after what it rests on has changed, once for many changes.

The order of the open cases comes first, within a second; stops, causes and due times follow with the whole forecast.
"""

import datetime as dt
import logging
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task
from django_tasks.base import Task
from django_tasks_db.backend import DatabaseBackend

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_tasks_db.models import DBTaskResult

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

    begun = timezone.now()
    return run_forecast(again=True, meanwhile=_rank_if_asked, overtaken=lambda: _ranked_since(begun)).pk


def _ranked_since(instant: dt.datetime) -> bool:
    """Whether a worker began after that to rank the cases: by data that are newer than those read before."""
    from django_tasks_db.models import DBTaskResult

    begun = DBTaskResult.objects.filter(task_path=rank_cases.module_path, started_at__gt=instant)
    return begun.filter(status__in=["RUNNING", "SUCCESSFUL"]).exists()


def _rank_if_asked() -> bool:
    """Rank the cases now when that waits: nobody waits for the end of a forecast to see what a report changes."""
    from ballast.areas.chains.ranking import let_ranking_end, rank_open_cases

    job = _taken()
    if job is None:
        let_ranking_end()
        return False
    try:
        job.set_successful(rank_open_cases())
    except Exception as error:
        log.exception("the cases were not ranked")
        job.set_failed(error)
        return False
    return True


def _taken() -> "DBTaskResult[..., Any] | None":
    """The waiting job that ranks, claimed so that no worker runs it too; None without one."""
    job = _ready(rank_cases).first() if isinstance(rank_cases.get_backend(), DatabaseBackend) else None
    claim = {"status": "RUNNING", "started_at": timezone.now(), "worker_ids": ["refresh_forecast"]}
    return job if job and _ready(rank_cases).filter(pk=job.pk).update(**claim) else None


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
    return isinstance(job.get_backend(), DatabaseBackend) and _ready(job).exists()


def _ready(job: Task[[], int]) -> "QuerySet[DBTaskResult[..., Any]]":
    from django_tasks_db.models import DBTaskResult

    return DBTaskResult.objects.ready().filter(task_path=job.module_path)
