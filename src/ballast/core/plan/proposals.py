"""Which K problems to solve first: the set of groups of events whose end recovers most output, with a proven bound.

Problems hold plants jointly, so two closed suppliers may be worth nothing one at a time. Groups are therefore chosen
as a set; each set is valued by the forecast itself. docs/explanation/plan.md has the model, the bound and its limits.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ballast.core.columns import Floats, refuse
from ballast.core.forecast.events import Event
from ballast.core.forecast.runs import Forecast, forecast, forecast_of
from ballast.core.network.network import Network
from ballast.core.plan.interventions import Intervention, Rooms, Widened, widened
from ballast.core.plan.search import Best, Search
from ballast.core.plan.sets import Choice, choices

__all__ = ["Choice", "Plan", "Size", "plan"]

# Seconds when the caller sets no limit.
_ENDLESS = 1e9
# Part of the time that the largest size may take before the smaller ones.
_SHARE = 0.7
# Part of what is left then for sets within the largest one, from which the smaller sizes begin.
_SHRINK_SHARE = 0.3


@dataclass(frozen=True)
class Size:
    """The best set of at most `size` groups that was found, and what is proven. Money over the horizon."""

    size: int
    groups: tuple[str, ...]  # ascending; fewer than `size` when no further one adds anything
    value: float  # output recovered, by the forecast
    bound: float  # what no set of that size exceeds

    @property
    def gap(self) -> float:
        """How far the value may be from the best, as a part of it; 0 is proven best."""
        return (self.bound - self.value) / self.value if self.value > 0.0 else float(self.bound > 0.0)


@dataclass(frozen=True, eq=False)
class Plan:
    """What to solve first."""

    forecast: Forecast  # with all events
    choices: tuple[Choice, ...]  # the chosen groups in the order to take them
    sizes: tuple[Size, ...]  # the best of each size up to the chosen one
    recoverable: float  # money that solving every group recovers, by the forecast
    at_stake: float  # money lost with all events, where output counts
    interventions: tuple[str, ...] = ()  # those that competed with the groups

    @property
    def chosen(self) -> Size:
        """The set that is proposed."""
        return self.sizes[-1]


def plan(
    network: Network,
    events: Sequence[Event],
    groups: Mapping[str, Collection[str]],
    *,
    limit: int,
    interventions: Sequence[Intervention] = (),
    horizon: int = 30,
    gone_from: Mapping[str, int] | None = None,
    sites: Collection[str] | None = None,
    target: float | None = None,
    gap: float = 0.0,
    left: Callable[[], float] = lambda: _ENDLESS,
) -> Plan:
    """The best set of at most `limit` groups of event ids and interventions.

    A group counts from the day in `gone_from` on (default 0): until then its events hold. Interventions stand beside
    the groups under their ids. `sites` are those whose output counts (default all). With `target` (money) the smallest
    set that recovers it is sought. The search of a size ends within `gap` of the best, or when `left`, the seconds that
    are left, runs out. Unknown output values count 0. NetworkError for what is not there, a limit below 1, or a target
    out of reach.
    """
    if limit < 1:
        refuse("limit", str(limit), "leaves nothing to solve", "Give 1 or more")
    _refuse_groups(groups, {event.event_id for event in events})
    _refuse_names(gone_from or {}, list(groups), "gone_from")
    split, removable = _split(events, groups, gone_from or {})
    wide = widened(network, interventions)
    names = sorted([*groups, *_apart(wide.gates, groups)])
    search = _search(wide, split, removable, names, _values(network, sites), min(limit, max(1, len(names))), horizon)
    found = _sizes(search, min(limit, len(names)), target, gap, left)
    everything = search.worth(np.ones(len(names), dtype=bool))
    if target is not None and found[-1].bound < target:
        most = f"{limit} of {len(names)} groups recover at most {found[-1].bound:,.2f}"
        refuse("target", f"{target:,.2f}", f"is out of reach: {most}", "Lower the target or raise the limit")
    sizes = tuple(
        Size(number + 1, tuple(names[k] for k in np.flatnonzero(best.solved)), best.value, best.bound)
        for number, best in enumerate(found)
    )
    chosen = choices(search, names, found[-1].solved, len(sizes)) if names else ()
    # The gates of interventions are no events that anyone knows.
    chosen = tuple(replace(choice, events=()) if choice.group in wide.gates else choice for choice in chosen)
    full = forecast(network, split, horizon=horizon) if wide.parts else search.full
    return Plan(full, chosen, sizes, everything, search.stake, tuple(sorted(wide.gates)))


def _search(
    wide: Widened,
    events: Sequence[Event],
    removable: Mapping[str, Sequence[str]],
    names: Sequence[str],
    value: Floats,
    limit: int,
    horizon: int,
) -> Search:
    """The forecast with all events and without any intervention, ready to be searched."""
    full = forecast_of(wide.network, wide.matches(events), horizon=horizon)
    groups = [[wide.gates[name]] if name in wide.gates else removable[name] for name in names]
    value = np.append(value, np.zeros(wide.network.sites - value.size))
    if not wide.rooms:
        return Search(full, groups, value, limit)
    return Search(full, groups, value, limit, room=wide.room(names), with_room=Rooms(wide, full, names))


def _apart(gates: Mapping[str, str], groups: Collection[str]) -> Collection[str]:
    """The interventions, none of which may be named like a group."""
    for name in gates:
        if name in groups:
            refuse("intervention", name, "is named like a case or an event", "Give it another id")
    return gates


def _sizes(search: Search, limit: int, target: float | None, gap: float, left: Callable[[], float]) -> list[Best]:
    """The best of each size: the largest first, for it is what was asked; with a target from the smallest up."""
    none = Best(np.zeros(len(search.groups), dtype=bool), 0.0, 0.0 if limit else search.most)
    if not limit:
        return [none]
    last = search.best(limit, none.solved, gap, _SHARE * left(), left) if target is None else None
    within = search.shrunk(last.solved, (1.0 - _SHRINK_SHARE) * left(), left) if last else {}
    found = [none]
    for size in range(1, limit if last else limit + 1):
        seconds = left() / (limit - size) if last else left()
        start = max((found[-1].solved, within.get(size, none.solved)), key=search.worth)
        found.append(search.best(size, start, gap, seconds, left))
        if target is not None and found[-1].value >= target:
            break
    if last:
        found.append(last if last.value >= found[-1].value else Best(found[-1].solved, found[-1].value, last.bound))
    bounds = np.minimum.accumulate([best.bound for best in reversed(found)])[::-1]
    return [Best(b.solved, b.value, float(bound)) for b, bound in zip(found, bounds, strict=True)][1:]


def _split(
    events: Sequence[Event], groups: Mapping[str, Collection[str]], gone_from: Mapping[str, int]
) -> tuple[list[Event], dict[str, list[str]]]:
    """Events cut in two on the day from which their group counts as solved; the later part is what can be removed."""
    day_of = {event: gone_from.get(name, 0) for name, group in groups.items() for event in group}
    parts: list[Event] = []
    gone: set[str] = set()
    for event in events:
        day = day_of.get(event.event_id)
        if day is None or day <= max(0, event.start):
            parts.append(event)
            gone.add(event.event_id)
        elif event.end is not None and event.end < day:
            parts.append(event)
        else:
            parts += [
                replace(event, event_id=f"{event.event_id} until day {day - 1}", end=day - 1),
                replace(event, start=day),
            ]
            gone.add(event.event_id)
    return parts, {name: [event for event in group if event in gone] for name, group in groups.items()}


def _values(network: Network, sites: Collection[str] | None) -> Floats:
    """Money per day of each site's output, 0 where it does not count or is unknown."""
    value = np.where(np.isnan(network.output_value), 0.0, network.output_value)
    if sites is None:
        return value
    _refuse_names(sites, network.site_ids, "sites")
    counted = np.zeros(network.sites, dtype=bool)
    counted[[network.site_index[site] for site in sites]] = True
    return np.where(counted, value, 0.0)


def _refuse_names(given: Collection[str], known: Collection[str], what: str) -> None:
    there = set(known)
    for name in given:
        if name not in there:
            refuse(what, name, "is not there", "Correct the name")


def _refuse_groups(groups: Mapping[str, Collection[str]], events: Collection[str]) -> None:
    owner: dict[str, str] = {}
    for name, group in groups.items():
        _refuse_names(group, events, f"group {name}: event")
        for event in group:
            if owner.setdefault(event, name) != name:
                refuse("event", event, f"stands in the groups {owner[event]} and {name}", "Keep it in one of them")
