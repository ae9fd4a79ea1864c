"""The append-only, hash-chained record of every write and of every read of restricted data."""

from django.db import models

__all__ = ["AuditEntry"]


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

    class Meta:
        ordering = ["sequence"]
        indexes = [models.Index(fields=["subject_type", "subject_id"])]
