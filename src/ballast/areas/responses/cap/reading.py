"""Read a CAP 1.2 message that came from elsewhere: refused with a clear reason, or checked against the standard.

A document type declaration is refused before anything in it is read, so neither an entity that grows nor one that names
a file or an address is ever looked at.
"""

import datetime as dt
import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET
from xml.parsers import expat

from django.utils.translation import gettext as _

from ballast.areas.responses.cap.message import (
    ALERT,
    AREA,
    INFO,
    NAMESPACE,
    PAIR,
    RESOURCE,
    VALUES,
    Area,
    Info,
    Message,
    Part,
)

__all__ = ["LARGEST", "CapError", "faults_of", "read"]

LARGEST = 1_000_000
_DEEPEST = 8
_MOST_FAULTS = 20
_TABLES = {"info": INFO, "pair": PAIR, "resource": RESOURCE, "area": AREA}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", re.ASCII)
# What may not stand in an identifier, a sender, or in one entry of the references.
_FORBIDDEN = re.compile(r"[\s,<&]")
_REFERENCE_PARTS = 3


class CapError(ValueError):
    """A document that is no sound CAP message; `faults` are sentences."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__(" ".join(self.faults))


def read(document: bytes) -> Message:
    """The message of a document. Raises CapError with every fault, at most twenty."""
    root = _parsed(document)
    if faults := faults_of(root):
        raise CapError(faults)
    return _message(root)


def _parsed(document: bytes) -> ET.Element:
    """The root element; CapError for what is too large, too deep, no XML, or declares a document type."""
    if len(document) > LARGEST:
        message = _("The document has {size} bytes; a CAP message has at most {most}.")
        raise CapError([message.format(size=len(document), most=LARGEST)])
    builder, depth = ET.TreeBuilder(), 0
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def refuse(*_args: object) -> None:
        raise CapError([_("The document declares a document type or entities; a CAP message has none.")])

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise CapError([_("The elements are nested deeper than in any CAP message.")])
        builder.start(name if "}" not in name else f"{{{name}", {})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name if "}" not in name else f"{{{name}")

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse  # type: ignore[assignment]
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        message = _("This is not XML: {reason} (line {line}).")
        raise CapError([message.format(reason=expat.ErrorString(error.code), line=error.lineno)]) from None
    except ValueError as error:
        if isinstance(error, CapError):
            raise
        raise CapError([_("This is not XML: {reason} (line {line}).").format(reason=error, line=1)]) from None
    return builder.close()


def faults_of(root: ET.Element) -> list[str]:
    """A sentence for each place where an element differs from the schema or the rules of the standard."""
    if root.tag != f"{{{NAMESPACE}}}alert":
        message = _("The outermost element is “{name}”; CAP 1.2 wants “alert” in {namespace}.")
        return [message.format(name=root.tag[:100], namespace=NAMESPACE)]
    faults = _faults_in(root, ALERT, "alert")
    return (faults or _rules(root))[:_MOST_FAULTS]


def _faults_in(element: ET.Element, parts: Sequence[Part], path: str) -> list[str]:
    """Order, counts and values of what an element holds."""
    order, faults, last = {part.name: place for place, part in enumerate(parts)}, [], 0
    counts = dict.fromkeys(order, 0)
    for child in element:
        name = child.tag.removeprefix(f"{{{NAMESPACE}}}")
        if name not in order:
            # The schema lets signatures stand at the end of an alert.
            if not (path == "alert" and child.tag.startswith("{http://www.w3.org/2000/09/xmldsig#}")):
                faults.append(
                    _("{path} holds “{name}”, which CAP 1.2 does not know there.").format(path=path, name=name[:60])
                )
            continue
        counts[name] += 1
        if order[name] < last:
            faults.append(_("{path}: “{name}” stands too late; the schema has an order.").format(path=path, name=name))
        last = max(last, order[name])
        faults += _faults_of_value(child, parts[order[name]].kind, f"{path}/{name}")
    for part in parts:
        if counts[part.name] < part.least:
            faults.append(_("{path}: “{name}” is missing.").format(path=path, name=part.name))
        if part.most is not None and counts[part.name] > part.most:
            faults.append(
                _("{path}: “{name}” stands {count} times.").format(path=path, name=part.name, count=counts[part.name])
            )
    return faults


def _faults_of_value(element: ET.Element, kind: str, path: str) -> list[str]:
    if kind in _TABLES:
        return _faults_in(element, _TABLES[kind], path)
    text, fault = (element.text or "").strip(), ""
    if len(element):
        return [_("{path} holds elements where a text is wanted.").format(path=path)]
    if kind in VALUES and text not in VALUES[kind]:
        fault = _("{path}: “{value}” is none of {values}.").format(
            path=path, value=text[:60], values=", ".join(VALUES[kind])
        )
    elif kind == "time" and not _is_time(text):
        fault = _("{path}: “{value}” is not a time such as 2022-04-28T09:00:00+08:00.").format(
            path=path, value=text[:60]
        )
    elif (kind == "whole" and not re.fullmatch(r"[+-]?\d+", text, re.ASCII)) or (
        kind == "number" and not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text, re.ASCII)
    ):
        fault = _("{path}: “{value}” is not a number.").format(path=path, value=text[:60])
    return [fault] if fault else []


def _is_time(text: str) -> bool:
    try:
        return bool(_TIME.fullmatch(text)) and bool(dt.datetime.fromisoformat(text))
    except ValueError:
        return False


def _rules(root: ET.Element) -> list[str]:
    """What the data dictionary asks beyond the schema."""
    faults = []
    for name in ("identifier", "sender"):
        value = _text(root, name)
        if not value or _FORBIDDEN.search(value):
            faults.append(_("“{name}” is empty or holds a space, a comma, “<” or “&”.").format(name=name))
    kind, references = _text(root, "msgType"), _text(root, "references").split()
    if kind in ("Update", "Cancel", "Ack", "Error") and not references:
        faults.append(_("A message of the kind {kind} has to name the messages that it is about.").format(kind=kind))
    faults += [
        _("“{value}” is no reference; it has three parts: sender,identifier,sent.").format(value=one[:80])
        for one in references
        if len(one.split(",")) != _REFERENCE_PARTS or not _is_time(one.rpartition(",")[2])
    ]
    if _text(root, "scope") == "Restricted" and not _text(root, "restriction"):
        faults.append(_("A message of the scope Restricted has to say the restriction."))
    if _text(root, "scope") == "Private" and not _text(root, "addresses"):
        faults.append(_("A message of the scope Private has to name the addresses."))
    return faults


def _text(element: ET.Element, name: str) -> str:
    return (element.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()


def _all(element: ET.Element, name: str) -> tuple[str, ...]:
    return tuple((one.text or "").strip() for one in element.findall(f"{{{NAMESPACE}}}{name}"))


def _pairs(element: ET.Element, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((_text(one, "valueName"), _text(one, "value")) for one in element.findall(f"{{{NAMESPACE}}}{name}"))


def _message(root: ET.Element) -> Message:
    infos = tuple(_info(element) for element in root.findall(f"{{{NAMESPACE}}}info"))
    return Message(
        identifier=_text(root, "identifier"), sender=_text(root, "sender"), sent=_text(root, "sent"),
        status=_text(root, "status"), kind=_text(root, "msgType"), scope=_text(root, "scope"),
        restriction=_text(root, "restriction"), note=_text(root, "note"),
        references=tuple(_text(root, "references").split()), infos=infos,
    )  # fmt: skip


def _info(element: ET.Element) -> Info:
    areas = tuple(
        Area(_text(one, "areaDesc"), _pairs(one, "geocode")) for one in element.findall(f"{{{NAMESPACE}}}area")
    )
    return Info(
        language=_text(element, "language") or "en-US", event=_text(element, "event"),
        urgency=_text(element, "urgency"), severity=_text(element, "severity"), certainty=_text(element, "certainty"),
        category=_all(element, "category"), response=_all(element, "responseType"), codes=_pairs(element, "eventCode"),
        onset=_text(element, "onset"), expires=_text(element, "expires"), sender_name=_text(element, "senderName"),
        headline=_text(element, "headline"), description=_text(element, "description"),
        instruction=_text(element, "instruction"), web=_text(element, "web"), contact=_text(element, "contact"),
        parameters=_pairs(element, "parameter"), areas=areas,
    )  # fmt: skip
