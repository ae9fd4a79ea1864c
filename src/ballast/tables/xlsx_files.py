"""XLSX in and out: header row found, formula errors and merged cells seen, dates as dates."""

import datetime as dt
import html
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence

import polars as pl
import python_calamine
import xlsxwriter

from ballast.tables.guards import LIMITS, Limits, check_zip, refuse
from ballast.tables.problems import Problem
from ballast.tables.raw import OPEN_FORMULA, Raw, frame_of, read_header
from ballast.tables.schema import Table

__all__ = ["cell_name", "read_xlsx", "write_xlsx"]

_HEADER_ROWS = 20
_ERROR_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*\bt="e"[^>]*>.*?<v>([^<]*)</v>', re.DOTALL)
# A program that only writes leaves a formula without its value; a formula whose value is no text says so (t="str").
_OPEN_CELL = re.compile(
    rb'<c r="([A-Z]+)(\d+)"(?![^>]*\bt=)[^>]*>\s*<f\b[^>]*(?:/>|>([^<]*)</f>)\s*(?:<v\s*/>|<v>\s*</v>|)\s*</c>'
)
_SHEET = re.compile(r"<sheet\b[^>]*>")
_RELATION = re.compile(r"<Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')


def _text(cell: object) -> str:
    """A cell as the text that the column's parser understands."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep="T")
    if isinstance(cell, dt.time):
        # A time without a day is day zero of 1900, which is what an empty date cell becomes.
        return f"1900-01-00 {cell.isoformat()}"
    return str(cell)


def cell_name(row: int, column: int) -> str:
    """The name of a cell, e.g. B7, from its row and column counted from 0."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _formula_errors(data: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Cells (row, column from 0) with a formula error or an open formula; the reader library shows them as empty."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
        targets = {}
        for tag in _RELATION.findall(relations):
            attributes = dict(_ATTRIBUTE.findall(tag))
            targets[attributes.get("Id")] = attributes.get("Target", "")
        for tag in _SHEET.findall(book):
            attributes = dict(_ATTRIBUTE.findall(tag))
            target = targets.get(next((v for k, v in attributes.items() if k.endswith(":id")), ""), "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if html.unescape(attributes.get("name", "")) == sheet and path in names:
                content = archive.read(path)
                break
        else:
            return {}
    if b't="e"' not in content and b"<f" not in content:
        return {}
    # Row by row, so that no match runs from one cell into the next.
    cells = re.split(rb"(?=<c )", content)
    wrong = [(m, m[3].decode()) for cell in cells if b't="e"' in cell and (m := _ERROR_CELL.match(cell))]
    for cell in cells:
        if b"<f" in cell and (m := _OPEN_CELL.match(cell)):
            wrong.append((m, OPEN_FORMULA + html.unescape((m[3] or b"").decode("utf-8", "replace"))))
    return {(int(m[2]) - 1, _column_number(m[1].decode())): text for m, text in wrong}


def _open(file: str, data: bytes, sheet: str) -> python_calamine.CalamineSheet:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible = [
            m.name
            for m in book.sheets_metadata
            if m.visible == python_calamine.SheetVisibleEnum.Visible
            and m.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        if not visible:
            raise refuse(file, "empty_file")
        named = [name for name in visible if name.casefold() == sheet.casefold()]
        return book.get_sheet_by_name((named or visible)[0])
    except python_calamine.PasswordError as error:
        raise refuse(file, "encrypted") from error
    except (python_calamine.CalamineError, ValueError) as error:
        raise refuse(file, "not_xlsx") from error


def read_xlsx(
    file: str,
    data: bytes,
    names: Sequence[str],
    *,
    labels: Mapping[str, str] | None = None,
    sheet: str = "",
    limits: Limits = LIMITS,
) -> Raw:
    """The raw table of the sheet of that name, else of the first sheet. RefusedError when it cannot be read."""
    check_zip(file, data, limits)
    page = _open(file, data, sheet)
    rows = page.to_python(skip_empty_area=False) if page.start is not None else []
    if not rows:
        raise refuse(file, "empty_file")
    known = {n.casefold() for n in names} | {k.casefold() for k in labels or {}}
    top = [[_text(c).strip().casefold() for c in row] for row in rows[:_HEADER_ROWS]]
    hits = [sum(c in known for c in row) for row in top]
    at = hits.index(max(hits))
    if not hits[at]:
        raise refuse(file, "no_header", columns=", ".join(names))
    errors = _formula_errors(data, page.name)
    header = read_header(file, [_text(c) for c in rows[at]], at + 1, names, labels)

    def lines() -> Iterator[tuple[int, list[str]]]:
        for number, row in enumerate(rows[at + 1 :], at + 2):
            cells = [_text(c) for c in row]
            for column in range(len(cells)) if errors else ():
                cells[column] = errors.get((number - 1, column), cells[column])
            yield number, cells

    raw = frame_of(file, lines(), header)
    raw.problems += _merged(file, page, at, header.width)
    return raw


def _merged(file: str, page: python_calamine.CalamineSheet, header: int, width: int) -> list[Problem]:
    """Merged cells below the header: only the first of them has the value, so each is a problem."""
    out = []
    for (top, left), (bottom, right) in page.merged_cell_ranges or []:
        if bottom > header and left < width:
            area = f"{cell_name(top, left)}:{cell_name(bottom, right)}"
            rows = range(max(top, header + 1), bottom + 1)
            out += [Problem(file, row + 1, "", area, "merged") for row in rows]
    return out


class _Exact(float):
    """A number that is written with all its digits; the library would leave out the last."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


def write_xlsx(frame: pl.DataFrame, schema: Table) -> bytes:
    """One sheet named as the table, with dates as dates and text as text."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    # The time of writing would make two dumps of the same tables differ.
    book.set_properties({"created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)})
    sheet = book.add_worksheet(schema.name)
    bold = book.add_format({"bold": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(schema.columns):
        sheet.write_string(0, place, column.name, bold)
        sheet.set_column(place, place, max(12, len(column.name) + 2))
        for row, value in enumerate(frame[column.name], 1):
            if value is None:
                continue
            if column.kind == "date":
                sheet.write_datetime(row, place, dt.datetime.combine(value, dt.time()), day)
            elif isinstance(value, dt.datetime):
                sheet.write_string(row, place, value.isoformat().replace("+00:00", "Z"))
            elif isinstance(value, bool):
                sheet.write_boolean(row, place, value)
            elif isinstance(value, int | float):
                sheet.write_number(row, place, _Exact(value))
            else:
                sheet.write_string(row, place, str(value))
    book.close()
    return stream.getvalue()
