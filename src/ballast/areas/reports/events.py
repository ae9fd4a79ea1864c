"""What reports tell the areas to their right, inside the transaction of the report."""

from django.dispatch import Signal

__all__ = ["operation_reported", "stocks_reported"]

# Arguments: needs (primary keys whose figures changed), at (instant).
stocks_reported = Signal()
# Arguments: enterprise (the Enterprise), at (instant).
operation_reported = Signal()
