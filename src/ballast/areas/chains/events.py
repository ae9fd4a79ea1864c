"""What others may listen to: a forecast was finished and is now the one shown."""

from django.dispatch import Signal

__all__ = ["forecast_finished"]

# Sent inside the transaction with `run`, the ForecastRun; listeners act on commit.
forecast_finished = Signal()
