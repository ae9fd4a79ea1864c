"""Interventions as events that end: until one is chosen, what it would bring is held back like a shut lane.

The network is widened by links for all that interventions may bring. A supplier that is never short stands for what
comes from outside. So the search treats cases and interventions alike, and the forecast values both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Bools, Floats, frozen, refuse
from ballast.core.forecast.dayloop import ceilings, unknown_low
from ballast.core.forecast.events import Event, Match, match_events
from ballast.core.forecast.runs import Forecast, forecast_of
from ballast.core.network.network import Network
from ballast.core.texts import CodedTexts, Texts

__all__ = ["Intervention", "Rooms", "Widened", "widened"]

_Kind = TypeVar("_Kind", bound=np.generic)

_ENDLESS = 10**6
_KEPT = 32


@dataclass(frozen=True)
class Intervention:
    """Extra material for one input, in days of its normal use; rows of one id are one intervention.

    Either `stock`, which comes in once on `first_day` and finds room, or `share`, which comes in every day: from
    outside on the days `first_day` to `last_day`, or from `supplier`, which sends on these days with this `lead`.
    """

    intervention_id: str
    site: str
    product: str
    stock: float = 0.0
    share: float = 0.0
    supplier: str = ""
    lead: int = 1
    first_day: int = 0
    last_day: int | None = None


@dataclass(frozen=True)
class _Link:
    supplier: int
    slot: int
    amount: float
    lead: int
    counted: bool  # among the slot's normal arrivals
    open: tuple[int, int]  # days of dispatch on which no gate but that of the intervention holds it
    gate: str  # intervention that opens it; empty: none


@dataclass(frozen=True, eq=False)
class Widened:
    """The network with the links of all interventions, and what holds them."""

    network: Network
    links: NDArray[np.intp]  # the new links, in the order of `parts`
    parts: tuple[_Link, ...]
    rooms: dict[str, Floats]  # [s] days by which an intervention's stock raises ceilings

    def matches(self, events: Sequence[Event]) -> list[Match]:
        """The events in the widened network, what holds its new links for good, and the gates of interventions."""
        helpers = self.links[[not part.counted for part in self.parts]]
        found = [replace(m, links=np.setdiff1d(m.links, helpers)) for m in match_events(self.network, events)]
        none = np.empty(0, dtype=np.intp)
        for number, (link, part) in enumerate(zip(self.links, self.parts, strict=True)):
            here, first, last = np.array([link], dtype=np.intp), *part.open
            if first > 0:
                found.append(Match(_hold(f"before row {number}", 0, first - 1), none, here))
            if last < _ENDLESS:
                found.append(Match(_hold(f"after row {number}", last + 1, None), none, here))
        for name, gate in self.gates.items():
            here = np.sort(self.links[[part.gate == name for part in self.parts]])
            found.append(Match(_hold(gate, 0, None), none, here))
        return found

    @property
    def gates(self) -> dict[str, str]:
        """The event that ends when an intervention is chosen."""
        return {part.gate: f"without intervention {part.gate}" for part in self.parts if part.gate}

    def room(self, chosen: Sequence[str]) -> Floats:
        """[s] days by which ceilings rise with these interventions."""
        return sum((self.rooms[name] for name in chosen if name in self.rooms), np.zeros(self.network.slots))


class Rooms:
    """Forecasts in which the stocks of the chosen interventions find room; the last few are kept."""

    def __init__(self, wide: Widened, full: Forecast, names: Sequence[str]) -> None:
        self.wide, self.full, self.names = wide, full, names
        self._kept: dict[tuple[str, ...], Forecast] = {(): full}

    def __call__(self, solved: Bools) -> Forecast:
        """The forecast, with all events, whose ceilings are those with the groups in `solved` [groups]."""
        names = (name for name, there in zip(self.names, solved, strict=True) if there)
        chosen = tuple(name for name in names if name in self.wide.rooms)
        if chosen not in self._kept:
            if len(self._kept) > _KEPT:
                self._kept.pop(next(key for key in self._kept if key))
            network, room = self.wide.network, self.wide.room(chosen)
            raised = np.where(room > 0.0, ceilings(network, unknown_low(network)) + room, network.slot_target)
            there = replace(network, slot_target=frozen(raised))
            self._kept[chosen] = forecast_of(there, self.full.matches, horizon=self.full.horizon)
        return self._kept[chosen]


def widened(network: Network, interventions: Sequence[Intervention]) -> Widened:
    """The network with all that interventions may bring. NetworkError for what is not there or brings nothing."""
    parts: list[_Link] = []
    rooms: dict[str, Floats] = {}
    for row in interventions:
        slot = _slot(network, row)
        parts += _links(network, row, slot, network.sites + len(parts))
        if row.stock > 0.0:
            rooms.setdefault(row.intervention_id, np.zeros(network.slots))[slot] += row.stock
    if not parts:
        return Widened(network, np.empty(0, dtype=np.intp), (), {})
    return _with(network, parts, rooms)


def _links(network: Network, row: Intervention, slot: int, new: int) -> list[_Link]:
    """Links of one row; `new` is the next free place of a site that is never short."""
    name, last = row.intervention_id, _ENDLESS if row.last_day is None else row.last_day
    if row.stock > 0.0:
        return [_Link(new, slot, row.stock, 0, True, (row.first_day, row.first_day), name)]
    if not row.supplier:
        return [_Link(new, slot, row.share, 0, True, (row.first_day, last), name)]
    supplier = network.site_index.get(row.supplier)
    if supplier is None or row.supplier == row.site:
        fault = "is the site itself" if supplier is not None else "is not among the sites"
        refuse("intervention", f"{name}: supplier {row.supplier}", fault, "Name another site, or leave it empty")
    # Before day 0 all ran in full, the new link too: until its first goods come, a second link lacks as much.
    return [
        _Link(supplier, slot, row.share, row.lead, True, (row.first_day, last), name),
        _Link(new + 1, slot, row.share, 0, False, (row.lead, _ENDLESS), ""),
    ]


def _slot(network: Network, row: Intervention) -> int:
    """The slot of a row that says something possible."""
    what = f"{row.intervention_id}: {row.site} / {row.product}"
    amounts = row.stock, row.share
    if min(amounts) < 0.0 or (row.stock > 0.0) == (row.share > 0.0) or not np.isfinite(amounts).all():
        refuse("intervention", what, f"brings {row.stock} at once and {row.share} a day", "Give one of them, above 0")
    if row.first_day < 0 or row.lead < 1 or (row.last_day is not None and row.last_day < row.first_day):
        days = f"days {row.first_day} to {row.last_day}, lead {row.lead}"
        refuse("intervention", what, f"cannot be on {days}", "Begin on day 0 or later, end later, lead at least 1")
    site = network.site_index.get(row.site)
    if site is not None:
        for slot in range(int(network.site_slots[site]), int(network.site_slots[site + 1])):
            if network.slot_product[slot] == row.product:
                return slot
    refuse("intervention", what, "is no input in use", "Name a site and an input of the table needs")


def _with(network: Network, parts: list[_Link], rooms: dict[str, Floats]) -> Widened:
    more = len(parts)
    slot = np.append(network.link_slot, np.array([part.slot for part in parts], dtype=np.int32))
    order = np.argsort(slot, kind="stable")
    place = np.empty(order.size, dtype=np.intp)
    place[order] = np.arange(order.size)
    base = network.slot_base.copy()
    for part in parts:
        base[part.slot] += part.amount * part.counted

    def links(column: NDArray[_Kind], new: Sequence[float]) -> NDArray[_Kind]:
        return frozen(np.append(column, np.array(new, dtype=column.dtype))[order])

    def sites(column: Floats, new: float) -> Floats:
        return frozen(np.append(column, np.full(more, new)))

    wide = replace(
        network,
        site_ids=Texts.of([*network.site_ids, *(f"intervention:{k}" for k in range(more))]),
        site_region=CodedTexts.of([*network.site_region, *[""] * more]),
        site_product=CodedTexts.of([*network.site_product, *[""] * more]),
        output_value=sites(network.output_value, 0.0),
        minimum_rate=sites(network.minimum_rate, 0.0),
        recovery_days=sites(network.recovery_days, np.nan),
        slot_base=frozen(base),
        link_supplier=links(network.link_supplier, [part.supplier for part in parts]),
        link_slot=frozen(slot[order]),
        link_share=links(network.link_share, [part.amount for part in parts]),
        link_quantity=links(network.link_quantity, [np.nan] * more),
        link_lead=links(network.link_lead, [part.lead for part in parts]),
        link_inferred=links(network.link_inferred, [False] * more),
    )
    return Widened(wide, place[network.links :], tuple(parts), rooms)


def _hold(name: str, first: int, last: int | None) -> Event:
    """An event that lets nothing through; it acts where its match says."""
    return Event(name, "lane", "* > *", first, last, 0.0)
