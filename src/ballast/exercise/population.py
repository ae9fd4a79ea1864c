"""Who is there: enterprises and their sites, with invented names and identifiers that cannot be real."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.exercise.sizes import Size
from ballast.exercise.sources import Places, places, products

__all__ = ["Population", "identifier", "populate"]

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VEHICLES = ("car", "electric-car", "truck")
_SCATTER_DEGREES = 0.12


@dataclass(frozen=True)
class Population:
    """Sites (one entry each) and enterprises (one entry each); `owner` gives the enterprise of a site."""

    size: Size
    places: Places
    product: NDArray[np.str_]
    place: NDArray[np.int32]
    owner: NDArray[np.int32]
    site_ids: list[str]
    site_names: list[tuple[str, str]]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    # Drawn once: how large a site is against others of its product (heavy-tailed).
    weight: NDArray[np.float64]
    enterprise_ids: list[str]
    enterprise_names: list[tuple[str, str]]
    identifiers: list[str]
    home: NDArray[np.int32]  # first site of each enterprise
    is_group: NDArray[np.bool_]

    @property
    def region(self) -> NDArray[np.str_]:
        """Region code of each site."""
        return np.array(self.places.codes)[self.place]

    @property
    def enterprise_region(self) -> NDArray[np.str_]:
        """Region code of each enterprise."""
        return self.region[self.home]


def identifier(number: int) -> str:
    """A code shaped like a unified social credit code that no register can have issued.

    Two marks, either enough: its division code begins with 99, which GB/T 2260 does not give to any
    place, and its check character is the one after that which GB 32100 asks for.
    """
    body = f"91990000EX{number:07d}"
    total = sum(_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + _ALPHABET[((31 - total) % 31 + 1) % 31]


def populate(size: Size, rng: np.random.Generator) -> Population:
    """Draw the sites of every product, place them by their chain's geography, and name them."""
    product, place, owner = _sites(size, rng)
    n = len(product)
    home = np.searchsorted(owner, np.arange(size.enterprises)).astype(np.int32)
    is_group = np.arange(size.enterprises) < size.vehicle_groups
    names = [_enterprise_name(e, product[home[e]], is_group[e]) for e in range(size.enterprises)]
    sites = [_site(s, owner, home, product) for s in range(n)]
    return Population(
        size=size,
        places=places(),
        product=product,
        place=place,
        owner=owner,
        site_ids=[site_id for site_id, _, _ in sites],
        site_names=[(name, name_zh) for _, name, name_zh in sites],
        weight=rng.pareto(1.3, n) + 0.4,
        latitude=np.round(places().latitude[place] + rng.normal(0, _SCATTER_DEGREES, n), 4),
        longitude=np.round(places().longitude[place] + rng.normal(0, _SCATTER_DEGREES, n), 4),
        enterprise_ids=[f"EX-{e + 1:05d}" for e in range(size.enterprises)],
        enterprise_names=names,
        identifiers=[identifier(e + 1) for e in range(size.enterprises)],
        home=home,
        is_group=is_group,
    )


def _sites(size: Size, rng: np.random.Generator) -> tuple[NDArray[np.str_], NDArray[np.int32], NDArray[np.int32]]:
    """Product, place and owner of each site, by owner."""
    in_groups = size.vehicle_groups * size.plants_per_group
    made = _quota(size.enterprises - size.vehicle_groups + in_groups, in_groups)
    product = np.repeat(np.array(list(made)), list(made.values()))
    place = np.zeros(len(product), np.int32)
    for chain, weight in places().weight.items():
        rows = np.flatnonzero([products()[p].chain == chain for p in product])
        place[rows] = rng.choice(len(weight), len(rows), p=weight)
    owner = _owners(product, size, rng)
    order = np.argsort(owner, kind="stable")
    return product[order], place[order], owner[order]


def _quota(total: int, in_groups: int) -> dict[str, int]:
    """Sites of each product, by largest remainder, at least one each and enough vehicle plants for the groups."""
    listed = products()
    weight = np.array([p.count for p in listed.values()])
    exact = weight / weight.sum() * total
    counts = np.maximum(np.floor(exact).astype(int), 1)
    vehicles = [list(listed).index(v) for v in _VEHICLES]
    for i in vehicles:
        counts[i] = max(counts[i], -(-in_groups // len(vehicles)))
    others = np.setdiff1d(np.arange(len(counts)), vehicles)
    by_remainder = others[np.argsort(np.floor(exact[others]) - exact[others], kind="stable")]
    step = 0
    while counts.sum() != total:
        i = by_remainder[step % len(others)]
        change = 1 if counts.sum() < total else -1
        if counts[i] + change >= 1:
            counts[i] += change
        step += 1
    return dict(zip(listed, counts.tolist(), strict=True))


def _owners(product: NDArray[np.str_], size: Size, rng: np.random.Generator) -> NDArray[np.int32]:
    """Enterprise of each site: the groups own several vehicle plants, every other site is its own enterprise."""
    owner = np.full(len(product), -1, np.int32)
    vehicles = rng.permutation(np.flatnonzero(np.isin(product, _VEHICLES)))
    owner[vehicles[: size.vehicle_groups * size.plants_per_group]] = np.repeat(
        np.arange(size.vehicle_groups, dtype=np.int32), size.plants_per_group
    )
    rest = rng.permutation(np.flatnonzero(owner < 0))
    owner[rest] = size.vehicle_groups + np.arange(len(rest), dtype=np.int32)
    return owner


def _enterprise_name(number: int, product: str, group: bool) -> tuple[str, str]:
    """Names that are plainly invented: "Exercise Castings 0412", 演练铸件0412厂."""
    if group:
        return f"Exercise Vehicle Group {number + 1:02d}", f"演练汽车集团{number + 1:02d}"
    made = products()[product]
    return f"Exercise {made.maker} {number + 1:04d}", f"演练{made.maker_zh.removesuffix('厂')}{number + 1:04d}厂"


def _site(
    site: int, owner: NDArray[np.int32], home: NDArray[np.int32], product: NDArray[np.str_]
) -> tuple[str, str, str]:
    """Identifier and names of a site; plants of a group are counted within it."""
    enterprise = int(owner[site])
    made = products()[product[site]]
    several = enterprise + 1 < len(home) and home[enterprise + 1] - home[enterprise] > 1
    several = several or (enterprise + 1 == len(home) and len(owner) - home[enterprise] > 1)
    stem = made.maker_zh.removesuffix("厂")
    if several:
        plant = site - int(home[enterprise]) + 1
        name = f"{made.maker} G{enterprise + 1:02d}-{plant}"
        return f"{made.code}-g{enterprise + 1:02d}-{plant}", name, f"{stem}G{enterprise + 1:02d}-{plant}工厂"
    number = f"{enterprise + 1:04d}"
    return f"{made.code}-{number}", f"{made.maker} {number} plant", f"{stem}{number}工厂"
