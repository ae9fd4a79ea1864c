"""Steps of the escalation that a new authority begins with: (working hours, who hears)."""

from typing import Final

__all__ = ["FIRST_STEPS", "OF_WARNINGS", "STEPS_OF_WARNINGS"]

# Of cases of every kind, by hours after due. Proposals: an authority sets its own on /desks/escalation/. The migration
# that writes them has a copy of its own.
FIRST_STEPS = ((-4, "owner"), (0, "desk"), (8, "superior"), (24, "leader"))
# The kind under which the table holds the steps of warnings; hours count from when an answer is owed.
OF_WARNINGS: Final = "warning"
# They hold while an authority has set none of its own: a warning that nobody answers is not left lying by mistake.
STEPS_OF_WARNINGS = ((4, "superior"), (8, "leader"))
