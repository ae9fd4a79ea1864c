"""Compile the translations where they are newer: `python -m ballast.web.locales`. Needs no gettext."""

from pathlib import Path

import polib

__all__ = ["compile_all"]

LOCALE = Path(__file__).resolve().parents[1] / "locale"


def compile_all(folder: Path = LOCALE) -> list[Path]:
    """Write a .mo beside each .po that changed since; the files written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        polib.pofile(str(source)).save_as_mofile(str(target))
        written.append(target)
    return written


if __name__ == "__main__":
    print(f"translations: {len(compile_all())} compiled")
