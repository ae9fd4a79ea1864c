"""Measures that a rule may take of a single series, by the names of the rule packs and in their units."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import numpy as np

from ballast.core.columns import Floats
from ballast.core.series.counts import Alarms, cusum, ears, ears_c3
from ballast.core.series.farrington import farrington
from ballast.core.series.noufaily import noufaily
from ballast.core.series.prices import (
    alps,
    alps_looking_ahead,
    ifpa,
    ifpa_looking_ahead,
    mean_distance,
    move,
    standard_move,
)
from ballast.core.series.verdicts import Scores, only_scored

__all__ = ["LEAST_SPREAD", "SERIES_MEASURES", "Frequency", "SeriesMeasure"]

Frequency = Literal["year", "quarter", "month", "week", "day"]
# Values of all periods so far, and the calendar month 1-12 of the first one (used by measures of months only).
Score = Callable[[Floats, int], Scores]


@dataclass(frozen=True)
class SeriesMeasure:
    """A way to score a series, for each frequency that it can take."""

    name: str
    by: dict[Frequency, Score]
    # The same fitted on the whole series, future included: only ever shown beside the honest figure.
    looking_ahead: Score | None = None


def _level(values: Floats, _month: int) -> Scores:
    return only_scored(values, values)


def _per_cent(scores: Scores) -> Scores:
    return Scores(100.0 * scores.score, scores.verdict)


def _moved(**periods: tuple[int, int]) -> dict[Frequency, Score]:
    """Moves by frequency: (periods, slack)."""
    names: tuple[Frequency, ...] = ("month", "week", "day")

    def of(count: int, slack: int) -> Score:
        return lambda values, _month: _per_cent(move(values, periods=count, slack=slack))

    return {name: of(*periods[name]) for name in names if name in periods}


def _sum_of_moves(values: Floats, _month: int) -> Scores:
    moves = standard_move(values)
    charted = cusum(moves.score).statistic
    return Scores(np.where(np.isnan(moves.score), np.nan, charted), moves.verdict)


def _of_few(method: Callable[..., Alarms]) -> Score:
    return lambda values, _month: only_scored(values, method(values, least_deviation=LEAST_SPREAD).score)


_OFTEN: tuple[Frequency, ...] = ("month", "week", "day")
_COUNTS: tuple[Frequency, ...] = ("week", "day")
_ALL: tuple[Frequency, ...] = ("year", "quarter", *_OFTEN)
# Filings of a kind in a region are few: with a spread below 1 a first report in a quiet week would be an alarm.
# R's surveillance (earsC, minSigma) passes on Burkom's advice of 0.5 to 1 for sparse counts.
LEAST_SPREAD: Final = 1.0
# Shares and ratios of trade that an authority works out itself and loads as series.
_ORIGIN: Final = ("top_country_share", "outside_share", "import_concentration", "imports_over_exports")
# Days without trade: a price may be up to so many days older than the day it stands for.
_SLACK = 5

SERIES_MEASURES: Final[dict[str, SeriesMeasure]] = {
    one.name: one
    for one in (
        SeriesMeasure("price_ifpa", {"month": lambda x, _m: ifpa(x)}, lambda x, _m: ifpa_looking_ahead(x)),
        SeriesMeasure(
            "price_alps",
            {"month": lambda x, m: alps(x, first_month=m)},
            lambda x, m: alps_looking_ahead(x, first_month=m),
        ),
        SeriesMeasure("price_day_move", _moved(day=(1, _SLACK))),
        SeriesMeasure("price_week_move", _moved(week=(1, 0), day=(7, _SLACK))),
        SeriesMeasure("price_10_day_move", _moved(day=(10, _SLACK))),
        SeriesMeasure("price_month_move", _moved(month=(1, 0), week=(4, 0), day=(30, _SLACK))),
        SeriesMeasure("price_quarter_move", _moved(month=(3, 0), week=(13, 0), day=(91, _SLACK))),
        SeriesMeasure("price_year_move", _moved(month=(12, 0), week=(52, 0), day=(365, _SLACK))),
        SeriesMeasure("price_to_20_day_mean", {"day": lambda x, _m: _per_cent(mean_distance(x))}),
        SeriesMeasure("price_standard_move", dict.fromkeys(_OFTEN, lambda x, _m: standard_move(x))),
        SeriesMeasure("price_cusum", dict.fromkeys(_OFTEN, _sum_of_moves)),
        SeriesMeasure("count_score", dict.fromkeys(_COUNTS, lambda x, _m: only_scored(x, ears(x).score))),
        SeriesMeasure("count_score_c2", dict.fromkeys(_COUNTS, lambda x, _m: only_scored(x, ears(x, gap=2).score))),
        SeriesMeasure("count_score_c3", dict.fromkeys(_COUNTS, lambda x, _m: only_scored(x, ears_c3(x).score))),
        SeriesMeasure("filings_c1", dict.fromkeys(_COUNTS, _of_few(ears))),
        SeriesMeasure("filings_c2", dict.fromkeys(_COUNTS, _of_few(partial(ears, gap=2)))),
        SeriesMeasure("filings_c3", dict.fromkeys(_COUNTS, _of_few(ears_c3))),
        SeriesMeasure("count_exceedance", {"week": lambda x, _m: only_scored(x, farrington(x).score)}),
        SeriesMeasure("count_exceedance_seasons", {"week": lambda x, _m: only_scored(x, noufaily(x).score)}),
        *(SeriesMeasure(name, dict.fromkeys(_ALL, _level)) for name in _ORIGIN),
        SeriesMeasure("price", dict.fromkeys(_ALL, _level)),
        SeriesMeasure("ratio", dict.fromkeys(_ALL, _level)),
        SeriesMeasure("indicator", dict.fromkeys(_ALL, _level)),
    )
}
