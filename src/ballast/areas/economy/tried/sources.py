"""The sources of stored values that the economy offers to the rules: series, bulk materials, counts of problems."""

import datetime as dt
from collections.abc import Callable, Iterator

import numpy as np

from ballast.areas.accounts.access import Scope
from ballast.areas.alerts.rulebook.stored import Source, Stored, grid, offer
from ballast.areas.economy.filings.counting import filings_within
from ballast.areas.economy.filings.judging import scores_of, takes_counts, weeks_of
from ballast.areas.economy.filings.selectors import columns_of
from ballast.areas.economy.materials.grades import GRADE, ORIGIN_MEASURES, origin_series
from ballast.areas.economy.materials.lamps import Observed
from ballast.areas.economy.materials.rules import COVER, GAP, PRICE, SHORT, TREND, covers
from ballast.areas.economy.materials.selectors import observed_of
from ballast.areas.economy.models import Commodity, Observation
from ballast.areas.economy.tried.points import Point, cover_points, gap_points, gridded, scored_points
from ballast.areas.economy.tried.shortages import short_points
from ballast.core.series.measures import SERIES_MEASURES
from ballast.core.warning import Rule

__all__ = ["offer_all"]

# Limits in money or in a unit of its own are made for one series, which the rule has to name.
_OWN_UNIT = ("price", "ratio", "indicator", *ORIGIN_MEASURES)
_SUPPLY = ("days_of_cover", "supply_gap", "reporters_short")


def offer_all() -> None:
    """Make the three sources known."""
    offer(Source("counts", _takes_counts, _takes_counts, _read_counts))
    offer(Source("materials", _takes_materials, _lights_materials, _read_materials))
    offer(Source("series", _takes_series, lambda _rule: False, _read_series))


def _takes_counts(rule: Rule) -> bool:
    return rule.subjects.kind == "region" and takes_counts(rule)


def _read_counts(rule: Rule, until: dt.date) -> Iterator[Stored]:
    """Scores of every region and kind, on whole days and weeks; those before the first report are not known."""
    found = filings_within(Scope(everything=True))
    days = grid(rule, min(until, found.last) - dt.timedelta(days=1))
    columns = []
    for column in columns_of(found):
        scores = scores_of(rule, weeks_of(column[:-1]) if rule.period == "week" else column[:-1])[-len(days) :]
        if not np.isnan(scores).all():
            columns.append(np.concatenate([np.full(len(days) - scores.size, np.nan), scores]))
    yield Stored(days, np.column_stack(columns) if columns else np.zeros((len(days), 0)))


def _takes_series(rule: Rule) -> bool:
    measure = SERIES_MEASURES.get(rule.measure)
    if rule.subjects.kind not in {"series", "region"} or measure is None or rule.period not in measure.by:
        return False
    return bool(rule.subjects.series) or rule.measure not in _OWN_UNIT


def _read_series(rule: Rule, until: dt.date) -> Iterator[Stored]:
    """Every stored series of the rule's period, or those that it names."""
    names = set(Observation.objects.order_by().values_list("series_id", flat=True).distinct())
    named = sorted(names & set(rule.subjects.series) if rule.subjects.series else names)
    observed = observed_of(named)
    yield gridded(rule, until, (scored_points(rule, observed, name) for name in named))


def _takes_materials(rule: Rule) -> bool:
    if rule.subjects.kind != "commodity":
        return False
    measure = SERIES_MEASURES.get(rule.measure)
    return rule.measure in _SUPPLY or (measure is not None and rule.period in measure.by)


def _lights_materials(rule: Rule) -> bool:
    seasonal = bool(rule.seasons) and rule.measure == "days_of_cover"
    return rule.name in {PRICE, TREND, COVER, GAP, SHORT, GRADE} or seasonal


def _read_materials(rule: Rule, until: dt.date) -> Iterator[Stored]:
    """Values of the commodities that the rule speaks of, from the indicators that they name."""
    rows = [one for one in Commodity.objects.select_related("product") if covers(rule, one)]
    if rule.measure == "reporters_short":
        products = [one.product_id for one in rows if one.product_id]
        yield gridded(rule, until, short_points(products, until))
        return
    read = _reader(rule)
    names = {name for one in rows for name in _names(rule, one) if name}
    observed = observed_of(sorted(names))
    yield gridded(rule, until, (read(observed, one) for one in rows))


def _names(rule: Rule, one: Commodity) -> tuple[str, ...]:
    match rule.measure:
        case "days_of_cover":
            return one.stock_series, one.use_series
        case "supply_gap":
            return one.need_series, one.supply_series
        case measure if measure in ORIGIN_MEASURES:
            return (origin_series(one.commodity_id, measure),)
        case _:
            return (one.price_series,)


def _reader(rule: Rule) -> Callable[[Observed, Commodity], list[Point]]:
    def read(observed: Observed, one: Commodity) -> list[Point]:
        names = _names(rule, one)
        if rule.measure == "days_of_cover":
            return cover_points(rule, observed, *names)
        if rule.measure == "supply_gap":
            return gap_points(rule, observed, *names)
        return scored_points(rule, observed, names[0])

    return read
