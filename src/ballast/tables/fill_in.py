"""Sheets that people fill in: titles and explanations in their language, out as XLSX and back as XLSX or CSV."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
import xlsxwriter

from ballast.tables import cells
from ballast.tables.files import read_bytes
from ballast.tables.guards import Limits, RefusedError, check_suffix
from ballast.tables.problems import Problem
from ballast.tables.raw import Raw
from ballast.tables.schema import Column

__all__ = ["FillIn", "explain", "new_book", "parsed", "read_raw", "write_head"]


@dataclass(frozen=True)
class FillIn:
    """What a sheet asks: its columns, the title of each as (English, Chinese, width), and those a file must have."""

    columns: Mapping[str, Column]
    titles: Mapping[str, tuple[str, str, int]]
    needed: tuple[str, ...]

    @property
    def labels(self) -> dict[str, str]:
        """Column name by title."""
        return {title: name for name, (en, zh, _) in self.titles.items() for title in (en, zh)}

    def title(self, name: str, *, chinese: bool) -> str:
        """The title of a column."""
        english, other, _width = self.titles[name]
        return other if chinese else english


def new_book(stream: io.BytesIO) -> xlsxwriter.Workbook:
    """An empty workbook in which no text becomes a formula or a link, the same bytes whenever it is written."""
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
    return book


def write_head(book: xlsxwriter.Workbook, form: FillIn, name: str, *, chinese: bool) -> xlsxwriter.workbook.Worksheet:
    """A new sheet of the book with the titles in its first row."""
    head = book.add_format({"bold": True, "bg_color": "#E9ECEF", "border": 1, "text_wrap": True})
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for place, (column, (_en, _zh, width)) in enumerate(form.titles.items()):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, form.title(column, chinese=chinese), head)
    return sheet


def explain(book: xlsxwriter.Workbook, form: FillIn, *, chinese: bool) -> None:
    """Add the sheet that says what each column means."""
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    sheet = book.add_worksheet("说明" if chinese else "Explanations")
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 80, wrap)
    for at, column in enumerate(form.columns.values()):
        sheet.write_string(at, 0, form.title(column.name, chinese=chinese), bold)
        sheet.write_string(at, 1, column.describe("zh" if chinese else "en"))


def read_raw(form: FillIn, data: bytes, filename: str, limits: Limits) -> tuple[Raw | None, list[Problem]]:
    """The cells of a filled sheet; None with the reasons when it cannot be read, lacks a column or has no row."""
    try:
        check_suffix(filename, (".xlsx", ".csv"))
        raw = read_bytes(filename, data, list(form.columns), labels=form.labels, limits=limits)
    except RefusedError as error:
        return None, [error.problem]
    missing = [c for c in form.needed if c not in raw.frame.columns]
    if missing:
        return None, [*raw.problems, *(Problem(filename, None, c, c, "missing_column") for c in missing)]
    if raw.frame.is_empty():
        return None, [*raw.problems, Problem(filename, None, "", "", "no_rows")]
    return raw, []


def parsed(raw: Raw, columns: Mapping[str, Column]) -> tuple[pl.DataFrame, list[Problem]]:
    """The cells in the types of their columns, with the column "row"; null and a problem for each that is refused."""
    problems = list(raw.problems)
    values = {}
    for name in raw.frame.columns:
        text = raw.frame[name]
        result = cells.parse(columns[name], text)
        values[name] = result.values
        wrong = result.wrong
        for row, value, code in zip(raw.rows[wrong], text[wrong], result.codes, strict=True):
            found = cells.details(columns[name], code, value or "")
            problems.append(Problem(raw.file, row, name, value or "", code, found))
    return pl.DataFrame({**values, "row": raw.rows}), problems
