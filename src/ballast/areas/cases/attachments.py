"""Files that come with a case: which are taken, told by what is in them and not by what they are called."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import TypedDict
from zipfile import BadZipFile, ZipFile

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

__all__ = ["LIMIT_BYTES", "FileGiven", "FileRow", "checked"]

LIMIT_BYTES = 5 * 1024 * 1024
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
    """The file with the type found in its content. Raises ValidationError: too large, empty, not a type we take."""
    name = PurePath(file.name.replace("\\", "/")).name[-200:]
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
    content_type = _content_type(suffix, file.content)
    if content_type is None:
        _refuse(
            _("The file “{name}” is not what its name says, or not one of {taken}.").format(name=name, taken=_TAKEN)
        )
    return {"name": name, "content_type": content_type or "", "size": size, "content": file.content}


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
    """Names in a zip archive, read from its directory without unpacking; none when it is not one."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            return archive.namelist()
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
