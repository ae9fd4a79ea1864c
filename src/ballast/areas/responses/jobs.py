"""What the clock asks of the warnings."""

from django_tasks import task

from ballast.areas.responses.answers.telling import remind_of_silences, tell_of_expired
from ballast.areas.responses.escalation.escalating import escalate_warnings
from ballast.areas.responses.warnings.telling import send_digests

__all__ = ["escalate_unanswered", "tell_of_answers", "tell_rest"]


@task()
def tell_rest() -> int:
    """Tell of the warnings that were above the budget of the day; the number of persons told."""
    return send_digests()


@task()
def tell_of_answers() -> int:
    """Tell of answers whose last day is over while it goes on to burn, and weekly of silences; the number told."""
    return tell_of_expired() + remind_of_silences()


@task()
def escalate_unanswered() -> int:
    """Take the steps that warnings without an answer have come to; how many."""
    return escalate_warnings()
