"""The problem sheet: many problems of one enterprise, a row each, out as XLSX to fill in and back as XLSX or CSV."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import xlsxwriter

from ballast.tables.fill_in import FillIn, explain, new_book, parsed, read_raw, write_head
from ballast.tables.guards import LIMITS, Limits
from ballast.tables.problems import Problem
from ballast.tables.raw import BAD_REASON, BAD_ROW, ROW_TYPE, Raw
from ballast.tables.schema import Column

__all__ = ["COLUMNS", "Choices", "ProblemLine", "parse_lines", "read_problem_sheet", "title", "write_problem_sheet"]

_FORM = FillIn(
    columns={
        column.name: column
        for column in (
            Column(
                "kind", "text:64", "", True, "",
                "Required. Kind of problem: one of those in the sheet of choices.",
                "必填。问题类别：从可选值表中选一项。",
            ),
            Column(
                "site", "text:64", "", True, "",
                "Required. Which of your sites has the problem: its code or its name. It decides which desk receives.",
                "必填。出现问题的厂点：代码或名称。由厂点所在地决定受理的值班室。",
            ),
            Column(
                "product", "text:64", "", True, "",
                "Required. The product or input that it is about: its code or its name.",
                "必填。涉及的产品或物料：代码或名称。",
            ),
            Column(
                "blocked", "text:200", "", True, "",
                "Required. What is blocked, in a few words: 60 staff cannot come in; trucks are turned back.",
                "必填。堵点，简短说明：60名员工无法返岗；货车被劝返。",
            ),
            Column(
                "place", "text:64", "", True, "",
                "Required. Where it is blocked: the code or the name of the region.",
                "必填。受阻地点：地区代码或名称。",
            ),
            Column(
                "needed_by", "date", "", True, "",
                "Required. The day by which you need it solved, YYYY-MM-DD, today or later.",
                "必填。需要解决的日期，写作 YYYY-MM-DD，不早于今天。",
            ),
            Column(
                "contact", "text:200", "", True, "",
                "Required. Name and telephone of the person to ask.",
                "必填。联系人姓名和电话。",
            ),
            Column(
                "text", "text:20000", "", True, "",
                "Required. What happened and what would help.",
                "必填。事情经过及所需协助。",
            ),
            Column(
                "still_possible", "share", "", False, "",
                "Output still possible, as a share of normal from 0 to 1 (40 % is 0.4). Empty when there is none.",
                "仍可维持的产能占正常产能的比例，0 至 1（40% 写作 0.4）。完全停产则留空。",
            ),
        )
    },
    titles={
        "kind": ("Kind of problem", "问题类别", 18),
        "site": ("Site", "厂点", 16),
        "product": ("Product or input", "产品或物料", 18),
        "blocked": ("What is blocked", "堵点", 34),
        "place": ("Where it is blocked", "受阻地点", 18),
        "needed_by": ("Needed by", "需求日期", 13),
        "contact": ("Contact", "联系人", 22),
        "text": ("What happened, what would help", "事情经过及所需协助", 50),
        "still_possible": ("Output still possible", "仍可维持的产能", 16),
    },
    needed=("kind", "site", "product", "blocked", "place", "needed_by", "contact", "text"),
)  # fmt: skip
# Columns that the sheet of choices lists, and as what.
_CHOSEN = {"kind": "kinds", "site": "sites", "product": "products", "place": "places"}
_LAST_ROW = 5_000


# Names of the columns, in the order of the sheet.
COLUMNS = tuple(_FORM.columns)


@dataclass(frozen=True)
class Choices:
    """What the template offers: (what to write, what it is called) of each."""

    kinds: Sequence[tuple[str, str]] = ()
    sites: Sequence[tuple[str, str]] = ()
    products: Sequence[tuple[str, str]] = ()
    places: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class ProblemLine:
    """One row: its number in the file, its cells as they stand, their values (None where empty or refused)."""

    row: int
    cells: Mapping[str, str]
    values: Mapping[str, object]
    problems: tuple[Problem, ...] = ()


def title(name: str, language: str = "en") -> str:
    """What a column is called in English or Chinese; the name itself where it is no column of the sheet."""
    return _FORM.title(name, chinese=language.lower().startswith("zh")) if name in _FORM.titles else name


def write_problem_sheet(choices: Choices, language: str = "en", bad: Iterable[tuple[ProblemLine, str]] = ()) -> bytes:
    """An XLSX file to fill in, with the choices and what each column means, in English or Chinese.

    `bad` are rows to correct with what is wrong with them: they stand in the sheet, and two columns at its end say
    the row that each had and why it was refused. Those two are passed over when the sheet is read.
    """
    chinese = language.lower().startswith("zh")
    stream = io.BytesIO()
    book = new_book(stream)
    sheet = write_head(book, _FORM, "问题" if chinese else "Problems", chinese=chinese)
    day, share = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "0%"})
    for name, kept in (("needed_by", day), ("still_possible", share)):
        at = list(_FORM.titles).index(name)
        sheet.set_column(at, at, _FORM.titles[name][2], kept)
    _write_bad(sheet, list(bad))
    _offer(book, sheet, choices, chinese=chinese)
    explain(book, _FORM, chinese=chinese)
    book.close()
    return stream.getvalue()


def _write_bad(sheet: xlsxwriter.workbook.Worksheet, bad: Sequence[tuple[ProblemLine, str]]) -> None:
    if not bad:
        return
    names = list(_FORM.titles)
    for place, name in enumerate((BAD_ROW, BAD_REASON), len(names)):
        sheet.write_string(0, place, name)
    sheet.set_column(len(names) + 1, len(names) + 1, 60)
    for at, (line, reason) in enumerate(bad, 1):
        for place, name in enumerate(names):
            if name in line.cells:
                sheet.write_string(at, place, line.cells[name])
        sheet.write_number(at, len(names), line.row)
        sheet.write_string(at, len(names) + 1, reason)


def _offer(book: xlsxwriter.Workbook, sheet: xlsxwriter.workbook.Worksheet, choices: Choices, *, chinese: bool) -> None:
    """The sheet of choices, and lists in the cells that take one of them; another word may be written all the same."""
    name = "可选值" if chinese else "Choices"
    bold, listed = book.add_format({"bold": True}), book.add_worksheet(name)
    listed.freeze_panes(1, 0)
    names = list(_FORM.titles)
    for number, (column, kind) in enumerate(_CHOSEN.items()):
        rows, left = getattr(choices, kind), 2 * number
        listed.set_column(left, left, 18)
        listed.set_column(left + 1, left + 1, 28)
        listed.write_string(0, left, _FORM.title(column, chinese=chinese), bold)
        for at, (word, label) in enumerate(rows, 1):
            listed.write_string(at, left, word)
            listed.write_string(at, left + 1, label)
        if rows:
            place, letter = names.index(column), chr(65 + left)
            source = f"='{name}'!${letter}$2:${letter}${len(rows) + 1}"
            rule = {"validate": "list", "source": source, "error_type": "information"}
            sheet.data_validation(1, place, _LAST_ROW, place, rule)


def read_problem_sheet(
    data: bytes, filename: str, *, most: int, limits: Limits = LIMITS
) -> tuple[list[ProblemLine], list[Problem]]:
    """All rows of a filled sheet, good and bad, and what is wrong with the file as a whole; no row when that is any.

    XLSX or CSV, titles in English, Chinese or as column names. Nothing is raised for wrong input. Which sites,
    products and places there are is for the caller to check. More than `most` rows are refused.
    """
    raw, refused = read_raw(_FORM, data, filename, limits)
    if raw is None:
        return [], refused
    if raw.frame.height > most:
        too_many = Problem(filename, None, "", str(raw.frame.height), "too_many_rows", {"limit": most})
        return [], [*(p for p in raw.problems if p.row is None), too_many]
    if raw.refused:
        return [], [p for p in raw.problems if p.row is None]
    return _lines(raw), []


def parse_lines(cells: Iterable[tuple[int, Mapping[str, str]]]) -> list[ProblemLine]:
    """The lines again from their row numbers and cells, such as a page has kept."""
    kept = list(cells)
    data = {name: [row.get(name) for _, row in kept] for name in _FORM.columns}
    frame = pl.DataFrame(data, schema=dict.fromkeys(_FORM.columns, pl.String))
    return _lines(Raw("", frame, pl.Series("row", [number for number, _ in kept], dtype=ROW_TYPE)))


def _lines(raw: Raw) -> list[ProblemLine]:
    frame, problems = parsed(raw, _FORM.columns)
    by_row: dict[int, list[Problem]] = {}
    for problem in problems:
        by_row.setdefault(problem.row or 0, []).append(problem)
    lines = []
    for cells, values in zip(raw.frame.iter_rows(named=True), frame.iter_rows(named=True), strict=True):
        row = values.pop("row")
        filled = {name: cell for name, cell in cells.items() if cell is not None}
        lines.append(ProblemLine(row, filled, values, tuple(by_row.get(row, ()))))
    return lines
