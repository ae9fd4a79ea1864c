"""A list as a CSV or XLSX answer; a cell can never become a formula in a spreadsheet."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone

__all__ = ["FORMATS", "as_file"]

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Cell = str | int | float | bool | dt.date | None
Rows = Iterable[Sequence[Cell] | list[Any]]


def _plain(value: Cell) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def _safe(value: Cell) -> str | int | float:
    """The value, with an apostrophe before text that a spreadsheet would take for a formula."""
    plain = _plain(value)
    return f"'{plain}" if isinstance(plain, str) and plain[:1] in {"=", "+", "-", "@", "\t", "\r"} else plain


def _csv(head: Sequence[str], rows: Rows) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_safe(value) for value in row] for row in rows)
    # With the mark, spreadsheet programs read the text as UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _xlsx(head: Sequence[str], rows: Rows) -> bytes:
    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(data, options) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, head, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, [_plain(value) for value in row])
        sheet.freeze_panes(1, 0)
    return data.getvalue()


def as_file(name: str, form: str, head: Sequence[str], rows: Rows) -> HttpResponse:
    """The rows as a download named `name`; KeyError on a format other than csv and xlsx."""
    body = {"csv": _csv, "xlsx": _xlsx}[form](head, rows)
    return HttpResponse(
        body, content_type=FORMATS[form], headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    )
