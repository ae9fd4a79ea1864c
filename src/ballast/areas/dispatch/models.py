"""What the dispatch room keeps: sheets as they were made, with the cases that each figure counted."""

from django.db import models

__all__ = ["Sheet", "SheetCases"]


class Sheet(models.Model):
    """The dispatch sheet of one scope on one day; `facts` hold every figure with its link."""

    day = models.DateField()
    # A key as `papers.scopes` writes it.
    scope = models.CharField(max_length=140)
    issue = models.PositiveIntegerField()
    # What is new has come after `since`, the cut-off of the last sheet of an earlier day, and up to `cut_off_at`.
    since = models.DateTimeField()
    cut_off_at = models.DateTimeField()
    facts = models.JSONField()
    # SHA-256 over the ledger rows that were counted.
    inputs_hash = models.CharField(max_length=64)
    made_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        ordering = ["-day", "scope", "-issue"]
        constraints = [models.UniqueConstraint(fields=["day", "scope", "issue"], name="dispatch_day_scope_issue")]

    def __str__(self) -> str:
        return f"{self.day} {self.scope} {self.issue}"


class SheetCases(models.Model):
    """The cases that a sheet counted, apart from it because few ask for them."""

    sheet = models.OneToOneField(Sheet, on_delete=models.CASCADE, related_name="cases")
    # {"figures": {figure: [key of a case]}, "cases": {key: [kind, region, desk]}}
    counted = models.JSONField()

    def __str__(self) -> str:
        return str(self.sheet)
