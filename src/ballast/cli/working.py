"""The worker: run queued jobs one after the other, tick the clock, take up what a killed worker left.

What is urgent does not wait for the job that runs: a thread of its own takes it up beside.
"""

import logging
import os
import secrets
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from django_tasks_db.management.commands.db_worker import Worker
    from django_tasks_db.models import DBTaskResult

__all__ = ["elected_loop", "loop", "recover", "run_urgent", "worker_name"]

log = logging.getLogger(__name__)
TICK_SECONDS = 15.0
# A job that kills its worker each time must end some day.
ATTEMPTS = 3
# Jobs of at least this priority wait for no other job.
URGENT = 50
_AFTER_A_FAULT_SECONDS = 5.0
# Held while an urgent job runs in its thread: two jobs of one process cost each other time, so none begins meanwhile.
_urgent_runs = threading.Lock()
_HOURS_WITHOUT_WORD = 1


def _started(pid: int) -> str:
    """When the process started, in clock ticks since boot; "" when it is gone or the system does not say."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def worker_name() -> str:
    """A name that says whether its process still lives: host, process, start of the process, chance."""
    pid = os.getpid()
    return f"{socket.gethostname()[:20]}:{pid}:{_started(pid)}:{secrets.token_hex(4)}"


def _lives(name: str, since: "dt.datetime | None") -> bool:
    """Whether the worker of that name can still be at its job."""
    from django.utils import timezone

    host, pid, started, *_rest = [*name.split(":"), "", "", ""]
    if host == socket.gethostname()[:20] and pid.isdigit():
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return _started(int(pid)) == started
    return since is not None and (timezone.now() - since).total_seconds() < _HOURS_WITHOUT_WORD * 3600


def recover() -> int:
    """Queue again the jobs whose worker died; after three attempts fail them. Returns how many were found."""
    from django_tasks_db.models import DBTaskResult

    found = 0
    for job in DBTaskResult.objects.running():
        name = job.worker_ids[-1] if job.worker_ids else ""
        if not _lives(name, job.started_at):
            found += _take_up(job)
    return found


def _take_up(job: "DBTaskResult") -> int:
    """Queue one lost job again, or fail it; 0 when another worker was quicker."""
    from django_tasks_db.models import DBTaskResult

    same = DBTaskResult.objects.filter(pk=job.pk, status="RUNNING", started_at=job.started_at)
    if len(job.worker_ids) < ATTEMPTS:
        log.warning("job %s was left by a worker that died; it is queued again", job.task_path)
        return same.update(status="READY", started_at=None)
    log.error("job %s was left %d times by a worker that died; it is given up", job.task_path, ATTEMPTS)
    changed = same.update(status="FAILED")
    job.set_failed(RuntimeError(f"Its worker died {ATTEMPTS} times; the job is given up."))
    return changed


def loop(stop: threading.Event, *, interval: float = 0.2, once: bool = False) -> int:
    """Run jobs until `stop` is set (`once`: until none is due); returns the number of jobs that ran.

    Every 15 s the clock is looked at. A database that is busy or away for a while is waited for. Urgent jobs run
    beside the others, in a thread that ends with this call.
    """
    from django.db import DatabaseError, connections

    worker, next_tick = _worker(interval), 0.0
    beside = threading.Thread(target=_urgent_loop, args=(stop, interval), name="ballast-urgent", daemon=True)
    if not once:
        beside.start()
    try:
        while not stop.is_set():
            try:
                if time.monotonic() >= next_tick:
                    _on_the_clock(first=next_tick == 0.0)
                    next_tick = time.monotonic() + TICK_SECONDS
                _drain(worker, stop)
            except DatabaseError:
                log.exception("the database does not answer; trying again in five seconds")
                connections.close_all()
                stop.wait(_AFTER_A_FAULT_SECONDS)
            if once:
                break
            stop.wait(interval)
    finally:
        connections.close_all()
    if not once:
        beside.join(timeout=20)
    return int(worker._run_tasks)


def _worker(interval: float) -> "Worker":
    from django_tasks_db.management.commands.db_worker import Worker

    return Worker(
        queue_names=["default"], interval=interval, batch=True, backend_name="default", startup_delay=False,
        max_tasks=None, worker_id=worker_name(), excluded_queue_names=[],
    )  # fmt: skip


def _urgent_loop(stop: threading.Event, interval: float) -> None:
    """Run urgent jobs until `stop` is set."""
    from django.db import connections

    worker = _worker(interval)
    try:
        while not stop.is_set():
            try:
                if run_urgent(worker):
                    continue
            except Exception:
                log.exception("an urgent job could not be taken up; trying again in five seconds")
                connections.close_all()
                stop.wait(_AFTER_A_FAULT_SECONDS)
            stop.wait(interval)
    finally:
        connections.close_all()


def run_urgent(worker: "Worker") -> bool:
    """Run the first urgent job that waits; False when none does, or another worker was quicker."""
    from django.db import OperationalError
    from django_tasks_db.models import DBTaskResult
    from django_tasks_db.utils import exclusive_transaction

    ready = DBTaskResult.objects.ready().filter(backend_name="default", priority__gte=URGENT)
    if not ready.exists():
        return False
    try:
        with exclusive_transaction(ready.db):
            job = ready.get_locked()
            if job is not None:
                job.claim(worker.worker_id)
    except OperationalError:
        # SQLite has one writer at a time; the next look comes at once.
        log.debug("an urgent job waits for another writer")
        return False
    if job is None:
        return False
    with _urgent_runs:
        worker.run_task(job)
    return True


def _on_the_clock(*, first: bool) -> None:
    from ballast.areas.reference.schedule import sync, tick

    if first:
        sync()
    recover()
    tick()


def _drain(worker: object, stop: threading.Event) -> None:
    """Run what is ready. Asking first keeps an idle worker from taking the write lock."""
    from django_tasks_db.models import DBTaskResult

    ready = DBTaskResult.objects.ready().filter(backend_name="default")
    while not stop.is_set() and ready.exists():
        with _urgent_runs:
            pass
        worker.max_tasks = worker._run_tasks + 1  # type: ignore[attr-defined]
        worker.run()  # type: ignore[attr-defined]


def elected_loop(stop: threading.Event, lock: Path) -> None:
    """Of all processes that call this with one lock file, one runs the loop; when it dies, the next one does."""
    import fcntl

    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        while not stop.is_set():
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                stop.wait(2)
            else:
                loop(stop)
