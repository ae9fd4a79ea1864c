"""What the clock asks of the reserve."""

from django_tasks import task

from ballast.areas.reserve.issuing.services import note_ends
from ballast.areas.reserve.trigger.following import follow_all

__all__ = ["follow_reserve"]


@task()
def follow_reserve() -> dict[str, int]:
    """Note the measures that ended by themselves, and bring the proposals up to date; how many of each."""
    return {"ended": note_ends(), "proposed": follow_all()}
