"""Render a document as HTML: a fragment for the page, or a file that stands alone."""

from django.template.loader import render_to_string

from ballast.areas.papers.blocks import Block, Document

__all__ = ["fragment", "standalone"]


def _context(document: Document, base: str) -> dict[str, object]:
    annexes = document.letter.annexes if document.letter else ()
    return {
        "document": document,
        "blocks": _kinds(document.blocks),
        "annexes": _kinds(annexes),
        "base": base.rstrip("/"),
    }


def _kinds(blocks: tuple[Block, ...]) -> list[tuple[str, Block]]:
    """Each block with the word by which the template knows it."""
    return [(type(block).__name__.lower(), block) for block in blocks]


def fragment(document: Document, *, base: str = "") -> str:
    """The paper alone, every text escaped; links begin with `base`."""
    return render_to_string("papers/paper.html", _context(document, base))


def standalone(document: Document, *, base: str = "") -> str:
    """A whole HTML file with its own style, that opens without a server."""
    return render_to_string("papers/standalone.html", _context(document, base))
