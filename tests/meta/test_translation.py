"""The Chinese catalogue is whole: nothing untranslated, no placeholder lost, no string of the sources left out."""

import re
import shutil
from pathlib import Path

import polib
import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import trans_real
from tests import factories

import ballast
from ballast.areas.alerts.models import Level
from ballast.areas.cases.packs.in_force import state_label
from ballast.web import locales

SOURCES = Path(ballast.__file__).parent
CATALOGUE = SOURCES / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
# %(name)s, %%, {name} and tags: what code or the browser reads.
_MARKS = re.compile(r"%\(\w+\)[a-z]|%[s%]|\{\w*\}|</?[a-z][^>]*>")


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(CATALOGUE))


def key(entry):
    return entry.msgctxt, entry.msgid


def marks(text):
    return sorted(_MARKS.findall(text))


def pairs(entry):
    """Each translated form beside the English that it stands for; Chinese has one form, for any number."""
    if entry.msgid_plural:
        return [(entry.msgid_plural, text) for text in entry.msgstr_plural.values()]
    return [(entry.msgid, entry.msgstr)]


def test_every_entry_is_translated_and_none_is_a_guess(catalogue):
    assert len(catalogue) > 700
    assert [key(entry) for entry in catalogue if not entry.translated()] == []
    assert [key(entry) for entry in catalogue if entry.fuzzy or entry.obsolete] == []


def test_placeholders_and_tags_are_the_same_on_both_sides(catalogue):
    changed = [(source, text) for entry in catalogue for source, text in pairs(entry) if marks(source) != marks(text)]
    assert changed == []


def test_translations_begin_and_end_like_the_english(catalogue):
    """A line break or a space at an end glues words together or tears them apart."""
    for entry in catalogue:
        for source, text in pairs(entry):
            assert text == text.strip() or source != source.strip(), key(entry)


# Chinese words that a page, a table or a paper might use for a thing that has another word here, and that word.
_OTHER_WORDS = {"投入品": "物料"}


def test_a_thing_has_one_chinese_word():
    files = [path for path in SOURCES.rglob("*") if path.suffix in {".po", ".py", ".csv", ".html", ".toml", ".typ"}]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    assert {(path.name, word) for path, text in texts.items() for word in _OTHER_WORDS if word in text} == set()


def test_the_catalogue_names_no_person_place_or_hour(catalogue):
    assert catalogue.metadata["Project-Id-Version"] == "ballast"
    assert "@" not in CATALOGUE.read_text(encoding="utf-8")
    assert not {"PO-Revision-Date", "POT-Creation-Date", "Last-Translator", "Language-Team"} & set(catalogue.metadata)
    assert all(not name.startswith("/") for entry in catalogue for name, _line in entry.occurrences)


needs_gettext = pytest.mark.skipif(shutil.which("xgettext") is None, reason="xgettext (GNU gettext) is not installed")


@needs_gettext
def test_the_catalogue_has_every_string_of_the_sources(catalogue):
    known = {locales.key(entry) for entry in catalogue}
    missing = [
        f"{entry.msgid!r} ({entry.occurrences[0][0]})"
        for entry in locales.strings_of()
        if locales.key(entry) not in known
    ]
    print(*missing, sep="\n")
    assert missing == []


@pytest.fixture
def small(tmp_path):
    """A source tree of two strings, and a catalogue that has one of them and one that is used no more."""
    sources, catalogue = tmp_path / "sources", tmp_path / "django.po"
    sources.mkdir()
    (sources / "a.py").write_text('text = _("kept")\nother = _("new {count}")\n', encoding="utf-8")
    (sources / "b.html").write_text('{% load i18n %}{% translate "kept" %}', encoding="utf-8")
    file = polib.POFile(wrapwidth=0)
    file.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=1; plural=0;"}
    file.append(polib.POEntry(msgid="gone", msgstr="旧"))
    file.append(polib.POEntry(msgid="kept", msgstr="留", occurrences=[("z.py", "")]))
    file.save(str(catalogue))
    return sources, catalogue


@needs_gettext
def test_gathering_keeps_words_adds_new_strings_and_drops_old_ones(small):
    sources, catalogue = small
    assert locales.gather(catalogue, locales.strings_of(sources)) == (1, 1)
    kept, new = polib.pofile(str(catalogue))
    assert (kept.msgid, kept.msgstr, kept.occurrences) == ("kept", "留", [("a.py", ""), ("b.html", "")])
    assert (new.msgid, new.msgstr, new.flags) == ("new {count}", "", ["python-brace-format"])


@needs_gettext
def test_a_new_plural_has_as_many_forms_as_the_language(small):
    sources, catalogue = small
    (sources / "c.py").write_text('text = ngettext("{count} day", "{count} days", 2)\n', encoding="utf-8")
    locales.gather(catalogue, locales.strings_of(sources))
    days = next(entry for entry in polib.pofile(str(catalogue)) if entry.msgid_plural)
    assert days.msgstr_plural == {0: ""}


@needs_gettext
def test_gathering_twice_gives_the_same_bytes(small):
    sources, catalogue = small
    locales.gather(catalogue, locales.strings_of(sources))
    first = catalogue.read_bytes()
    assert locales.gather(catalogue, locales.strings_of(sources)) == (0, 0)
    assert catalogue.read_bytes() == first


def test_without_gettext_it_is_said_what_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(locales.shutil, "which", lambda _name: None)
    assert locales._main(["gather"]) == 2
    assert "package gettext" in capsys.readouterr().err


def test_an_unknown_word_shows_the_usage(capsys):
    assert locales._main(["collect"]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.fixture
def chinese():
    """The catalogue as the pages read it, compiled anew where the .po is newer."""
    locales.compile_all()
    trans_real._translations.pop("zh-hans", None)
    with translation.override("zh-hans"):
        yield


@pytest.mark.django_db
def test_the_page_to_sign_in_is_chinese(client, chinese):
    page = client.get(reverse("accounts:login"), headers={"accept-language": "zh-hans"}).content.decode()
    assert '<html lang="zh-Hans"' in page
    for word in ("登录", "用户名", "密码"):
        assert word in page
    assert "Sign in" not in page


@pytest.mark.django_db
def test_today_is_chinese_for_an_officer(client, chinese):
    factories.authority()
    client.force_login(factories.user())
    page = client.get(reverse("web:today"), headers={"accept-language": "zh-hans"}).content.decode()
    for word in ("今日态势", "停产预测", "优先处置", "未上报", "已复工复产", "打开日报", "4月28日 星期四"):
        assert word in page, word
    assert "Decide first" not in page


def test_lamps_and_states_have_the_words_of_the_desk(chinese):
    assert [str(label) for label in Level.labels] == ["红灯", "黄灯", "蓝灯", "正常", "未上报", "未使用"]
    assert (state_label("problem", "filed"), state_label("problem", "confirmed")) == ("待受理", "企业已确认")
