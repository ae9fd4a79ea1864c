"""How much of a site's supply comes from abroad: at face value, and with the suppliers at home looked through.

A walk starts at a site, picks one of its inputs and then one of its suppliers in proportion, and goes on from there
until it crosses the border (abroad), ends in what a site makes out of nothing (home) or leaves the tables (unknown).
The looked-through share is the chance that it ends abroad: the absorption probability of a Markov chain (Kemeny and
Snell 1960, chapter 3). Definitions, proofs and limits: docs/explanation/dependence.md.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ballast.core.columns import Bools, Floats, Ints, refuse
from ballast.core.network.network import Network
from ballast.core.sums import offsets, totals

if TYPE_CHECKING:
    from ballast.core.kernels.dependence import Walk

__all__ = ["ForeignShares", "foreign_shares"]

# Sweeps stop when they move nothing that a share of 1 can show.
STILL = 2.0**-50
SWEEPS = 400
# Loops that hardly leak settle too slowly by sweeps; so many sites at most are solved for directly.
DIRECT = 4_000
ROUNDS = 25
# What is left of shares that add up to 1 in decimals is no supply from outside.
NOTHING = 1e-9


@dataclass(frozen=True, eq=False)
class ForeignShares:
    """Foreign share of every slot and site, 0..1; low and high are equal where all shares and origins are known.

    s slots, n sites; `settled` is the largest amount by which one more sweep would move a value.
    """

    slot_face_low: Floats  # [s]
    slot_face_high: Floats
    slot_through_low: Floats
    slot_through_high: Floats
    site_face_low: Floats  # [n] of its output; 0 for a site without inputs: it is a source at home
    site_face_high: Floats
    site_through_low: Floats
    site_through_high: Floats
    sweeps: int
    settled: float


def foreign_shares(
    network: Network,
    *,
    home: ArrayLike,
    known: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    own: ArrayLike | None = None,
) -> ForeignShares:
    """Shares from abroad, where a link crosses the border when the `home` [n] labels of its ends differ.

    `known` [m] says which link shares are known (default all); those of unknown share bring the rest of their slot
    in an unknown way. What comes from outside the tables is of unknown origin. `weight` [s] weighs the inputs of a
    site against each other (default all alike); it is scaled to sum 1. `own` [n] is the part of a site's output that
    it adds itself, at home (default 0; nan unknown). O(links) for each of a few hundred sweeps. NetworkError for
    weights that cannot be.
    """
    supply = _supply(network, np.asarray(home), known)
    weights, added = _weights(network, weight), _own(network, own)
    order = _order(network, supply.abroad)
    bounds: dict[str, tuple[Floats, ...]] = {}
    sweeps, settled = 0, 0.0
    for upper in (False, True):
        if upper and supply.certain and not np.isnan(added).any():
            bounds["high"] = bounds["low"]
            break
        chance = weights * (1.0 - np.nan_to_num(added, nan=0.0 if upper else 1.0))[network.slot_site]
        value, done, change = _absorbed(_walk(network, supply, chance, order, upper=upper), upper=upper)
        value[order] = value.copy()
        face = _slot_values(supply, np.zeros(network.sites), upper=upper)
        through = _slot_values(supply, value, upper=upper)
        bounds["high" if upper else "low"] = (face, through, _per_site(network, chance * face), value)
        sweeps, settled = sweeps + done, max(settled, change)
    names = ("slot_face", "slot_through", "site_face", "site_through")
    arrays = {
        f"{name}_{bound}": array for bound, found in bounds.items() for name, array in zip(names, found, strict=True)
    }
    return ForeignShares(**arrays, sweeps=sweeps, settled=settled)


@dataclass(frozen=True, eq=False)
class _Supply:
    """Shares of what arrives in each slot: of known links, of the links of unknown share together, from outside."""

    slot: Ints  # [m] slot of each link
    supplier: Ints  # [m]
    abroad: Bools  # [m]
    known: Bools  # [m]
    share: Floats  # [m] 0 where unknown
    rest: Floats  # [s]
    outside: Floats  # [s]

    @property
    def certain(self) -> bool:
        return bool(self.known.all()) and not self.outside.any()


def _supply(network: Network, home: np.ndarray, known: ArrayLike | None) -> _Supply:
    if home.shape != (network.sites,):
        refuse("home", f"{home.size} labels", f"where {network.sites} sites stand", "Give one label for each site")
    sure = np.ones(network.links, dtype=bool) if known is None else np.asarray(known, dtype=bool)
    slot, s = network.link_slot, network.slots
    arrives = totals(slot, network.link_share, s) + network.slot_outside
    scale = np.divide(1.0, arrives, out=np.zeros(s), where=arrives > 0.0)
    outside = network.slot_outside * scale
    return _Supply(
        slot=slot,
        supplier=network.link_supplier,
        abroad=home[network.link_supplier] != home[network.link_customer],
        known=sure,
        share=np.where(sure, network.link_share * scale[slot], 0.0),
        rest=totals(slot[~sure], network.link_share[~sure], s) * scale,
        # An input that nothing supplies is needed all the same; where it comes from is not known.
        outside=np.where(arrives > 0.0, np.where(outside > NOTHING, outside, 0.0), 1.0),
    )


def _order(network: Network, abroad: Bools) -> Ints:
    """[n] order of the sweep: suppliers before customers where no loop is in the way, whatever the order of rows."""
    from ballast.core.kernels.dependence import suppliers_first

    first = network.slot_links[network.site_slots]
    order: Ints = suppliers_first(network.site_ids.order, first, network.link_supplier, abroad)
    return order


def _walk(network: Network, supply: _Supply, weight: Floats, order: Ints, *, upper: bool) -> "Walk":
    """The steps of every site, sites renumbered in the order of the sweep so that a sweep reads in one line."""
    from ballast.core.kernels.dependence import Walk

    n, customer = network.sites, network.link_customer
    place = np.empty(n, dtype=np.int32)
    place[order] = np.arange(n, dtype=np.int32)
    ends = weight * (supply.outside if upper else 0.0)
    fixed = _per_site(network, ends)
    out = supply.known & supply.abroad
    fixed += totals(customer[out], (weight[supply.slot] * supply.share)[out], n)
    inner = np.flatnonzero(supply.known & ~supply.abroad & (supply.share > 0.0))
    inner = inner[np.argsort(place[customer[inner]], kind="stable")]
    unsure = np.flatnonzero(~supply.known & (supply.rest[supply.slot] > 0.0))
    unsure = unsure[np.argsort(place[customer[unsure]], kind="stable")]
    slots, first = np.unique(supply.slot[unsure], return_index=True)
    slots = slots[np.argsort(first)]
    return Walk(
        fixed=fixed[order],
        steps=offsets(place[customer[inner]], n),
        to=place[supply.supplier[inner]],
        chance=(weight[supply.slot] * supply.share)[inner],
        groups=offsets(place[network.slot_site[slots]], n),
        group_chance=(weight * supply.rest)[slots],
        members=np.append(np.sort(first), unsure.size).astype(np.int64),
        member=np.where(supply.abroad[unsure], np.int32(-1), place[supply.supplier[unsure]]),
    )


def _absorbed(walk: "Walk", *, upper: bool) -> tuple[Floats, int, float]:
    """(least solution of value = sweep(value), sweeps, last change), from below."""
    from ballast.core.kernels.dependence import sweep

    value, sweeps, change = np.zeros(walk.fixed.size), 0, np.inf
    for _ in range(ROUNDS):
        done, change = sweep(walk, value, upper, STILL, SWEEPS)
        sweeps += done
        if change <= STILL:
            break
        before = value.copy()
        sweep(walk, value, upper, STILL, 1)
        moving = np.flatnonzero(np.abs(value - before) > STILL)
        if moving.size <= DIRECT:
            value[moving] = _solved(walk, moving, value, upper=upper)
    return value, sweeps, change


def _solved(walk: "Walk", sites: NDArray[np.intp], value: Floats, *, upper: bool) -> Floats:
    """Values of some sites by a direct solve, the others held and unknown shares sent where they go at present."""
    from scipy.sparse import csr_array, identity  # type: ignore[import-untyped]
    from scipy.sparse.linalg import spsolve  # type: ignore[import-untyped]

    n = value.size
    moves = csr_array((walk.chance, walk.to, walk.steps), shape=(n, n))
    fixed = walk.fixed.copy()
    groups = np.arange(walk.group_chance.size)
    if groups.size:
        chosen = _chosen(walk, value, upper=upper)
        site = np.repeat(np.arange(n), np.diff(walk.groups))
        away = chosen < 0
        fixed += totals(site[away], walk.group_chance[away], n)
        moves = moves + csr_array((walk.group_chance[~away], (site[~away], chosen[~away])), shape=(n, n))
    held = value.copy()
    held[sites] = 0.0
    rows = moves[sites]
    known = fixed[sites] + rows @ held
    solved: Floats = spsolve((identity(sites.size) - rows[:, sites]).tocsc(), known)
    return np.clip(solved, 0.0, 1.0)


def _chosen(walk: "Walk", value: Floats, *, upper: bool) -> Ints:
    """[g] the member of each group that makes its site's value largest if `upper`, else smallest."""
    foreign = np.where(walk.member < 0, 1.0, value[walk.member])
    group = np.repeat(np.arange(walk.group_chance.size), np.diff(walk.members))
    order = np.lexsort((-foreign if upper else foreign, group))
    return walk.member[order[walk.members[:-1]]]


