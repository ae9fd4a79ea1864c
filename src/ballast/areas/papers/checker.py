"""Refuse a document that holds a figure without a source."""

import re
from collections.abc import Iterator

from ballast.areas.papers.blocks import Block, Document, Fact, Figure, Heading, Items, Note, Paragraph, Part, Table

__all__ = ["UnsourcedFigureError", "check", "problems"]

_DIGIT = re.compile(r"\d")


class UnsourcedFigureError(ValueError):
    """A sentence holds a figure that no fact stands behind."""


def _parts_of(block: Block) -> Iterator[Part]:
    match block:
        case Heading(parts=parts) | Paragraph(parts=parts) | Note(parts=parts):
            yield from parts
        case Items(rows=rows):
            for row in rows:
                yield from row
        case Table(columns=columns, rows=lines, empty=empty):
            yield from (column.label for column in columns)
            for line in lines:
                for cell in line:
                    yield from cell
            yield empty
        case Figure(alt=alt):
            yield alt


def _parts(document: Document) -> Iterator[Part]:
    # The issuer is a name from the database; a figure in it is part of the name.
    yield from (document.title, document.mark)
    for parts in (*document.head, *document.foot):
        yield from parts
    for block in document.blocks:
        yield from _parts_of(block)
    if letter := document.letter:
        for block in letter.annexes:
            yield from _parts_of(block)
        for parts in (letter.number, letter.addressee, *letter.signed, letter.copies):
            yield from parts


def problems(document: Document) -> list[str]:
    """Every bare figure and every fact without id or link, as sentences; empty when all is sourced."""
    found = []
    for part in _parts(document):
        if isinstance(part, Fact):
            if not (part.id and part.href):
                found.append(f"The figure {part.text!r} has no source or no link (id {part.id!r}, link {part.href!r}).")
        elif _DIGIT.search(part):
            found.append(f"The text {part!r} holds a figure without a source. Pass it as a fact.")
    return found


def check(document: Document) -> Document:
    """The document itself, when every figure in it is sourced.

    Raises UnsourcedFigureError with every offending text otherwise.
    """
    found = problems(document)
    if found:
        raise UnsourcedFigureError("\n".join(found))
    return document
