"""Review grades of bulk materials: how much of each comes from one country, and how often it is looked at for that."""

import datetime as dt
from typing import NamedTuple

import numpy as np

from ballast.areas.economy.materials.lamps import Half, Observed, series_of
from ballast.areas.reference.models import in_language
from ballast.core.warning import Rule

__all__ = ["GRADE", "ORIGIN_MEASURES", "Graded", "graded", "origin_series"]

# The rule that grades, by the share of the largest country of origin.
GRADE = "review-grade"
# Shares of origin of a commodity: the indicator named after the commodity and the measure.
ORIGIN_MEASURES = ("top_country_share", "outside_share", "import_concentration", "imports_over_exports")
_EPOCH = dt.date(1970, 1, 1)


class Graded(NamedTuple):
    """A grade with its words in both languages, the value it rests on, and since when it was known."""

    grade: str
    title: str
    title_zh: str
    value: float
    since: dt.date
    review_days: int | None

    @property
    def label(self) -> str:
        """The grade in the language of the page."""
        return in_language(self.title, self.title_zh)


def origin_series(commodity_id: str, measure: str) -> str:
    """The indicator that holds a share of origin of a commodity.

    >>> origin_series("urea", "top_country_share")
    'urea_top_country_share'
    """
    return f"{commodity_id}_{measure}"


def graded(observed: Observed, commodity_id: str, rule: Rule | None) -> Graded | None:
    """The grade of the last published share; None without a share, or below every grade."""
    if rule is None or rule.measure not in ORIGIN_MEASURES:
        return None
    series = series_of(observed, origin_series(commodity_id, rule.measure))
    if isinstance(series, Half):
        return None
    latest, times = series.vintages.latest, series.vintages.first_published
    ranks = rule.ranks(latest)
    known = np.flatnonzero(~np.isnan(latest))
    last = int(known[-1])
    if not ranks[last]:
        return None
    # Since when: the first of the unbroken run of values at the same grade.
    first = last
    for place in reversed(known.tolist()):
        if ranks[place] != ranks[last]:
            break
        first = place
    level = next(one for one in rule.scheme.levels if rule.scheme.rank(one.name) == int(ranks[last]))
    since = _EPOCH + dt.timedelta(days=int(np.floor(times[first])))
    return Graded(level.name, level.title, level.title_zh, float(latest[last]), since, level.review_days)
