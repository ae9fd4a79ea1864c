"""When the outbox works: after every transaction that wrote into it, each minute, and once a day for the digests."""

from django.db import transaction
from django_tasks import task

from ballast.areas.notices import digests, outbox

__all__ = ["request_sending", "send_digests", "send_owed"]


@task()
def send_owed() -> int:
    """Send what is owed; the number of messages that were sent."""
    return outbox.send_owed().sent


@task()
def send_digests() -> int:
    """Write the digests of what waits for one and forget what was sent long ago; the number of digests."""
    digests.purge()
    return digests.write_digests()


def request_sending() -> None:
    """Ask for sending once the present transaction is through, once for all that it writes."""
    connection = transaction.get_connection()
    if not any(entry[1] is _enqueue for entry in connection.run_on_commit):
        transaction.on_commit(_enqueue)


def _enqueue() -> None:
    """Queue the job unless one waits already; it will see these messages too, because it starts after them."""
    if not _waiting():
        send_owed.enqueue()


def _waiting() -> bool:
    from django_tasks_db.backend import DatabaseBackend
    from django_tasks_db.models import DBTaskResult

    if not isinstance(send_owed.get_backend(), DatabaseBackend):
        return False
    return DBTaskResult.objects.ready().filter(task_path=send_owed.module_path).exists()
