"""The board of bulk materials as a person sees it: lamps are the same for all, the plants those of the scope."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, Max, QuerySet

from ballast.areas.alerts.models import Level
from ballast.areas.economy.materials.grades import GRADE, Graded, graded, origin_series
from ballast.areas.economy.materials.lamps import (
    Half,
    Observed,
    cover_half,
    gap_half,
    price_halves,
    short_half,
    worst,
)
from ballast.areas.economy.materials.passing_on import Industry, industries
from ballast.areas.economy.materials.rules import COVER, GAP, PRICE, SHORT, TREND, Watch, rules_on, watches_of
from ballast.areas.economy.models import Commodity, MaterialReview, Observation
from ballast.areas.economy.reviews.calendar import Review, review_of
from ballast.areas.economy.tried.shortages import shares_now
from ballast.areas.reference.selectors import now, today
from ballast.areas.registry.kept import kept
from ballast.areas.registry.selectors import visible_needs
from ballast.core.warning import Rule

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Lamps", "Material", "board", "lamps_of", "last_reviews", "material", "observed_of", "reviews"]

_KEPT_SECONDS = 900
_SEVERITY = {str(level): rank for rank, level in enumerate(Level.values)}
_SINCE_1970 = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Lamps:
    """The halves of one commodity's lamp, and the lamp itself."""

    level: str
    price: Half
    trend: Half
    cover: Half
    gap: Half
    short: Half
    graded: Graded | None


@dataclass(frozen=True)
class Material:
    """A commodity with its lamp, its seasons, and the plants in scope that need it."""

    commodity: Commodity
    lamps: Lamps
    watches: list[Watch]
    plants: int
    review: Review | None

    @property
    def watch(self) -> Watch | None:
        """The window that is open, or else opens next."""
        return self.watches[0] if self.watches else None

    @property
    def industries(self) -> list[Industry]:
        """What a rise of its price does to the costs of industries, the dearest first."""
        return industries(self.commodity.cost_sector)


def board(user: "User", *, special: bool = False) -> list[Material]:
    """Every bulk material, worst lamp first, then the special ones, then by name; only special ones when asked."""
    rows = list(Commodity.objects.select_related("product"))
    day = today()
    rules = rules_on(day)
    lamps, plants, last = _lamps(rows, rules, day), _plants(user), last_reviews()
    found = []
    for one in rows:
        if one.special or not special:
            mine, watches = lamps[one.commodity_id], watches_of(one, day, rules)
            review = review_of(last.get(one.pk), mine.graded, watches, day)
            found.append(Material(one, mine, watches, plants.get(one.product_id or "", 0), review))
    return sorted(
        found, key=lambda m: (_SEVERITY[m.lamps.level], not m.commodity.special, m.commodity.label, m.commodity.pk)
    )


def material(user: "User", commodity_id: str) -> Material:
    """One bulk material. ObjectDoesNotExist when there is none of the id."""
    found = next((one for one in board(user) if one.commodity.commodity_id == commodity_id), None)
    if found is None:
        raise ObjectDoesNotExist
    return found


def lamps_of(commodity_id: str) -> Lamps:
    """The lamps of one material, which are the same for all. KeyError when there is none of the id."""
    day = today()
    rows = list(Commodity.objects.select_related("product"))
    return _lamps(rows, rules_on(day), day)[commodity_id]


def reviews(commodity: Commodity, *, limit: int = 20) -> "QuerySet[MaterialReview]":
    """The reviews that were held of a material, the last first."""
    return commodity.reviews.select_related("person")[:limit]


def last_reviews() -> dict[int, dt.date]:
    """Day of the last review of each material, by primary key."""
    return dict(MaterialReview.objects.order_by().values_list("commodity_id").annotate(Max("day")))


def _plants(user: "User") -> dict[str, int]:
    """Sites in scope that need each product."""
    needs = visible_needs(user, "view_desk").order_by().filter(product__in=Commodity.objects.values("product"))
    return dict(needs.values_list("product_id").annotate(Count("site", distinct=True)))


def _lamps(rows: list[Commodity], rules: Mapping[str, Rule], day: dt.date) -> dict[str, Lamps]:
    """Lamps by commodity, kept until an indicator is published, a commodity or rule changes, or the day ends."""
    seen = Observation.objects.filter(published_at__lte=now()).aggregate(Max("pk"), Count("pk"), Max("published_at"))
    named = [
        (c.commodity_id, c.product_id, c.price_series, c.stock_series, c.use_series, c.supply_series, c.need_series)
        for c in rows
    ]
    parts = (sorted(seen.items()), named, sorted(rule.label for rule in rules.values()), day)
    found = kept(lambda: _computed(rows, rules, day), "materials", *parts, seconds=_KEPT_SECONDS)
    return _with_shortages(rows, rules[SHORT], found)


def _with_shortages(rows: list[Commodity], rule: Rule, lamps: dict[str, Lamps]) -> dict[str, Lamps]:
    """The lamps with the share of reporters that are short, which changes with every report."""
    shares, instant = shares_now([one.product_id for one in rows if one.product_id]), now()
    found = {}
    for one in rows:
        was = lamps[one.commodity_id]
        short = short_half(shares.get(one.product_id or ""), bool(one.product_id), rule, instant)
        found[one.commodity_id] = replace(was, short=short, level=worst([was.price, was.cover, was.gap, short]))
    return found


def _computed(rows: list[Commodity], rules: Mapping[str, Rule], day: dt.date) -> dict[str, Lamps]:
    observed = _observed(rows)
    names = [one.price_series for one in rows]
    prices, trends = (price_halves(observed, names, rules[name]) for name in (PRICE, TREND))
    found: dict[str, Lamps] = {}
    for one in rows:
        watch = next(
            (w.rule for w in watches_of(one, day, rules) if w.open and w.rule.measure == "days_of_cover"), None
        )
        price, trend = prices[one.price_series], trends[one.price_series]
        cover = cover_half(observed, one.stock_series, one.use_series, watch or rules[COVER])
        gap = gap_half(observed, one.need_series, one.supply_series, rules[GAP])
        found[one.commodity_id] = Lamps(
            Level.NO_DATA, price, trend, cover, gap, cover, graded(observed, one.commodity_id, rules.get(GRADE))
        )  # fmt: skip
    return found


def _observed(rows: list[Commodity]) -> Observed:
    """Publications up to now of every indicator that a commodity names: period, value, unit, day published."""
    names = {
        name
        for c in rows
        for name in (c.price_series, c.stock_series, c.use_series, c.supply_series, c.need_series)
        if name
    } | {origin_series(c.commodity_id, "top_country_share") for c in rows}
    return observed_of(names)


def observed_of(names: Collection[str]) -> Observed:
    """Publications up to now of the indicators: period, value, unit, day published."""
    found: dict[str, list[tuple[str, float, str, float]]] = defaultdict(list)
    published = Observation.objects.filter(series_id__in=names, published_at__lte=now()).order_by("pk")
    for name, period, value, unit, at in published.values_list("series_id", "period", "value", "unit", "published_at"):
        day = (at - _SINCE_1970).total_seconds() / 86400.0
        found[name].append((period, float("nan") if value is None else value, unit, day))
    return found
