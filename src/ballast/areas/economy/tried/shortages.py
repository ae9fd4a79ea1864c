"""Share of reporting enterprises that are short of a product: now from their lamps, in the past from their reports.

An enterprise is short when an input of the product has less cover than the limit at which the lamp of an input turns
red. Who has not reported counts neither way, and below five who did there is no share.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.db.models import Count, Q

from ballast.areas.alerts.models import Lamp, Level
from ballast.areas.economy.tried.points import Point
from ballast.areas.reports.models import StockReport
from ballast.core.cover import days_of_cover
from ballast.core.lamps import RED_BELOW
from ballast.core.series.supply import share_short
from ballast.core.series.verdicts import Verdict

__all__ = ["shares_now", "short_points"]

_KNOWN = (Level.RED, Level.YELLOW, Level.BLUE, Level.NORMAL)


def shares_now(products: Sequence[str]) -> dict[str, tuple[float | None, int]]:
    """Per cent of those who reported that are short, None below five, and how many reported; by product."""
    rows = Lamp.objects.filter(need__product__in=products).order_by().values_list("need__product_id")
    reported = Count("enterprise", distinct=True, filter=Q(level__in=_KNOWN))
    short = Count("enterprise", distinct=True, filter=Q(level=Level.RED))
    found = {}
    for product, reporters, lacking in rows.annotate(n_reported=reported, n_short=short):
        value, verdict = share_short([lacking], [reporters]).last
        found[product] = (100.0 * value if verdict == Verdict.SCORED else None, reporters)
    return found


def short_points(products: Sequence[str], until: dt.date) -> Iterator[list[Point]]:
    """For each product the share on every day of the past year on which five or more reported."""
    first = until - dt.timedelta(days=364)
    reports = StockReport.objects.filter(withdrawn_at__isnull=True, day__range=(first, until))
    fields = ("need__product_id", "day", "need__site__enterprise_id", "need_id", "stock", "blocked_stock", "daily_use")
    covers: dict[str, dict[dt.date, dict[int, dict[int, float | None]]]] = defaultdict(lambda: defaultdict(dict))
    rows = reports.filter(need__product__in=products).order_by("day", "version").values_list(*fields)
    for product, day, enterprise, need, stock, blocked, use in rows.iterator(chunk_size=5000):
        # Of several versions for a day the last counts.
        covers[product][day].setdefault(enterprise, {})[need] = days_of_cover(stock, use, blocked)
    for product in products:
        points = []
        for day, firms in sorted(covers[product].items()):
            known = [[one for one in needs.values() if one is not None] for needs in firms.values()]
            least = [min(some) for some in known if some]
            value, verdict = share_short([sum(one < RED_BELOW for one in least)], [len(least)]).last
            if verdict == Verdict.SCORED:
                points.append(Point(day, 100.0 * value))
        yield points
