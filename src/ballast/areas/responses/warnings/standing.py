"""Open warnings counted without regard to anyone's scope: for the conditions of the policy reserve."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q

from ballast.areas.reference.selectors import now
from ballast.areas.registry.selectors import in_chain, in_region
from ballast.areas.responses.models import Warned, WarnedOf

__all__ = ["standing"]

_PLACE = "site__enterprise__"


def standing(level: str, region: str, chain: str, days: int) -> list[int]:
    """Numbers of the warnings that nobody dismissed and that have stood for so many days, in a place ("" for all).

    Every warning begins at red; `level` "stop" keeps those in which a plant stops, "certain-stop" those in which one
    stops for certain.
    """
    members = WarnedOf.objects.filter(warning=OuterRef("pk"), left_at=None)
    members = members.filter(in_region(region, _PLACE) if region else Q(), in_chain(chain, _PLACE) if chain else Q())
    if level != "red":
        members = members.filter(product=None, stops_on__isnull=False)
    if level == "certain-stop":
        members = members.filter(certain=True)
    rows = Warned.objects.filter(Exists(members), ended_at=None).exclude(state=Warned.State.DISMISSED)
    if days:
        rows = rows.filter(began_at__lte=now() - dt.timedelta(days=days))
    return list(rows.order_by("pk").values_list("pk", flat=True))
