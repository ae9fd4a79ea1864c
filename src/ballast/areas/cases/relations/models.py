"""The tables of what cases have to do with each other."""

from django.db import models
from django.db.models import F, Q

__all__ = ["ParentLink"]


class ParentLink(models.Model):
    """A case under another one, its parent; while a child that blocks is open, the parent is not solved or closed."""

    parent = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="child_links")
    # A case has one parent, so that the whole is a tree.
    child = models.OneToOneField("cases.Case", on_delete=models.CASCADE, related_name="parent_link")
    blocks = models.BooleanField()
    # The case whose end the parent waits for: the child, or the one in which a merged child goes on.
    rests_on = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(parent=F("child")), name="cases_no_own_parent")]

    def __str__(self) -> str:
        return f"{self.child_id} < {self.parent_id}"
