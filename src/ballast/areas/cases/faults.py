"""Why a case is not moved."""

from django.core.exceptions import ValidationError

__all__ = ["MoveRefusedError"]


class MoveRefusedError(ValidationError):
    """The case stands where this move does not start, or the move lacks what it needs."""
