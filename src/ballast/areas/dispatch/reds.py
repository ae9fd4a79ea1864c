"""Red lamps about which nobody has filed a problem."""

from django.db.models import Exists, OuterRef, QuerySet

from ballast.areas.accounts.access import Scope
from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.cases.machine import OPEN
from ballast.areas.cases.models import Case
from ballast.areas.registry.selectors import scope_filter

__all__ = ["reds_without_case"]


def reds_without_case(scope: Scope) -> QuerySet[Lamp]:
    """Red lamps of a scope at whose site no case is open, the least cover first."""
    about = Case.objects.filter(site=OuterRef("need__site"), state__in=OPEN).order_by()
    rows = Lamp.objects.filter(scope_filter(scope, "enterprise__", region="region", chains="chains"), level=Level.RED)
    rows = rows.filter(~Exists(about)).order_by("cover_days", "pk")
    return rows.select_related("need__site", "need__product", "enterprise")
