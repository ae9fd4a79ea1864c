"""The states of one subject, found anew from its whole past at every period: slow, and plain to read."""

import math

from ballast.core.warning import Rule


def level_of(rule: Rule, value: float, *, widened: bool = False) -> int:
    """Rank of the worst level that a value is at."""
    for limit in rule.limits:
        margin = limit.margin if widened else 0.0
        low = limit.below is not None and value < limit.below + margin - 1e-9
        low |= limit.at_most is not None and value <= limit.at_most + margin + 1e-9
        high = limit.above is not None and value > limit.above - margin + 1e-9
        high |= limit.at_least is not None and value >= limit.at_least - margin - 1e-9
        if low or high:
            return rule.scheme.rank(limit.level)
    return 0


def _last_in_a_row(flags: list[bool]) -> int:
    count = 0
    for flag in reversed(flags):
        if not flag:
            break
        count += 1
    return count


def states(rule: Rule, values: list[float]) -> list[tuple[str, int, int]]:
    """State, level and awaited level after each value, in ranks; nan is a missing value."""
    found, level = [], 0
    for end in range(1, len(values) + 1):
        past = values[:end]
        known = [value for value in past if not math.isnan(value)]
        gap = _last_in_a_row([math.isnan(value) for value in past])
        reached = 0
        waiting = 0
        for limit in rule.limits:
            rank = rule.scheme.rank(limit.level)
            seen = _last_in_a_row([level_of(rule, value) >= rank for value in known])
            if seen > limit.hold:
                reached = max(reached, rank)
            if seen:
                waiting = max(waiting, rank)
        while level > reached:
            limit = rule.limit_of(level)
            away = _last_in_a_row([level_of(rule, value, widened=True) < level for value in known])
            if away <= (limit.keep if limit else 0):
                break
            level -= 1
        level = max(level, reached)
        silent = bool(rule.missing.raise_to) and gap > rule.missing.after
        if silent:
            level = max(level, rule.scheme.rank(rule.missing.raise_to))
        waiting = waiting if waiting > level else 0
        if not silent and (not known or gap > rule.missing.after):
            state = "no_data"
        else:
            state = "firing" if level else "pending" if waiting else "normal"
        found.append((state, level, waiting))
    return found
