"""A CAP message as XML, in the order that the schema wants."""

import datetime as dt
import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from ballast.areas.responses.cap.message import NAMESPACE, Info, Message

__all__ = ["time_text", "to_xml"]

# Control characters and halves of characters, which XML has no way to write.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def time_text(instant: dt.datetime) -> str:
    """An aware instant as the standard writes it: whole seconds and an offset, "-00:00" for UTC and never "Z".

    ValueError for an instant without an offset.
    """
    if instant.utcoffset() is None:
        message = f"{instant} has no offset"
        raise ValueError(message)
    return instant.isoformat(timespec="seconds").replace("+00:00", "-00:00")


def to_xml(message: Message) -> bytes:
    """UTF-8 XML of the message, with a declaration. Empty texts leave their element out, unless the schema wants it."""
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


def _texts(parent: ET.Element, pairs: Iterable[tuple[str, str]], *, always: bool = False) -> None:
    for name, text in pairs:
        if text or always:
            ET.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = _UNWRITABLE.sub("", text)


def _pairs(parent: ET.Element, name: str, pairs: Iterable[tuple[str, str]]) -> None:
    for value_name, value in pairs:
        pair = ET.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        # The schema wants both, also where a value is empty.
        _texts(pair, (("valueName", value_name), ("value", value)), always=True)


def _info(parent: ET.Element, info: Info) -> None:
    _texts(parent, [("language", info.language), *(("category", one) for one in info.category)])
    _texts(parent, [("event", info.event)], always=True)
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
        _texts(place, [("areaDesc", area.description)], always=True)
        _pairs(place, "geocode", area.codes)
