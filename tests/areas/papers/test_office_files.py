"""A paper as DOCX and XLSX, and as an official letter in every form: nothing is lost, figures are numbers."""

import io
import re
import zipfile

import docx
import pytest
from python_calamine import CalamineWorkbook
from tests.areas.papers.test_documents import RED, paper

from ballast.areas.papers import printing
from ballast.areas.papers.blocks import Column, Fact, Heading, Items, Letter, Note, Paragraph, Table
from ballast.areas.papers.checker import UnsourcedFigureError, check

BASE = "http://desk.example"
SHARE = Fact("a.share", 0.875, "87.5 %", "/cases/")
NUMBER = Fact("letter.number", 15, "示〔2022〕15号", "/dispatch/circulars/1/")
LETTER = Letter((NUMBER,), ("上海市：",), (("示例主管部门",), ("某日",)), ("抄送：吉林省",), (Paragraph(("附表一",)),))


def whole(**fields):
    return paper(
        Heading((Fact("section.1", 1, "1", "#s1"), " Over: view"), "s1"),
        Paragraph(("=1+1 stands as it is: ", RED, " red.")),
        Items((("first ", RED),)),
        Table((Column("Plant"), Column("Red", figures=True), Column("Share", figures=True)),
              ((("=cmd()",), (RED,), (SHARE,)), (("整车厂",), (RED,), ("-",)))),
        Table((Column("Plant"),), (), "No row."),
        Note(("A note.",)),
        **({"mark": "Exercise", "head": (("Data up to ", RED),), "foot": (("Editor: ",),)} | fields),
    )  # fmt: skip


def package(content):
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        return {name: files.read(name).decode("utf-8", "replace") for name in files.namelist()}


def test_docx_holds_every_text_marks_each_page_and_links_each_figure():
    content = printing.rendered(whole(), "docx", base=BASE)
    assert content == printing.rendered(whole(), "docx", base=BASE)
    found = docx.Document(io.BytesIO(content))
    text = "\n".join(
        [p.text for p in found.paragraphs] + [c.text for t in found.tables for row in t.rows for c in row.cells]
    )
    for wanted in ("Daily brief", "1 Over: view", "=1+1 stands as it is: 14 red.", "first 14", "整车厂", "87.5 %",
                   "No row.", "A note.", "Data up to 14", "Editor:"):  # fmt: skip
        assert wanted in text, wanted
    assert found.sections[0].header.paragraphs[0].text == "Exercise"
    files = package(content)
    assert f'Target="{BASE}/lamps/?level=red"' in files["word/_rels/document.xml.rels"]
    # Word refuses a paragraph whose properties stand in another order.
    for properties in re.findall(r"<w:pPr>(.*?)</w:pPr>", files["word/document.xml"]):
        names = [n for n in re.findall(r"<w:(\w+)", properties) if n in {"pStyle", "pBdr", "shd", "spacing", "jc"}]
        assert names == sorted(names, key=["pStyle", "pBdr", "shd", "spacing", "jc"].index)


def test_xlsx_has_a_sheet_for_each_table_with_figures_as_numbers_and_no_formula():
    content = printing.rendered(whole(), "xlsx", base=BASE)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["Daily brief", "1 Over  view"]
    rows = book.get_sheet_by_index(1).to_python()
    assert rows == [["Exercise", "", ""], ["Plant", "Red", "Share"], ["=cmd()", 14, 0.875], ["整车厂", 14, "-"]]
    lines = [row[0] for row in book.get_sheet_by_index(0).to_python()]
    assert lines[0] == "Exercise"
    assert "=1+1 stands as it is: 14 red." in lines
    assert "→ 1 Over  view" in lines
    files = package(content)
    assert not any("<f>" in text for text in files.values())
    assert f"{BASE}/lamps/?level=red" in files["xl/worksheets/_rels/sheet2.xml.rels"]


@pytest.mark.parametrize("form", printing.FORMS)
def test_a_letter_has_number_addressee_signature_and_copies_in_every_form(form):
    letter = whole(letter=LETTER, language="zh-hans", issuer="示例主管部门")
    content = printing.rendered(letter, form, base=BASE)
    if form == "pdf":
        assert content != printing.rendered(whole(language="zh-hans", issuer="示例主管部门"), form, base=BASE)
        return
    text = content.decode() if form == "html" else "".join(package(content).values())
    places = [text.index(part) for part in ("15号", "上海市：", "某日")]
    assert form == "xlsx" or places == sorted(places)
    assert "示例主管部门文件" in text or form == "xlsx"
    assert "抄送" in text
    assert "附表一" in text
    assert form == "xlsx" or text.index("某日") < text.index("附表一") < text.index("抄送")


def test_a_bare_figure_of_a_letter_is_refused():
    with pytest.raises(UnsourcedFigureError):
        check(paper(letter=Letter((NUMBER,), ("To the 3 regions",), ())))
