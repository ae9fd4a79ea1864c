"""CSV in and out: UTF-8 with or without a byte order mark, GB18030; comma, semicolon or tab."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from ballast.tables.guards import refuse
from ballast.tables.raw import Header, Raw, frame_of, read_header

__all__ = ["decode", "read_csv", "separator_of", "write_csv"]

_SEPARATORS = ",;\t"
# Pairs of GB 2312, which ordinary Chinese text consists of; both bytes are high.
_COMMON_PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")


def decode(file: str, data: bytes) -> str:
    """The text of a file in UTF-8 or GB18030; RefusedError that names the byte when it is neither."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise refuse(file, "utf16", "0")
    if (zero := data.find(0)) >= 0:
        raise refuse(file, "utf16" if zero < 4 else "zero_byte", str(zero))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        position, is_utf8 = error.start, _looks_utf8(data)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        place = position if is_utf8 else error.start
        raise refuse(file, "bad_encoding", str(place), byte=f"{data[place]:02X}") from error
    # Western 8-bit text happens to decode as rare characters; ordinary Chinese is nearly all GB 2312.
    common = sum(1 for _ in _COMMON_PAIR.finditer(data)) * 2
    if is_utf8 or common < 0.6 * sum(1 for _ in _HIGH_BYTE.finditer(data)):
        raise refuse(file, "bad_encoding", str(position), byte=f"{data[position]:02X}")
    return text


def _looks_utf8(data: bytes) -> bool:
    """Whether most letters beyond ASCII are UTF-8, so that a few bytes are damaged."""
    text = data.decode("utf-8-sig", "replace")
    wrong = text.count("\ufffd")
    return sum(not c.isascii() for c in text) - wrong > 4 * wrong


def separator_of(line: str, names: Sequence[str], labels: Mapping[str, str] | None = None) -> str:
    """The separator under which most of the first line's cells are known names."""
    known = {n.casefold() for n in names} | {k.casefold() for k in labels or {}}

    def hits(separator: str) -> tuple[int, int]:
        cells = [c.strip().strip('"').casefold() for c in line.split(separator)]
        return sum(c in known for c in cells), len(cells)

    return max(_SEPARATORS, key=hits)


def _lines(file: str, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of the line on which each begins, as an editor and a spreadsheet count them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    first = 1
    try:
        for cells in reader:
            yield first, cells
            first = reader.line_num + 1
    except csv.Error as error:
        raise refuse(file, "open_quote", str(first)) from error


def read_csv(file: str, data: bytes, names: Sequence[str], labels: Mapping[str, str] | None = None) -> Raw:
    """The raw table of a CSV file. RefusedError when it cannot be read as text or has no header."""
    text = decode(file, data)
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    if not first_line:
        raise refuse(file, "empty_file")
    lines = _lines(file, text, separator_of(first_line, names, labels))
    header: Header | None = None
    for number, cells in lines:
        if any(cell.strip() for cell in cells):
            header = read_header(file, cells, number, names, labels)
            break
    if header is None:
        raise refuse(file, "empty_file")
    return frame_of(file, lines, header)


def write_csv(frame: pl.DataFrame) -> bytes:
    """The frame as UTF-8 CSV with comma and line feed; the frame's columns must be text."""
    return frame.write_csv(line_terminator="\n").encode()
