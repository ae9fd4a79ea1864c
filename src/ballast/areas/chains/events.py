"""What others may listen to: a forecast run was stored."""

from django.dispatch import Signal

__all__ = ["forecast_finished"]

# Sent with `run` once the run is stored.
forecast_finished = Signal()
