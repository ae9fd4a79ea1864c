"""What commands share that can ask many workers: --cluster, --workers, --resume, and the bar of progress."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import click

from ballast.core.network import Network
from ballast.core.parallel import Executor, Threads
from ballast.scale import Kept, ScaleError, cluster_at, local_workers

__all__ = ["Bar", "executor_for", "scaled", "so_far"]

F = TypeVar("F", bound=Callable[..., object])
# Seconds before a bar is worth looking at.
_SOON = 2.0


def scaled(command: F) -> F:
    """The options of commands whose work can be spread: --cluster --workers --resume."""
    for option in reversed(
        [
            click.option("--cluster", "cluster", metavar="ADDRESS", help="Dask scheduler, as tcp://host:8786."),
            click.option("--workers", "workers", type=click.IntRange(1, 1024), help="Processes on this machine."),
            click.option(
                "--resume", "resume", type=click.Path(path_type=Path, file_okay=False),
                help="Folder that keeps what is done: the same command goes on from there.",
            ),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


@contextmanager
def executor_for(network: Network, cluster: str | None, workers: int | None, resume: Path | None) -> Iterator[Executor]:
    """What computes: a cluster, processes, or the threads of this one; a failure of it ends with exit code 2."""
    if cluster is not None and workers is not None:
        msg = "either a cluster or processes of this machine, not both."
        raise click.BadParameter(msg, param_hint="--workers")
    try:
        with ExitStack() as opened:
            executor: Executor = Threads(os.cpu_count() or 1)
            if cluster is not None:
                executor = opened.enter_context(cluster_at(cluster, folder=resume))
            elif workers is not None:
                executor = opened.enter_context(local_workers(workers, folder=resume))
            yield executor if resume is None else Kept(resume, executor, network.digest)
    except ScaleError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        if resume is not None:
            click.echo(f"\nStopped. What is done is kept: the same command goes on from {resume}.", err=True)
        raise


class Bar:
    """A bar on a terminal, from the moment at which the work has taken two seconds."""

    def __init__(self, label: str, length: int) -> None:
        self.shown = click.progressbar(length=length, label=label, file=sys.stderr, hidden=True)
        self.started = time.monotonic()

    def __call__(self, done: int, most: int | None = None) -> None:
        """So much is done, of so much at most where that changes."""
        bar = self.shown
        bar.hidden = not sys.stderr.isatty() or time.monotonic() - self.started < _SOON
        if most is not None:
            bar.length = most
        bar.update(done - bar.pos)


@contextmanager
def so_far(label: str, length: int) -> Iterator[Bar]:
    """A bar that is taken away when the work ends."""
    bar = Bar(label, length)
    with bar.shown:
        yield bar
