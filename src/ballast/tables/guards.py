"""What is refused before a file is opened: too large, unpacks to far more than it is, not what its name says."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ballast.tables.problems import Problem

__all__ = ["LIMITS", "Limits", "RefusedError", "check_size", "check_suffix", "check_zip", "refuse"]

_MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Largest sizes that a reader accepts, in megabytes, and how far a workbook may unpack."""

    file_mb: int = 200
    unpacked_mb: int = 500
    ratio: int = 200


LIMITS = Limits()


class RefusedError(Exception):
    """A file that cannot be read at all, with the problem to show."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def refuse(file: str, code: str, value: str = "", **details: object) -> RefusedError:
    """The error that refuses a whole file."""
    return RefusedError(Problem(file, None, "", value, code, details))


def check_size(file: str, size: int, limits: Limits = LIMITS) -> None:
    """Refuse an empty file and one that reaches the limit, before a byte of it is read."""
    if size == 0:
        raise refuse(file, "empty_file")
    if size >= limits.file_mb * _MB:
        raise refuse(file, "too_large", f"{size / _MB:.1f}", limit=limits.file_mb)


def check_zip(file: str, source: Path | bytes, limits: Limits = LIMITS) -> None:
    """Refuse what is no workbook, and a zip bomb by the sizes in its directory, before it is unpacked."""
    packed = len(source) if isinstance(source, bytes) else source.stat().st_size
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise refuse(file, "encrypted" if _is_ole(source) else "not_xlsx") from error
    unpacked = sum(entry.file_size for entry in entries)
    ratio = unpacked / max(packed, 1)
    if unpacked > limits.unpacked_mb * _MB or (ratio > limits.ratio and unpacked > 10 * _MB):
        megabytes = f"{unpacked / _MB:.0f}"
        raise refuse(
            file, "zip_bomb", megabytes, ratio=round(ratio), limit=limits.unpacked_mb, ratio_limit=limits.ratio
        )
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise refuse(file, "not_xlsx")


def _is_ole(source: Path | bytes) -> bool:
    """Whether the file is the container that spreadsheet programs put around an encrypted workbook."""
    if isinstance(source, bytes):
        head = source[:8]
    else:
        with source.open("rb") as stream:
            head = stream.read(8)
    return head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def check_suffix(file: str, allowed: tuple[str, ...]) -> None:
    """Refuse a file whose name ends otherwise."""
    if not file.lower().endswith(allowed):
        raise refuse(file, "suffix", allowed=", ".join(allowed))
