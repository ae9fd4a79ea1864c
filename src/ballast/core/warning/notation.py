"""Series in a compact notation, as promtool writes them: `5x3 _ 4`, `10-2x4`, `_x2`."""

import math
import re

__all__ = ["MOST", "NotationError", "read_series"]

# A year of days, and some.
MOST = 4000
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TOKEN = re.compile(rf"(?:(?P<gap>_|stale)|(?P<value>{_NUMBER})(?P<by>[+-](?:\d+\.?\d*|\.\d+))?)(?:x(?P<times>\d+))?")


class NotationError(ValueError):
    """A series that cannot be read: which part, and why."""

    def __init__(self, token: str, reason: str) -> None:
        self.token, self.reason = token, reason
        super().__init__(f"{token!r}: {reason}")


def read_series(text: str) -> list[float]:
    """The values of a series, nan where one is missing.

    `5` is a value and `_` (or `stale`) a missing one. `axn` is a and n times more; `a+bxn` and `a-bxn` go on from a in
    n steps of b; `_xn` is n missing values. Raises NotationError for another part and beyond 4,000 values.

    >>> read_series("5x3 4 10-2x2")
    [5.0, 5.0, 5.0, 5.0, 4.0, 10.0, 8.0, 6.0]
    """
    values: list[float] = []
    for token in text.split():
        found = _TOKEN.fullmatch(token)
        if found is None or (found["by"] and not found["times"]):
            raise NotationError(token, "is no part of a series; write 5, 5x3, 10-2x4, _ or _x3.")
        times = int((found["times"] or "").lstrip("0")[:6] or 0)
        if len(values) + times >= MOST:
            raise NotationError(token, f"makes more than {MOST:,} values; give fewer.")
        if found["gap"]:
            values += [math.nan] * (times if found["times"] else 1)
        else:
            begin, by = float(found["value"]), float(found["by"] or 0)
            if not math.isfinite(begin + by * times):
                raise NotationError(token, "is beyond all numbers; write a smaller one.")
            # Steps are rounded, so that 1-0.1x10 ends at 0 and not beside it; a value stays as it is written.
            values += [begin] + [round(begin + by * place, 9) if by else begin for place in range(1, times + 1)]
    if not values:
        raise NotationError(text, "has no values; write for example 5x3 _ 4.")
    return values
