"""Reads of the audit chain: is it whole, what happened, who read an enterprise's data."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_noop

from ballast.areas.accounts.access import require, scope_of
from ballast.areas.accounts.models import Role
from ballast.areas.audit.models import AuditEntry
from ballast.areas.audit.services import GENESIS, READ, digest_of
from ballast.areas.searching import matching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ballast.areas.accounts.models import User

# What a reading was of, as it is written into the chain, and the words that people read.
_WHAT = {
    "brief": gettext_noop("Daily brief"),
    "case": gettext_noop("Problem"),
    "enterprise page": gettext_noop("Enterprise page"),
    "event": gettext_noop("Event page"),
    "document": gettext_noop("Paper made from a case"),
    "export": gettext_noop("Export to a file"),
    "forecast": gettext_noop("Forecast"),
    "links": gettext_noop("Supply links"),
    "site page": gettext_noop("Site page"),
    "stocks": gettext_noop("Stocks"),
}

__all__ = ["Reading", "Verification", "about", "actions", "entries", "readings", "readings_page", "verify"]


@dataclass(frozen=True)
class Verification:
    """What a walk over the whole chain found. `broken` is the first sequence number that does not hold."""

    count: int
    head: str
    broken: int | None = None
    reason: str = ""

    @property
    def whole(self) -> bool:
        """Whether every entry holds."""
        return self.broken is None


def verify() -> Verification:
    """Walk the chain from its first entry; memory does not grow with its length.

    Finds an altered, inserted, deleted or swapped entry. Entries cut off at the end are found by comparing
    `count` and `head` with what an earlier run gave.
    """
    count, head = 0, GENESIS
    rows: Iterator[AuditEntry] = AuditEntry.objects.order_by("sequence").iterator(chunk_size=1000)
    while True:
        try:
            entry = next(rows, None)
        except (json.JSONDecodeError, ValueError):
            return Verification(count, head, count + 1, "the entry cannot be read")
        if entry is None:
            return Verification(count, head)
        reason = _fault(entry, count + 1, head)
        if reason:
            return Verification(count, head, min(entry.sequence, count + 1), reason)
        count, head = count + 1, entry.digest


def _fault(entry: AuditEntry, expected: int, previous: str) -> str:
    if entry.sequence != expected:
        return f"entry {expected} is missing or numbered {entry.sequence}"
    if entry.previous != previous:
        return "the entry does not follow the one before it"
    if entry.digest != digest_of(entry):
        return "the content of the entry does not match its digest"
    return ""


def entries(
    user: "User",
    *,
    search: str = "",
    action: str = "",
    actor: str = "",
    enterprise: str = "",
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> QuerySet[AuditEntry]:
    """Entries for an administrator, newest first; days are UTC and inclusive. NotAllowedError for anyone else."""
    require(user, "view_audit")
    rows = AuditEntry.objects.order_by("-sequence")
    exact = {"action": action, "actor": actor, "enterprise": enterprise}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if since:
        rows = rows.filter(at__gte=dt.datetime.combine(since, dt.time(), dt.UTC))
    if until:
        rows = rows.filter(at__lte=dt.datetime.combine(until, dt.time.max, dt.UTC))
    if search:
        rows = rows.filter(matching(search, "actor", "action", "subject_id", "enterprise"))
    return rows


def about(subject_type: str, subject_id: str) -> QuerySet[AuditEntry]:
    """Entries about one thing, newest first; the caller has checked that its user may see the thing."""
    rows = AuditEntry.objects.filter(subject_type=subject_type, subject_id=subject_id)
    return rows.order_by("-sequence")


def actions(user: "User") -> list[str]:
    """The kinds of act that the chain holds, for the filter of an administrator."""
    require(user, "view_audit")
    return list(AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct())


@dataclass(frozen=True)
class Reading:
    """One reading of an enterprise's data: whose, in which roles, of what, when."""

    at: dt.datetime
    name: str
    roles: tuple[str, ...]
    what: str
    enterprise: str

    @property
    def role_labels(self) -> list[str]:
        """The roles in the language of the page."""
        return [str(Role(role).label) if role in Role.values else role for role in self.roles]

    @property
    def what_label(self) -> str:
        """What was read in the language of the page."""
        return gettext(_WHAT[self.what]) if self.what in _WHAT else self.what


def readings(user: "User") -> QuerySet[AuditEntry]:
    """Readings of the data of the person's own enterprises, newest first; none without such an enterprise."""
    require(user, "view_portal")
    own = scope_of(user, "view_portal").enterprises
    return AuditEntry.objects.filter(action=READ, enterprise__in=own).order_by("-sequence")


def readings_page(rows: "list[AuditEntry] | QuerySet[AuditEntry]") -> list[Reading]:
    """Entries of `readings` as they are shown."""
    return [_reading(row.at, row.actor, row.detail, row.enterprise) for row in rows]


def _reading(at: dt.datetime, actor: str, detail: dict[str, Any], enterprise: str) -> Reading:
    roles = tuple(str(role) for role in detail.get("roles", ()))
    return Reading(at, str(detail.get("name") or actor), roles, str(detail.get("what", "")), enterprise)
