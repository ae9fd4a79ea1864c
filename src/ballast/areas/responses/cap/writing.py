"""A CAP message as XML, in the order that the schema wants."""

import datetime as dt
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from ballast.areas.responses.cap.message import NAMESPACE, Info, Message

__all__ = ["time_text", "to_xml"]


def time_text(instant: dt.datetime) -> str:
    """An aware instant as the standard writes it: whole seconds and an offset, never "Z"."""
    return instant.replace(microsecond=0).isoformat() if instant.tzinfo else ""


def to_xml(message: Message) -> bytes:
    """UTF-8 XML of the message, with a declaration. Empty texts leave their element out."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(f"{{{NAMESPACE}}}alert")
    head = (
        ("identifier", message.identifier), ("sender", message.sender), ("sent", message.sent),
        ("status", message.status), ("msgType", message.kind), ("scope", message.scope),
        ("restriction", message.restriction), ("note", message.note), ("references", " ".join(message.references)),
    )  # fmt: skip
    _texts(root, head)
    for info in message.infos:
        _info(ET.SubElement(root, f"{{{NAMESPACE}}}info"), info)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _texts(parent: ET.Element, pairs: Iterable[tuple[str, str]]) -> None:
    for name, text in pairs:
        if text:
            ET.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = _plain(text)


def _plain(text: str) -> str:
    """The text without the control characters that XML has no way to write."""
    return "".join(
        c
        for c in text
        if c in "\t\n\r" or (c >= " " and not 0xD800 <= ord(c) < 0xE000 and c < "\ufffe") or ord(c) > 0xFFFF
    )


def _pairs(parent: ET.Element, name: str, pairs: Iterable[tuple[str, str]]) -> None:
    for value_name, value in pairs:
        _texts(ET.SubElement(parent, f"{{{NAMESPACE}}}{name}"), (("valueName", value_name), ("value", value)))


def _info(parent: ET.Element, info: Info) -> None:
    _texts(parent, [("language", info.language), *(("category", one) for one in info.category), ("event", info.event)])
    _texts(parent, [("responseType", one) for one in info.response])
    _texts(parent, (("urgency", info.urgency), ("severity", info.severity), ("certainty", info.certainty)))
    _pairs(parent, "eventCode", info.codes)
    later = (
        ("onset", info.onset), ("expires", info.expires), ("senderName", info.sender_name),
        ("headline", info.headline), ("description", info.description), ("instruction", info.instruction),
        ("web", info.web), ("contact", info.contact),
    )  # fmt: skip
    _texts(parent, later)
    _pairs(parent, "parameter", info.parameters)
    for area in info.areas:
        place = ET.SubElement(parent, f"{{{NAMESPACE}}}area")
        _texts(place, [("areaDesc", area.description)])
        _pairs(place, "geocode", area.codes)
