"""The stock sheet: an enterprise's inputs with the last figures filled in, out as XLSX and back as XLSX or CSV."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime

import polars as pl
import xlsxwriter

from ballast.tables import cells
from ballast.tables.files import read_bytes
from ballast.tables.guards import LIMITS, Limits, RefusedError, check_suffix
from ballast.tables.problems import Problem
from ballast.tables.raw import Raw
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
_LABELS = {title: name for name, (en, zh, _) in _TITLES.items() for title in (en, zh)}
_TO_FILL = ("daily_use", "stock", "blocked_stock", "in_transit")
_HELP = {
    "site_name": ("For reading only; changes are not taken over.", "仅供阅读，修改无效。"),
    "product_name": ("For reading only; changes are not taken over.", "仅供阅读，修改无效。"),
}


def _columns() -> dict[str, Column]:
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
    return out


def write_stock_sheet(rows: Iterable[StockLine], language: str = "en") -> bytes:
    """An XLSX file with one line an input, titles in English or Chinese, and a sheet that explains the columns."""
    chinese = language.lower().startswith("zh")
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
    head = book.add_format({"bold": True, "bg_color": "#E9ECEF", "border": 1, "text_wrap": True})
    grey, number = book.add_format({"font_color": "#6C757D"}), book.add_format({"num_format": "#,##0.###"})
    sheet = book.add_worksheet("库存" if chinese else "Stocks")
    sheet.freeze_panes(1, 0)
    for place, (name, (en, zh, width)) in enumerate(_TITLES.items()):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, zh if chinese else en, head)
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
    _explain(book, chinese=chinese)
    book.close()
    return stream.getvalue()


def _explain(book: xlsxwriter.Workbook, *, chinese: bool) -> None:
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    sheet = book.add_worksheet("说明" if chinese else "Explanations")
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 80, wrap)
    for at, column in enumerate(_columns().values()):
        en, zh, _ = _TITLES[column.name]
        sheet.write_string(at, 0, zh if chinese else en, bold)
        sheet.write_string(at, 1, column.describe("zh" if chinese else "en"))


def read_stock_sheet(data: bytes, filename: str, *, limits: Limits = LIMITS) -> tuple[list[StockLine], list[Problem]]:
    """The good lines of a filled sheet (XLSX or CSV, titles in English, Chinese or as column names) and all problems.

    A figure left empty is None. Nothing is raised for wrong input. Which sites and products are the
    enterprise's own is for the caller to check; `row` of a line names its place in the file.
    """
    columns = _columns()
    try:
        check_suffix(filename, (".xlsx", ".csv"))
        raw = read_bytes(filename, data, list(columns), labels=_LABELS, limits=limits)
    except RefusedError as error:
        return [], [error.problem]
    missing = [c for c in ("site_id", "product", "stock") if c not in raw.frame.columns]
    if missing:
        return [], [*raw.problems, *(Problem(filename, None, c, c, "missing_column") for c in missing)]
    if raw.frame.is_empty():
        return [], [*raw.problems, Problem(filename, None, "", "", "no_rows")]
    frame, problems = _parsed(raw, columns)
    problems += _across(filename, frame)
    bad = {p.row for p in problems}
    lines = [_line(row) for row in frame.iter_rows(named=True) if row["row"] not in bad]
    return ([] if None in bad else lines), sorted(problems, key=lambda p: p.row or 0)


def _parsed(raw: Raw, columns: Mapping[str, Column]) -> tuple[pl.DataFrame, list[Problem]]:
    problems = list(raw.problems)
    parsed = {}
    for name in raw.frame.columns:
        text = raw.frame[name]
        result = cells.parse(columns[name], text)
        parsed[name] = result.values
        wrong = result.wrong
        for row, value, code in zip(raw.rows[wrong], text[wrong], result.codes, strict=True):
            found = cells.details(columns[name], code, value or "")
            problems.append(Problem(raw.file, row, name, value or "", code, found))
    return pl.DataFrame({**parsed, "row": raw.rows}), problems


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
