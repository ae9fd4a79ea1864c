"""Receipts of table folders that were loaded."""

from django.db import models

__all__ = ["Receipt"]


class Receipt(models.Model):
    """What one load wrote; the digest of the folder makes a retry recognisable."""

    digest = models.CharField(max_length=64, db_index=True)
    loaded_at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    counts = models.JSONField()
