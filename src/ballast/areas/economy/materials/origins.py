"""Where the imports of a bulk material come from: the last published share of each country of origin."""

import datetime as dt
from typing import NamedTuple

from ballast.areas.economy.models import Observation
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import now

__all__ = ["Origin", "Origins", "import_share_series", "origins"]

_PART = "import_share"


class Origin(NamedTuple):
    """A country of origin with its share of the imports in per cent."""

    code: str
    label: str
    share: float


class Origins(NamedTuple):
    """The shares of one period, the largest first, and what is left to countries that are not named, in per cent.

    `series` is what the names of the indicators begin with.
    """

    series: str
    period: str
    published: dt.datetime
    shares: list[Origin]
    rest: float


def import_share_series(commodity_id: str, country: str) -> str:
    """The indicator that holds the share of one country in the imports of a commodity, in per cent.

    >>> import_share_series("urea", "QA")
    'urea_import_share_QA'
    """
    return f"{commodity_id}_{_PART}_{country}"


def origins(commodity_id: str) -> Origins | None:
    """The shares by origin of the last period for which any is published; None without.

    Of several publications of a share the last up to now counts. Countries are named by ISO 3166; a code of nobody's
    stays as it is.
    """
    prefix = import_share_series(commodity_id, "")
    rows = Observation.objects.filter(series_id__startswith=prefix, published_at__lte=now(), value__isnull=False)
    last = rows.order_by("-period").values_list("period", flat=True).first()
    if last is None:
        return None
    found = rows.filter(period=last).order_by("published_at", "pk").values_list("series_id", "value", "published_at")
    shares = {name.removeprefix(prefix): value for name, value, _at in found}
    places = {place.code: place.label for place in Region.objects.filter(code__in=shares)}
    named = [Origin(code, places.get(code, code), value) for code, value in shares.items() if value is not None]
    rest = max(100.0 - sum(one.share for one in named), 0.0)
    return Origins(prefix, last, max(at for *_one, at in found), sorted(named, key=lambda o: (-o.share, o.code)), rest)
