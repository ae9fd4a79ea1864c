"""The brief at its hour, and again when newer data are there."""

from django.db import transaction
from django_tasks import task

from ballast.areas.briefs import services

__all__ = ["make_daily", "renew_today", "request_renewal"]


@task()
def make_daily() -> int:
    """Make today's brief of the whole and of every province with a desk; returns how many there are."""
    return services.make_daily(actor="brief job")


@task()
def renew_today() -> int:
    """Renew today's briefs that no longer say what the register says; returns how many there are."""
    return services.renew_all(actor="brief job")


def request_renewal(**_arguments: object) -> None:
    """Ask for renewal once the present transaction is through."""
    transaction.on_commit(renew_today.enqueue)
