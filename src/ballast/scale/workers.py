"""What runs in a worker: networks and questions are made ready once, then asked piece by piece."""

import platform
from collections import OrderedDict
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

from ballast.core.parallel import Arrays, Question
from ballast.scale.shared import Shared

__all__ = ["about", "given", "has", "piece"]

# What a worker keeps: networks, and questions made ready for one.
_NETWORKS, _QUESTIONS = 2, 8
_networks: OrderedDict[str, Any] = OrderedDict()
_ready: OrderedDict[str, Callable[[int, int], Arrays]] = OrderedDict()
_lock = Lock()


def about() -> dict[str, str]:
    """What decides the last digits of an answer."""
    found = {name: version(name) for name in ("ballast", "numpy", "numba", "scipy")}
    return found | {"python": platform.python_version(), "machine": platform.machine()}


def has(path: Path) -> bool:
    """Whether this worker sees the file."""
    return path.exists()


def given(question: Question[Any]) -> Question[Any]:
    """The question as it came: workers ask one another for it, and the scheduler when none is left that has it."""
    return question


def piece(shared: Shared, key: str, question: Question[Any], start: int, stop: int) -> Arrays:
    """The answer to rows start..stop."""
    with _lock:
        if key not in _ready:
            _put(_ready, key, question.ready(_network(shared)), _QUESTIONS)
        ready = _ready[key]
    return ready(start, stop)


def _network(shared: Shared) -> Any:  # noqa: ANN401 - of the kind that the question is about
    if shared.digest not in _networks:
        path = shared.path
        if not path.exists():
            from distributed import get_worker

            # Where the cluster puts files that were sent to it.
            path = Path(get_worker().local_directory) / path.name
        _put(_networks, shared.digest, shared.load(path), _NETWORKS)
    return _networks[shared.digest]


def _put(kept: OrderedDict[str, Any], key: str, value: object, most: int) -> None:
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)
