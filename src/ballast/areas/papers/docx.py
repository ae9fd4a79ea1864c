"""Render a document as DOCX: the same blocks as on the page, for those who go on writing in it."""

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING, Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm, Pt, RGBColor

from ballast.areas.papers.blocks import Block, Document, Fact, Figure, Heading, Items, Letter, Note, Paragraph, Parts
from ballast.areas.papers.blocks import Table as TableBlock

if TYPE_CHECKING:
    from docx.document import Document as Docx
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph as DocxParagraph

__all__ = ["TYPE", "render"]

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_RED, _GREY, _INK = RGBColor(0xB2, 0x18, 0x2B), RGBColor(0x4A, 0x55, 0x68), RGBColor(0x1D, 0x27, 0x3B)
_LATIN = "Calibri"
# What an office in China has: Song for text, Fangsong for the body of a letter, Hei for heads.
_SONG, _FANGSONG, _HEI = "SimSun", "FangSong", "SimHei"


def render(document: Document, *, base: str = "") -> bytes:
    """The document as DOCX bytes; the same document gives the same bytes.

    Links begin with `base`. A figure is replaced by its words: the format takes no SVG.
    """
    writer = _Writer(document, base.rstrip("/"))
    stream = io.BytesIO()
    writer.written().save(stream)
    return _still(stream.getvalue(), dt.date.fromisoformat(document.day))


