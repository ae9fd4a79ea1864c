"""What the tables are: every column's type, default and meaning, read once from schemas/*.csv."""

import csv
import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import polars as pl
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model

__all__ = ["KEYS", "QUESTIONS", "TABLES", "Column", "Table", "empty_frame", "row_model", "table", "tables", "units"]

# The order in which tables refer to each other: a table only to those before it.
TABLES = (
    "products", "enterprises", "sites", "needs", "links", "events", "offers", "requests", "series", "commodities",
    "departments", "groups", "fast_tracks", "routing_rules", "escalation_steps",
    "calendars", "calendar_days", "clock_rules", "policy_options", "material_reviews",
)  # fmt: skip
# Tables that come with a question and stand in no folder.
QUESTIONS = ("interventions",)
# Columns that together name a row.
KEYS: dict[str, tuple[str, ...]] = {
    "products": ("product",),
    "enterprises": ("enterprise_id",),
    "sites": ("site_id",),
    "needs": ("site_id", "product"),
    "links": ("supplier_site", "customer_site", "product"),
    "events": ("event_id",),
    "offers": ("offer_id",),
    "requests": ("request_id",),
    "series": ("series_id", "period", "published_at"),
    "commodities": ("commodity_id",),
    "departments": ("region", "code"),
    "groups": ("name", "starts"),
    "fast_tracks": ("one", "other"),
    "routing_rules": ("position", "name"),
    "escalation_steps": ("kind", "hours", "to"),
    "calendars": ("name", "version"),
    "calendar_days": ("name", "version", "date"),
    "clock_rules": ("pack", "version", "number"),
    "policy_options": ("code",),
    "material_reviews": ("commodity_id", "reviewed_at"),
    "interventions": ("intervention_id", "site_id", "product", "supplier_site", "first_day"),
}
_NUMBER = re.compile(r"(?P<base>int|float)(?:(?P<above>>=|>)(?P<least>\d+)|\[(?P<low>-?\d+):(?P<high>-?\d+)\])?$")
_TEXT_LENGTH = {"id": 64, "ref": 64, "product": 64, "unit": 16, "region": 16, "industry": 16, "identifier": 32}
_TRUE, _FALSE = "true", "false"
_SINGULAR = {"series": "series", "commodities": "commodity"}


@dataclass(frozen=True)
class Column:
    """One column: `kind` is the head of its type (id, ref, text, int, float, share, enum ...)."""

    name: str
    type: str
    unit: str
    required: bool
    default: str
    description_en: str
    description_zh: str

    @property
    def kind(self) -> str:
        """The type without its argument."""
        return re.split(r"[:\[>]", self.type, maxsplit=1)[0]

    @property
    def refers_to(self) -> str:
        """Name of the table that a `ref` points into, else empty."""
        return self.type.partition(":")[2] if self.kind == "ref" else ""

    @property
    def choices(self) -> tuple[str, ...]:
        """Allowed values of an enum, else empty."""
        return tuple(self.type.partition(":")[2].split("|")) if self.kind == "enum" else ()

    @property
    def length(self) -> int:
        """Largest number of characters of a text value."""
        if self.kind == "text":
            return int(self.type.partition(":")[2] or 200)
        return _TEXT_LENGTH.get(self.kind, 200)

    @property
    def bounds(self) -> tuple[float | None, float | None, bool]:
        """(least, largest, least excluded) of a number; None where there is no bound."""
        if self.kind == "share":
            return 0.0, 1.0, False
        match = _NUMBER.match(self.type)
        if not match:
            return None, None, False
        low, high = match["low"] or match["least"], match["high"]
        return float(low) if low else None, float(high) if high else None, match["above"] == ">"

    @property
    def dtype(self) -> pl.DataType:
        """The polars type of the column in a frame; `day` columns are text until an analysis date is given."""
        by_kind: dict[str, pl.DataType] = {
            "int": pl.Int64(),
            "float": pl.Float64(),
            "share": pl.Float64(),
            "bool": pl.Boolean(),
            "date": pl.Date(),
            "datetime": pl.Datetime("us", "UTC"),
        }
        return by_kind.get(self.kind, pl.String())

    @property
    def default_value(self) -> str | float | bool | None:
        """The default in the column's own type, None when there is none."""
        if not self.default:
            return None
        if self.kind == "bool":
            return self.default == _TRUE
        return float(self.default) if self.kind in {"float", "share", "int"} else self.default

    def describe(self, language: str = "en") -> str:
        """What the column means, in English or Chinese."""
        return self.description_zh if language.lower().startswith("zh") else self.description_en


@dataclass(frozen=True)
class Table:
    """One table: its columns in the order in which they are written, and the columns that name a row."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(c.name for c in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that every row must fill."""
        return tuple(c.name for c in self.columns if c.required)

    def __getitem__(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)


def _read(package_path: str) -> list[dict[str, str]]:
    source = resources.files("ballast.tables").joinpath(package_path)
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


@cache
def table(name: str) -> Table:
    """The schema of one table. KeyError when there is no such table."""
    if name not in (*TABLES, *QUESTIONS):
        raise KeyError(name)
    columns = tuple(
        Column(
            name=row["attribute"],
            type=row["type"],
            unit=row["unit"],
            required=row["required"] == "yes",
            default=row["default"],
            description_en=row["description_en"],
            description_zh=row["description_zh"],
        )
        for row in _read(f"schemas/{name}.csv")
    )
    return Table(name, columns, KEYS[name])


@cache
def tables() -> dict[str, Table]:
    """Every table by name, in the order in which they may refer to each other."""
    return {name: table(name) for name in TABLES}


@cache
def units() -> dict[str, tuple[str, str]]:
    """Known unit codes with their English and Chinese names."""
    return {row["code"]: (row["name"], row["name_zh"]) for row in _read("data/units.csv")}


def empty_frame(name: str) -> pl.DataFrame:
    """A frame of the table without rows, with every column in its type."""
    return pl.DataFrame(schema={c.name: c.dtype for c in table(name).columns})


def _field(column: Column) -> tuple[Any, Any]:
    """The pydantic type and field of one column."""
    types: dict[str, Any] = {
        "int": int,
        "float": float,
        "share": float,
        "bool": bool,
        "date": dt.date,
        "datetime": AwareDatetime,
        "day": dt.date | int,
        "list": list[str],
    }
    kind = types.get(column.kind, str)
    limits: dict[str, Any] = {"description": column.description_en, "alias": column.name}
    low, high, excluded = column.bounds
    if low is not None:
        limits["gt" if excluded else "ge"] = low
    if high is not None:
        limits["le"] = high
    if column.kind in {"float", "share"}:
        limits["allow_inf_nan"] = False
    if column.choices:
        limits["pattern"] = f"^({'|'.join(column.choices)})$"
    elif kind is str:
        limits |= {"max_length": column.length, "min_length": 1 if column.required else 0}
    if column.required:
        return kind, Field(**limits)
    return kind | None, Field(default=column.default_value, **limits)


@cache
def row_model(name: str) -> type[BaseModel]:
    """The pydantic model of one row of the table, with the schema's types, bounds, defaults and descriptions."""
    # `from` is a word of Python, so that field is `from_` with the alias `from`.
    fields = {("from_" if c.name == "from" else c.name): _field(c) for c in table(name).columns}
    title = _SINGULAR.get(name, name.removesuffix("s")).title() + "Row"
    config = ConfigDict(extra="forbid", populate_by_name=True)
    model: type[BaseModel] = create_model(title, __config__=config, **fields)  # type: ignore[call-overload]
    return model
