"""A CAP 1.2 message as plain data, and what the standard says of its parts. No database, no clock.

Source: Common Alerting Protocol Version 1.2, OASIS Standard, 1 July 2010, sections 3.2.1 to 3.2.4 (data dictionary) and
3.4 (schema). The schema fixes order, count and kind of the elements; those tables stand here as data.
"""

from dataclasses import dataclass, field

__all__ = ["ALERT", "AREA", "INFO", "NAMESPACE", "PAIR", "RESOURCE", "VALUES", "Area", "Info", "Message", "Part"]

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"


@dataclass(frozen=True)
class Part:
    """An element inside another: at least `least` and at most `most` times; `kind` says what it holds."""

    name: str
    least: int = 0
    most: int | None = 1  # None: any number
    kind: str = "text"  # text; time, language, address, whole, number; a list of VALUES; or a table below


def _many(name: str, kind: str = "text", least: int = 0) -> Part:
    return Part(name, least, None, kind)


VALUES: dict[str, tuple[str, ...]] = {
    "status": ("Actual", "Exercise", "System", "Test", "Draft"),
    "msgType": ("Alert", "Update", "Cancel", "Ack", "Error"),
    "scope": ("Public", "Restricted", "Private"),
    "category": (
        "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other",
    ),
    "responseType": (
        "Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None",
    ),
    "urgency": ("Immediate", "Expected", "Future", "Past", "Unknown"),
    "severity": ("Extreme", "Severe", "Moderate", "Minor", "Unknown"),
    "certainty": ("Observed", "Likely", "Possible", "Unlikely", "Unknown"),
}  # fmt: skip
# In the order in which the schema wants them.
ALERT = (
    Part("identifier", 1), Part("sender", 1), Part("sent", 1, 1, "time"), Part("status", 1, 1, "status"),
    Part("msgType", 1, 1, "msgType"), Part("source"), Part("scope", 1, 1, "scope"), Part("restriction"),
    Part("addresses"), _many("code"), Part("note"), Part("references"), Part("incidents"), _many("info", "info"),
)  # fmt: skip
INFO = (
    Part("language", 0, 1, "language"), _many("category", "category", 1), Part("event", 1),
    _many("responseType", "responseType"),
    Part("urgency", 1, 1, "urgency"), Part("severity", 1, 1, "severity"), Part("certainty", 1, 1, "certainty"),
    Part("audience"), _many("eventCode", "pair"), Part("effective", 0, 1, "time"), Part("onset", 0, 1, "time"),
    Part("expires", 0, 1, "time"), Part("senderName"), Part("headline"), Part("description"), Part("instruction"),
    Part("web", 0, 1, "address"), Part("contact"), _many("parameter", "pair"),
    _many("resource", "resource"), _many("area", "area"),
)  # fmt: skip
RESOURCE = (
    Part("resourceDesc", 1), Part("mimeType", 1), Part("size", 0, 1, "whole"), Part("uri", 0, 1, "address"),
    Part("derefUri"), Part("digest"),
)  # fmt: skip
AREA = (
    Part("areaDesc", 1), _many("polygon"), _many("circle"), _many("geocode", "pair"), Part("altitude", 0, 1, "number"),
    Part("ceiling", 0, 1, "number"),
)  # fmt: skip
PAIR = (Part("valueName", 1), Part("value", 1))


@dataclass(frozen=True)
class Area:
    """A place in words, and its codes as (list, code)."""

    description: str
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Info:
    """What is said in one language; times as texts of the standard, "" where nothing is said."""

    language: str
    event: str
    urgency: str
    severity: str
    certainty: str
    category: tuple[str, ...] = ("Infra",)
    response: tuple[str, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    onset: str = ""
    expires: str = ""
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True)
class Message:
    """One message. `references` are "sender,identifier,sent" of the earlier messages of its chain."""

    identifier: str
    sender: str
    sent: str
    status: str
    kind: str
    scope: str = "Restricted"
    restriction: str = ""
    note: str = ""
    references: tuple[str, ...] = ()
    infos: tuple[Info, ...] = field(default=())

    @property
    def reference(self) -> str:
        """How a later message names this one."""
        return f"{self.sender},{self.identifier},{self.sent}"
