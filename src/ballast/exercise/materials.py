"""Invented bulk materials of an exercise: prices by month since 2012, half a year of supply, imports by origin."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ballast.areas.accounts.models import User
from ballast.areas.economy.materials.grades import origin_series
from ballast.areas.economy.materials.origins import import_share_series
from ballast.areas.economy.models import Commodity, MaterialReview, Observation
from ballast.exercise.words import Language, chosen

__all__ = ["load_materials", "load_reviews"]

_FIRST, _MONTHS = (2012, 1), 123  # to 2022-03, published on the second day of the month after
_SUPPLY_MONTHS = 6
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))


@dataclass(frozen=True)
class _Drawn:
    """A material: level and volatility of its price, rise in 2021, and the supply side of the last month."""

    code: str
    name: str
    name_zh: str
    product: str | None
    special: bool
    sector: str
    unit: str
    price: float
    volatility: float
    boom: float
    use: float  # a day
    cover: float  # days
    gap: float  # of the month's need


# Figures are invented; only their order of size is that of the real thing.
_MATERIALS = (
    _Drawn("copper", "Copper", "铜", "copper", False, "c12", "t", 46000, 0.06, 0.35, 31000, 17, 0.01),
    _Drawn("aluminium", "Aluminium", "铝", "aluminium", False, "c12", "t", 14000, 0.05, 0.45, 108000, 26, 0),
    _Drawn("steel-sheet", "Steel sheet", "钢板", "steel-sheet", False, "c12", "t", 4100, 0.055, 0.15, 520000, 22, 0.02),
    _Drawn("rubber", "Rubber", "合成橡胶", "synthetic-rubber", False, "c9", "t", 11500, 0.07, 0.1, 13500, 12, 0.05),
    _Drawn("chips", "Vehicle chips", "汽车芯片", "logic-chip", True, "c14", "piece", 21, 0.01, 0.3, 4.1e6, 8.5, 0.17),
    _Drawn("crude-oil", "Crude oil", "原油", None, True, "c2", "t", 3100, 0.09, 0.5, 2.0e6, 31, 0),
    _Drawn("fertiliser", "Urea", "尿素", "fertiliser", True, "c9", "t", 1900, 0.07, 0.5, 165000, 18, 0.04),
    _Drawn("iron-ore", "Iron ore, by contract", "长协铁矿石", None, False, "c2", "t", 720, 0, 0, 3.9e6, 34, 0),
)  # fmt: skip

# Share of the imports in per cent that comes from each of three countries that there are not (XA to XZ are nobody's in
# ISO 3166), at the end; what is left comes from elsewhere. They give the review grades A, C and none.
_ORIGINS = {
    "chips": {"XA": 93.0, "XB": 4.0},
    "iron-ore": {"XB": 68.0, "XC": 21.0, "XA": 6.0},
    "crude-oil": {"XC": 34.0, "XA": 27.0, "XB": 18.0},
}
_ORIGIN_MONTHS = 12


def load_materials(seed: int, products: set[str]) -> int:
    """Store the materials and their indicators; the number of observations. The same seed gives the same prices."""
    random = np.random.default_rng([seed, 7])
    Commodity.objects.bulk_create(
        Commodity(
            commodity_id=one.code, name=one.name, name_zh=one.name_zh, special=one.special, cost_sector=one.sector,
            product_id=one.product if one.product in products else None,
            **{f"{part}_series": f"{one.code}-{part}" for part in ("price", "stock", "use", "supply", "need")},
        )
        for one in _MATERIALS
    )  # fmt: skip
    rows = [row for one in _MATERIALS for row in (*_prices(one, random), *_supply(one, random), *_origins(one))]
    Observation.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def load_reviews(person: User, day: dt.date, language: Language) -> None:
    """A review of the vehicle chips five days before a day; that of the iron ore was never held."""
    at = dt.datetime.combine(day, dt.time(10), _SHANGHAI) - dt.timedelta(days=5)
    found = chosen(language, "Two more makers asked; stocks last a week.", "已询问另外两家厂商；库存可用一周。")
    MaterialReview.objects.create(
        commodity=Commodity.objects.get(commodity_id="chips"), day=at.date(), at=at, person=person, note=found
    )


def _prices(one: _Drawn, random: np.random.Generator) -> Iterator[Observation]:
    steps = random.normal(0.0, one.volatility, _MONTHS)
    pull = np.zeros(_MONTHS)
    pull[-18:] = one.boom / 18
    level = 0.0
    for k in range(_MONTHS):
        # Prices come back to their level, so that ten years of them stay in sight of it.
        level = 0.97 * level + steps[k] + pull[k]
        yield _observed(one, "price", k, round(one.price * float(np.exp(level)), 2), f"CNY/{one.unit}")


def _supply(one: _Drawn, random: np.random.Generator) -> Iterator[Observation]:
    for k in range(_MONTHS - _SUPPLY_MONTHS, _MONTHS):
        days = (_month(k + 1) - _month(k)).days
        last = k == _MONTHS - 1
        noise = 1.0 if last else float(random.uniform(0.97, 1.03))
        need = one.use * days
        for part, value in (
            ("use", need * noise),
            ("stock", one.use * (one.cover if last else max(one.cover, 24.0) * noise)),
            ("need", need),
            ("supply", need * (1.0 - one.gap if last else noise)),
        ):
            yield _observed(one, part, k, round(value, 1), one.unit)


def _origins(one: _Drawn) -> Iterator[Observation]:
    """A year of shares by origin, the largest of which grows by half a point a month at the cost of the unnamed."""
    shares = _ORIGINS.get(one.code, {})
    for k in range(_MONTHS - _ORIGIN_MONTHS, _MONTHS) if shares else ():
        back = 0.5 * (_MONTHS - 1 - k)
        first, *others = shares.items()
        by = {first[0]: first[1] - back, **dict(others)}
        for country, share in by.items():
            yield _published(import_share_series(one.code, country), k, share, "%")
        yield _published(origin_series(one.code, "top_country_share"), k, max(by.values()), "%")


def _observed(one: _Drawn, part: str, k: int, value: float, unit: str) -> Observation:
    return _published(f"{one.code}-{part}", k, value, unit)


def _published(series: str, k: int, value: float, unit: str) -> Observation:
    """A value of the k-th month, published on the second day of the month after."""
    published = dt.datetime.combine(_month(k + 1), dt.time(9), _SHANGHAI) + dt.timedelta(days=1)
    return Observation(series_id=series, period=f"{_month(k):%Y-%m}", value=value, unit=unit, published_at=published)


def _month(k: int) -> dt.date:
    """First day of the k-th month."""
    months = (_FIRST[0] * 12 + _FIRST[1] - 1) + k
    return dt.date(months // 12, months % 12 + 1, 1)
