"""What a load would change: the rows of a table that are new, that differ, and that are as they were."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

__all__ = ["Difference", "compare", "keep_newer_stocks"]

_THERE = "_there"
# What an enterprise reports; a table made before the last report must not set it back.
_REPORTED = ("daily_use", "stock", "blocked_stock", "in_transit", "reported_at")


@dataclass(frozen=True)
class Difference:
    """Rows to write, and how many of them are new, how many differ, how many stay untouched."""

    rows: pl.DataFrame
    new: int
    changed: int
    unchanged: int

    @property
    def counts(self) -> dict[str, int]:
        """The three numbers by name."""
        return {"new": self.new, "changed": self.changed, "unchanged": self.unchanged}


def compare(incoming: pl.DataFrame, present: pl.DataFrame, key: Sequence[str]) -> Difference:
    """The rows of `incoming` that are not in `present` as they are; both have the same columns."""
    columns = incoming.columns
    old = present.select(columns).with_columns(pl.lit(value=True).alias(_THERE))
    joined = incoming.join(old, on=list(key), how="left", suffix="_old", maintain_order="left")
    there = pl.col(_THERE).is_not_null()
    others = [c for c in columns if c not in key]
    same = pl.all_horizontal([pl.col(c).eq_missing(pl.col(f"{c}_old")) for c in others]) if others else there
    marked = joined.with_columns((~there).alias("_new"), (there & ~same).alias("_changed"))
    rows = marked.filter(pl.col("_new") | pl.col("_changed")).select(columns)
    new, changed = int(marked["_new"].sum()), int(marked["_changed"].sum())
    return Difference(rows, new, changed, incoming.height - new - changed)


def keep_newer_stocks(incoming: pl.DataFrame, present: pl.DataFrame) -> pl.DataFrame:
    """The needs with the present figures wherever these were reported later than the incoming ones."""
    key = ["site_id", "product"]
    old = present.select(*key, *_REPORTED)
    joined = incoming.join(old, on=key, how="left", suffix="_old", maintain_order="left")
    before, after = pl.col("reported_at"), pl.col("reported_at_old")
    newer = after.is_not_null() & (before.is_null() | (before < after))
    figures = [pl.when(newer).then(pl.col(f"{c}_old")).otherwise(pl.col(c)).alias(c) for c in _REPORTED]
    return joined.with_columns(figures).select(incoming.columns)
