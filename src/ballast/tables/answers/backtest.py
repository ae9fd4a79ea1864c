"""What `ballast rules backtest` answers with: how well limits on measures warned of events, on series as published."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import polars as pl

from ballast.core.columns import Bools, Floats
from ballast.core.series.backtest import Outcome, Record, Side, judge, strength
from ballast.core.series.measures import SeriesMeasure
from ballast.core.series.skill import Hits, auroc, auroc_interval
from ballast.core.series.verdicts import Scores
from ballast.core.series.vintages import Replay, replay
from ballast.core.warning import Rule, States, feed
from ballast.tables.results import result_frame, result_schema
from ballast.tables.series_files import Series, date_of

__all__ = ["ALL", "Trial", "Tried", "frames", "levels_of", "side_of", "trial"]

ALL = "*"
_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Trial:
    """A rule on the measure that it names, and how many periods ahead an event counts."""

    rule: Rule
    measure: SeriesMeasure
    within: int


@dataclass(frozen=True, eq=False)
class Tried:
    """A trial on one series: scores as they stood, what came, how each level did, and scores that look ahead."""

    series: Series
    trial: Trial
    replayed: Replay
    outcome: Outcome
    records: Mapping[str, Record]  # by level
    ahead: Floats | None

    @property
    def judged(self) -> Bools:
        """[periods] where there is both a score and an outcome."""
        return ~np.isnan(self.replayed.scores.score) & ~np.isnan(self.outcome.due)


def trial(
    series: Sequence[Series],
    asked: Trial,
    outcome_of: Callable[[Series, Replay], Outcome],
    *,
    look_ahead: bool = False,
) -> list[Tried]:
    """One rule on series of its period, in real time. `outcome_of` says what came after each period of one."""
    replayed = [replay(one.vintages, _of(asked.measure, one)) for one in series]
    tried: list[Tried] = []
    for one, scored, ranks in zip(series, replayed, levels_of(asked.rule, series, replayed), strict=True):
        outcome, scheme = outcome_of(one, scored), asked.rule.scheme
        records = {
            limit.level: judge(scored, outcome, ranks >= scheme.rank(limit.level), within=asked.within)
            for limit in asked.rule.limits
        }
        tried.append(Tried(one, asked, scored, outcome, records, _ahead(asked.measure, one) if look_ahead else None))
    return tried


def levels_of(rule: Rule, series: Sequence[Series], replayed: Sequence[Replay]) -> list[Floats]:
    """[series][periods] rank of the level at which each series stood, held and kept as the rule says."""
    first = min(one.vintages.first for one in series)
    last = max(one.vintages.first + one.vintages.periods for one in series)
    table = np.full((last - first, len(series)), np.nan)
    for k, (one, found) in enumerate(zip(series, replayed, strict=True)):
        begin = one.vintages.first - first
        table[begin : begin + one.vintages.periods, k] = found.scores.score
    ranks = np.zeros(table.shape)
    # Periods in which nothing at all was scored are days without trade: they count neither way.
    known = np.flatnonzero(~np.isnan(table).all(axis=1))
    watching = [rule.watches(date_of(series[0].frequency, first + int(k))) for k in known]
    for row, states in zip(
        known.tolist(), feed(rule, States.start(rule, len(series)), 0, table[known], watching), strict=True
    ):
        ranks[row] = states.level
    return [ranks[one.vintages.first - first :, k][: one.vintages.periods] for k, one in enumerate(series)]


def side_of(rule: Rule) -> Side:
    """Whether high scores, low ones or both are what the rule warns of."""
    worst = rule.limits[0]
    if worst.upper is not None:
        return "both" if worst.lower is not None else "high"
    return "low"


def frames(tried: Sequence[Tried]) -> dict[str, pl.DataFrame]:
    """The tables backtest, backtest_events and backtest_alerts; each rule on all series first, then on each."""
    rows: list[dict[str, object]] = []
    for rule in dict.fromkeys(one.trial.rule.name for one in tried):
        group = [one for one in tried if one.trial.rule.name == rule]
        for part in [group, *([one] for one in group)] if len(group) > 1 else [group]:
            rank = _ranking(part)
            name = ALL if len(part) > 1 else part[0].series.name
            rows += [_row(name, part, limit.level) | rank for limit in part[0].trial.rule.limits]
    alerts = [_alert(one, level, k) for one in tried for level, r in one.records.items() for k in range(len(r.alerts))]
    return {
        "backtest": _frame("backtest", rows),
        "backtest_events": _frame("backtest_events", [row for one in tried for row in _events(one)]),
        "backtest_alerts": _frame("backtest_alerts", alerts),
    }


def _of(measure: SeriesMeasure, series: Series) -> Callable[[Floats], Scores]:
    score, month = measure.by[series.frequency], series.first_month
    return lambda values: score(values, month)


def _ahead(measure: SeriesMeasure, series: Series) -> Floats | None:
    if measure.looking_ahead is None:
        return None
    return measure.looking_ahead(series.vintages.latest, series.first_month).score


def _row(name: str, part: Sequence[Tried], level: str) -> dict[str, object]:
    records = [one.records[level] for one in part]
    table = Hits(*(sum(getattr(r.hits, cell) for r in records) for cell in "abcd"))
    leads = [(seen, onset) for one in part for seen, onset in _leads(one, level)]
    early = [onset - seen for seen, onset in leads if seen is not None and seen < onset]
    days = _span(part)
    alerts = sum(len(r.alerts) for r in records)
    return {
        "series_id": name,
        "rule": part[0].trial.rule.name,
        "level": level,
        "limit": _limit(part[0].trial.rule, level),
        "periods": table.a + table.b + table.c + table.d,
        "base_rate": table.base_rate,
        "alerts": alerts,
        "alerts_per_day": alerts / days if days else None,
        "in_vain": sum(r.in_vain for r in records),
        "precision": table.precision,
        "recall": table.recall,
        "noise_to_signal": table.noise_to_signal,
        "usefulness": table.usefulness(),
        "lead_days": median(early) if early else None,
        "warned": len(early),
        "events": len(leads),
    }


def _limit(rule: Rule, level: str) -> str:
    return next(one.said() for one in rule.limits if one.level == level)


def _leads(one: Tried, level: str) -> list[tuple[float | None, float]]:
    """(first signal or None, onset) of the events before which the series had a score."""
    times = one.replayed.published[~np.isnan(one.replayed.scores.score)]
    begun = float(times.min()) if times.size else np.inf
    pairs = zip(one.records[level].fired, one.outcome.onsets, strict=True)
    return [(seen, onset.day) for seen, onset in pairs if onset.day > begun]


def _ranking(part: Sequence[Tried]) -> dict[str, object]:
    """AUROC with its interval over all series of the part, and the one that looks ahead."""
    side = side_of(part[0].trial.rule)
    score = np.concatenate([strength(one.replayed.scores.score, side)[one.judged] for one in part])
    due = np.concatenate([one.outcome.due[one.judged] for one in part])
    times = np.concatenate([one.replayed.published[one.judged] for one in part])
    years = np.floor(times).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    low_high = auroc_interval(score, due, years) or (None, None)
    ahead = None
    if all(one.ahead is not None for one in part):
        shown = np.concatenate([strength(one.ahead, side)[one.judged] for one in part if one.ahead is not None])
        known = ~np.isnan(shown)
        ahead = auroc(shown[known], due[known])
    return {
        "auroc": auroc(score, due),
        "auroc_low": low_high[0],
        "auroc_high": low_high[1],
        "auroc_looking_ahead": ahead,
    }


def _span(part: Sequence[Tried]) -> float:
    """Days from the first score of any series to the last."""
    times = np.concatenate([one.replayed.published[~np.isnan(one.replayed.scores.score)] for one in part])
    return float(times.max() - times.min()) if times.size else 0.0


def _events(one: Tried) -> list[dict[str, object]]:
    return [
        {
            "event": onset.name,
            "onset": _date(onset.day),
            "series_id": one.series.name,
            "rule": one.trial.rule.name,
            "level": level,
            "fired": None if fired is None else _date(fired),
            "lead_days": None if fired is None else onset.day - np.floor(fired),
        }
        for level, record in one.records.items()
        for onset, fired in zip(one.outcome.onsets, record.fired, strict=True)
    ]


def _alert(one: Tried, level: str, k: int) -> dict[str, object]:
    alert = one.records[level].alerts[k]
    return {
        "series_id": one.series.name,
        "rule": one.trial.rule.name,
        "level": level,
        "raised": _date(alert.day),
        "score": alert.score if np.isfinite(alert.score) else None,
        "periods": alert.last - alert.first + 1,
        "in_vain": alert.in_vain,
    }


def _date(day: float) -> dt.date:
    return _EPOCH + dt.timedelta(days=int(np.floor(day)))


def _frame(name: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    names = [column.name for column in result_schema(name).columns]
    return result_frame(name, {key: [row[key] for row in rows] for key in names})
