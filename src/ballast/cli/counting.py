"""A bar that shows how far a command over many cases has come."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

__all__ = ["counted"]

# Fewer than these are through in less than two seconds.
_FROM = 2_000


@contextmanager
def counted(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """What to call with the number of cases that were looked at; hidden for few, and where nobody watches."""
    hidden = length < _FROM or not sys.stderr.isatty()
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield bar.update
