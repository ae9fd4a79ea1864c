"""The lamps of one commodity from its indicators, as known at a time; no database, no clock."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ballast.areas.alerts.models import Level
from ballast.core.columns import Floats
from ballast.core.series.backtest import rises
from ballast.core.series.measures import SERIES_MEASURES
from ballast.core.series.supply import cover_days, supply_gap
from ballast.core.series.verdicts import Verdict
from ballast.core.series.vintages import LookAhead, Replay, replay
from ballast.core.warning import Rule
from ballast.tables.answers.backtest import levels_of
from ballast.tables.series_files import Series, SeriesError, date_of, end_of, published_series

__all__ = [
    "HORIZON", "RISE", "Half", "Hit", "Observed", "cover_half", "gap_half", "price_halves", "series_of",
    "short_half", "worst",
]  # fmt: skip

# The event of the hit rate beside a price lamp: a rise by this part within so many months.
RISE, HORIZON = 0.20, 3
_STRIP = 24
Observed = Mapping[str, Sequence[tuple[str, float, str, float]]]
_WORD = {Verdict.MISSING: "missing", Verdict.TOO_SHORT: "too_short", Verdict.NO_VERDICT: "no_verdict"}
_SEVERITY = [Level.NORMAL, Level.BLUE, Level.YELLOW, Level.RED]


@dataclass(frozen=True)
class Hit:
    """Of the months in the past at a level, how many there were and in how many the rise followed."""

    level: str
    months: int
    followed: int

    @property
    def chance(self) -> float | None:
        """The part that was followed; None without such a month."""
        return self.followed / self.months if self.months else None


@dataclass(frozen=True)
class Half:
    """One half of a lamp: its level, the value in the measure's unit, and what it rests on.

    `why` is "" or why there is no value: not_named, nothing, missing, too_short, no_verdict, refused, few.
    """

    level: str
    value: float | None = None
    why: str = ""
    period: str = ""
    published: dt.datetime | None = None
    hits: tuple[Hit, ...] = ()
    strip: tuple[tuple[str, str], ...] = ()
    prices: tuple[tuple[str, float], ...] = ()

    @property
    def hit(self) -> Hit | None:
        """The past of the level that stands now."""
        return next((one for one in self.hits if one.level == self.level), None)


_NOT_NAMED, _NOTHING = Half(Level.NO_DATA, why="not_named"), Half(Level.NO_DATA, why="nothing")


def series_of(observed: Observed, name: str) -> Series | Half:
    """The series of an indicator, or the half that says why there is none."""
    if not name:
        return _NOT_NAMED
    rows = observed.get(name, ())
    if not any(not np.isnan(value) for _, value, _, _ in rows):
        return _NOTHING
    try:
        return published_series(name, rows[0][2], [(period, value, day) for period, value, _, day in rows])
    except (SeriesError, LookAhead):
        return Half(Level.NO_DATA, why="refused")


def price_halves(observed: Observed, names: Sequence[str], by: Rule) -> dict[str, Half]:
    """The price lamps of monthly prices in real time, with how often a rise followed each level; by indicator.

    All series go through the states of the rule together: a step of many costs as much as a step of one.
    """
    halves: dict[str, Half] = {}
    scored: list[tuple[Series, Replay]] = []
    for name in dict.fromkeys(names):
        found = _replayed(observed, name, by)
        if isinstance(found, Half):
            halves[name] = found
        else:
            scored.append(found)
    ranks = levels_of(by, [series for series, _ in scored], [replayed for _, replayed in scored]) if scored else []
    for (series, replayed), column in zip(scored, ranks, strict=True):
        words = [by.scheme.name_of(rank) for rank in column.astype(int).tolist()]
        halves[series.name] = _price_half(series, replayed, words)
    return halves


def _replayed(observed: Observed, name: str, by: Rule) -> tuple[Series, Replay] | Half:
    """A price with its scores as they stood, or the half that says why it has none."""
    series, measure = series_of(observed, name), SERIES_MEASURES.get(by.measure)
    if isinstance(series, Half):
        return series
    month = series.first_month
    score = measure.by.get(series.frequency) if measure else None
    if score is None:
        return Half(Level.NO_DATA, why="refused")
    try:
        return series, replay(series.vintages, lambda values: score(values, month))
    except ValueError:
        return Half(Level.NO_DATA, why="refused")


def _price_half(series: Series, replayed: Replay, words: Sequence[str]) -> Half:
    last = int(np.flatnonzero(~np.isnan(replayed.published))[-1])
    verdict = Verdict(int(replayed.scores.verdict[last]))
    due = rises(series.vintages.latest, replayed.published, change=RISE, within=HORIZON).due
    scored = ~np.isnan(replayed.scores.score)
    judged = np.flatnonzero(~np.isnan(due) & scored).tolist()
    places = range(max(0, last - _STRIP + 1), last + 1)
    return Half(
        words[last] if verdict == Verdict.SCORED else Level.NO_DATA,
        float(replayed.scores.score[last]) if verdict == Verdict.SCORED else None,
        _WORD.get(verdict, ""),
        _period(series, last),
        _time(float(replayed.published[last])),
        tuple(
            Hit(word, len(of), sum(bool(due[k] == 1.0) for k in of))
            for word in reversed(_SEVERITY)
            for of in [[k for k in judged if words[k] == word]]
        ),
        tuple((_period(series, k), words[k] if scored[k] else Level.NO_DATA) for k in places),
        tuple((_period(series, k), float(series.vintages.latest[k])) for k in places if _known(series, k)),
    )


def cover_half(observed: Observed, stock: str, use: str, by: Rule) -> Half:
    """Days that the last known stock lasts at the last known use, on the limits of a rule."""
    have, used = series_of(observed, stock), series_of(observed, use)
    if isinstance(have, Half):
        return have
    if isinstance(used, Half):
        return used
    at, place = _last(have), _last(used)
    days = (end_of(used.frequency, _begin(used, place)) - _begin(used, place)).days + 1
    if used.frequency == "week":
        days = 7
    value, verdict = cover_days([have.vintages.latest[at]], [used.vintages.latest[place] / days], days=1).last
    return _judged(by, value, verdict, have, at)


def gap_half(observed: Observed, need: str, supply: str, by: Rule) -> Half:
    """Part of the need of the last period for which both are known that its supply does not cover, in per cent."""
    needed, come = series_of(observed, need), series_of(observed, supply)
    if isinstance(needed, Half):
        return needed
    if isinstance(come, Half):
        return come
    offset = needed.vintages.first - come.vintages.first
    both = [k for k in range(needed.vintages.periods) if _known(needed, k) and _known(come, k + offset)]
    if needed.frequency != come.frequency or not both:
        return _NOTHING
    at = both[-1]
    value, verdict = supply_gap([needed.vintages.latest[at]], [come.vintages.latest[at + offset]]).last
    return _judged(by, 100.0 * value, verdict, needed, at)


def short_half(share: tuple[float | None, int] | None, named: bool, by: Rule, instant: dt.datetime) -> Half:
    """Per cent of the reporting enterprises that are short of the product, with how many reported."""
    if not named:
        return _NOT_NAMED
    if share is None or share[0] is None:
        return Half(Level.NO_DATA, why="few" if share and share[1] else "nothing")
    rank = int(by.ranks(np.array([share[0]]))[0])
    return Half(by.scheme.name_of(rank), float(share[0]), published=instant)


def worst(halves: Sequence[Half]) -> str:
    """The worst level of the halves, one worse when two stand at it; no data when none has a value.

    Source: the proposal for bulk materials in the pack bulk_materials.
    """
    known = [one.level for one in halves if one.value is not None]
    if not known:
        return Level.NO_DATA
    ranks = Counter(_SEVERITY.index(Level(level)) for level in known)
    top = max(ranks)
    return _SEVERITY[min(top + 1, len(_SEVERITY) - 1) if top and ranks[top] > 1 else top]


def _judged(by: Rule, value: float, verdict: Verdict, series: Series, at: int) -> Half:
    published = _time(float(series.vintages.first_published[at]))
    if verdict != Verdict.SCORED:
        return Half(Level.NO_DATA, None, _WORD[verdict], _period(series, at), published)
    rank = int(by.ranks(np.array([value]))[0])
    return Half(by.scheme.name_of(rank), float(value), "", _period(series, at), published)


def _last(series: Series) -> int:
    return int(np.flatnonzero(~np.isnan(series.vintages.latest))[-1])


def _known(series: Series, place: int) -> bool:
    latest: Floats = series.vintages.latest
    return 0 <= place < latest.size and not np.isnan(latest[place])


def _begin(series: Series, place: int) -> dt.date:
    return date_of(series.frequency, series.vintages.first + place)


def _period(series: Series, place: int) -> str:
    """The period as the table writes it."""
    day = _begin(series, place)
    match series.frequency:
        case "year":
            return f"{day:%Y}"
        case "quarter":
            return f"{day:%Y}-Q{(day.month + 2) // 3}"
        case "month":
            return f"{day:%Y-%m}"
        case _:
            return day.isoformat()


def _time(day: float) -> dt.datetime:
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=day)
