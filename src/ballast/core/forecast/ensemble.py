"""Many forecasts with what is uncertain drawn by chance: how often a site stops, and bands of what is lost.

Each draw has a generator of its own, spawned from the seed, so the answer has the same bits on any number of threads.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from ballast.core.forecast.dayloop import SLOW, Days, Resting, run_days
from ballast.core.forecast.events import Event, Match, match_events, resolve
from ballast.core.forecast.runs import MAX_HORIZON, lost_output
from ballast.core.network.network import Floats, Ints, Network, NetworkError
from ballast.core.parallel import Arrays, Executor, Threads, in_pieces

__all__ = ["QUANTILES", "Ensemble", "Uncertainty", "ensemble"]

QUANTILES = (0.1, 0.5, 0.9)
MAX_DRAWS = 100_000
_PIECE = 4


@dataclass(frozen=True)
class Uncertainty:
    """What is drawn. NetworkError when a figure cannot be.

    Unknown stocks are uniform between nothing and their upper bound (the horizon, in days, where they have none).
    """

    stock_error: float = 0.0  # known stocks: standard deviation of the logarithm of reported by true
    end_days: int = 0  # ends of events: whole days, uniform from so many earlier to so many later

    def __post_init__(self) -> None:
        if not 0.0 <= self.stock_error <= 2.0:
            msg = f"stock_error is {self.stock_error}; give a number from 0 to 2 (0.1 is about ten per cent)."
            raise NetworkError(msg)
        if not 0 <= self.end_days <= MAX_HORIZON:
            msg = f"end_days is {self.end_days}; give whole days from 0 to {MAX_HORIZON}."
            raise NetworkError(msg)


@dataclass(frozen=True, eq=False)
class Draw:
    """What one draw came to; sites that are not listed ran in full."""

    sites: Ints  # [k]
    stop_day: Ints  # [k] -1 for a site that only slows
    lost_output: Floats  # [k] money; nan where the value is unknown
    lost_days: Floats  # [k]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """All draws, and what they say together."""

    network: Network
    events: tuple[Event, ...]
    horizon: int
    uncertainty: Uncertainty
    seed: int
    draws: tuple[Draw, ...]

    @cached_property
    def sites(self) -> Ints:
        """[k] sites that fall short in any draw, ascending."""
        none = np.empty(0, dtype=np.int32)
        return np.unique(np.concatenate([none, *(draw.sites for draw in self.draws)]))

    @cached_property
    def stop_share(self) -> Floats:
        """[k] share of the draws in which the site stops."""
        return np.asarray((self._stop_days < np.inf).mean(axis=0), dtype=np.float64)

    @cached_property
    def total_lost(self) -> Floats:
        """[draws] money lost by all sites of known value."""
        return np.array([np.nansum(draw.lost_output) for draw in self.draws])

    def total_quantiles(self, quantiles: Iterable[float] = QUANTILES) -> tuple[float, ...]:
        """Bands of the money lost: values that occurred, so no band lies between two draws."""
        return tuple(float(q) for q in np.quantile(self.total_lost, list(quantiles), method="inverted_cdf"))

    def stop_quantiles(self, quantile: float) -> Floats:
        """[k] day by which the site has stopped in that share of the draws; inf where it has not in so many."""
        return np.asarray(np.quantile(self._stop_days, quantile, axis=0, method="inverted_cdf"), dtype=np.float64)

    def lost_quantiles(self, quantile: float) -> Floats:
        """[k] days of normal output lost."""
        return np.asarray(np.quantile(self._lost_days, quantile, axis=0, method="inverted_cdf"), dtype=np.float64)

    @cached_property
    def _stop_days(self) -> Floats:
        """[draws, k] inf for never."""
        found = np.full((len(self.draws), self.sites.size), np.inf)
        for row, draw in zip(found, self.draws, strict=True):
            row[np.searchsorted(self.sites, draw.sites)] = np.where(draw.stop_day < 0, np.inf, draw.stop_day)
        return found

    @cached_property
    def _lost_days(self) -> Floats:
        found = np.zeros((len(self.draws), self.sites.size))
        for row, draw in zip(found, self.draws, strict=True):
            row[np.searchsorted(self.sites, draw.sites)] = draw.lost_days
        return found


def ensemble(
    network: Network,
    events: Iterable[Event],
    *,
    horizon: int = 30,
    draws: int = 200,
    seed: int = 1,
    uncertainty: Uncertainty | None = None,
    threads: int = 1,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Ensemble:
    """`draws` forecasts with what is uncertain drawn anew, by `executor` or else by `threads` threads here.

    NetworkError for impossible figures.
    """
    for name, value, most in (("horizon", horizon, MAX_HORIZON), ("draws", draws, MAX_DRAWS)):
        if not 1 <= value <= most:
            msg = f"{name} is {value}; give a whole number from 1 to {most}."
            raise NetworkError(msg)
    about = uncertainty or Uncertainty()
    held = tuple(match.event for match in match_events(network, events))
    found = in_pieces(
        Draws(held, horizon, about, seed),
        network, draws, size=_PIECE, executor=executor or Threads(threads), progress=progress,
    )  # fmt: skip
    return Ensemble(network, held, horizon, about, seed, tuple(draw for part in found for draw in _unpacked(part)))


@dataclass(frozen=True)
class Draws:
    """Draw k of an ensemble is row k of the question (core/parallel.py)."""

    events: tuple[Event, ...]
    horizon: int
    uncertainty: Uncertainty
    seed: int

    def ready(self, network: Network) -> Callable[[int, int], Arrays]:
        """Sites that fall short in each of the draws, and the columns of `Draw` one after the other."""
        matches = tuple(match_events(network, self.events))

        def some(first: int, last: int) -> Arrays:
            # The k-th child that SeedSequence.spawn would give.
            seeds = (np.random.SeedSequence(self.seed, spawn_key=(k,)) for k in range(first, last))
            found = [
                _draw(network, matches, self.horizon, self.uncertainty, np.random.default_rng(seed)) for seed in seeds
            ]
            columns = (np.concatenate([getattr(draw, name) for draw in found]) for name in _COLUMNS)
            return np.array([draw.sites.size for draw in found]), *columns

        return some


_COLUMNS = tuple(field.name for field in fields(Draw))


def _unpacked(part: Arrays) -> list[Draw]:
    sizes, *columns = part
    ends = np.cumsum(sizes)[:-1]
    return [Draw(*parts) for parts in zip(*(np.split(column, ends) for column in columns), strict=True)]


def _draw(
    network: Network, matches: tuple[Match, ...], horizon: int, about: Uncertainty, rng: np.random.Generator
) -> Draw:
    cover = _stocks(network, horizon, about, rng)
    held = [replace(match, event=_ending(match.event, about, rng)) for match in matches]
    days = run_days(Resting(network, cover), resolve(held, horizon), horizon)
    return _short(network, days)


def _stocks(network: Network, horizon: int, about: Uncertainty, rng: np.random.Generator) -> Floats:
    """Cover at day 0, days; every slot takes its numbers from the same place of the stream."""
    upper = np.where(np.isfinite(network.slot_cover_upper), network.slot_cover_upper, float(horizon))
    chance, error = rng.random(network.slots), rng.standard_normal(network.slots)
    known = network.slot_cover * np.exp(about.stock_error * error)
    return np.where(np.isnan(network.slot_cover), chance * upper, known)


def _ending(event: Event, about: Uncertainty, rng: np.random.Generator) -> Event:
    shift = int(rng.integers(-about.end_days, about.end_days + 1))
    return event if event.end is None else replace(event, end=max(event.start, event.end + shift))


def _short(network: Network, days: Days) -> Draw:
    order = np.argsort(days.sites)
    order = order[days.lost[order] > SLOW]
    sites, lost = days.sites[order], days.lost[order]
    return Draw(sites, days.milestones[order, 0].copy(), lost_output(network, sites, lost), lost)
