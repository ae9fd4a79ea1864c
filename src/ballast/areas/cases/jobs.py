"""Jobs of the cases."""

from django_tasks import task

from ballast.areas.cases.clocks.dues import follow_all
from ballast.areas.cases.routing.escalation import escalate

__all__ = ["escalate_due", "follow_clocks"]


@task()
def follow_clocks() -> int:
    """Take over versions of a policy that came into force, and end what waited until today; cases due anew."""
    return len(follow_all("policy").numbers)


@task()
def escalate_due() -> int:
    """Take the steps of the escalation that cases have come to; how many."""
    return escalate()
