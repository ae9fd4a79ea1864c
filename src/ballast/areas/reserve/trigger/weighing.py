"""Conditions of several inputs: what each of them says now, whether they hold together, and from which causes.

Without regard to anyone's scope: a condition is a fact of the measure's place.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from ballast.areas.alerts.models import Level
from ballast.areas.alerts.rules import SEVERITY
from ballast.areas.economy.filings.levels import level_of_count
from ballast.areas.economy.materials.selectors import lamps_of
from ballast.areas.economy.models import Observation
from ballast.areas.reference.selectors import now, today
from ballast.areas.reserve.models import PolicyOption
from ballast.areas.reserve.trigger.measuring import count
from ballast.areas.reserve.trigger.offered import open_warnings
from ballast.core.conditions import Input, beyond, met
from ballast.core.trigger import Trigger

__all__ = ["Weighed", "weigh"]

# Publications of a series that are read to say since when it is beyond its limit.
_LOOK_BACK = 200


class _Said(NamedTuple):
    """What an input says: whether it holds (None: no data), its value or level, the period, and its causes."""

    fired: bool | None
    value: float | str | None = None
    period: str = ""
    causes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Weighed:
    """What a condition says now. `inputs` are its inputs as dicts, each with `fired`, `value` and `period` besides.

    `causes` are those of the inputs that hold: the warnings, the count, the commodity's lamp, the period of a series.
    """

    holds: bool
    needs: str
    until: dt.date
    inputs: list[dict[str, Any]] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)

    @property
    def since(self) -> dt.date | None:
        """The day on which it is first seen to hold; None while it does not."""
        return today() if self.holds else None

    @property
    def figures(self) -> dict[str, Any]:
        """As it is stored with a proposal."""
        return {
            "needs": self.needs, "until": self.until.isoformat(), "inputs": self.inputs, "causes": self.causes,
            "value": sum(one["fired"] is True for one in self.inputs),
        }  # fmt: skip


def weigh(option: PolicyOption) -> Weighed | None:
    """What the condition of a measure says now; None without one. Outside its days it does not hold."""
    condition = option.condition
    if condition is None:
        return None
    if not condition.in_force(today()):
        return Weighed(holds=False, needs=condition.needs, until=condition.effective_until)
    rows, said = [], []
    for one in condition.inputs:
        region, chain = one.region or option.region_id or "", one.chain or option.chain_id or ""
        said.append(_READERS[one.kind](one, region, chain))
        rows.append(asdict(one) | {"region": region, "chain": chain} | said[-1]._asdict())
    causes = sorted({cause for one in said if one.fired for cause in one.causes})
    holds = met(condition.needs, [one.fired for one in said])
    return Weighed(holds, condition.needs, condition.effective_until, rows, causes)


def _lamps(one: Input, region: str, chain: str) -> _Said:
    trigger = Trigger("share" if one.measure == "share" else "count", one.limit, one.days)
    found = count(trigger, one.level, region=region, chain=chain, product=one.name)
    since = found.since.isoformat() if found.since else ""
    return _Said(found.holds, found.value, since, (f"lamps {one.name} {region} {chain} {since}",))


def _warnings(one: Input, region: str, chain: str) -> _Said:
    found = open_warnings(one.level, region, chain, one.days)
    return _Said(len(found) >= one.limit, len(found), "", tuple(f"warning {number}" for number in found))


def _problems(one: Input, region: str, chain: str) -> _Said:
    found = level_of_count(region, chain, one.name)
    since = found.since.isoformat() if found.since else ""
    return _Said(_at(found.level, one.level), found.level, since, (f"problems {one.name} {region} {chain} {since}",))


def _commodity(one: Input, _region: str, _chain: str) -> _Said:
    try:
        lamps = lamps_of(one.name)
    except KeyError:
        return _Said(None)
    if one.measure == "whole":
        cause = f"commodity {one.name} {one.level} {lamps.price.period}"
        return _Said(_at(lamps.level, one.level), str(lamps.level), "", (cause,))
    half = getattr(lamps, one.measure)
    began = half.period
    for period, level in reversed(half.strip):
        if not _at(level, one.level):
            break
        began = period
    cause = f"commodity {one.name} {one.measure} {one.level} {began}"
    return _Said(_at(half.level, one.level), str(half.level), half.period, (cause,))


def _series(one: Input, _region: str, _chain: str) -> _Said:
    rows = Observation.objects.filter(series_id=one.name, published_at__lte=now()).order_by("-period", "-published_at")
    # Of several publications of a period the last one counts, and an empty one takes the value back.
    last: dict[str, float | None] = {}
    for period, value in rows.values_list("period", "value")[:_LOOK_BACK]:
        last.setdefault(period, value)
    known = [(period, value) for period, value in last.items() if value is not None]
    if len(known) < one.days:
        return _Said(None)
    run = _run([value for _period, value in known], one)
    period, value = known[0]
    cause = f"series {one.name} {one.measure} {one.limit:g} {known[run - 1][0]}" if run else ""
    return _Said(run >= one.days, value, period, (cause,) if run else ())


def _run(values: Sequence[float], one: Input) -> int:
    """How many of the values, the newest first, are beyond the limit without a break."""
    found = next((place for place, value in enumerate(values) if not beyond(one.measure, value, one.limit)), None)
    return len(values) if found is None else found


def _at(level: str, wanted: str) -> bool | None:
    """Whether a lamp is at the level or worse; None without data."""
    return None if level in (Level.NO_DATA, Level.NOT_IN_USE) else SEVERITY[level] <= SEVERITY[wanted]


_READERS: dict[str, Callable[[Input, str, str], _Said]] = {
    "lamps": _lamps, "warnings": _warnings, "problems": _problems, "commodity": _commodity, "series": _series,
}  # fmt: skip
