"""The append-only, hash-chained record of every write and of every read of restricted data."""

from typing import Any, NoReturn

from django.db import models

__all__ = ["AppendOnlyError", "AuditEntry"]


class AppendOnlyError(TypeError):
    """An entry of the audit chain cannot be changed or deleted."""

    def __init__(self) -> None:
        super().__init__("The audit chain is append-only: add an entry that corrects, never change one.")


class AppendOnlyQuerySet(models.QuerySet["AuditEntry"]):
    """Refuses every way to change rows in bulk."""

    def update(self, **_fields: Any) -> NoReturn:
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        raise AppendOnlyError

    def bulk_update(self, *_args: Any, **_options: Any) -> NoReturn:
        raise AppendOnlyError

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> Any:
        if options.get("update_conflicts") or any(obj.pk for obj in objs):
            raise AppendOnlyError
        return super().bulk_create(objs, *args, **options)


class AuditEntry(models.Model):
    """One act. `digest` covers the row's content and the digest before it, so an altered row breaks the chain."""

    sequence = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    # The name is frozen as text: an account may go, the record of what it did may not.
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=64, db_index=True)
    subject_type = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64)
    # Enterprise concerned, so that it can see who read or changed its data.
    enterprise = models.CharField(max_length=64, blank=True, default="", db_index=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["sequence"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"]),
            models.Index(fields=["action", "actor", "at"], name="audit_reads"),
        ]

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(**(options | {"force_insert": True}))

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        raise AppendOnlyError
