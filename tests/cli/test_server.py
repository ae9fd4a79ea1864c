"""`ballast init`, `serve`, `worker` and `tick`."""

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid

import pytest
from click.testing import CliRunner
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from tests import factories as make

from ballast.areas.accounts.models import Grant
from ballast.areas.chains import jobs as chains
from ballast.areas.reference.models import Authority, Schedule
from ballast.cli import main, working


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.django_db
def test_init_sets_up_authority_and_administrator_once():
    first = run("init", "--name", "Desk", "--time-zone", "Europe/Berlin", "--currency", "EUR", "--admin", "root")
    assert first.exit_code == 0, first.output
    assert "password" in first.stdout
    assert "Next: `ballast template all --out FOLDER`" in first.stdout
    assert Authority.objects.get().time_zone == "Europe/Berlin"
    assert Grant.objects.get().role == "administrator"
    assert Schedule.objects.exclude(next_due=None).exists()
    again = run("init", "--admin", "root")
    assert again.exit_code == 0
    assert "shown once" not in again.stdout
    assert Authority.objects.get().name == "Desk"


@pytest.mark.django_db
def test_init_names_the_wrong_field():
    result = run("init", "--time-zone", "Mars/Base")
    assert result.exit_code == 2
    assert "Mars/Base" in result.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["serve", "worker", "tick"])
def test_commands_ask_for_init_first(command):
    result = run(command)
    assert result.exit_code == 2
    assert "ballast init" in result.stderr


@pytest.mark.django_db
def test_taken_port_is_told_with_the_way_out(port):
    make.authority()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        result = run("serve", "--port", str(port))
    assert result.exit_code == 2
    assert f"Port {port} on 127.0.0.1 is taken" in result.stderr
    assert f"--port {port + 1}" in result.stderr


@pytest.mark.django_db
def test_tick_names_what_it_queued(monkeypatch):
    make.authority()
    run("tick")
    Schedule.objects.filter(name="daily brief").update(next_due=timezone.now())
    assert run("tick").stdout.split("\n")[0] == "daily brief"
    assert "daily brief" not in run("tick").stdout


def left(worker, **fields):
    """A job that a worker claimed and never finished."""
    from django_tasks_db.models import DBTaskResult

    defaults = {
        "status": "RUNNING", "task_path": "ballast.areas.briefs.jobs.renew_today", "backend_name": "default",
        "args_kwargs": {"args": [], "kwargs": {}}, "run_after": timezone.now(), "started_at": timezone.now(),
        "exception_class_path": "", "traceback": "",
    }  # fmt: skip
    return DBTaskResult.objects.create(worker_ids=worker, **(defaults | fields))


def dead():
    """The name of a worker whose process is over."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return f"{socket.gethostname()[:20]}:{process.pid}:1:x"


@pytest.mark.django_db
def test_job_of_a_killed_worker_is_queued_again():
    job = left([dead()])
    assert working.recover() == 1
    job.refresh_from_db()
    assert job.status == "READY"


@pytest.mark.django_db
def test_job_of_a_living_worker_is_left_alone():
    job = left([working.worker_name()])
    elsewhere = left(["otherhost:1:1:x"])
    assert working.recover() == 0
    for one in (job, elsewhere):
        one.refresh_from_db()
        assert one.status == "RUNNING"


@pytest.mark.django_db
def test_job_that_kills_its_worker_three_times_fails_with_the_reason():
    job = left([dead()] * 3)
    assert working.recover() == 1
    job.refresh_from_db()
    assert job.status == "FAILED"
    assert "died 3 times" in job.traceback


@pytest.mark.django_db
def test_what_is_urgent_is_taken_up_beside_the_job_that_runs(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    make.authority()
    running, other = left([working.worker_name()]), left([], status="READY", started_at=None)
    worker = working._worker(0.2)
    assert not working.run_urgent(worker), "what is not urgent waits for its turn"
    urgent = chains.rank_cases.enqueue()
    assert working.run_urgent(worker)
    assert not working.run_urgent(worker)
    states = {job.pk: job.status for job in DBTaskResult.objects.all()}
    assert [states[job] for job in (running.pk, other.pk)] == ["RUNNING", "READY"]
    assert states[uuid.UUID(urgent.id)] == "SUCCESSFUL"
    begun = DBTaskResult.objects.get(pk=urgent.id).started_at
    assert chains._ranked_since(begun - dt.timedelta(seconds=1))
    assert not chains._ranked_since(begun)


def test_one_of_two_processes_is_elected(tmp_path, monkeypatch):
    running, stop = [], threading.Event()
    monkeypatch.setattr(working, "loop", lambda event: (running.append(1), event.wait()))
    threads = [
        threading.Thread(target=working.elected_loop, args=(stop, tmp_path / "worker.lock"), daemon=True)
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    assert running == [1]
    stop.set()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def test_server_runs_jobs_beside_its_pages_and_stops_when_told(tmp_path, port):
    """The real thing: init, serve, a job put in from outside, SIGTERM."""
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    environment |= {"BALLAST_DATA_DIR": str(tmp_path), "BALLAST_DATABASE_URL": ""}
    ballast = [sys.executable, "-c", "from ballast.cli import main; main()"]
    subprocess.run([*ballast, "init"], env=environment, check=True, capture_output=True)
    server = subprocess.Popen(
        [*ballast, "serve", "--port", str(port), "--workers", "1"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert f"http://127.0.0.1:{port}/" in server.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as answer:
            assert answer.status == 200
        put = (
            "import django; django.setup()\n"
            "from ballast.areas.briefs.jobs import make_daily\n"
            "from ballast.areas.briefs.models import Brief\n"
            "import time; make_daily.enqueue(); end = time.monotonic() + 20\n"
            "while not Brief.objects.exists() and time.monotonic() < end: time.sleep(0.1)\n"
            "print(Brief.objects.count())\n"
        )
        settings = environment | {"DJANGO_SETTINGS_MODULE": "ballast.settings"}
        done = subprocess.run([sys.executable, "-c", put], env=settings, check=True, capture_output=True, text=True)
        assert done.stdout.strip() == "1"
    finally:
        server.send_signal(signal.SIGTERM)
        _out, errors = server.communicate(timeout=30)
    assert server.returncode == 0
    assert "Traceback" not in errors
