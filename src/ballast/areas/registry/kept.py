"""Results that are kept for a while under a key made from everything that they depend on."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

__all__ = ["kept"]

T = TypeVar("T")


def kept(make: Callable[[], T], name: str, *parts: object, seconds: int) -> T:
    """What `make` gives, or gave under the same name and parts at most `seconds` ago.

    The parts must name all that the result depends on, the user's scope above all.
    """
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()
    key = f"{name}:{digest}"
    found: T | None = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, seconds)
    return found
