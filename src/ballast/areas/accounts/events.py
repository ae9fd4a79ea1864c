"""Accounts stands left of audit, so it says what happened by a signal and audit writes it down."""

from django.dispatch import Signal

__all__ = ["account_changed"]

# Sent inside the transaction of the act. Arguments: action, actor, subject_type, subject_id, enterprise, detail.
account_changed = Signal()
