"""Where a document differs from CAP 1.2: a sentence with line and element for each place.

Whatever the schema of the standard refuses is refused here too (a test tries both on the same documents), in words that
can be translated; beyond it come the rules of the data dictionary.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from ballast.areas.responses.cap.message import ALERT, AREA, INFO, NAMESPACE, PAIR, RESOURCE, VALUES, Part
from ballast.areas.responses.cap.parsing import Element

__all__ = ["faults_of"]

_MOST_FAULTS = 20
_TABLES = {"info": INFO, "pair": PAIR, "resource": RESOURCE, "area": AREA}
_SIGNATURES = "{http://www.w3.org/2000/09/xmldsig#}"
_SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", re.ASCII)
_FARTHEST = dt.timedelta(hours=14)  # the largest offset that the schema's times know
_LANGUAGE = re.compile(r"([a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*)?")
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?=\.?\d)\d{0,12}(\.\d{0,12})?", re.ASCII)
# A relative address whose first part holds a colon would read as one of a scheme, so it is none.
_ADDRESS = re.compile(
    r"([a-zA-Z][a-zA-Z0-9+.-]*:|(?![^/?#]*:))"
    r"([^\s#%<>\"{}|\\^`]|%[0-9a-fA-F]{2})*(#([^\s#%<>\"{}|\\^`\[\]]|%[0-9a-fA-F]{2})*)?"
)
# What may not stand in an identifier, a sender, or in one entry of the references.
_FORBIDDEN = re.compile(r"[\s,<&]")
_REFERENCE_PARTS = 3
_LEAST_CORNERS = 4  # of a polygon, the first again as the last among them


def faults_of(alert: Element) -> list[str]:
    """A sentence for each place where a message differs from the schema or the standard's rules, at most twenty."""
    if alert.tag != "alert":
        message = _("The outermost element is “{name}”; CAP 1.2 wants “alert” in {namespace}.")
        return [message.format(name=alert.tag.removeprefix("{}")[:100], namespace=NAMESPACE)]
    faults = list(islice(_faults_in(alert, ALERT, "alert"), _MOST_FAULTS))
    return faults or list(islice(_rules(alert), _MOST_FAULTS))


def _place(element: Element, path: str) -> str:
    """Where an element stands, in words; only asked of what is at fault, since a message may have thousands."""
    return _("line {line}, {path}").format(line=element.line, path=path)


def _faults_in(element: Element, parts: Sequence[Part], path: str) -> Iterator[str]:
    """Order, counts and values of what an element holds."""
    order, last = {part.name: k for k, part in enumerate(parts)}, 0
    yield from _strangers(element, path)
    if element.text.strip():
        said = _("{path}: “{value}” stands between its elements.")
        yield said.format(path=_place(element, path), value=element.text.strip()[:60])
    for child in element.children:
        if path == "alert" and child.tag.startswith(_SIGNATURES):
            last = len(parts)  # the schema lets signatures stand at the end of an alert
            continue
        inner, name = f"{path}/{child.tag.removeprefix('{}')[:60]}", child.tag
        if name not in order:
            yield _("{path}: CAP 1.2 knows no such element there.").format(path=_place(child, inner))
            continue
        if order[name] < last:
            yield _("{path} stands too late; the schema has an order.").format(path=_place(child, inner))
        last = max(last, order[name])
        yield from _faults_of_value(child, parts[order[name]].kind, inner)
    for part in parts:
        count = len(element.all(part.name))
        if count < part.least:
            yield _("{path}: “{name}” is missing.").format(path=_place(element, path), name=part.name)
        if part.most is not None and count > part.most:
            said = _("{path}: “{name}” stands {count} times.")
            yield said.format(path=_place(element, path), name=part.name, count=count)


def _strangers(element: Element, path: str) -> Iterator[str]:
    """Attributes; CAP has none, and of those that every schema allows only the ones that name it."""
    for name in element.attributes:
        if name not in (f"{_SCHEMA}schemaLocation", f"{_SCHEMA}noNamespaceSchemaLocation"):
            shown = name.removeprefix("{}")[:60]
            yield _("{path}: CAP 1.2 knows no attribute “{name}”.").format(path=_place(element, path), name=shown)


