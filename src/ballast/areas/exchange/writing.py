"""Write rows of a table into the register in bulk; a row is found again by its key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl
from django.db import models

from ballast.areas.bulk import upsert
from ballast.areas.docking.models import Offer, Request
from ballast.areas.economy.models import Commodity, Observation
from ballast.areas.reference.models import Product, Unit
from ballast.areas.registry.models import Chain, Enterprise, Event, Link, Need, Site
from ballast.tables.schema import units

__all__ = ["add_implied_products", "add_units", "set_chains", "write_rows"]

_BATCH = 5_000


@dataclass(frozen=True)
class _Target:
    """Where a table goes: its model, the fields that find a row again, and where column and field differ."""

    model: type[models.Model]
    key: tuple[str, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    refers: Mapping[str, type[models.Model]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


_SITE_KEY = "site_id"
_LOT = {
    "site_id": "site_id", "enterprise_id": "enterprise_id", "product": "product_id", "unit": "unit_id",
    "region": "region_id", "from": "available_from", "until": "available_until",
}  # fmt: skip
_TARGETS = {
    "products": _Target(Product, ("code",), {"product": "code", "unit": "unit_id", "industry": "industry_code"}),
    "enterprises": _Target(
        Enterprise, ("enterprise_id",), {"region": "region_id", "industry": "industry_id"}, left_out=("chains",)
    ),
    "sites": _Target(
        Site, (_SITE_KEY,), {"region": "region_id", "product": "product_id"}, {"enterprise_id": Enterprise}
    ),
    "needs": _Target(Need, ("site", "product"), {"product": "product_id", "unit": "unit_id"}, {"site_id": Site}),
    "links": _Target(
        Link,
        ("supplier", "customer", "product"),
        {"supplier_site": "supplier_id", "customer_site": "customer_id", "product": "product_id"},
        {"supplier_site": Site, "customer_site": Site},
    ),
    "events": _Target(Event, ("event_id",)),
    "offers": _Target(Offer, ("offer_id",), _LOT, {"site_id": Site, "enterprise_id": Enterprise}),
    "requests": _Target(Request, ("request_id",), _LOT, {"site_id": Site, "enterprise_id": Enterprise}),
    "series": _Target(Observation, ("series_id", "period", "published_at")),
    "commodities": _Target(Commodity, ("commodity_id",), {"product": "product_id"}),
}


def _keys(model: type[models.Model]) -> dict[str, int]:
    """Primary key of each site or enterprise by its identifier."""
    name = "site_id" if model is Site else "enterprise_id"
    return dict(model._default_manager.order_by().values_list(name, "pk"))


def _ready(frame: pl.DataFrame, target: _Target) -> pl.DataFrame:
    """The frame under the model's field names, references as primary keys, empty text as the model keeps it."""
    keys = {model: _keys(model) for model in set(target.refers.values())}
    columns = []
    for name in frame.columns:
        if name in target.left_out:
            continue
        column = frame[name]
        if name in target.refers:
            column = column.replace_strict(keys[target.refers[name]], default=None, return_dtype=pl.Int64)
        to = target.renamed.get(name, name)
        kept = target.model._meta.get_field(to)
        if column.dtype == pl.String and not kept.null:
            column = column.fill_null("")
        columns.append(column.alias(to))
    return pl.DataFrame(columns)


def write_rows(table: str, frame: pl.DataFrame, step: Callable[[int], None]) -> None:
    """Insert the rows, or overwrite those with the same key; `step` is told the number written after each batch."""
    target = _TARGETS[table]
    ready = _ready(frame, target)
    upsert(target.model, target.key, ready.columns, ready.iter_rows(), step=step)


def add_units(frames: Mapping[str, pl.DataFrame]) -> None:
    """Make the units that the tables use and the register has not."""
    used: set[str] = set()
    for name in ("products", "needs", "offers", "requests"):
        used |= set(frames[name]["unit"].drop_nulls())
    present = set(Unit.objects.values_list("code", flat=True))
    known = units()
    Unit.objects.bulk_create(
        Unit(code=code, name=known.get(code, (code, ""))[0], name_zh=known.get(code, ("", ""))[1])
        for code in sorted(used - present)
    )


def add_implied_products(frames: Mapping[str, pl.DataFrame]) -> None:
    """Make the products that are only named where they are made, needed or shipped."""
    parts = [frames[t].select("product", "unit") for t in ("needs", "offers", "requests")]
    no_unit = pl.lit(None, pl.String).alias("unit")
    parts += [frames[t].select("product", no_unit) for t in ("sites", "links")]
    named = pl.concat(parts).unique("product", keep="first", maintain_order=True).sort("product")
    present = set(Product.objects.values_list("code", flat=True))
    Product.objects.bulk_create(
        Product(code=code, name=code, unit_id=unit) for code, unit in named.iter_rows() if code not in present
    )


def set_chains(enterprises: pl.DataFrame) -> None:
    """Give the enterprises the chains of their rows, making chains that are new."""
    lists = enterprises.select("enterprise_id", pl.col("chains").str.split(";")).explode("chains").drop_nulls()
    present = set(Chain.objects.values_list("code", flat=True))
    codes = sorted(set(lists["chains"]) - present)
    Chain.objects.bulk_create(Chain(code=code, name=code.replace("_", " ").capitalize()) for code in codes)
    keys = _keys(Enterprise)
    through = Enterprise.chains.through
    for batch in enterprises["enterprise_id"].to_frame().iter_slices(500):
        through.objects.filter(enterprise_id__in=[keys[e] for e in batch["enterprise_id"]]).delete()
    through.objects.bulk_create(
        (through(enterprise_id=keys[e], chain_id=code) for e, code in lists.iter_rows()), batch_size=_BATCH
    )
