"""What the clock asks of the lamps: reports grow old although nobody writes anything."""

from django_tasks import task

from ballast.areas.alerts.services import relight

__all__ = ["relight_all"]


@task()
def relight_all() -> int:
    """Judge every lamp anew; the number that changed."""
    return relight()
