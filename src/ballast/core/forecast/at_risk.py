"""Output at risk asked for again after a small change: only groups that the change can reach are computed anew.

What a site does depends on itself and on what lies upstream of it. A group of events whose places, and whose every site
that runs otherwise without it, lie outside the reach of what changed costs what it cost before, bit for bit: its run
without the group visits the same sites and reads the same numbers. docs/explanation/forecast.md says so at length.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.core.forecast.dayloop import resting
from ballast.core.forecast.events import Event, Match
from ballast.core.forecast.runs import Forecast, low_forecast
from ballast.core.network.network import Bools, Network
from ballast.core.texts import CodedTexts, Texts

__all__ = ["AtRisk", "reached_since"]

_SLOTS = ("slot_essential", "slot_weight", "slot_base")
_SITES = ("minimum_rate", "output_value")
_LINKS = ("link_share", "link_lead")
_SHAPE = ("slot_site", "link_supplier", "link_slot")


@dataclass(frozen=True)
class _Part:
    """What a group changes: the sites that run otherwise without it, and the terms that it adds to the total."""

    sites: NDArray[np.int32]
    terms: tuple[float, ...]


@dataclass(frozen=True)
class _World:
    network: Network
    matches: Mapping[str, Match]
    horizon: int
    parts: Mapping[frozenset[str], _Part]


class AtRisk:
    """Answers as `output_at_risk` does, to the last digit, and keeps what its last answer rests on."""

    def __init__(self) -> None:
        self._before: _World | None = None
        # Groups of the last answer that were taken over from the one before.
        self.taken_over = 0

    def ask(
        self, network: Network, events: Iterable[Event], groups: Mapping[str, Collection[str]], *, horizon: int = 30
    ) -> dict[str, float]:
        """Money that each group of events costs in the low run; NetworkError for impossible input."""
        found = low_forecast(network, events, horizon=horizon)
        matches = {match.event.event_id: match for match in found.matches}
        wanted = {name: frozenset(group) for name, group in groups.items()}
        parts = self._still_true(found, matches, wanted.values())
        self.taken_over = len(parts)
        for group in wanted.values():
            if group not in parts:
                parts[group] = _Part(*found.parts_without(group))
        self._before = _World(network, matches, horizon, parts)
        full, exact = found.low.total_lost_output, found.low.exact_total
        return {name: full - math.fsum([*exact, *parts[group].terms]) for name, group in wanted.items()}

    def _still_true(
        self, found: Forecast, matches: Mapping[str, Match], wanted: Iterable[frozenset[str]]
    ) -> dict[frozenset[str], _Part]:
        """Parts of the last answer that no change since then can reach."""
        before, network = self._before, found.network
        if before is None or before.horizon != found.horizon:
            return {}
        reached = reached_since(before.network, before.matches, network, matches)
        if reached is None:
            return {}
        free = {name: not reached[_places(match, network)].any() for name, match in matches.items()}
        return {
            group: part
            for group in wanted
            if (part := before.parts.get(group)) is not None
            and all(free.get(event, True) for event in group)
            and not reached[part.sites].any()
        }


def reached_since(
    before: Network, held_before: Mapping[str, Match], now: Network, held: Mapping[str, Match]
) -> Bools | None:
    """[n] sites that run as before in the low run unless True, given the events of both by id; None where any may."""
    if not _alike(before, now):
        return None
    changed = _changed(before, now)
    for match in (*held_before.values(), *held.values()):
        if _differs(match, held_before, held):
            changed[_places(match, now)] = True
    return now.reach(np.flatnonzero(changed))


def _differs(match: Match, before: Mapping[str, Match], now: Mapping[str, Match]) -> bool:
    """Whether the event is not the same in both."""
    name = match.event.event_id
    return name not in before or name not in now or before[name].event != now[name].event


def _places(match: Match, network: Network) -> NDArray[np.int64]:
    """Sites that the event holds, and those that are supplied over what it holds."""
    return np.concatenate([match.sites, network.link_customer[match.links]]).astype(np.int64)


def _alike(one: Network, other: Network) -> bool:
    """Whether both have the same sites, slots and links in the same order, figures aside."""
    return (
        all(np.array_equal(getattr(one, name), getattr(other, name)) for name in _SHAPE)
        and _same_texts(one.site_ids, other.site_ids)
        and all(_same_codes(getattr(one, name), getattr(other, name)) for name in ("site_region", "site_product"))
    )


def _same_texts(one: Sequence[str], other: Sequence[str]) -> bool:
    if isinstance(one, Texts) and isinstance(other, Texts):
        return np.array_equal(one.starts, other.starts) and np.array_equal(one.data, other.data)
    return list(one) == list(other)


def _same_codes(one: CodedTexts, other: CodedTexts) -> bool:
    return np.array_equal(one.codes, other.codes) and list(one.vocabulary) == list(other.vocabulary)


def _changed(before: Network, now: Network) -> Bools:
    """[n] sites of which a figure that the low run reads is another one."""
    old, new = resting(before, high=False), resting(now, high=False)
    slots = _other(old.cover, new.cover) | _other(old.target, new.target)
    for name in _SLOTS:
        slots |= _other(getattr(before, name), getattr(now, name))
    links = np.zeros(now.links, dtype=bool)
    for name in _LINKS:
        links |= _other(getattr(before, name), getattr(now, name))
    sites = np.zeros(now.sites, dtype=bool)
    for name in _SITES:
        sites |= _other(getattr(before, name), getattr(now, name))
    sites[now.slot_site[slots]] = True
    sites[now.link_customer[links]] = True
    return sites


def _other(one: NDArray[np.generic], other: NDArray[np.generic]) -> Bools:
    """Where two columns differ; unknown is as unknown."""
    return np.asarray((one != other) & ~((one != one) & (other != other)), dtype=bool)
