"""What each site needs and who ships it: shared suppliers, single sources, distances, quantities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.exercise.population import Population
from ballast.exercise.sources import products, recipes, tiers

__all__ = ["Wiring", "wire"]

_NEAR_KM = 650.0  # the chance of a supplier falls by e over this distance
_MOST_SUPPLIERS = 6
_SUPPLIERS = (0.47, 0.27, 0.14, 0.07, 0.05)  # share of needs with 1, 2, 3, 4, 5 suppliers, before adjustment
_KM_A_DAY = 550.0


@dataclass(frozen=True)
class Wiring:
    """Slots (site, input) with their links; arrays of one entry a slot, a link or a site."""

    slot_site: NDArray[np.int32]
    slot_product: NDArray[np.str_]
    slot_use: NDArray[np.float64]
    slot_usual_days: NDArray[np.float64]
    slot_essential: NDArray[np.bool_]
    link_slot: NDArray[np.int32]
    link_supplier: NDArray[np.int32]
    link_share: NDArray[np.float64]
    link_lead: NDArray[np.int32]
    output: NDArray[np.float64]
    output_value: NDArray[np.float64]


def wire(people: Population, rng: np.random.Generator) -> Wiring:
    """Draw needs from the recipes, choose suppliers by size and distance, then let demand set quantities."""
    site, product, coefficient, usual, essential = _slots(people, rng)
    makers = {code: np.flatnonzero(people.product == code) for code in products()}
    number = _supplier_numbers(product, makers, people.size.links, rng)
    slot, supplier = _suppliers(people, site, product, number, makers, rng)
    share = _shares(slot, len(site), people.weight[supplier], rng)
    distance = people.places.distance_km[people.place[supplier], people.place[site[slot]]]
    lead = np.clip(np.rint(0.6 + distance / _KM_A_DAY + rng.random(len(slot))), 1, 8).astype(np.int32)
    output, use = _quantities(people, site, product, coefficient, slot, supplier, share, rng)
    price = np.array([products()[p].price for p in people.product])
    return Wiring(
        slot_site=site,
        slot_product=product,
        slot_use=use,
        slot_usual_days=usual,
        slot_essential=essential,
        link_slot=slot,
        link_supplier=supplier,
        link_share=share,
        link_lead=lead,
        output=output,
        output_value=significant(output * price * rng.uniform(0.9, 1.1, len(output)), 3),
    )


def significant(values: NDArray[np.float64], digits: int) -> NDArray[np.float64]:
    """Values rounded down to so many significant digits, so that parts never exceed their whole."""
    safe = np.where(values > 0, values, 1.0)
    exponent = digits - 1 - np.floor(np.log10(safe))
    # Powers of ten above and below one are applied so that the result is the nearest float of the decimal.
    up, down = 10.0 ** np.maximum(exponent, 0), 10.0 ** np.maximum(-exponent, 0)
    return np.where(values > 0, np.floor(values * up / down + 1e-9) * down / up, 0.0)


def _slots(people: Population, rng: np.random.Generator) -> tuple[NDArray, ...]:
    """One slot for each recipe line that a site uses; a site with a recipe has at least one."""
    parts = []
    for line in recipes():
        sites = np.flatnonzero(people.product == line.product)
        used = sites[rng.random(len(sites)) < line.chance]
        parts.append((used, line))
    site = np.concatenate([used for used, _ in parts]).astype(np.int32)
    lines = [line for used, line in parts for _ in range(len(used))]
    order = np.argsort(site, kind="stable")
    return (
        site[order],
        np.array([line.input for line in lines])[order],
        np.array([line.quantity for line in lines])[order],
        np.array([line.usual_days for line in lines])[order],
        np.array([line.essential for line in lines])[order],
    )


def _supplier_numbers(
    product: NDArray[np.str_], makers: dict[str, NDArray[np.intp]], links: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Suppliers of each slot, adding up to `links` exactly."""
    most = np.minimum([len(makers[p]) for p in product], _MOST_SUPPLIERS)
    number = np.minimum(rng.choice(len(_SUPPLIERS), len(product), p=_SUPPLIERS) + 1, most)
    if not len(product) <= links <= most.sum():
        msg = f"{links} links cannot serve {len(product)} needs with at most {most.sum()} supplier places."
        raise ValueError(msg)
    while (gap := links - int(number.sum())) != 0:
        # Extra suppliers go to needs that have several already, so single sources stay.
        free = np.flatnonzero((number > 1) & (number < most) if gap > 0 else number > 1)
        if not len(free):
            free = np.flatnonzero(number < most)
        chosen = rng.choice(free, min(abs(gap), len(free)), replace=False)
        number[chosen] += 1 if gap > 0 else -1
    return number


def _suppliers(
    people: Population,
    site: NDArray[np.int32],
    product: NDArray[np.str_],
    number: NDArray[np.int64],
    makers: dict[str, NDArray[np.intp]],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Distinct suppliers of each slot, drawn without replacement by size times nearness (Gumbel top-k)."""
    slots, chosen = [], []
    for code, candidates in makers.items():
        rows = np.flatnonzero(product == code)
        if not len(rows):
            continue
        far = people.places.distance_km[people.place[site[rows]]][:, people.place[candidates]]
        key = np.log(people.weight[candidates]) - far / _NEAR_KM + rng.gumbel(size=far.shape)
        best = np.argsort(-key, axis=1, kind="stable")[:, :_MOST_SUPPLIERS]
        keep = np.arange(best.shape[1]) < number[rows][:, None]
        slots.append(np.repeat(rows, keep.sum(1)))
        chosen.append(candidates[best[keep]])
    slot, supplier = np.concatenate(slots), np.concatenate(chosen)
    order = np.argsort(slot, kind="stable")
    return slot[order].astype(np.int32), supplier[order].astype(np.int32)


def _shares(
    slot: NDArray[np.int32], slots: int, weight: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Share of the need that each link carries; one need in six also buys outside the exercise."""
    raw = weight**0.6 * rng.gamma(3.0, size=len(slot))
    inside = np.where(rng.random(slots) < 0.16, rng.uniform(0.55, 0.95, slots), 1.0)
    total = np.bincount(slot, raw, slots)
    return raw / total[slot] * inside[slot]


def _quantities(
    people: Population,
    site: NDArray[np.int32],
    product: NDArray[np.str_],
    coefficient: NDArray[np.float64],
    slot: NDArray[np.int32],
    supplier: NDArray[np.int32],
    share: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Daily output of each site and daily use of each slot: from the plants upstream, tier by tier."""
    n = len(people.product)
    tier = np.array([tiers()[p] for p in people.product])
    median = np.array([products()[p].output for p in people.product])
    own = median * rng.lognormal(0, 0.5, n) * np.where(tier == 0, 1.0, 0.2)
    slack = rng.uniform(1.0, 1.3, n)
    noise = rng.uniform(0.97, 1.03, len(site))
    asked, output, use = np.zeros(n), np.zeros(n), np.zeros(len(site))
    for level in range(int(tier.max()) + 1):
        here = tier == level
        output[here] = significant(np.maximum(asked[here] * slack[here], own[here]), 3)
        rows = here[site]
        use[rows] = significant(output[site[rows]] * coefficient[rows] * noise[rows], 4)
        out = here[site[slot]]
        asked += np.bincount(supplier[out], share[out] * use[slot[out]], n)
    return output, use