def _faults_of_value(element: Element, kind: str, path: str) -> Iterator[str]:
    if kind in _TABLES:
        yield from _faults_in(element, _TABLES[kind], path)
        return
    yield from _strangers(element, path)
    text = element.text.strip()
    if element.children:
        yield _("{path} holds elements where a text is wanted.").format(path=_place(element, path))
    elif kind in VALUES and element.text not in VALUES[kind]:
        said = _("{path}: “{value}” is none of {values}.")
        yield said.format(path=_place(element, path), value=element.text[:60], values=", ".join(VALUES[kind]))
    elif kind in _FORMS and not _FORMS[kind](text):
        yield _wrong_form(kind).format(path=_place(element, path), value=text[:60])


def _wrong_form(kind: str) -> str:
    words = {
        "time": _("{path}: “{value}” is not a time such as 2022-04-28T09:00:00+08:00."),
        "language": _("{path}: “{value}” is not a language such as zh-CN."),
        "address": _("{path}: “{value}” is not an address such as https://example.org/."),
    }
    return words.get(kind) or _("{path}: “{value}” is not a number.")


def _is_time(text: str) -> bool:
    try:
        offset = dt.datetime.fromisoformat(text).utcoffset() if _TIME.fullmatch(text) else None
    except ValueError:
        return False
    return offset is not None and abs(offset) <= _FARTHEST


def _is_address(text: str) -> bool:
    try:
        urlsplit(text).port  # noqa: B018 - an address with a port that is no number raises
    except ValueError:
        return False
    return _ADDRESS.fullmatch(text) is not None


_FORMS: dict[str, Callable[[str], object]] = {
    "time": _is_time, "language": _LANGUAGE.fullmatch, "address": _is_address, "whole": _WHOLE.fullmatch,
    "number": _NUMBER.fullmatch,
}  # fmt: skip


def _rules(alert: Element) -> Iterator[str]:
    """What the data dictionary asks beyond the schema."""
    for name in ("identifier", "sender"):
        if not (value := alert.words(name)) or _FORBIDDEN.search(value):
            yield _("“{name}” is empty or holds a space, a comma, “<” or “&”.").format(name=name)
    kind, references = alert.words("msgType"), alert.words("references").split()
    if kind in ("Update", "Cancel", "Ack", "Error") and not references:
        yield _("A message of the kind {kind} has to name the messages that it is about.").format(kind=kind)
    for one in references:
        if len(one.split(",")) != _REFERENCE_PARTS or not _is_time(one.rpartition(",")[2]):
            said = _("“{value}” is no reference; it has three parts: sender,identifier,sent.")
            yield said.format(value=one[:80])
    if alert.words("scope") == "Restricted" and not alert.words("restriction"):
        yield _("A message of the scope Restricted has to say the restriction.")
    if alert.words("scope") == "Private" and not alert.words("addresses"):
        yield _("A message of the scope Private has to name the addresses.")
    for area in (area for info in alert.all("info") for area in info.all("area")):
        yield from _shapes(area)


def _shapes(area: Element) -> Iterator[str]:
    """Polygons, circles and heights that the schema takes as any text or number (CAP 1.2, section 3.2.4)."""
    for polygon in area.all("polygon"):
        corners = polygon.text.split()
        if not (all(map(_is_point, corners)) and len(corners) >= _LEAST_CORNERS and corners[0] == corners[-1]):
            said = _(
                "{path}: “{value}” is no polygon: four or more points “latitude,longitude”, the last as the first."
            )
            yield said.format(path=_place(polygon, "polygon"), value=polygon.text.strip()[:60])
    for circle in area.all("circle"):
        point, _space, radius = circle.text.strip().partition(" ")
        if not (_is_point(point) and radius.strip() and _NUMBER.fullmatch(radius.strip()) and float(radius) >= 0.0):
            said = _("{path}: “{value}” is no circle: “latitude,longitude”, a space, and the radius in kilometres.")
            yield said.format(path=_place(circle, "circle"), value=circle.text.strip()[:60])
    if area.all("ceiling") and not area.all("altitude"):
        yield _("{path}: “ceiling” stands without “altitude”.").format(path=_place(area, "area"))


def _is_point(text: str) -> bool:
    """Whether a text is a pair of coordinates by WGS 84."""
    latitude, _comma, longitude = text.partition(",")
    if not (_NUMBER.fullmatch(latitude) and _NUMBER.fullmatch(longitude)):
        return False
    return abs(float(latitude)) <= 90.0 and abs(float(longitude)) <= 180.0
