"""A document that came from elsewhere as a tree with lines: what is no XML, or could do harm, is refused here.

A document type declaration is refused before anything in it is read, so neither an entity that grows nor one that names
a file or an address is ever looked at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from django.utils.translation import gettext as _

from ballast.areas.responses.cap.message import NAMESPACE

__all__ = ["LARGEST", "CapError", "Element", "as_document", "parse"]

LARGEST = 1_000_000
_DEEPEST = 8
_BETWEEN = "\x1f"  # no name holds it
_DECLARED = re.compile(rb"\A\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
# What Chinese systems write; the parser knows none of these by itself, and the last holds the others.
_CHINESE = {b"gb2312", b"gbk", b"cp936", b"gb18030"}


class CapError(ValueError):
    """A document that is no sound CAP message; `faults` are sentences."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__(" ".join(self.faults))


@dataclass
class Element:
    """An element: `tag` is its name alone when it stands in the namespace of CAP 1.2, else "{namespace}name"."""

    tag: str
    line: int
    attributes: tuple[str, ...] = ()
    children: list["Element"] = field(default_factory=list)
    # Everything between its tags that is no element, as it stands there.
    text: str = ""

    def all(self, name: str) -> list["Element"]:
        """The children of a name, in their order."""
        return [child for child in self.children if child.tag == name]

    def words(self, name: str) -> str:
        """The text of the first child of a name without the space around it; "" where there is none."""
        return next((child.text.strip() for child in self.all(name)), "")


def as_document(text: str) -> bytes:
    """A text that was decoded already, as a document: UTF-8, whatever encoding it was declared in before."""
    document = text.encode(errors="surrogatepass")
    if declared := _DECLARED.match(document):
        first, last = declared.span(1)
        document = document[:first] + b"UTF-8" + document[last:]
    return document


def parse(document: bytes) -> Element:
    """The outermost element. CapError for what is too large, too deep, no XML, or declares a document type."""
    if len(document) > LARGEST:
        message = _("The document has {size} bytes; a CAP message has at most {most}.")
        raise CapError([message.format(size=len(document), most=LARGEST)])
    tree = _Tree()
    try:
        tree.parser.Parse(_decoded(document), True)
    except expat.ExpatError as error:
        raise CapError([_no_xml(expat.ErrorString(error.code), error.lineno)]) from None
    except CapError:
        raise
    except (ValueError, LookupError) as error:
        # An encoding that is not known, or that the document does not keep to.
        raise CapError([_no_xml(str(error), 1)]) from None
    return tree.root.children[0]


def _no_xml(reason: str, line: int) -> str:
    return _("This is not XML: {reason} (line {line}).").format(reason=reason, line=line)


def _decoded(document: bytes) -> bytes | str:
    """The document, as a text where it is written in a Chinese encoding."""
    declared = _DECLARED.match(document)
    if not declared or declared[1].lower() not in _CHINESE:
        return document
    return document.decode("gb18030")


class _Tree:
    """Builds the elements while the parser goes through the document."""

    def __init__(self) -> None:
        self.root = Element("", 0)
        self.open = [self.root]
        self.parser = parser = expat.ParserCreate(namespace_separator=_BETWEEN)
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self.refuse
        parser.ExternalEntityRefHandler = self.refuse  # type: ignore[assignment]
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.read

    def refuse(self, *_args: object) -> None:
        message = _("The document declares a document type or entities; a CAP message has none (line {line}).")
        raise CapError([message.format(line=self.parser.CurrentLineNumber)])

    def start(self, name: str, attributes: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        if len(self.open) > _DEEPEST:
            message = _("The elements are nested deeper than in any CAP message (line {line}).")
            raise CapError([message.format(line=line)])
        element = Element(_named(name), line, tuple(_named(one) for one in attributes))
        self.open[-1].children.append(element)
        self.open.append(element)

    def end(self, _name: str) -> None:
        self.open.pop()

    def read(self, text: str) -> None:
        self.open[-1].text += text


def _named(name: str) -> str:
    """A name as the parser gives it, as `Element.tag` writes it; one without a namespace is "{}name"."""
    namespace, _between, local = name.rpartition(_BETWEEN)
    return local if namespace == NAMESPACE else f"{{{namespace}}}{local}"
