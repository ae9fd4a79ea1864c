"""The block model, its checker and its renderers."""

import pytest

from ballast.areas.papers import html, pdf
from ballast.areas.papers.blocks import Column, Document, Fact, Heading, Items, Note, Paragraph, Table
from ballast.areas.papers.checker import UnsourcedFigureError, check

RED = Fact("lamps.red", 14, "14", "/lamps/?level=red")


def paper(*blocks, language="en", **fields):
    defaults = {"title": "Daily brief", "issuer": "Example authority", "mark": "", "day": "2022-04-28", "head": ()}
    return Document(language=language, blocks=blocks, **(defaults | fields))


@pytest.mark.parametrize(
    "block",
    [
        Paragraph(("There are 14 red lamps.",)),
        Heading(("1 Overview",)),
        Items((("ok", RED), ("３ more",))),
        Note(("Below 3 days.",)),
        Table((Column("Day 3"),), (((RED,),),)),
        Table((Column("Day"),), ((("7",),),)),
        Paragraph((Fact("lamps.red", 14, "14", ""),)),
    ],
)
def test_bare_figure_is_refused_by_name(block):
    with pytest.raises(UnsourcedFigureError) as error:
        check(paper(block))
    assert "source" in str(error.value) or "link" in str(error.value)


def test_figures_that_are_facts_pass():
    document = paper(Paragraph(("There are ", RED, " red lamps.")))
    assert check(document) is document


def test_html_escapes_text_and_links_every_figure():
    text = html.fragment(paper(Paragraph(("<b>x</b>", RED))))
    assert "&lt;b&gt;x&lt;/b&gt;" in text
    assert '<a class="paper-fact" href="/lamps/?level=red" data-fact="lamps.red">14</a>' in text


def test_pdf_takes_markup_as_text_and_is_the_same_twice():
    document = paper(
        Paragraph(("#panic() $x$ ] [ = * _ @ref \\", RED)),
        Heading((Fact("section.1", 1, "1", "#s1"), " 概览"), "s1"),
        Table((Column("名称"), Column("数", figures=True)), (((("整车厂",), (RED,)),))),
        language="zh-hans",
        mark="Exercise",
    )
    first = pdf.render(document, base="http://desk.example")
    assert first.startswith(b"%PDF-")
    assert first == pdf.render(document, base="http://desk.example")
