"""What the lamps tell the areas to their right, inside the transaction in which it happens."""

from django.dispatch import Signal

__all__ = ["answered_lamps_turned", "silence_ended"]

# Argument: turned, pairs ("worse" or "over", LampAnswer with its lamp as it stands now).
answered_lamps_turned = Signal()
# Argument: answer, the LampAnswer that an officer ended before its day.
silence_ended = Signal()
