"""Figures kept between requests: for one scope, until what they rest on changes, a minute at the most."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from django.core.cache import cache
from django.db import models

from ballast.areas.accounts.access import scope_of

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["kept", "newest"]

_SECONDS = 60
_T = TypeVar("_T")


def newest(*sources: type[models.Model]) -> tuple[int, ...]:
    """The highest key of each table; it rises with every report, lamp change or run."""
    return tuple(source._default_manager.aggregate(top=models.Max("pk"))["top"] or 0 for source in sources)


def kept(name: str, user: "User", version: object, compute: Callable[[], _T]) -> _T:
    """What `compute` gives for the user's scope, computed again when the version differs."""
    digest = hashlib.sha256(repr((scope_of(user), version)).encode()).hexdigest()
    # A list of one, so that None is kept too.
    found: list[_T] | None = cache.get(f"board.{name}.{digest}")
    if found is None:
        found = [compute()]
        cache.set(f"board.{name}.{digest}", found, _SECONDS)
    return found[0]
