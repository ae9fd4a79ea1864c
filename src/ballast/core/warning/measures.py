"""What rules can measure: each measure by its name in rule packs, with its unit and what it is of."""

from typing import Final, NamedTuple

__all__ = ["MEASURES", "SUBJECTS", "Measure"]


class Measure(NamedTuple):
    """Unit and meaning of a measure; the kinds of subject that it can be taken of."""

    unit: str
    meaning: str
    of: frozenset[str]


# The kinds of subject that a rule can speak of.
SUBJECTS: Final = frozenset({"need", "site", "enterprise", "commodity", "series", "region"})

_HELD, _GOODS = frozenset({"need", "commodity"}), frozenset({"commodity", "series"})
_COUNTED = frozenset({"region", "commodity", "series"})

MEASURES: Final[dict[str, Measure]] = {
    "days_of_cover": Measure("days", "usable stock over the planned use of a day", _HELD),
    "days_to_stop": Measure("days", "days until the forecast has a site stop", frozenset({"site", "enterprise"})),
    "supply_gap": Measure("%", "what is missing of the need of a month", _HELD | {"region"}),
    "reporters_short": Measure("%", "share of the reporting enterprises that are short", _COUNTED),
    "price": Measure("currency per unit", "the price itself", _GOODS),
    "ratio": Measure("1", "one price or quantity over another", _GOODS),
    "price_day_move": Measure("%", "price against that of the day before", _GOODS),
    "price_week_move": Measure("%", "price against that of a week before", _GOODS),
    "price_10_day_move": Measure("%", "price against that of ten days before", _GOODS),
    "price_month_move": Measure("%", "price against that of a month before", _GOODS),
    "price_quarter_move": Measure("%", "price against that of three months before", _GOODS),
    "price_year_move": Measure("%", "price against that of a year before", _GOODS),
    "price_to_20_day_mean": Measure("%", "price against the mean of the 20 days before", _GOODS),
    "price_alps": Measure("standard deviations", "price against seasonal trend (ALPS)", _GOODS),
    "price_ifpa": Measure("standard deviations", "growth of the price against past years (IFPA)", _GOODS),
    "price_standard_move": Measure("standard deviations", "last change over the volatility before it", _GOODS),
    "price_cusum": Measure("standard deviations", "sum of the standard moves above 0.5 each", _GOODS),
    "count_score": Measure("standard deviations", "count against the seven before (EARS C1)", _COUNTED),
    "count_score_c2": Measure("standard deviations", "count against seven, the last two left out (EARS C2)", _COUNTED),
    "count_score_c3": Measure("standard deviations", "three periods of C2 above one, together (EARS C3)", _COUNTED),
    "filings_c1": Measure("standard deviations", "C1 of filings, with a spread of at least 1", _COUNTED),
    "filings_c2": Measure("standard deviations", "C2 of filings, with a spread of at least 1", _COUNTED),
    "filings_c3": Measure("standard deviations", "C3 of filings, with a spread of at least 1", _COUNTED),
    "count_exceedance": Measure("1", "count over its bound by the weeks of past years (Farrington)", _COUNTED),
    "count_exceedance_seasons": Measure("1", "count over its bound by all weeks of past years (Noufaily)", _COUNTED),
    "top_country_share": Measure("%", "share of the largest country of origin in imports", _GOODS),
    "outside_share": Measure("%", "share of imports from outside the market", _GOODS),
    "import_concentration": Measure("1", "Herfindahl index of the countries of origin", _GOODS),
    "imports_over_exports": Measure("1", "imports from outside over exports", _GOODS),
    "indicator": Measure("its own", "the value of an indicator series", frozenset({"series", "region"})),
}
