"""The name of a question: equal for equal questions about equal networks, other for any other."""

import hashlib
from dataclasses import fields
from typing import Any, Protocol

import numpy as np

from ballast.core.parallel import Arrays, Question

__all__ = ["Sealed", "key_of", "seal_of"]


class Sealed(Protocol):
    """A network that knows its digest."""

    @property
    def digest(self) -> str:
        """SHA-256 of what decides an answer."""


def key_of(question: Question[Any], network: Sealed) -> str:
    """SHA-256 over the network's digest, the kind of question and each of its fields."""
    kind = type(question)
    said = hashlib.sha256(f"{network.digest}:{kind.__module__}.{kind.__qualname__}".encode())
    for field in fields(question):  # type: ignore[arg-type]  # a question is a dataclass (core/parallel.py)
        value = getattr(question, field.name)
        said.update(f"|{field.name}:".encode())
        if isinstance(value, np.ndarray):
            _add(said, value)
        else:
            said.update(repr(value).encode())
    return said.hexdigest()


def seal_of(key: str, start: int, stop: int, answer: Arrays) -> str:
    """SHA-256 over an answer and where it belongs."""
    said = hashlib.sha256(f"{key}:{start}:{stop}".encode())
    for values in answer:
        _add(said, values)
    return said.hexdigest()


def _add(said: "hashlib._Hash", values: np.ndarray[Any, Any]) -> None:
    raw = np.ascontiguousarray(values)
    said.update(f"{raw.dtype.str}:{raw.size}:".encode())
    said.update(raw.tobytes())
