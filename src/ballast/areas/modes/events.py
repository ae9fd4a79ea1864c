"""What modes tell the areas to their right, inside the transaction in which it happens."""

from django.dispatch import Signal

__all__ = ["mode_turned"]

# Arguments: switch, and what: "entered", "extended" or "over".
mode_turned = Signal()
