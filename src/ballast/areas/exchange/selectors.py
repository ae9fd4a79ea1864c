"""The whole register as tables, in the form in which a folder is written and read."""

from typing import TYPE_CHECKING

import polars as pl

from ballast.areas.accounts.access import require
from ballast.areas.docking.selectors import frames as docking_frames
from ballast.areas.economy.selectors import frames as economy_frames
from ballast.areas.exchange.desk_frames import frames as desk_frames
from ballast.areas.registry.frames import frames as registry_frames
from ballast.tables.schema import TABLES, empty_frame

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["dump_frames"]


def dump_frames(user: "User | None" = None, *, all_events: bool = False) -> dict[str, pl.DataFrame]:
    """Every table with all its rows, sorted by id, `day` columns as ISO dates.

    With a user, the permission "load_tables" is asked; without one the operator of the machine reads.
    Withdrawn events, and steps of the escalation that a new database has, are left out unless `all_events`. A products
    table that says no more than the other tables do is left without rows, so that a folder without one comes back
    without one.
    """
    if user is not None:
        require(user, "load_tables")
    found = {
        **registry_frames(all_events=all_events),
        **docking_frames(),
        **economy_frames(),
        **desk_frames(all_steps=all_events),
    }
    tables = {name: _as_schema(name, found[name]) for name in TABLES}
    if not all_events and _products_are_implied(tables):
        tables["products"] = empty_frame("products")
    return tables


def _as_schema(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the schema's columns in the schema's order and types; empty text is not given."""
    schema = empty_frame(name).schema
    typed = frame.select(pl.col(column).cast(dtype) for column, dtype in schema.items())
    return typed.with_columns(pl.col(pl.String).replace("", None))


def _products_are_implied(tables: dict[str, pl.DataFrame]) -> bool:
    """Whether the products are just those that sites make and need, without names or industries of their own."""
    products = tables["products"]
    told = (pl.col("name") != pl.col("product")) | pl.col("name_zh").is_not_null() | pl.col("industry").is_not_null()
    used = pl.concat([tables["sites"]["product"], tables["needs"]["product"]])
    return products.filter(told | ~pl.col("product").is_in(used.unique().implode())).is_empty()
