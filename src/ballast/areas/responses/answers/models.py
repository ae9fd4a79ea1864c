"""Acknowledgements and silences of warnings."""

from django.db import models

from ballast.areas.accounts.access import Scope
from ballast.areas.alerts.answers.models import Answer

__all__ = ["WarningAnswer"]


class WarningAnswer(Answer):
    """An answer to a warning. It speaks for the plants in its author's scope and for no others."""

    warning = models.ForeignKey("responses.Warned", on_delete=models.CASCADE, related_name="answers", db_index=False)
    # The author's scope when it was given: [[region, chain], ...]; empty for all.
    places = models.JSONField(default=list)
    # In that scope: how many plants stop and the first day; more or earlier ends an acknowledgement.
    stops = models.PositiveIntegerField(default=0)
    first_stop = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["warning", "-id"], name="answers_of_a_warning"),
            models.Index(fields=["until"], condition=models.Q(ended_at=None), name="warning_answers_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.warning_id} {self.until}"

    @property
    def scope(self) -> Scope:
        """The places that it speaks for."""
        return Scope(everything=not self.places, places=tuple((region, chain) for region, chain in self.places))
