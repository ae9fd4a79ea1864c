"""What the clock asks of the warnings."""

from django_tasks import task

from ballast.areas.responses.warnings.telling import send_digests

__all__ = ["tell_rest"]


@task()
def tell_rest() -> int:
    """Tell of the warnings that were above the budget of the day; the number of persons told."""
    return send_digests()
