"""What others may listen to: a case was filed, moved, or got another event."""

from django.dispatch import Signal

__all__ = ["case_changed"]

# Sent inside the transaction with `case`; listeners act on commit.
case_changed = Signal()