def _slot_values(supply: _Supply, value: Floats, *, upper: bool) -> Floats:
    """[s] foreign share of each slot when its suppliers at home have these values."""
    s = supply.rest.size
    foreign = np.where(supply.abroad, 1.0, value[supply.supplier])
    total = totals(supply.slot, supply.share * foreign, s)
    unsure = np.flatnonzero(~supply.known)
    if unsure.size:
        pick = np.maximum if upper else np.minimum
        slots, first = np.unique(supply.slot[unsure], return_index=True)
        total[slots] += supply.rest[slots] * pick.reduceat(foreign[unsure], first)
    return np.minimum(1.0, total + supply.outside if upper else total)


def _weights(network: Network, weight: ArrayLike | None) -> Floats:
    """[s] weights that sum to 1 over the slots of each site."""
    given = np.ones(network.slots) if weight is None else np.asarray(weight, dtype=np.float64)
    if given.shape != (network.slots,):
        refuse("weight", f"{given.size} values", f"where {network.slots} slots stand", "Give one for each slot")
    for bad in np.flatnonzero(~np.isfinite(given) | (given < 0.0))[:1]:
        where = f"{network.site_ids[network.slot_site[bad]]} / {network.slot_product[bad]}"
        refuse("weight", f"{given[bad]} ({where})", "is no weight", "Give a finite number from 0 up")
    total = totals(network.slot_site, given, network.sites)
    for bad in np.flatnonzero((total == 0.0) & (np.diff(network.site_slots) > 0))[:1]:
        refuse("weight", network.site_ids[bad], "has inputs that all weigh 0", "Give one of them a weight")
    return given / total[network.slot_site] if network.slots else given


def _own(network: Network, own: ArrayLike | None) -> Floats:
    given = np.zeros(network.sites) if own is None else np.asarray(own, dtype=np.float64)
    if given.shape != (network.sites,):
        refuse("own", f"{given.size} values", f"where {network.sites} sites stand", "Give one for each site")
    for bad in np.flatnonzero((given < 0.0) | (given > 1.0))[:1]:
        refuse("own", f"{given[bad]:g} ({network.site_ids[bad]})", "is no share", "Give 0 to 1, or nan when unknown")
    return given


def _per_site(network: Network, values: Floats) -> Floats:
    return np.minimum(1.0, totals(network.slot_site, values, network.sites))
