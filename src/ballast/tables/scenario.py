"""A scenario: a table folder whose rows replace or join those of another one."""

from collections.abc import Mapping

import polars as pl

from ballast.tables.schema import KEYS

__all__ = ["put_over"]


def put_over(base: Mapping[str, pl.DataFrame], scenario: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The base with the scenario's rows: a row whose key is there replaces that row whole, any other is added.

    Both hold checked frames of the same tables. To take an event away, give it `capacity_left` 1.
    """
    merged = dict(base)
    for name, rows in scenario.items():
        if rows.height:
            kept = base[name].join(rows, on=list(KEYS[name]), how="anti", maintain_order="left")
            merged[name] = pl.concat([kept, rows.select(kept.columns)])
    return merged
