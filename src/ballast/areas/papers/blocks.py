"""The block model of a printed document: every figure in it is a fact with an id and a link."""

from dataclasses import dataclass

__all__ = [
    "Block",
    "Column",
    "Document",
    "Fact",
    "Figure",
    "Heading",
    "Items",
    "Letter",
    "Note",
    "Paragraph",
    "Part",
    "Parts",
    "Table",
]


@dataclass(frozen=True)
class Fact:
    """A figure, date, number or name: where it comes from (`id`, `value`), how it reads, and the list it counts."""

    id: str
    value: float | int | str | None
    text: str
    href: str


Part = str | Fact
Parts = tuple[Part, ...]


@dataclass(frozen=True)
class Heading:
    """The head of a section; `anchor` is what its own number links to."""

    parts: Parts
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A sentence or a few."""

    parts: Parts


@dataclass(frozen=True)
class Items:
    """Short lines of equal rank."""

    rows: tuple[Parts, ...]


@dataclass(frozen=True)
class Column:
    """A table column: its head, whether its cells are figures (set to the right), and whether they stay on one line."""

    label: str
    figures: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells under heads; `empty` is what stands there when no row does."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Parts, ...], ...]
    empty: str = ""

    @property
    def cells(self) -> tuple[tuple[tuple[Column, Parts], ...], ...]:
        """Rows of (column, cell)."""
        return tuple(tuple(zip(self.columns, row, strict=True)) for row in self.rows)


@dataclass(frozen=True)
class Figure:
    """A drawing with the words that replace it for who cannot see it."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Note:
    """Small print: definitions, limits."""

    parts: Parts


Block = Heading | Paragraph | Items | Table | Figure | Note


@dataclass(frozen=True)
class Letter:
    """What makes a paper an official letter: its number, to whom it goes, who signs it and when, and who has copies.

    Annexes come behind the signature, on pages of their own.
    """

    number: Parts
    addressee: Parts
    signed: tuple[Parts, ...]
    copies: Parts = ()
    annexes: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Document:
    """A whole paper in one language. `mark` stands on every page: that it is an exercise, a draft, withdrawn.

    A `wide` one is printed on its long side, for tables of many columns.
    """

    language: str
    title: str
    issuer: str
    mark: str
    day: str
    head: tuple[Parts, ...]
    blocks: tuple[Block, ...]
    foot: tuple[Parts, ...] = ()
    letter: Letter | None = None
    wide: bool = False

    @property
    def chinese(self) -> bool:
        """Whether it is written in Chinese, whose letters have a layout of their own."""
        return self.language.startswith("zh")

    @property
    def letterhead(self) -> str:
        """What stands on top of a letter: the issuer; a Chinese authority's letters are its "documents"."""
        return f"{self.issuer}文件" if self.chinese else self.issuer
