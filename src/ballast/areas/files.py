"""A list as a file: CSV or XLSX, in which no cell can become a formula."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence

import xlsxwriter
from django.http import HttpRequest, HttpResponse

__all__ = ["FORMATS", "Cell", "as_file", "wanted_format"]

FORMATS = ("csv", "xlsx")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A cell that begins so is run as a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float | dt.date | dt.datetime | None


def wanted_format(request: HttpRequest) -> str:
    """ "csv" or "xlsx" when the list is asked for as a file, else ""."""
    wanted = request.GET.get("format", "")
    return wanted if wanted in FORMATS else ""


def as_file(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], form: str) -> HttpResponse:
    """The rows as a download called `name` with the ending of `form`, "csv" or "xlsx"."""
    body = _xlsx(head, rows) if form == "xlsx" else _csv(head, rows)
    response = HttpResponse(body, content_type=_XLSX if form == "xlsx" else "text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(head)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    # With the mark that makes spreadsheets read it as UTF-8.
    return stream.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, dt.datetime):
        return cell.isoformat(timespec="minutes")
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _xlsx(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    book = xlsxwriter.Workbook(stream, options)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [str(title) for title in head], book.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
                sheet.write_datetime(number, place, dt.datetime.combine(cell, dt.time()), day)
            elif cell is not None:
                sheet.write(number, place, _plain(cell) if isinstance(cell, dt.datetime) else cell)
    book.close()
    return stream.getvalue()
