"""When enterprises went to work and when they stopped: the turn that each operating report brings."""

from collections.abc import Iterable, Iterator

from ballast.areas.registry.models import Enterprise
from ballast.areas.registry.selectors import open_states
from ballast.areas.reports.models import OperatingReport

__all__ = ["set_turns", "turns"]


def turns(operations: Iterable[str]) -> Iterator[int]:
    """For the states of one enterprise in order of time: 1 where it goes to work, -1 where it stops, else 0.

    >>> list(turns(["stopped", "restarted", "running", "stopped"]))
    [0, 1, 0, -1]
    """
    working = False
    for operation in operations:
        now = operation in open_states
        yield now - working
        working = now


def set_turns(enterprise: Enterprise) -> None:
    """Bring the turns of an enterprise's reports up to date, the newest version of each day counted last."""
    reports = list(enterprise.operating_reports.filter(withdrawn_at__isnull=True).order_by("day", "version"))
    changed = []
    for report, turn in zip(reports, turns(report.operation for report in reports), strict=True):
        if report.turn != turn:
            report.turn = turn
            changed.append(report)
    OperatingReport.objects.bulk_update(changed, ["turn"])
