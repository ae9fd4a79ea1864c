"""Read a CAP 1.2 message that came from elsewhere: refused with a clear reason, or given as plain data."""

from ballast.areas.responses.cap.checking import faults_of
from ballast.areas.responses.cap.message import Area, Info, Message
from ballast.areas.responses.cap.parsing import CapError, Element, parse

__all__ = ["read"]


def read(document: bytes) -> Message:
    """The message of a document. Raises CapError with a sentence for each fault, at most twenty."""
    alert = parse(document)
    if faults := faults_of(alert):
        raise CapError(faults)
    words = alert.words
    return Message(
        identifier=words("identifier"), sender=words("sender"), sent=words("sent"), status=words("status"),
        kind=words("msgType"), scope=words("scope"), restriction=words("restriction"), note=words("note"),
        references=tuple(words("references").split()), infos=tuple(_info(one) for one in alert.all("info")),
    )  # fmt: skip


def _all(element: Element, name: str) -> tuple[str, ...]:
    return tuple(one.text.strip() for one in element.all(name))


def _pairs(element: Element, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((one.words("valueName"), one.words("value")) for one in element.all(name))


def _info(info: Element) -> Info:
    areas = tuple(Area(one.words("areaDesc"), _pairs(one, "geocode")) for one in info.all("area"))
    words = info.words
    return Info(
        language=words("language") or "en-US", event=words("event"), urgency=words("urgency"),
        severity=words("severity"), certainty=words("certainty"), category=_all(info, "category"),
        response=_all(info, "responseType"), codes=_pairs(info, "eventCode"), onset=words("onset"),
        expires=words("expires"), sender_name=words("senderName"), headline=words("headline"),
        description=words("description"), instruction=words("instruction"), web=words("web"),
        contact=words("contact"), parameters=_pairs(info, "parameter"), areas=areas,
    )  # fmt: skip
