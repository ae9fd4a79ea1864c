"""Which lamps change too often, and since when it is so; a lamp that does not has no row."""

from django.db import models

__all__ = ["Flapping"]


class Flapping(models.Model):
    """One lamp that flaps."""

    lamp = models.OneToOneField("alerts.Lamp", on_delete=models.CASCADE, related_name="flaps")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.lamp_id)
