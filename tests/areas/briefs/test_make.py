"""Making the daily brief: what it counts, when it is renewed, how it prints."""

import pytest
from tests import factories as make
from tests.areas.briefs.world import world

from ballast.areas.briefs import selectors, services
from ballast.areas.papers import html, pdf

pytestmark = pytest.mark.django_db


def test_brief_prints_in_both_languages():
    world()
    brief = services.make_brief(make.TODAY, "/", actor="brief job")
    english = html.standalone(selectors.document_of(brief, "en"))
    chinese = html.standalone(selectors.document_of(brief, "zh-hans"))
    assert "Car plant" in english
    assert "¥41.2 M" in english
    assert "整车厂" in chinese
    assert "4,120万元" in chinese
    assert pdf.render(selectors.document_of(brief, "zh-hans")).startswith(b"%PDF-")
