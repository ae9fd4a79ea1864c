"""Render a document as PDF: one fixed typst template that reads the document as JSON."""

import datetime as dt
import json
import threading
from functools import cache
from pathlib import Path
from typing import Any

import typst

from ballast.areas.papers.blocks import (
    Block,
    Document,
    Fact,
    Figure,
    Heading,
    Items,
    Letter,
    Note,
    Paragraph,
    Parts,
    Table,
)

__all__ = ["render"]

_TEMPLATE = Path(__file__).with_name("paper.typ")
# The front-end build puts the shipped fonts here; without them the system's serve.
_FONTS = Path(__file__).resolve().parents[2] / "web" / "static" / "dist" / "fonts"
_LOCK = threading.Lock()


@cache
def _fonts() -> typst.Fonts:
    """The shipped fonts alone, so that every machine makes the same bytes; the system's when there are none."""
    shipped = any(_FONTS.glob("*.ttf"))
    return typst.Fonts(include_system_fonts=not shipped, font_paths=[_FONTS] if shipped else [])


def _parts(parts: Parts, base: str) -> list[Any]:
    return [
        {"text": part.text, "href": part.href if part.href.startswith("#") else base + part.href}
        if isinstance(part, Fact)
        else {"text": part}
        for part in parts
    ]


def _block(block: Block, base: str) -> dict[str, Any]:
    match block:
        case Heading(parts=parts, anchor=anchor):
            return {"kind": "heading", "parts": _parts(parts, base), "anchor": anchor}
        case Paragraph(parts=parts):
            return {"kind": "paragraph", "parts": _parts(parts, base)}
        case Note(parts=parts):
            return {"kind": "note", "parts": _parts(parts, base)}
        case Items(rows=rows):
            return {"kind": "items", "rows": [_parts(row, base) for row in rows]}
        case Figure(svg=svg, alt=alt):
            return {"kind": "figure", "svg": svg, "alt": alt}
        case Table(columns=columns, rows=lines, empty=empty):
            return {
                "kind": "table",
                "columns": [{"label": c.label, "figures": c.figures} for c in columns],
                "rows": [[_parts(cell, base) for cell in line] for line in lines],
                "empty": empty,
            }


def _letter(letter: Letter, base: str) -> dict[str, Any]:
    return {
        "number": _parts(letter.number, base),
        "addressee": _parts(letter.addressee, base),
        "signed": [_parts(parts, base) for parts in letter.signed],
        "copies": _parts(letter.copies, base),
        "annexes": [_block(block, base) for block in letter.annexes],
    }


def _data(document: Document, base: str) -> str:
    day = dt.date.fromisoformat(document.day)
    return json.dumps(
        {
            "language": document.language,
            "title": document.title,
            "issuer": document.issuer,
            "letterhead": document.letterhead,
            "mark": document.mark,
            "wide": document.wide,
            "day": [day.year, day.month, day.day],
            "head": [_parts(parts, base) for parts in document.head],
            "blocks": [_block(block, base) for block in document.blocks],
            "foot": [_parts(parts, base) for parts in document.foot],
            "letter": _letter(document.letter, base) if document.letter else None,
        },
        ensure_ascii=False,
        sort_keys=True,
    )


def render(document: Document, *, base: str = "") -> bytes:
    """The document as PDF bytes; the same document gives the same bytes.

    Links begin with `base`, e.g. "https://desk.example.org". The file's date is the document's day.
    """
    stamp = dt.datetime.combine(dt.date.fromisoformat(document.day), dt.time(), dt.UTC)
    # The compiler keeps a font cache that is not made for threads.
    with _LOCK:
        return typst.compile(
            _TEMPLATE.read_bytes(),
            format="pdf",
            font_paths=_fonts(),
            sys_inputs={"document": _data(document, base.rstrip("/"))},
            timestamp=stamp,
        )
