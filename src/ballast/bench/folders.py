"""Seeded table folders in Parquet for benchmarks: three inputs a site, two suppliers for each of them."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["write_sites"]

INPUTS, SUPPLIERS = 3, 2
PRODUCTS = 600
UNKNOWN = 0.2


def write_sites(path: Path, sites: int, *, seed: int = 1) -> Path:
    """A folder of `sites` sites, three times as many needs and six times as many links; shares add up to 1."""
    rng = np.random.default_rng(seed)
    path.mkdir(parents=True, exist_ok=True)
    # Each product has makers enough for two different suppliers.
    products = int(np.clip(sites // 10, INPUTS + 1, PRODUCTS))
    made = rng.permutation(sites) % products
    step = np.cumsum(rng.integers(1, max(2, products // INPUTS), (sites, INPUTS)), axis=1)
    wanted = ((made[:, None] + step) % products).ravel()
    user = np.repeat(np.arange(sites), INPUTS)
    supplier = _suppliers(made, wanted, products, rng)
    use = np.round(rng.lognormal(3.0, 1.0, user.size), 3) + 0.1
    first = rng.random(user.size)
    ids, codes = _codes("S", sites), _codes("P", products)
    _write(path, "enterprises", enterprise_id=ids, name=ids, region=_regions(sites, rng))
    _write(
        path, "sites", site_id=ids, enterprise_id=ids, name=ids, region=_regions(sites, rng), product=codes[made],
        daily_output_value=rng.lognormal(3.0, 1.0, sites), recovery_days=rng.integers(1, 60, sites),
    )  # fmt: skip
    stock = pl.Series(np.where(rng.random(user.size) < UNKNOWN, np.nan, use * rng.lognormal(2.0, 0.7, user.size)))
    _write(
        path, "needs", site_id=ids[user], product=codes[wanted], daily_use=use,
        unit=pl.repeat("t", user.size, eager=True), stock=stock.fill_nan(None), essential=rng.random(user.size) < 0.8,
    )  # fmt: skip
    _write(
        path, "links", supplier_site=ids[supplier], customer_site=ids[np.repeat(user, SUPPLIERS)],
        product=codes[np.repeat(wanted, SUPPLIERS)], lead_days=rng.integers(1, 6, supplier.size).astype(float),
        daily_quantity=(np.stack([first, 1.0 - first], axis=1) * use[:, None]).ravel(),
        provenance=pl.Series(["reported", "inferred"])[(rng.random(supplier.size) < 0.3).astype(np.int32)],
    )  # fmt: skip
    return path


def _suppliers(
    made: NDArray[np.int64], wanted: NDArray[np.int64], products: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Two different makers of each wanted product."""
    makers = np.argsort(made, kind="stable")
    starts = np.searchsorted(made[makers], np.arange(products + 1))
    count = starts[wanted + 1] - starts[wanted]
    first = rng.integers(0, count)
    second = (first + 1 + rng.integers(0, count - 1)) % count
    found: NDArray[np.int64] = makers[(starts[wanted] + np.stack([first, second])).T.ravel()]
    return found


def _codes(letter: str, count: int) -> pl.Series:
    return letter + pl.int_range(count, eager=True).cast(pl.String).str.zfill(8)


def _regions(sites: int, rng: np.random.Generator) -> pl.Series:
    codes = pl.Series([f"{province}{city:02d}00" for province in range(11, 45) for city in range(1, 11)])
    return codes[rng.integers(0, len(codes), sites)]


def _write(path: Path, table: str, **columns: pl.Series | NDArray[np.generic]) -> None:
    pl.DataFrame(columns).write_parquet(path / f"{table}.parquet", compression="zstd")
