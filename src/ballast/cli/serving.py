"""The server: gunicorn with threads, and the worker beside the pages in one of its processes."""

import errno
import socket
import threading
import webbrowser
from collections.abc import Callable
from typing import Any

import click
from gunicorn.app.base import BaseApplication

from ballast.cli.errors import StopError

__all__ = ["Server", "StopError", "free_port", "run"]


def free_port(host: str, port: int) -> None:
    """Raise StopError, naming the way out, when nothing can listen at that address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StopError(_refused(host, port, error)) from error


def _refused(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program. Stop it, or choose another: --port {port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} needs rights that this account has not. Choose one above 1023: --port 8000."
    return f"Nothing can listen at {host} port {port}: {error.strerror}."


_OPTIONS: dict[str, Any] = {
    "worker_class": "gthread",
    "threads": 4,
    "timeout": 120,
    "graceful_timeout": 25,
    "keepalive": 15,
    "loglevel": "warning",
    "proc_name": "ballast",
    "control_socket_disable": True,
}


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn with the settings given here, not from a command line."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn the options."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401
        """The WSGI application."""
        from ballast.web.wsgi import application

        return application


def _unreachable(host: str) -> str:
    """What to set when the server listens to other machines but refuses the names by which they call it, else ""."""
    from django.conf import settings

    from ballast.web.hosts import only_this_machine

    if host in {"127.0.0.1", "::1", "localhost"} or not only_this_machine(settings.ALLOWED_HOSTS):
        return ""
    return (
        "Other machines are refused until BALLAST_HOSTS names how they call this one, "
        "e.g. BALLAST_HOSTS=localhost,desk.example.org,192.0.2.10"
    )


def _worker_hooks() -> dict[str, Callable[..., None]]:
    """Gunicorn hooks that start the worker's thread in each process and stop it with the process."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def start(_gunicorn_worker: object) -> None:
        from django.conf import settings

        from ballast.cli.working import elected_loop

        thread = threading.Thread(
            target=elected_loop, args=(stop, settings.DATA_DIR / "worker.lock"), name="ballast-worker", daemon=True
        )
        threads.append(thread)
        thread.start()

    def end(_arbiter: object, _gunicorn_worker: object) -> None:
        stop.set()
        for thread in threads:
            thread.join(timeout=20)

    return {"post_worker_init": start, "worker_exit": end}


def run(
    *,
    port: int = 8000,
    host: str = "127.0.0.1",
    workers: int = 2,
    with_worker: bool = True,
    open_browser: bool = False,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until the process is told to stop. `ready` gets the address once the port listens.

    Raises StopError when the port is taken. The process ends inside this call.
    """
    free_port(host, port)
    shown = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    address = f"http://{shown}:{port}/"

    def when_ready(_arbiter: object) -> None:
        if ready is not None:
            ready(address)
        if reminder := _unreachable(host):
            click.echo(reminder, err=True)
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    options = _OPTIONS | {"bind": [place], "workers": workers, "when_ready": when_ready}
    if with_worker:
        options |= _worker_hooks()
    Server(options).run()
