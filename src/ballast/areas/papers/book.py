"""Render a document as XLSX: what it says on the first sheet, each table on one of its own, figures as numbers."""

import datetime as dt
import io
import re
from typing import Any

import xlsxwriter

from ballast.areas.papers.blocks import Block, Document, Fact, Figure, Heading, Items, Note, Paragraph, Parts, Table

__all__ = ["TYPE", "render"]

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a sheet may be called: so many characters, none of these.
_LONGEST, _FORBIDDEN = 31, re.compile(r"[\[\]:*?/\\']")
_WIDEST = 48


def render(document: Document, *, base: str = "") -> bytes:
    """The document as XLSX bytes; links begin with `base`. No text can become a formula."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    book = xlsxwriter.Workbook(stream, options)
    book.set_properties(
        {
            "title": document.title,
            "author": document.issuer,
            "created": dt.datetime.fromisoformat(document.day),
        }
    )
    _Writer(document, base.rstrip("/"), book).write()
    book.close()
    return stream.getvalue()


class _Writer:
    """Writes one document into one book."""

    def __init__(self, document: Document, base: str, book: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        self.document, self.base, self.book = document, base, book
        self.blocks = (*document.blocks, *(document.letter.annexes if document.letter else ()))
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.names: set[str] = set()

    def write(self) -> None:
        """The first sheet line by line, the tables beside it."""
        document = self.document
        first = self._sheet(document.title)
        first.set_column(0, 0, 100)
        lines: list[tuple[Parts, dict[str, Any]]] = [((document.issuer,), {"font_color": "#B2182B", "bold": True})]
        if letter := document.letter:
            lines.append((letter.number, {}))
        lines.append(((document.title,), {"bold": True, "font_size": 15}))
        lines += [(parts, {}) for parts in ([letter.addressee] if letter else [])] + [(p, {}) for p in document.head]
        for number, block in enumerate(self.blocks):
            lines += self._lines(block, self._heading_before(number))
        lines += [(parts, {}) for parts in ((*letter.signed, letter.copies) if letter else document.foot)]
        for row, (parts, look) in enumerate(lines, start=1 if document.mark else 0):
            self._write(first, row, 0, ("".join(_text(part) for part in parts),), {"text_wrap": True} | look)

    def _sheet(self, name: str) -> Any:  # noqa: ANN401
        """A sheet of that name; the mark stands in its first row and on each printed page."""
        plain = _FORBIDDEN.sub(" ", name).strip()[:_LONGEST] or "-"
        number, found = 2, plain
        while found.casefold() in self.names:
            found = f"{plain[: _LONGEST - 3]} {number}"
            number += 1
        self.names.add(found.casefold())
        sheet = self.book.add_worksheet(found)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        mark = self.document.mark
        sheet.set_footer("&C&P / &N")
        if mark:
            sheet.set_header("&C" + mark.replace("&", "&&"))
            sheet.write_string(0, 0, mark, self._format(bold=True, bg_color="#F4B400"))
        return sheet

    def _heading_before(self, number: int) -> str:
        before = [block for block in self.blocks[:number] if isinstance(block, Heading)]
        return "".join(_text(part) for part in before[-1].parts) if before else self.document.title

    def _lines(self, block: Block, heading: str) -> list[tuple[Parts, dict[str, Any]]]:
        """What a block leaves on the first sheet."""
        match block:
            case Heading(parts=parts):
                return [(parts, {"bold": True, "top": 1})]
            case Paragraph(parts=parts):
                return [(parts, {})]
            case Note(parts=parts):
                return [(parts, {"font_color": "#4A5568", "italic": True})]
            case Items(rows=rows):
                return [(("• ", *row), {}) for row in rows]
            case Figure(alt=alt):
                return [((alt,), {})]
            case Table(rows=rows, empty=empty):
                return [((f"→ {self._table(block, heading)}",), {})] if rows else [((empty,), {})]

    def _table(self, block: Table, name: str) -> str:
        """Write a table on a sheet of its own; the sheet's name."""
        sheet = self._sheet(name)
        top = 1 if self.document.mark else 0
        for place, column in enumerate(block.columns):
            look = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
            self._write(sheet, top, place, (column.label,), look | ({"align": "right"} if column.figures else {}))
            longest = max([len(column.label), *(_width(row[place]) for row in block.rows)])
            sheet.set_column(place, place, min(longest + 2, _WIDEST))
        for number, row in enumerate(block.rows, start=top + 1):
            for place, parts in enumerate(row):
                look = {"align": "right"} if block.columns[place].figures else {"text_wrap": True}
                self._write(sheet, number, place, parts, look | {"valign": "top"})
        sheet.freeze_panes(top + 1, 0)
        sheet.repeat_rows(top)
        return str(sheet.get_name())

    def _write(self, sheet: Any, row: int, place: int, parts: Parts, look: dict[str, Any]) -> None:  # noqa: ANN401
        """A single figure as a number, anything else as text; the first fact of the cell is its link."""
        fact = next((part for part in parts if isinstance(part, Fact)), None)
        text = "".join(_text(part) for part in parts)
        if fact and self.base and fact.href.startswith("/"):
            sheet.write_url(row, place, self.base + fact.href, self._format(**look), text)
        if fact and len(parts) == 1 and isinstance(fact.value, int | float):
            shape = "#,##0" if isinstance(fact.value, int) else "0.0%" if "%" in fact.text else "#,##0.0"
            sheet.write_number(row, place, fact.value, self._format(num_format=shape, **look))
        else:
            sheet.write_string(row, place, text, self._format(**look))

    def _format(self, **look: Any) -> Any:  # noqa: ANN401
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(look)
        return self.formats[key]


def _text(part: str | Fact) -> str:
    return part.text if isinstance(part, Fact) else part


def _width(parts: Parts) -> int:
    """Columns of type that the text takes; a Chinese character takes two."""
    return sum(2 if ord(c) > 0x2E7F else 1 for part in parts for c in _text(part))
