"""Append an entry to the audit chain, in the transaction of the act it records."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from ballast.areas.audit.models import AuditEntry

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["digest_of", "record", "record_account_change"]

_GENESIS = "0" * 64
# Key of the advisory lock that serialises appends on PostgreSQL; SQLite writers are serial already.
_LOCK_KEY = 0x8A11A57


def digest_of(entry: AuditEntry) -> str:
    """SHA-256 over the entry's content and the digest of the entry before it."""
    content = [
        entry.sequence,
        entry.at.isoformat(),
        entry.actor,
        entry.action,
        entry.subject_type,
        entry.subject_id,
        entry.enterprise,
        entry.detail,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def record(
    action: str,
    actor: "User | str | None",
    *,
    subject_type: str,
    subject_id: str,
    enterprise: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry. `actor` is a user, or the name of a process such as "forecast job"."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_KEY])
    last = AuditEntry.objects.order_by("-sequence").first()
    entry = AuditEntry(
        sequence=last.sequence + 1 if last else 1,
        at=timezone.now(),
        actor=actor if isinstance(actor, str) else (actor.get_username() if actor else "system"),
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        enterprise=enterprise,
        detail=json.loads(json.dumps(detail or {}, cls=DjangoJSONEncoder)),
        previous=last.digest if last else _GENESIS,
    )
    entry.digest = digest_of(entry)
    entry.save(force_insert=True)
    return entry


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
    record(
        action,
        actor,
        subject_type=subject_type,
        subject_id=subject_id,
        enterprise=enterprise,
        detail=detail,
    )
