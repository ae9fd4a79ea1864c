"""Which K problems to solve first, as a set, with a proven bound."""

from ballast.core.plan.proposals import Plan, plan
from ballast.core.plan.sets import Choice

__all__ = ["Choice", "Plan", "plan"]
