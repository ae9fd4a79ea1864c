"""A network as a script would build it: rows as dictionaries, sites and slots found by name, one after the other."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["plain_links"]


def plain_links(folder: Path) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Supplier, slot and share of every link of a folder, by slot and supplier id; slots by site and product."""
    place = {row["site_id"]: k for k, row in enumerate(_rows(folder, "sites"))}
    use = {(place[row["site_id"]], row["product"]): row["daily_use"] for row in _rows(folder, "needs")}
    slot = {key: k for k, key in enumerate(sorted(use))}
    links = []
    for row in _rows(folder, "links"):
        key = (place[row["customer_site"]], row["product"])
        links.append((slot[key], row["supplier_site"], row["daily_quantity"] / use[key]))
    links.sort()
    supplier = np.array([place[name] for _, name, _ in links], dtype=np.int32)
    return supplier, np.array([k for k, _, _ in links], dtype=np.int32), np.array([share for _, _, share in links])


def _rows(folder: Path, table: str) -> list[dict[str, Any]]:
    return pl.read_parquet(folder / f"{table}.parquet").to_dicts()
