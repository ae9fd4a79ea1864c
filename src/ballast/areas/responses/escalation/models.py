"""Steps of the escalation that warnings came to."""

from django.db import models

from ballast.areas.desks.models import Receiver

__all__ = ["Escalated"]


class Escalated(models.Model):
    """That a desk left a warning without an answer, and who was told of it; each receiver once for a desk."""

    warning = models.ForeignKey("responses.Warned", on_delete=models.CASCADE, related_name="escalated")
    # Region of the desk that owed the answer; empty for the whole authority.
    desk = models.CharField(max_length=16, blank=True, default="")
    # Working hours without an answer, and since when they ran.
    hours = models.FloatField()
    since = models.DateTimeField()
    to = models.CharField(max_length=10, choices=Receiver.choices)
    at = models.DateTimeField()
    # Names of the people told; they are kept as the story told them.
    people = models.JSONField(default=list)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["warning", "desk", "to"], name="warning_escalated_once")]

    def __str__(self) -> str:
        return f"{self.warning_id} {self.desk or '*'} {self.to}"
