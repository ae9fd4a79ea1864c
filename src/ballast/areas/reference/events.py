"""What the code lists tell the areas to their right, inside the transaction of the change."""

from django.dispatch import Signal

__all__ = ["calendar_loaded"]

# Argument: name (of the working calendar that has a new version).
calendar_loaded = Signal()
