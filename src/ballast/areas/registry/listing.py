"""Lists as pages show them: sorted, cut into pages by key, or given as a file."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import xlsxwriter
from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse

__all__ = ["FORMATS", "Cell", "as_file", "ordered", "page_of", "wanted_format"]

FORMATS = ("csv", "xlsx")
PAGE_SIZE = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A cell that begins so is run as a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float | dt.date | dt.datetime | None


def wanted_format(request: HttpRequest) -> str:
    """ "csv" or "xlsx" when the list is asked for as a file, else ""."""
    wanted = request.GET.get("format", "")
    return wanted if wanted in FORMATS else ""


def ordered(rows: QuerySet[Any], sort: str, sorts: Mapping[str, Sequence[str]], *, default: str) -> QuerySet[Any]:
    """The rows by a sort key of the table ("-key" descends, unknown keys mean the default); unknown values last."""
    key = sort.removeprefix("-")
    if key not in sorts:
        sort, key = default, default.removeprefix("-")
    down = sort.startswith("-")
    first, *rest = sorts[key]
    by = F(first).desc(nulls_last=True) if down else F(first).asc(nulls_last=True)
    return rows.order_by(by, *(F(name).asc(nulls_last=True) for name in rest), "pk")


def page_of(
    request: HttpRequest, rows: QuerySet[Any], dress: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None
) -> "Page[Any]":
    """The page of the list that `?page=` asks for, the last one when beyond it.

    Keys are cut first and only their rows are read in full, with what `dress` adds (joins, counts), so a page
    costs the same in a short list and in a long one.
    """
    page = Paginator(rows.values_list("pk", flat=True), PAGE_SIZE).get_page(request.GET.get("page"))
    keys = list(page.object_list)
    full = rows.model._default_manager.filter(pk__in=keys)
    found = {row.pk: row for row in (dress(full) if dress else full)}
    page.object_list = [found[key] for key in keys if key in found]
    return page


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
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            if cell is not None:
                sheet.write(number, place, cell if isinstance(cell, int | float | str) else cell.isoformat())
    book.close()
    return stream.getvalue()
