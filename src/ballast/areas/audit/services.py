"""Append entries to the audit chain, in the transaction of the act they record."""

import datetime as dt
import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from ballast.areas.accounts import selectors as accounts
from ballast.areas.accounts.access import scope_of
from ballast.areas.audit.models import AuditEntry

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ballast.areas.accounts.models import User

__all__ = ["GENESIS", "READ", "Act", "digest_of", "record", "record_account_change", "record_all", "record_read"]

GENESIS = "0" * 64
READ = "data.read"
# Key of the advisory lock that serialises appends on PostgreSQL; SQLite writers are serial already.
_LOCK_KEY = 0x8A11A57
# From here on PostgreSQL gives a float back as a whole number.
_WHOLE = 1e15


def digest_of(entry: AuditEntry) -> str:
    """SHA-256 over the entry's content and the digest of the entry before it."""
    content = [
        entry.sequence,
        entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.action,
        entry.subject_type,
        entry.subject_id,
        entry.enterprise,
        entry.detail,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _stable(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The value in the form in which both databases give it back, so that its digest survives."""
    if isinstance(value, dict):
        return {_stable(key): _stable(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_stable(child) for child in value]
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return int(value) if value == 0 or abs(value) >= _WHOLE else value
    return value


def _plain(detail: dict[str, Any] | None) -> dict[str, Any]:
    plain: dict[str, Any] = _stable(json.loads(json.dumps(detail or {}, cls=DjangoJSONEncoder)))
    return plain


def _name(actor: "User | AnonymousUser | str | None") -> str:
    if isinstance(actor, str):
        return actor[:150]
    return actor.get_username() if actor else "system"


def _append(entries: Sequence[AuditEntry]) -> None:
    """Number, chain and store entries. Must run inside the transaction of the act."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_KEY])
    last = AuditEntry.objects.order_by("-sequence").values_list("sequence", "digest").first()
    sequence, previous = last or (0, GENESIS)
    at = timezone.now()
    for entry in entries:
        sequence += 1
        entry.sequence, entry.at, entry.previous = sequence, at, previous
        entry.digest = previous = digest_of(entry)
    AuditEntry.objects.bulk_create(entries, batch_size=500)


class Act(NamedTuple):
    """What one entry says; see `record`."""

    action: str
    actor: "User | AnonymousUser | str | None"
    subject_type: str
    subject_id: str
    enterprise: str = ""
    detail: dict[str, Any] | None = None


@transaction.atomic
def record_all(acts: Iterable[Act]) -> None:
    """Append an entry for each act, in their order: the chain is that of as many calls of `record`."""
    entries = [AuditEntry(**act._asdict() | {"actor": _name(act.actor), "detail": _plain(act.detail)}) for act in acts]
    if entries:
        _append(entries)


@transaction.atomic
def record(
    action: str,
    actor: "User | AnonymousUser | str | None",
    *,
    subject_type: str,
    subject_id: str,
    enterprise: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry. `actor` is a user, or the name of a process such as "forecast job"."""
    entry = AuditEntry(
        actor=_name(actor),
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        enterprise=enterprise,
        detail=_plain(detail),
    )
    _append([entry])
    return entry


def record_read(user: "User", enterprise_ids: Iterable[str], what: str) -> int:
    """Note that the person has seen restricted data of enterprises; the number of new entries.

    `what` is a word for the kind of data, e.g. "stocks" or "export". Once an hour for each person,
    enterprise and `what`; an enterprise's own people are not noted.
    """
    own = set(scope_of(user).enterprises)
    wanted = sorted(set(enterprise_ids) - own)
    seen = _seen_this_hour(user, what) if wanted else set()
    fresh = [enterprise for enterprise in wanted if enterprise not in seen]
    if not fresh:
        return 0
    roles = sorted({grant.role for grant in accounts.valid_grants(user)})
    detail = _plain({"what": what, "roles": roles, "name": user.get_full_name()})
    with transaction.atomic():
        _append(
            [
                AuditEntry(
                    actor=_name(user),
                    action=READ,
                    subject_type="enterprise",
                    subject_id=enterprise,
                    enterprise=enterprise,
                    detail=detail,
                )
                for enterprise in fresh
            ]
        )
    return len(fresh)


def _seen_this_hour(user: "User", what: str) -> set[str]:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    rows = AuditEntry.objects.filter(action=READ, actor=_name(user), at__gte=hour)
    return {enterprise for enterprise, detail in rows.values_list("enterprise", "detail") if detail["what"] == what}


def record_account_change(
    *,
    action: str,
    actor: "User | str",
    subject_type: str,
    subject_id: str,
    enterprise: str,
    detail: dict[str, Any],
    **_signal: object,
) -> None:
    """Receiver of accounts' signal: the change becomes an entry in the same transaction."""
    record(action, actor, subject_type=subject_type, subject_id=subject_id, enterprise=enterprise, detail=detail)
