"""What every template and shipped source of pages must keep to."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "src/ballast").rglob("templates/**/*.html"))
SOURCES = sorted(p for p in (ROOT / "frontend/src").rglob("*") if p.is_file())


def name(path):
    return str(path.relative_to(ROOT))


def test_there_are_templates():
    assert len(TEMPLATES) > 10


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_has_no_inline_script_or_handler(path):
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"javascript:|hx-on", text)


@pytest.mark.parametrize("path", TEMPLATES + SOURCES, ids=name)
def test_no_remote_host(path):
    text = path.read_text().replace("http://www.w3.org/", "")
    assert not re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z0-9.-]+", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_images_have_a_word_and_forms_a_token(path):
    text = path.read_text()
    assert all("alt=" in tag for tag in re.findall(r"<img[^>]*>", text))
    for form in re.findall(r"<form[^>]*method=[\"']post[\"'].*?</form>", text, re.S | re.I):
        assert "csrf_token" in form


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_text_is_translated(path):
    """No words stand bare between tags: they pass through translate or blocktranslate."""
    text = path.read_text()
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|<style.*?</style>|<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r"{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}", "", text, flags=re.S)
    text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.S)
    bare = [t.strip() for t in re.findall(r">([^<>]+)<", re.sub(r"<!doctype[^>]*>", "", text))]
    allowed = {"Ballast", "· Ballast", "English", "中文", "CSV", "XLSX", "PDF", "HTML", "JSON", "API", "DOCX"}
    words = [t for t in bare if re.search(r"[A-Za-z]{2}|[\u4e00-\u9fff]", re.sub(r"&\w+;", "", t)) and t not in allowed]
    assert words == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_full_stop_stands_outside_a_translation(path):
    """Chinese ends a sentence with another sign: one that the template writes is right in English only."""
    assert re.findall(r"%}[.!?](?=\s|<|$)", path.read_text()) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_short_comments_stay_on_one_line(path):
    """A longer {# #} is no comment to Django: it is printed, and tags in it run."""
    assert all("#}" in line for line in path.read_text().splitlines() if "{#" in line)
