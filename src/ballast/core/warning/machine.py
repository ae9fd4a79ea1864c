"""The states of warnings from one period to the next, for many subjects at once.

Raised after `hold`, lowered only by good values and after `keep`; a missing value neither raises nor lowers, and it
neither advances nor restarts a count. The share of changes at which a subject is said to be flapping is that of
Icinga 2 (https://icinga.com/docs/icinga-2/latest/doc/08-advanced-topics/, "Check flapping"): of the last twenty values
with weights from 0.8 (oldest) to 1.15 (newest), it begins above 30 % and ends below 25 %.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ballast.core.warning.rule import Rule
from ballast.core.warning.states import Reason, State, States

__all__ = ["FLAP_BEGINS", "FLAP_ENDS", "FLAP_WEIGHTS", "feed", "flapping", "latest", "step"]

FLAP_BEGINS: Final = 0.30
FLAP_ENDS: Final = 0.25
# By age: the newest value first.
FLAP_WEIGHTS: Final = tuple(1.15 - age * 0.35 / 19 for age in range(20))
_BITS = (1 << len(FLAP_WEIGHTS)) - 1
_HALF_BITS: Final = len(FLAP_WEIGHTS) // 2
_HALF: Final = (1 << _HALF_BITS) - 1


def _shares(weights: Sequence[float]) -> NDArray[np.float64]:
    """The weighted share of changes for every pattern of bits."""
    bits = np.arange(1 << len(weights))[:, None] >> np.arange(len(weights)) & 1
    share: NDArray[np.float64] = (bits * np.array(weights)).sum(axis=1) / len(FLAP_WEIGHTS)
    return share


_NEWER, _OLDER = _shares(FLAP_WEIGHTS[:_HALF_BITS]), _shares(FLAP_WEIGHTS[_HALF_BITS:])


def step(rule: Rule, states: States, period: int, values: NDArray[np.float64], *, watching: bool = True) -> States:
    """The states after one more period; `values` [n] in the measure's unit, nan where there is none.

    `watching` is False outside the rule's seasons. ValueError when the number of values is not that of the subjects,
    or the period is not later than one that was seen.
    """
    if values.shape != (len(states),):
        msg = f"{values.shape} values for {len(states)} subjects."
        raise ValueError(msg)
    if len(states) and period <= int(max(states.value_on.max(), states.kind_since.max())):
        msg = f"period {period} is not after the last; periods come one after the other."
        raise ValueError(msg)
    return _watched(rule, states, period, values) if watching else _rested(rule, states, period)


def feed(
    rule: Rule, states: States, first: int, values: NDArray[np.float64], watching: Sequence[bool] = ()
) -> Iterator[States]:
    """The states after each of T periods from `first` on; `values` [T, n]. Without `watching` [T] it always does."""
    for place, row in enumerate(values):
        states = step(rule, states, first + place, row, watching=not watching or watching[place])
        yield states


def latest(
    rule: Rule,
    subjects: NDArray[np.int64],
    periods: NDArray[np.int64],
    instants: NDArray[np.int64],
    values: NDArray[np.float64],
    shape: tuple[int, int],
) -> NDArray[np.float64]:
    """Reports in any order as a table of values [T, n], nan where nobody reported.

    Of several for one subject and period the last counts; of those from one instant the worst, then the largest, so
    that the order in which a batch arrives changes nothing. IndexError for a report outside the shape.
    """
    found = np.full(shape, np.nan)
    order = np.lexsort((values, rule.ranks(values), instants))
    found[periods[order], subjects[order]] = values[order]
    return found


def _rested(rule: Rule, states: States, period: int) -> States:
    """Out of season: nothing is open and nothing is counted. That is said as the season's end, never as recovery."""
    after = States.start(rule, len(states))
    after.kind[:] = State.RESTING
    after.reason[:] = Reason.SEASON
    rested = states.kind == State.RESTING
    after.kind_since = np.where(rested, states.kind_since, period)
    after.level_since = after.kind_since.copy()
    return after


def _watched(rule: Rule, states: States, period: int, values: NDArray[np.float64]) -> States:
    known = ~np.isnan(values)
    after = states.copy()
    ranks = rule.ranks(values)
    _count(rule, after, values, known, ranks)
    _note_changes(after, known & states.seen, ranks)
    after.rank = np.where(known, ranks, states.rank)
    after.value = np.where(known, values, states.value)
    after.value_on = np.where(known, period, states.value_on)
    silent = _level(rule, after)
    _kind(rule, after, silent)
    moved = (after.level != states.level) | (~states.seen & known) | (states.kind == State.RESTING)
    after.level_since = np.where(moved, period, states.level_since)
    _give_reasons(states, after, silent)
    turned = (after.kind != states.kind) | (after.pending != states.pending) | (after.level != states.level)
    after.kind_since = np.where(turned | (states.kind_since < 0), period, states.kind_since)
    return after


