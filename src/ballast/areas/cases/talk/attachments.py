"""Files that come with a case: which are taken, told by what is in them and not by what they are called."""

import unicodedata
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import TypedDict
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

__all__ = ["LIMIT_BYTES", "FileGiven", "FileRow", "checked", "given_files"]

LIMIT_BYTES = 5 * 1024 * 1024
# What an Office file of that size unpacks to in earnest; above it, it is made to choke who opens it.
_MOST_UNPACKED, _MOST_MEMBERS = 100 * 1024 * 1024, 2000
_MACRO_SUFFIXES = {".xlsm", ".xltm", ".xlam", ".docm", ".dotm", ".pptm", ".xlsb"}
_MAGIC = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".png": (b"\x89PNG\r\n\x1a\n", "image/png"),
    ".jpg": (b"\xff\xd8\xff", "image/jpeg"),
    ".jpeg": (b"\xff\xd8\xff", "image/jpeg"),
}
# Office files are zip archives; the member says which.
_OFFICE = {
    ".xlsx": ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".docx": ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}
_TEXT = {".csv": "text/csv", ".txt": "text/plain"}
_TAKEN = "PDF, PNG, JPG, XLSX, DOCX, CSV, TXT"


@dataclass(frozen=True)
class FileGiven:
    """A file as somebody sent it."""

    name: str
    content: bytes


class FileRow(TypedDict):
    """Fields of an Attachment that hold the file."""

    name: str
    content_type: str
    size: int
    content: bytes


def checked(file: FileGiven) -> FileRow:
    """The file with the type found in its content and its name cleaned.

    Raises ValidationError: too large, empty, not a type we take, with macros, or unpacking to more than can be meant.
    """
    name = _clean(file.name)
    size = len(file.content)
    if size == 0:
        _refuse(_("The file “{name}” is empty.").format(name=name))
    if size > LIMIT_BYTES:
        _refuse(
            _("The file “{name}” has {size} MB; at most {limit} MB are taken.").format(
                name=name, size=round(size / 2**20, 1), limit=LIMIT_BYTES // 2**20
            )
        )
    suffix = PurePath(name).suffix.lower()
    if suffix in _OFFICE or suffix in _MACRO_SUFFIXES:
        _check_office(name, suffix, file.content)
    content_type = _content_type(suffix, file.content)
    if content_type is None:
        _refuse(
            _("The file “{name}” is not what its name says, or not one of {taken}.").format(name=name, taken=_TAKEN)
        )
    return {"name": name, "content_type": content_type or "", "size": size, "content": file.content}


def given_files(request: HttpRequest) -> list[FileGiven]:
    """The files of a form's field "files"; an empty field has none."""
    return [FileGiven(file.name or "", file.read()) for file in request.FILES.getlist("files")]


def _clean(name: str) -> str:
    """The last part of the name without what no file system, header or eye takes as it stands."""
    last = PurePath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    # Controls, and marks that turn the direction of reading: "cod.exe" must not look like "exe.doc".
    kept = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    return kept.strip(" .")[-200:] or "file"


def _check_office(name: str, suffix: str, content: bytes) -> None:
    """Raise ValidationError for macros and for an archive that unpacks to more than can be meant."""
    members = _infos(content)
    if suffix in _MACRO_SUFFIXES or any(PurePath(m.filename).name.lower() == "vbaproject.bin" for m in members):
        _refuse(_("The file “{name}” holds macros; save it without them, as XLSX or DOCX.").format(name=name))
    if len(members) > _MOST_MEMBERS or sum(m.file_size for m in members) > _MOST_UNPACKED:
        message = _("The file “{name}” unpacks to more than {limit} MB or {members} parts; it is not taken.")
        limits = {"limit": _MOST_UNPACKED // 2**20, "members": _MOST_MEMBERS}
        _refuse(message.format(name=name, **limits))


def _refuse(message: str) -> None:
    raise ValidationError({"attachment": message})


def _content_type(suffix: str, content: bytes) -> str | None:
    """Media type when the content is what the suffix says, else None."""
    if suffix in _MAGIC:
        magic, kind = _MAGIC[suffix]
        return kind if content.startswith(magic) else None
    if suffix in _OFFICE:
        member, kind = _OFFICE[suffix]
        return kind if member in _members(content) else None
    if suffix in _TEXT:
        return _TEXT[suffix] if _is_text(content) else None
    return None


def _members(content: bytes) -> list[str]:
    """Names in a zip archive."""
    return [member.filename for member in _infos(content)]


def _infos(content: bytes) -> list[ZipInfo]:
    """What a zip archive says of its members, read from its directory without unpacking; none when it is not one."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            return archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError):
        return []


def _is_text(content: bytes) -> bool:
    if b"\x00" in content:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
