"""The stock sheet: an enterprise's inputs with the last figures filled in, out as XLSX and back as XLSX or CSV."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache

import polars as pl

from ballast.tables.fill_in import FillIn, explain, new_book, parsed, read_raw, write_head
from ballast.tables.guards import LIMITS, Limits
from ballast.tables.problems import Problem
from ballast.tables.schema import Column, table

__all__ = ["StockLine", "read_stock_sheet", "write_stock_sheet"]


@dataclass(frozen=True)
class StockLine:
    """One input of one site. Quantities are in `unit`, `daily_use` in unit per day; None is unknown."""

    site_id: str
    product: str
    daily_use: float | None = None
    stock: float | None = None
    blocked_stock: float | None = None
    in_transit: float | None = None
    unit: str = ""
    site_name: str = ""
    product_name: str = ""
    row: int | None = None


_TITLES: dict[str, tuple[str, str, int]] = {
    "site_id": ("Site", "厂点代码", 14),
    "site_name": ("Site name", "厂点名称", 28),
    "product": ("Product", "产品代码", 16),
    "product_name": ("Product name", "产品名称", 28),
    "unit": ("Unit", "单位", 10),
    "daily_use": ("Daily use", "日用量", 12),
    "stock": ("Stock", "库存", 12),
    "blocked_stock": ("Blocked stock", "不可用库存", 14),
    "in_transit": ("In transit", "在途数量", 12),
}
_TO_FILL = ("daily_use", "stock", "blocked_stock", "in_transit")
_HELP = {
    "site_name": ("For reading only; changes are not taken over.", "仅供阅读，修改无效。"),
    "product_name": ("For reading only; changes are not taken over.", "仅供阅读，修改无效。"),
}


@cache
def _form() -> FillIn:
    """The sheet's columns, with the types of the needs table; an empty figure is left as it was."""
    needs = table("needs")
    out = {}
    for name in _TITLES:
        if name in needs.names:
            kind = "id" if name == "site_id" else needs[name].type
            must = name in {"site_id", "product"}
            # Units are checked against those of the register, which may have units of its own.
            kind = "text:16" if name == "unit" else kind
            out[name] = replace(needs[name], type=kind, required=must, default="")
        else:
            out[name] = Column(name, "text", "", False, "", *_HELP[name])
    return FillIn(out, _TITLES, ("site_id", "product", "stock"))


def write_stock_sheet(rows: Iterable[StockLine], language: str = "en") -> bytes:
    """An XLSX file with one line an input, titles in English or Chinese, and a sheet that explains the columns."""
    chinese = language.lower().startswith("zh")
    form, stream = _form(), io.BytesIO()
    book = new_book(stream)
    grey, number = book.add_format({"font_color": "#6C757D"}), book.add_format({"num_format": "#,##0.###"})
    sheet = write_head(book, form, "库存" if chinese else "Stocks", chinese=chinese)
    for place, name in enumerate(_TITLES):
        if name in _TO_FILL:
            error = "请填写大于或等于 0 的数。" if chinese else "Write a number of 0 or more."
            rule = {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": error}
            sheet.data_validation(1, place, 10_000, place, rule)
    for at, line in enumerate(rows, 1):
        for place, name in enumerate(_TITLES):
            value = getattr(line, name)
            if value is None:
                continue
            if name in _TO_FILL:
                sheet.write_number(at, place, value, number)
            else:
                sheet.write_string(at, place, value, grey)
    explain(book, form, chinese=chinese)
    book.close()
    return stream.getvalue()


def read_stock_sheet(data: bytes, filename: str, *, limits: Limits = LIMITS) -> tuple[list[StockLine], list[Problem]]:
    """The good lines of a filled sheet (XLSX or CSV, titles in English, Chinese or as column names) and all problems.

    A figure left empty is None. Nothing is raised for wrong input. Which sites and products are the
    enterprise's own is for the caller to check; `row` of a line names its place in the file.
    """
    raw, refused = read_raw(_form(), data, filename, limits)
    if raw is None:
        return [], refused
    frame, problems = parsed(raw, _form().columns)
    problems += _across(filename, frame)
    bad = {p.row for p in problems}
    lines = [_line(row) for row in frame.iter_rows(named=True) if row["row"] not in bad]
    return ([] if None in bad else lines), sorted(problems, key=lambda p: p.row or 0)


def _across(file: str, frame: pl.DataFrame) -> list[Problem]:
    """Inputs that come twice, and blocked stock above the stock."""
    problems: list[Problem] = []
    first: dict[tuple[str | None, str | None], int] = {}
    for row in frame.iter_rows(named=True):
        key = row["site_id"], row["product"]
        if None not in key and first.setdefault(key, row["row"]) != row["row"]:
            found = {"key": "site_id + product", "first": first[key]}
            problems.append(Problem(file, row["row"], "site_id", row["site_id"], "duplicate", found))
        stock, blocked = row["stock"], row.get("blocked_stock")
        if stock is not None and blocked is not None and blocked > stock:
            found = {"stock": stock}
            problems.append(Problem(file, row["row"], "blocked_stock", str(blocked), "blocked_above_stock", found))
    return problems


def _line(row: Mapping[str, object]) -> StockLine:
    known = {f.name for f in fields(StockLine)}
    return StockLine(**{k: v for k, v in row.items() if k in known and v is not None})  # type: ignore[arg-type]
