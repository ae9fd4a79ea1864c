"""Pieces on the workers of a dask cluster: one that runs somewhere, or processes of this machine.

A worker that dies costs the pieces that it held: the scheduler gives them to another one.
"""

import logging
import signal
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

from ballast.core.network import Network
from ballast.core.parallel import Arrays, Executor, Question
from ballast.core.systemic_risk.trade_network import TradeNetwork
from ballast.scale import workers
from ballast.scale.errors import ScaleError
from ballast.scale.keys import key_of
from ballast.scale.shared import Shared, share

__all__ = ["cluster_at", "local_workers"]

# Seconds until a scheduler has answered, and until a worker is there.
_ANSWER, _WORKER = 5, 15
# Pieces under way for each thread of the cluster, and at least.
_AHEAD, _AHEAD_LEAST = 4, 64


@contextmanager
def cluster_at(address: str, *, folder: Path | None = None) -> Iterator[Executor]:
    """The workers of the scheduler at this address. ScaleError when it or its workers are not there or differ from us.

    `folder` takes the file of the network; workers that do not see it are sent a copy.
    """
    distributed = _distributed()
    try:
        client = distributed.Client(address, timeout=_ANSWER, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        msg = (
            f"No cluster answers at {address} ({reason}). Give the address that `dask scheduler` prints, as "
            "tcp://host:8786."
        )
        raise ScaleError(msg) from None
    with client, _folder(folder) as place:
        _check(client, address)
        yield _Workers(client, place)


@contextmanager
def local_workers(count: int, *, folder: Path | None = None) -> Iterator[Executor]:
    """`count` processes of this machine. ScaleError when they cannot be started."""
    distributed = _distributed()
    with _folder(folder) as place, tempfile.TemporaryDirectory(prefix="ballast-workers-") as scratch:
        try:
            # Threads within a worker would wait for each other where a piece runs Python. Memory is the system's
            # concern: the network is mapped, and counts for every worker that reads it.
            with _deaf_children():
                cluster = distributed.LocalCluster(
                    n_workers=count, threads_per_worker=1, processes=True, memory_limit=0,
                    dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL, local_directory=scratch,
                )  # fmt: skip
        except (OSError, RuntimeError) as error:
            msg = f"{count} workers cannot be started ({error}). Ask for fewer, or leave out --workers."
            raise ScaleError(msg) from error
        with cluster, distributed.Client(cluster, set_as_default=False) as client:
            yield _Workers(client, place)


@dataclass(eq=False)
class _Workers:
    """Pieces as tasks of a dask client; the network goes ahead as a file."""

    client: Any
    folder: Path
    shared: dict[str, Shared] = field(default_factory=dict)

    def answers(
        self, question: Question[Any], network: Network | TradeNetwork, parts: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, Arrays]]:
        """Number and answer of each piece, as they come. The first error is raised."""
        if not parts:
            return
        key, shared = key_of(question, network), self._share(network)
        # Of this run alone: what another run left behind under this name may be an error.
        run = f"ballast-{key[:16]}-{uuid.uuid4().hex[:8]}"
        sent = self.client.submit(workers.given, question, key=f"{run}-question")
        waiting = iter(enumerate(parts))

        def submitted(most: int) -> dict[Any, int]:
            return {
                self.client.submit(workers.piece, shared, key, sent, *part, key=f"{run}-{number}"): number
                for number, part in islice(waiting, most)
            }

        running = submitted(self._ahead)
        try:
            yield from self._taken(running, submitted)
        finally:
            if running:
                with suppress(Exception):
                    self.client.cancel(list(running), force=True)

    def _taken(self, running: dict[Any, int], submitted: Any) -> Iterator[tuple[int, Arrays]]:  # noqa: ANN401
        """What is done, with as many pieces put in its place."""
        distributed = _distributed()
        done = distributed.as_completed(list(running), with_results=True, loop=self.client.loop)
        try:
            for future, answer in done:
                yield running.pop(future), answer
                more = submitted(1)
                running |= more
                done.update(more)
        except distributed.KilledWorker as error:
            msg = f"Workers died over a piece again and again ({error}). Give them more memory, or use fewer."
            raise ScaleError(msg) from None
        except (OSError, distributed.CancelledError) as error:
            said = str(error) or type(error).__name__
            msg = f"The cluster was lost ({said}). With --resume, the same command goes on from what is done."
            raise ScaleError(msg) from None

    @cached_property
    def _ahead(self) -> int:
        threads = sum(self.client.nthreads().values())
        return int(max(_AHEAD_LEAST, _AHEAD * threads))

    def _share(self, network: Network | TradeNetwork) -> Shared:
        """The network where every worker finds it, those too that come later."""
        if network.digest not in self.shared:
            try:
                shared = share(network, self.folder)
            except OSError as error:
                msg = f"{self.folder}: the network cannot be written there ({error.strerror}). Give another folder."
                raise ScaleError(msg) from error
            if not all(self.client.run(workers.has, shared.path).values()):
                from distributed.diagnostics.plugin import UploadFile

                self.client.register_plugin(UploadFile(str(shared.path), load=False), name=shared.path.name)
            self.shared[network.digest] = shared
        return self.shared[network.digest]


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Ctrl-C is for this process, which then ends its workers; a terminal sends it to all of them.

    What is started inside, and by threads started inside, keeps the signal blocked.
    """
    # Its own start would let the signal through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _check(client: Any, address: str) -> None:  # noqa: ANN401 - dask has no types
    """ScaleError unless there are workers, with the same programs as here."""
    try:
        client.wait_for_workers(1, timeout=_WORKER)
        found = client.run(workers.about)
    except TimeoutError:
        msg = f"The cluster at {address} has no workers. Start some: dask worker {address}"
        raise ScaleError(msg) from None
    except Exception as error:
        msg = f"The workers of {address} do not run Ballast ({error}). Install it there, in the version that runs here."
        raise ScaleError(msg) from None
    here = workers.about()
    for worker, there in sorted(found.items()):
        for name, mine in here.items():
            if there.get(name) != mine:
                msg = (
                    f"Worker {worker} has {name} {there.get(name)}, here it is {mine}: answers could differ in their "
                    "last digits. Install the same versions."
                )
                raise ScaleError(msg)


@contextmanager
def _folder(folder: Path | None) -> Iterator[Path]:
    """The folder, or one that is gone afterwards."""
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="ballast-network-") as made:
        yield Path(made)


def _distributed() -> Any:  # noqa: ANN401 - an optional part
    try:
        import distributed
    except ImportError:
        msg = "Clusters and workers need dask.distributed. Install it: pip install 'ballast[cluster]'"
        raise ScaleError(msg) from None
    return distributed
