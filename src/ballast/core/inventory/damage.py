"""What takes capacity, and how it comes back: the loss of each damaged firm day by day."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Floats, NetworkError
from ballast.core.forecast import Event
from ballast.core.forecast.events import match_events
from ballast.core.network import Network

__all__ = ["CURVES", "Curve", "Damage", "damage_of", "fading", "recovered"]

Curve: TypeAlias = Literal["at-once", "linear", "concave", "convex", "s-shaped", "exponential"]
CURVES: tuple[Curve, ...] = get_args(Curve)


@dataclass(frozen=True, eq=False)
class Damage:
    """Capacity lost of the firms listed and what is left of the lanes listed, day by day; all others lose nothing."""

    firms: NDArray[np.intp]  # [k] ascending
    loss: Floats  # [days, k] 0..1
    links: NDArray[np.intp]  # [q] ascending; links of the network
    left: Floats  # [days, q] 0..1 of what is ordered over the lane
    unmatched: tuple[str, ...] = ()  # events that hold nothing


def recovered(curve: Curve, days: float, after: NDArray[np.integer]) -> Floats:
    """Part of a loss that has come back `after` whole days since its end when recovery takes `days`.

    linear t; concave (quick first) 1 - (1 - t)^2; convex (slow first) t^2; s-shaped (1 - cos pi t) / 2, each whole
    from t = after / days = 1 on; exponential 1 - 20^-t, 95 % at t = 1; at-once 1.

    >>> [recovered(curve, 10, np.array([5]))[0].round(3).item() for curve in ("linear", "concave", "convex")]
    [0.5, 0.75, 0.25]
    """
    if curve not in CURVES:
        msg = f"curve: {curve!r} is no recovery curve. Choose among {', '.join(CURVES)}."
        raise NetworkError(msg)
    if not 0.0 <= days < math.inf:
        msg = f"recovery days: {days:g} is no number of days. Give a finite number from 0 up."
        raise NetworkError(msg)
    if curve == "at-once" or days == 0.0:
        return np.ones(after.shape)
    t = after / days
    if curve == "exponential":
        back: Floats = 1.0 - 20.0**-t
        return back
    t = np.minimum(t, 1.0)
    if curve == "linear":
        return t
    if curve == "s-shaped":
        return np.asarray((1.0 - np.cos(np.pi * t)) / 2.0)
    return np.asarray(1.0 - (1.0 - t) ** 2 if curve == "concave" else t**2)


def damage_of(
    network: Network,
    events: Sequence[Event],
    days: int,
    *,
    curve: Curve = "linear",
    recovery_days: float | None = None,
) -> Damage:
    """Losses by day: the whole loss while an event holds, then back along the curve; lanes come back at once.

    Recovery takes a site's own `recovery_days` (0 where unknown), or the number given for all. Of several events on
    one site or lane the largest loss of the day holds.
    """
    own = np.nan_to_num(network.recovery_days) if recovery_days is None else np.full(network.sites, recovery_days)
    recovered(curve, 1.0 if recovery_days is None else recovery_days, np.array([1]))
    matches = match_events(network, events)
    none = np.empty(0, dtype=np.intp)
    firms = np.unique(np.concatenate([none, *(match.sites for match in matches)]))
    links = np.unique(np.concatenate([none, *(match.links for match in matches)]))
    loss, left = np.zeros((days, firms.size)), np.ones((days, links.size))
    for match in matches:
        event, held = match.event, match.event.days(days)
        columns = np.searchsorted(links, match.links)
        left[held, columns] = np.minimum(left[held, columns], event.capacity_left)
        columns = np.searchsorted(firms, match.sites)
        for length in np.unique(own[match.sites]):
            taken = fading(1.0 - event.capacity_left, event.start, event.end, days, curve=curve, length=float(length))
            those = columns[own[match.sites] == length]
            loss[:, those] = np.maximum(loss[:, those], taken[:, None])
    unmatched = tuple(match.event.event_id for match in matches if match.empty)
    return Damage(firms, loss, links, left, unmatched)


def fading(taken: float, first: int, last: int | None, days: int, *, curve: Curve, length: float) -> Floats:
    """[days] what is lost: `taken` from day `first` to `last` (None: to the end), then less along the curve."""
    loss = np.zeros(days)
    loss[max(0, first) : days if last is None else max(0, last + 1)] = taken
    if last is not None and last < days - 1:
        start = max(0, last + 1)
        loss[start:] = taken * (1.0 - recovered(curve, length, np.arange(start, days) - last))
    return loss