def _still(content: bytes, day: dt.date) -> bytes:
    """The package with the document's day in the place of the hour at which it was zipped."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, (max(day.year, 1980), day.month, day.day, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, source.read(name))
    return stream.getvalue()


class _Writer:
    """Writes one document, block by block."""

    def __init__(self, document: Document, base: str) -> None:
        self.document, self.base = document, base
        self.file: Docx = docx.Document()

    def written(self) -> "Docx":
        """The file with everything in it."""
        self._set_up()
        if self.document.letter:
            self._letter_head(self.document.letter)
        else:
            self._head()
        for block in self.document.blocks:
            self._block(block)
        if self.document.letter:
            self._letter_end(self.document.letter)
            self._annexes(self.document.letter)
        elif self.document.foot:
            self._grid(self.document.foot, columns=len(self.document.foot))
        return self.file

    def _set_up(self) -> None:
        """Page, fonts, the mark on top of each page and the number below."""
        letter, chinese = self.document.letter, self.document.chinese
        section = self.file.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        if self.document.wide:
            section.orientation = WD_ORIENT.LANDSCAPE
            section.page_width, section.page_height = section.page_height, section.page_width
        # The letter's type area is that of the Chinese standard, 156 mm wide.
        section.left_margin, section.right_margin = (Mm(28), Mm(26)) if letter else (Mm(16), Mm(16))
        section.top_margin, section.bottom_margin = (Mm(37), Mm(35)) if letter else (Mm(20), Mm(18))
        size = 16.0 if letter and chinese else 11.0 if letter else 9.5
        self._type("Normal", size, _FANGSONG if letter else _SONG)
        self._type("Heading 1", size if letter else 12.0, _HEI, colour=_INK)
        self._type("List Bullet", size, _FANGSONG if letter else _SONG)
        for name, before in (("Normal", 0), ("Heading 1", 8)):
            style: ParagraphStyle = self.file.styles[name]
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(4)
        properties = self.file.core_properties
        properties.title, properties.author = self.document.title, self.document.issuer
        properties.created = properties.modified = dt.datetime.fromisoformat(self.document.day)
        properties.comments, properties.language = "", self.document.language
        if self.document.mark:
            mark = section.header.paragraphs[0]
            mark.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _shade(mark, "F4B400")
            self._run(mark, self.document.mark, bold=True, size=8.5)
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for word, text in (("PAGE", ""), ("", " / "), ("NUMPAGES", "")):
            _field(foot, word) if word else self._run(foot, text, size=8.5)

    def _type(self, name: str, size: float, han: str, colour: RGBColor | None = None) -> None:
        style: Any = self.file.styles[name]
        style.font.name, style.font.size = _LATIN, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{key}"), None)
        fonts.set(qn("w:eastAsia"), han)
        if colour is not None:
            style.font.color.rgb = colour

    def _head(self) -> None:
        self._line((self.document.issuer,), centre=True, bold=True, size=11, colour=_RED)
        self._line((self.document.title,), centre=True, bold=True, size=17)
        self._grid(self.document.head, columns=2, size=8.5)
        _rule(self.file.add_paragraph(), "B2182B", 12)

    def _letter_head(self, letter: Letter) -> None:
        """Red head, number, red rule, title, addressee; in English the same order without the red."""
        if self.document.chinese:
            self._line(
                (self.document.letterhead,),
                centre=True,
                bold=True,
                size=_fitting(self.document.letterhead),
                colour=_RED,
            )
            rule = self._line(letter.number, centre=True)
            _rule(rule, "B2182B", 18)
        else:
            self._line((self.document.issuer,), bold=True, size=13)
            _rule(self._line(letter.number), "1D273B", 6)
        self._line(
            (self.document.title,), centre=self.document.chinese, bold=True, size=22 if self.document.chinese else 15
        )
        self._line(letter.addressee)
        for parts in self.document.head:
            self._line(parts, indent=True)

    def _letter_end(self, letter: Letter) -> None:
        for number, parts in enumerate(letter.signed):
            line = self._line(parts)
            line.paragraph_format.keep_together = True
            if number == 0:
                line.paragraph_format.space_before = Pt(30)
            if self.document.chinese:
                line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                line.paragraph_format.right_indent = Pt(64)

    def _annexes(self, letter: Letter) -> None:
        """What is annexed, from a new page on, and below it who has copies."""
        if letter.annexes:
            self.file.add_page_break()  # type: ignore[no-untyped-call]
        for block in letter.annexes:
            self._block(block)
        if letter.copies:
            copies = self._line(letter.copies, size=14 if self.document.chinese else 9.5)
            copies.paragraph_format.space_before = Pt(24)
            _rule(copies, "1D273B", 6, above=True)

    def _block(self, block: Block) -> None:
        match block:
            case Heading(parts=parts):
                self._parts(self.file.add_heading(level=1), parts)
            case Paragraph(parts=parts):
                self._line(parts, indent=True)
            case Note(parts=parts):
                self._line(parts, size=8.5, colour=_GREY)
            case Items(rows=rows):
                for row in rows:
                    self._parts(self.file.add_paragraph(style="List Bullet"), row)
            case Figure(alt=alt):
                self._line((alt,), colour=_GREY)
            case TableBlock():
                self._table(block)

    def _table(self, block: TableBlock) -> None:
        if not block.rows:
            self._line((block.empty,), indent=True)
            return
        size = 10.5 if self.document.letter else 8.0
        table = self.file.add_table(rows=1, cols=len(block.columns))
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        _borders(table)
        for column, cell in zip(block.columns, table.rows[0].cells, strict=True):
            self._cell(cell, (column.label,), right=column.figures, size=size, bold=True)
        _repeat(table.rows[0])
        for line in block.cells:
            row = table.add_row()
            _whole(row)
            for (column, parts), cell in zip(line, row.cells, strict=True):
                self._cell(cell, parts, right=column.figures, size=size)
                if column.whole or column.figures:
                    cell._tc.get_or_add_tcPr().append(_element("noWrap"))
        self.file.add_paragraph().paragraph_format.space_after = Pt(2)

    def _cell(self, cell: Any, parts: Parts, *, right: bool, size: float, bold: bool = False) -> None:  # noqa: ANN401
        line = cell.paragraphs[0]
        line.paragraph_format.space_after = Pt(1)
        if right:
            line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        self._parts(line, parts, size=size, bold=bold)

    def _grid(self, rows: tuple[Parts, ...], *, columns: int, size: float | None = None) -> None:
        """Short lines side by side, without borders; they fill the columns from the left."""
        table = self.file.add_table(rows=-(-len(rows) // columns), cols=columns)
        for place, parts in enumerate(rows):
            cell = table.cell(place // columns, place % columns)
            self._cell(cell, parts, right=columns == 2 and place % 2 == 1, size=size or 9.5)

    def _line(
        self,
        parts: Parts,
        *,
        centre: bool = False,
        indent: bool = False,
        bold: bool = False,
        size: float | None = None,
        colour: RGBColor | None = None,
    ) -> "DocxParagraph":
        line = self.file.add_paragraph()
        if centre:
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if indent and self.document.letter and self.document.chinese:
            line.paragraph_format.first_line_indent = Pt(32)
        self._parts(line, parts, bold=bold, size=size, colour=colour)
        return line

    def _parts(self, line: "DocxParagraph", parts: Parts, **look: Any) -> None:  # noqa: ANN401
        for part in parts:
            if isinstance(part, Fact) and self.base and part.href.startswith("/"):
                self._link(line, part, **look)
            else:
                self._run(line, part.text if isinstance(part, Fact) else part, **look)

    def _link(self, line: "DocxParagraph", fact: Fact, **look: Any) -> None:  # noqa: ANN401
        """A run inside a hyperlink; it looks as the text around it, as on paper."""
        key = line.part.relate_to(self.base + fact.href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), key)
        link.append(self._run(line, fact.text, **look))
        line._p.append(link)

    def _run(
        self,
        line: "DocxParagraph",
        text: str,
        *,
        bold: bool = False,
        size: float | None = None,
        colour: RGBColor | None = None,
    ) -> Any:  # noqa: ANN401 - an element of lxml
        run = line.add_run("".join(c for c in text if c.isprintable() or c in "\n\t"))
        run.bold = bold or None
        if size:
            run.font.size = Pt(size)
        if colour is not None:
            run.font.color.rgb = colour
        return run._r


def _fitting(letterhead: str) -> float:
    """The size, in points, at which the red head stands on one line of the letter's width."""
    return min(30.0, 432 / max(len(letterhead), 1))


