"""What the clock asks of the modes."""

from django_tasks import task

from ballast.areas.modes.services import note_ends

__all__ = ["note_ended_modes"]


@task()
def note_ended_modes() -> int:
    """Write the ends that came by themselves into the audit; how many."""
    return note_ends()
