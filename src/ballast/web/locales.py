"""The translations.

`python -m ballast.web.locales` compiles those that changed; it needs no gettext.
`python -m ballast.web.locales gather` brings them up to date with the sources; it needs GNU gettext.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import polib

__all__ = ["LOCALE", "GettextError", "compile_all", "gather", "key", "strings_of"]

SOURCES = Path(__file__).resolve().parents[1]
LOCALE = SOURCES / "locale"
_COMMAND = ("-m", "django", "makemessages", "-l", "zh_Hans", "-e", "html,txt,py", "--no-wrap")


class GettextError(RuntimeError):
    """GNU gettext is not there, or cannot read a source."""


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


def key(entry: polib.POEntry) -> tuple[str, str, str]:
    """What makes a string another string: its context, itself, its plural."""
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""


def strings_of(sources: Path = SOURCES) -> list[polib.POEntry]:
    """Every string that the sources ask to have translated, with the files that it stands in; none translated.

    Raises GettextError when gettext is missing or refuses a file.
    """
    if shutil.which("xgettext") is None:
        message = "Gathering strings needs GNU gettext, whose xgettext is not on the path (Debian: package gettext)."
        raise GettextError(message)
    # In a copy: makemessages writes beside what it reads. Without settings, which would lead it to the real tree.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    with TemporaryDirectory(prefix="ballast-messages-") as folder:
        copy = Path(folder) / "ballast"
        shutil.copytree(sources, copy, ignore=shutil.ignore_patterns("static", "locale", "__pycache__", "*.csv"))
        (copy / "locale").mkdir()
        run = subprocess.run(  # noqa: S603 - the interpreter itself with fixed words
            [sys.executable, *_COMMAND], cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise GettextError(run.stderr.strip())
        found = list(polib.pofile(str(copy / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po")))
    for entry in found:
        entry.occurrences = [(name, "") for name in sorted({name for name, _line in entry.occurrences})]
    return found


def gather(catalogue: Path, fresh: list[polib.POEntry]) -> tuple[int, int]:
    """Bring a catalogue up to date with the strings of the sources; how many are new, how many went.

    What is translated keeps its words and its place; new strings come last, untranslated. A second run changes nothing.
    """
    wanted = {key(entry): entry for entry in fresh}
    kept = polib.pofile(str(catalogue), wrapwidth=0)
    gone = [entry for entry in kept if key(entry) not in wanted]
    for entry in gone:
        kept.remove(entry)
    for entry in kept:
        source = wanted.pop(key(entry))
        entry.occurrences, entry.flags = source.occurrences, source.flags
    forms = int(kept.metadata["Plural-Forms"].split("nplurals=")[1].split(";")[0])
    for entry in wanted.values():
        entry.msgstr_plural = dict.fromkeys(range(forms if entry.msgid_plural else 0), "")
    kept.extend(sorted(wanted.values(), key=lambda entry: (entry.occurrences, key(entry))))
    kept.save(newline="\n")
    return len(wanted), len(gone)


def _main(arguments: list[str]) -> int:
    if arguments not in ([], ["gather"]):
        print("usage: python -m ballast.web.locales [gather]", file=sys.stderr)
        return 2
    if arguments:
        try:
            fresh = strings_of()
        except GettextError as error:
            print(error, file=sys.stderr)
            return 2
        for catalogue in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
            new, gone = gather(catalogue, fresh)
            print(f"{catalogue.relative_to(SOURCES)}: {new} to translate, at its end; {gone} no longer used, removed")
    print(f"translations: {len(compile_all())} compiled")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
