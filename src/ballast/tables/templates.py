"""Empty XLSX tables to fill in: header, choices, and a sheet that explains each column."""

import datetime as dt
import io
from typing import Any

import polars as pl
import xlsxwriter

from ballast.tables.schema import Column, Table, table, units

__all__ = ["say_type", "template"]

_ROWS = 20_000
_TYPES = {
    "id": ("identifier", "标识"),
    "text": ("text", "文本"),
    "region": ("region code", "地区代码"),
    "product": ("product code", "产品代码"),
    "industry": ("industry code", "行业代码"),
    "identifier": ("USCC or LEI", "统一社会信用代码或 LEI"),
    "unit": ("unit code", "单位代码"),
    "bool": ("true or false", "true 或 false"),
    "int": ("whole number", "整数"),
    "float": ("number", "数字"),
    "share": ("share from 0 to 1", "0 至 1 的小数"),
    "date": ("date YYYY-MM-DD", "日期 YYYY-MM-DD"),
    "datetime": (
        "date and time YYYY-MM-DDThh:mm with offset; UTC without one",
        "日期时间，无时区即 UTC",
    ),
    "day": ("date, or whole days from the analysis date", "日期，或距分析日的整数天数"),
    "list": ("codes separated by ;", "代码，用分号分隔"),
    "period": ("YYYY, YYYY-Qn, YYYY-MM or YYYY-MM-DD", "YYYY、YYYY-Qn、YYYY-MM 或 YYYY-MM-DD"),
}
_TITLES = {
    "en": ("Column", "Required", "Type", "Unit", "Default", "Meaning", "Explanations", "yes", "no"),
    "zh": ("列名", "必填", "类型", "单位", "缺省值", "含义", "说明", "是", "否"),
}


def say_type(column: Column, language: str = "en") -> str:
    """The column's type in words, with its bounds or choices."""
    chinese = language.lower().startswith("zh")
    if column.kind == "ref":
        return f"{column.refers_to} 表中的标识" if chinese else f"identifier in {column.refers_to}"
    if column.choices:
        return " | ".join(column.choices)
    said = _TYPES[column.kind][chinese]
    low, high, excluded = column.bounds
    if column.kind == "share" or low is None:
        return said
    if high is not None:
        return f"{said} {low:g} … {high:g}"
    return f"{said} {'>' if excluded else '≥'} {low:g}"


def _rule(column: Column) -> dict[str, Any] | None:
    """What a spreadsheet program lets into the cells of the column."""
    low, high, excluded = column.bounds
    if column.choices:
        return {"validate": "list", "source": list(column.choices)}
    if column.kind == "bool":
        return {"validate": "list", "source": ["true", "false"]}
    if column.kind == "unit":
        # A list in a cell may hold 255 characters, and units of one's own are allowed: offer, do not refuse.
        return {"validate": "list", "source": list(units())[:30], "error_type": "information"}
    if column.kind in {"float", "int", "share"} and low is not None:
        kind = "integer" if column.kind == "int" else "decimal"
        if high is not None:
            return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
        return {"validate": kind, "criteria": ">" if excluded else ">=", "value": low}
    if column.kind == "date":
        first, last = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
        return {"validate": "date", "criteria": "between", "minimum": first, "maximum": last}
    return None


def template(name: str, language: str = "en") -> bytes:
    """An XLSX file of the table without rows, explained in English or Chinese. KeyError for an unknown table."""
    schema = table(name)
    tongue = "zh" if language.lower().startswith("zh") else "en"
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)})
    must = book.add_format({"bold": True, "bg_color": "#CFE2FF", "border": 1})
    may = book.add_format({"bg_color": "#E9ECEF", "border": 1})
    day, text = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(schema.columns):
        kept = day if column.kind == "date" else text if column.dtype == pl.String() else None
        sheet.set_column(place, place, max(14, len(column.name) + 2), kept)
        sheet.write_string(0, place, column.name, must if column.required else may)
        rule = _rule(column)
        if rule:
            sheet.data_validation(1, place, _ROWS, place, rule)
    _explain(book, schema, tongue)
    book.close()
    return stream.getvalue()


def _explain(book: Any, schema: Table, tongue: str) -> None:  # noqa: ANN401
    *titles, sheet_name, yes, no = _TITLES[tongue]
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(sheet_name)
    sheet.freeze_panes(1, 0)
    for place, (title, width) in enumerate(zip(titles, (22, 10, 30, 14, 12, 80), strict=True)):
        sheet.set_column(place, place, width, wrap)
        sheet.write_string(0, place, title, bold)
    for row, column in enumerate(schema.columns, 1):
        said = say_type(column, tongue)
        required = yes if column.required else no
        cells = (column.name, required, said, column.unit, column.default, column.describe(tongue))
        for place, value in enumerate(cells):
            sheet.write_string(row, place, value)