def _count(
    rule: Rule, after: States, values: NDArray[np.float64], known: NDArray[np.bool_], ranks: NDArray[np.int8]
) -> None:
    """Count the periods at and away from each level; periods without a value count for neither."""
    wide = rule.ranks(values, widened=True) if any(limit.margin for limit in rule.limits) else ranks
    for rank, (up, down) in enumerate(zip(after.up, after.down, strict=True), 1):
        for counter, goes_on in ((up, ranks >= rank), (down, wide < rank)):
            counter[known] += 1
            counter[known & ~goes_on] = 0
    after.missing += 1
    after.missing[known] = 0


def _level(rule: Rule, after: States) -> NDArray[np.bool_]:
    """Set the level that counts; who is at it for being silent."""
    raised = np.zeros_like(after.level)
    lowered = after.level.copy()
    limits = {rank: rule.limit_of(rank) for rank in range(1, rule.scheme.worst + 1)}
    for rank, limit in limits.items():
        if limit is not None:
            raised[after.up[rank - 1] > limit.hold] = rank
    for rank, limit in reversed(limits.items()):
        lowered[(lowered == rank) & (after.down[rank - 1] > (limit.keep if limit else 0))] = rank - 1
    after.level = np.maximum(raised, lowered)
    if not rule.missing.raise_to:
        return np.zeros(len(after), np.bool_)
    silent = after.missing > rule.missing.after
    after.level[silent] = np.maximum(after.level[silent], rule.scheme.rank(rule.missing.raise_to))
    return silent


def _kind(rule: Rule, after: States, silent: NDArray[np.bool_]) -> None:
    """Set what is known of each, and the level above the present one that waits to be raised."""
    after.pending[:] = 0
    for rank, up in enumerate(after.up, 1):
        if rule.limit_of(rank) is not None:
            after.pending[(up > 0) & (after.level < rank)] = rank
    after.kind = np.where(after.pending > 0, State.PENDING, State.NORMAL).astype(np.int8)
    after.kind[after.level > 0] = State.FIRING
    gone = (after.missing > rule.missing.after) | ~after.seen
    after.kind[gone & ~silent] = State.NO_DATA


def _note_changes(after: States, again: NDArray[np.bool_], ranks: NDArray[np.int8]) -> None:
    """Keep whether the rank changed, and say who is flapping."""
    _turn(after.changes, after.flapping, again, again & (ranks != after.rank))


def _turn(
    changes: NDArray[np.int32], flaps: NDArray[np.bool_], again: NDArray[np.bool_], changed: NDArray[np.bool_]
) -> None:
    """Take one more value of those in `again` into the bits, and say anew who is flapping; both in place."""
    changes[again] = ((changes[again] << 1) | changed[again]) & _BITS
    share = _NEWER[changes & _HALF] + _OLDER[changes >> _HALF_BITS]
    flaps[:] = np.where(flaps, share >= FLAP_ENDS, share > FLAP_BEGINS)


def flapping(ranks: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Who of n subjects is flapping after T periods of which only the ranks are kept: [T, n], -1 where none is known.

    The same as `step` finds from the values, when no limit has a hold, a keep or a margin.
    """
    subjects = ranks.shape[1]
    changes, flaps = np.zeros(subjects, np.int32), np.zeros(subjects, np.bool_)
    last = np.full(subjects, -1, np.int8)
    for row in ranks:
        known = row >= 0
        again = known & (last >= 0)
        _turn(changes, flaps, again, again & (row != last))
        last = np.where(known, row, last).astype(np.int8)
    return flaps


def _give_reasons(before: States, after: States, silent: NDArray[np.bool_]) -> None:
    """Say why each came to its state; who stays in it keeps the reason."""
    was, now = before.kind, after.kind
    first = ~before.seen & after.seen
    passed = (now == State.NORMAL) & (was == State.PENDING)
    returned = (was == State.NO_DATA) & (now != State.NO_DATA)
    for where, reason in (
        (passed, Reason.PASSED),
        ((after.pending > before.pending), Reason.PENDING),
        (returned, Reason.RETURNED),
        (first, Reason.FIRST),
        ((now == State.NO_DATA) & (was != State.NO_DATA), Reason.MISSING),
        ((now == State.NO_DATA) & ~after.seen, Reason.NEVER),
        (after.level < before.level, Reason.LOWERED),
        (after.level > before.level, Reason.RAISED),
        ((after.level > before.level) & silent, Reason.SILENT),
    ):
        after.reason[where] = reason
