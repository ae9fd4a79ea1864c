"""The dispatch sheet at its hour."""

from django_tasks import task

from ballast.areas.dispatch import services

__all__ = ["make_daily"]


@task()
def make_daily() -> int:
    """Make today's sheets of every level; returns how many there are."""
    return services.make_daily(actor="dispatch job")
