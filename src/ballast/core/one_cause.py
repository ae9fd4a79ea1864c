"""One notice per cause: which plants and red inputs wait for the same stop, read from the forecast and the links.

Two things are warned of: a site that the forecast sees stop, and an input whose stock is red. A site belongs to the set
of events that all have to end so that it runs (`core.forecast` gives that set and tries it). A red input belongs to the
sets of those of its suppliers that fall short soon, because that is what it waits for; where they stop without any
event, to the site at which that stop begins. Where no supplier explains it, and its site is not short of it by the
forecast either, its cause lies at its own site. What belongs to the same cause is one group.

Nothing is kept by hand: no labels, no list of parents. When an event ends, the next forecast names the remaining
causes, and `changes` says who has to hear of it. An input that was red because of the cause that is over, and that the
forecast sees supplied again, stays with that cause until its lamp goes down: it is on its way, not a new matter.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ballast.core.lamps import RED_BELOW

__all__ = ["Cause", "Changes", "Group", "Slot", "Trouble", "changes", "group_by_cause"]

Slot = tuple[str, str]
"""Ids of a site and of the product that it consumes."""


@dataclass(frozen=True, order=True)
class Cause:
    """What has to end: all of the `events`, in the order of their ids; or, without any, what lies at `site` itself."""

    events: tuple[str, ...] = ()
    site: str = ""


@dataclass(frozen=True)
class Trouble:
    """A site that falls short by the forecast; days count from the forecast's day 0."""

    site: str
    events: tuple[str, ...]  # all have to end so that it does not stop (by that day); empty when no event holds it
    short_day: int  # first day of the shortfall
    stop_day: int | None  # None: it slows only
    through: frozenset[str] = frozenset()  # own inputs through which the trouble comes
    root: str = ""  # without events: the site where it begins; itself when empty


@dataclass(frozen=True)
class Group:
    """All that one cause brings: the sites that stop, soonest first, and the red inputs, by id.

    `waning` where all that is left of it are inputs that are still red although nothing holds back their supply now.
    """

    cause: Cause
    stops: tuple[str, ...] = ()
    reds: tuple[Slot, ...] = ()
    waning: bool = False

    @property
    def members(self) -> frozenset[Slot]:
        """Stopping sites as (site, "") and red inputs as (site, product)."""
        return frozenset((site, "") for site in self.stops) | frozenset(self.reds)


@dataclass(frozen=True)
class Changes:
    """What differs between two looks: groups that began, causes that are over, and members left by a cause."""

    begun: tuple[Group, ...]
    over: tuple[Cause, ...]
    # In groups that were there before: members that a cause which is over has left red for this other reason.
    left: Mapping[Cause, frozenset[Slot]]


def group_by_cause(
    troubles: Iterable[Trouble],
    reds: Mapping[Slot, Collection[str]],
    *,
    before: Mapping[Slot, Cause] = MappingProxyType({}),
    soon: float = RED_BELOW,
) -> tuple[Group, ...]:
    """Every stop and every red input in exactly one group, largest groups first.

    `reds` gives for each red input the sites that supply it, `before` the cause of which it was told. A supplier counts
    when it falls short before day `soon`: a red input has stock for fewer days than that, so what its suppliers send
    later does not explain it.
    """
    known = {trouble.site: trouble for trouble in troubles}
    stops: dict[Cause, list[tuple[int, str]]] = defaultdict(list)
    inputs: dict[Cause, list[Slot]] = defaultdict(list)
    explained: set[Cause] = set()
    for trouble in known.values():
        if trouble.stop_day is not None:
            stops[_cause(trouble.events, trouble.root or trouble.site)].append((trouble.stop_day, trouble.site))
    for slot, suppliers in reds.items():
        if cause := _behind(slot, [known[supplier] for supplier in suppliers if supplier in known], known, soon):
            explained.add(cause)
        else:
            cause = before.get(slot) or Cause(site=slot[0])
        inputs[cause].append(slot)
    groups = [
        Group(
            cause,
            tuple(site for _day, site in sorted(stops[cause])),
            tuple(sorted(inputs[cause])),
            # What lies at the site itself needs no other explanation.
            waning=not (stops[cause] or cause in explained or cause.site in {site for site, _product in inputs[cause]}),
        )
        for cause in {*stops, *inputs}
    ]
    return tuple(sorted(groups, key=lambda group: (-len(group.members), group.cause)))


def _cause(events: Iterable[str], site: str) -> Cause:
    found = tuple(sorted(set(events)))
    return Cause(found) if found else Cause(site=site)


def _behind(slot: Slot, suppliers: Collection[Trouble], known: Mapping[str, Trouble], soon: float) -> Cause | None:
    """For what a red input waits: its short suppliers, else its own site if that is short of it; None: for nothing."""
    site, product = slot
    short = [trouble for trouble in suppliers if trouble.short_day < soon]
    own = known.get(site)
    own = own if own is not None and product in own.through else None
    events = {event for trouble in short for event in trouble.events} or set(own.events if own else ())
    if events:
        return _cause(events, site)
    # Without an event only a stop counts: a supplier that slows may do so because nobody reported its stock.
    stopping = [(trouble.short_day, trouble.root or trouble.site) for trouble in short if trouble.stop_day is not None]
    if stopping:
        return Cause(site=min(stopping)[1])
    return Cause(site=own.root or site) if own else None


def changes(before: Mapping[Cause, Collection[Slot]], groups: Iterable[Group]) -> Changes:
    """What to tell after a new look, by what each cause held before.

    A group that is new is told. Of a group that was there, only those members are told that a cause which is over, or
    all but over, has left behind: they are still red, for another reason than was said of them.
    """
    present = {group.cause: group for group in groups}
    over = tuple(sorted(cause for cause in before if cause not in present))
    spent = {cause for cause in before if cause not in present or present[cause].waning}
    released = {member for cause in spent for member in before[cause]}
    left = {
        cause: stayed
        for cause, group in present.items()
        if cause in before and (stayed := (group.members & released) - frozenset(before[cause]))
    }
    return Changes(tuple(group for cause, group in present.items() if cause not in before), over, left)
