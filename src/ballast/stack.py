"""Room for the frames of deep calls."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["roomy"]

P = ParamSpec("P")
R = TypeVar("R")
# Of eight bytes: half a megabyte, for which Python maps a whole one. What is not touched takes no memory.
_SLOTS = 70_000


def roomy(call: Callable[P, R]) -> Callable[P, R]:
    """The same call, with room on the stack for all that it calls.

    CPython keeps the frames of a thread in pieces of 16 KiB, maps the next one when a call needs it and gives it back
    to the system when the call returns. A loop at the border of two pieces pays for that at every call, and a page is
    some hundred frames deep: up to an eighth of its processor time was spent so. A frame that asks for much gets a
    piece of its own, with room behind it for the frames below.
    """

    def called(*given: P.args, **named: P.kwargs) -> R:
        return call(*given, **named)

    called.__code__ = called.__code__.replace(co_stacksize=_SLOTS)
    return called
