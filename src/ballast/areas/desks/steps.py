"""Steps of the escalation that a new database begins with: (working hours after due, who hears), for every kind."""

__all__ = ["FIRST_STEPS"]

# Proposals: an authority sets its own on /desks/escalation/. The migration that writes them has a copy of its own.
FIRST_STEPS = ((-4, "owner"), (0, "desk"), (8, "superior"), (24, "leader"))
