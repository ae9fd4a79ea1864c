"""How the loops are compiled: kept on disk, without the interpreter's lock, callable only from where they are called.

What makes a loop callable from Python and from C is a fourth of all compiling, so only entries have the first, and
none has the second.
"""

from collections.abc import Callable
from typing import Any

from numba import njit

__all__ = ["entry", "inner", "inner_sums"]

_KEPT: dict[str, Any] = {"cache": True, "nogil": True, "no_cfunc_wrapper": True}
_INNER = _KEPT | {"no_cpython_wrapper": True}

# A loop that Python calls.
entry: Callable[..., Any] = njit(**_KEPT)
# A part of other loops; a call from Python fails.
inner: Callable[..., Any] = njit(**_INNER)
# A part whose sums may be taken in any order, so that several are added at once.
inner_sums: Callable[..., Any] = njit(**_INNER, fastmath={"reassoc", "contract", "nsz"})
