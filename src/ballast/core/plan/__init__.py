"""Which K problems to solve, or interventions to make, first, as a set, with a proven bound."""

from ballast.core.plan.interventions import Intervention
from ballast.core.plan.proposals import Plan, plan
from ballast.core.plan.sets import Choice

__all__ = ["Choice", "Intervention", "Plan", "plan"]