def _element(name: str, **values: str) -> Any:  # noqa: ANN401 - an element of lxml
    found = OxmlElement(f"w:{name}")
    for key, value in values.items():
        found.set(qn(f"w:{key}"), value)
    return found


# What follows borders and shading among the properties of a paragraph; programs refuse another order.
_AFTER = tuple(f"w:{name}" for name in ("tabs", "spacing", "ind", "contextualSpacing", "jc", "rPr", "sectPr"))


def _shade(line: "DocxParagraph", colour: str) -> None:
    shade = _element("shd", val="clear", color="auto", fill=colour)
    line._p.get_or_add_pPr().insert_element_before(shade, *_AFTER)


def _rule(line: "DocxParagraph", colour: str, eighths: int, *, above: bool = False) -> None:
    """A rule below the paragraph, or above it, as many eighths of a point thick."""
    border = _element("pBdr")
    border.append(_element("top" if above else "bottom", val="single", sz=str(eighths), space="4", color=colour))
    line._p.get_or_add_pPr().insert_element_before(border, "w:shd", *_AFTER)


def _field(line: "DocxParagraph", word: str) -> None:
    """A number that the reader's program fills in: PAGE or NUMPAGES."""
    field = _element("fldSimple", instr=word)
    field.append(line.add_run("1")._r)
    line._p.append(field)


def _borders(table: Any) -> None:  # noqa: ANN401
    """A firm line around the head, thin ones between rows."""
    borders = _element("tblBorders")
    for side, size, colour in (("top", "8", "1D273B"), ("bottom", "8", "1D273B"), ("insideH", "4", "B8C0CC")):
        borders.append(_element(side, val="single", sz=size, space="0", color=colour))
    table._tbl.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def _repeat(row: Any) -> None:  # noqa: ANN401
    """The row stands on top of every page that the table goes on to."""
    row._tr.get_or_add_trPr().append(_element("tblHeader"))
    _whole(row)


def _whole(row: Any) -> None:  # noqa: ANN401
    """The row is not torn apart by the end of a page."""
    row._tr.get_or_add_trPr().insert(0, _element("cantSplit"))
