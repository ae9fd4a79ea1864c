"""A list as a file: CSV or XLSX, in which no cell can become a formula."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import IO

import xlsxwriter
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse

__all__ = ["FORMATS", "Cell", "as_file", "as_stream", "wanted_format"]

FORMATS = ("csv", "xlsx")
# Rows that are sent together.
_AT_ONCE = 500
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A cell that begins so is run as a formula by spreadsheets.
_FORMULA = frozenset("=+-@\t\r")

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


def as_stream(
    name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], form: str
) -> StreamingHttpResponse | FileResponse:
    """The rows as a download, row by row: a list of any length takes the memory of a short one.

    CSV leaves as it is written; XLSX, whose parts have to be packed at the end, goes through a file that is removed.
    """
    if form == "xlsx":
        file = TemporaryFile()  # noqa: SIM115 - the answer closes it
        _write_xlsx(file, head, rows, constant_memory=True)
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=_XLSX)
    response = StreamingHttpResponse(_lines(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _lines(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Rows of a CSV file, some hundred at a time."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    # With the mark that makes spreadsheets read it as UTF-8.
    stream.write("\ufeff")
    writer.writerow(head)
    for number, row in enumerate(rows, start=1):
        # Most cells are texts without a sign that a spreadsheet would compute: a call for each costs more than they do.
        writer.writerow([cell if type(cell) is str and cell[:1] not in _FORMULA else _plain(cell) for cell in row])
        if number % _AT_ONCE == 0:
            yield stream.getvalue().encode()
            stream.seek(0)
            stream.truncate()
    yield stream.getvalue().encode()


def _csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    return b"".join(_lines(head, rows))


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return f"'{cell}" if cell[:1] in _FORMULA else cell
    return cell.isoformat(timespec="minutes") if isinstance(cell, dt.datetime) else cell


def _xlsx(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    stream = io.BytesIO()
    _write_xlsx(stream, head, rows, in_memory=True)
    return stream.getvalue()


def _write_xlsx(stream: IO[bytes], head: Sequence[str], rows: Iterable[Sequence[Cell]], **how: bool) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True} | how
    book = xlsxwriter.Workbook(stream, options)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [str(title) for title in head], book.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                if cell:
                    sheet.write_string(number, place, cell)
            elif isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
                sheet.write_datetime(number, place, dt.datetime.combine(cell, dt.time()), day)
            elif cell is not None:
                sheet.write(number, place, _plain(cell) if isinstance(cell, dt.datetime) else cell)
    book.close()
