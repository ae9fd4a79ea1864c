"""What was expected and what came, on a line of time: the message of a test that does not hold."""

import math

from ballast.core.warning.sequences import Miss, Outcome

__all__ = ["timeline"]

# Periods shown before the first and after the last that differs.
_AROUND = 4
_MOST = 14


def timeline(outcome: Outcome) -> list[str]:
    """Lines of text: the rule, then values, expected and got in columns by period, then each miss in words."""
    test = outcome.test
    lines = [f"  rule {test.rule.label}: {_limits(outcome)}"]
    at = [miss.period for miss in outcome.misses if miss.period is not None]
    lines += [f"  {line}" for line in _columns(outcome, at)]
    lines += [f"  {_said(miss, test.rule.period)}" for miss in outcome.misses]
    return lines


def _limits(outcome: Outcome) -> str:
    found = []
    for limit in outcome.test.rule.limits:
        held = f" for {limit.hold}" if limit.hold else ""
        kept = f" keep {limit.keep}" if limit.keep else ""
        found.append(f"{limit.level} {limit.said()}{held}{kept}")
    return ", ".join(found)


def _said(miss: Miss, period: str) -> str:
    where = "" if miss.period is None else f"{period} {miss.period}: "
    return f"{where}expected {miss.expected}, got {miss.got}"


def _columns(outcome: Outcome, at: list[int]) -> list[str]:
    wanted = {one.period: one.text.partition(":")[2] for one in outcome.test.expected}
    first, last = _window(at, len(outcome.test.values))
    rows = {
        outcome.test.rule.period: [str(n) for n in range(first, last)],
        "value": ["_" if math.isnan(value) else f"{value:g}" for value in outcome.test.values[first:last]],
        "expected": [wanted.get(n, ".") for n in range(first, last)],
        "got": [one.said for one in outcome.standings[first:last]],
        "": ["^" * len(outcome.standings[n].said) if n in at else "" for n in range(first, last)],
    }
    notices = [[one for one in outcome.notices if one.period == n] for n in range(first, last)]
    if outcome.test.notices is not None:
        rows["told"] = [",".join(one.said.partition(":")[2] for one in each) for each in notices]
    columns = zip(*rows.values(), strict=True)
    widths = [max(len(cell) for cell in column) for column in columns]
    head = max(len(name) for name in rows)
    return [
        f"{name:<{head}}  {'  '.join(f'{cell:<{width}}' for cell, width in zip(cells, widths, strict=True))}".rstrip()
        for name, cells in rows.items()
    ]


def _window(at: list[int], periods: int) -> tuple[int, int]:
    """The periods to show: all of a short test, of a long one those around what differs first."""
    if periods <= _MOST or not at:
        return 0, min(periods, _MOST)
    first = max(0, min(at) - _AROUND)
    return first, min(periods, max(first + _MOST, min(max(at) + 2, first + 2 * _MOST)))
