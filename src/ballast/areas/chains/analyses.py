"""What the engine's models say of the register as it stands, asked now and not stored; rows within a person's scope.

Money and numbers of sites are those of the whole register, as for events and cases; what is named lies in the scope.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Literal

import numpy as np
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.accounts.models import User
from ballast.areas.cases.selectors import queue
from ballast.areas.reference.selectors import today
from ballast.areas.registry.frames import frames
from ballast.areas.registry.models import Site
from ballast.areas.registry.selectors import filter_sites, get_site, visible_sites

if TYPE_CHECKING:
    import polars as pl

    from ballast.core.forecast import Event
    from ballast.core.network import Network
    from ballast.core.plan import Plan

__all__ = ["BusyError", "Failed", "Proposal", "concentrations", "exposure", "failure", "proposal", "survival"]

# Sites of a register, and inputs of one that is planned anew, that are answered within seconds.
_SITES, _PLANNED = 30_000, 5_000
# Cases among which a plan chooses, and seconds that it may search.
_CASES, _SECONDS = 200, 5.0
# Models run one at a time in a process, so that they leave room for the pages; who waits longer is turned away.
_turn = BoundedSemaphore(1)
_PATIENCE = 10.0


class BusyError(Exception):
    """Another model runs, and went on running."""


@dataclass(frozen=True)
class _Register:
    """The register as the engine reads it, and the places of the sites that the person sees."""

    network: "Network"
    events: "list[Event]"
    tables: "dict[str, pl.DataFrame]"


@contextmanager
def _register() -> Iterator[_Register]:
    """The register, for one model at a time. ValidationError when it is too large, BusyError when others wait too."""
    from ballast.tables.network import build_from_frames

    _refuse_more(Site.objects.count(), _SITES)
    if not _turn.acquire(timeout=_PATIENCE):
        raise BusyError
    try:
        tables = frames()
        yield _Register(*build_from_frames(tables, day0=today()), tables)
    finally:
        _turn.release()


def _refuse_more(count: int, most: int) -> None:
    if count > most:
        message = _("The register is too large to be answered here ({count}, at most {most}). Ask on the command line.")
        raise ValidationError(message.format(count=f"{count:,}", most=f"{most:,}"))


def _seen(user: User, filters: Mapping[str, str] | None = None) -> dict[str, str]:
    """Enterprise of each visible site that the filters leave."""
    rows = filter_sites(visible_sites(user, "view_desk"), **(filters or {}))
    return dict(rows.values_list("site_id", "enterprise__enterprise_id"))


def exposure(user: User, *, horizon: float, filters: Mapping[str, str] | None = None) -> list[dict[str, object]]:
    """What the failure of each visible site alone stops and loses within `horizon` days, the worst first."""
    require(user, "view_desk")
    from ballast.core.stops import single_failures

    seen = _seen(user, filters)
    with _register() as register:
        found = single_failures(register.network, horizon=horizon)
    ids = register.network.site_ids
    order = np.lexsort((np.arange(found.stops.size), -found.stops, -found.lost_output)).tolist()
    rows = [
        {
            "site_id": ids[place], "enterprise_id": seen[ids[place]], "stops": int(found.stops[place]),
            "lost_output": float(found.lost_output[place]),
        }
        for place in order
        if ids[place] in seen
    ]  # fmt: skip
    return [{"rank": rank} | row for rank, row in enumerate(rows, 1)]


@dataclass(frozen=True)
class Failed:
    """What stops when some sites fail together: the visible sites by time, and all in number and money."""

    stops: list[dict[str, object]]
    stops_total: int
    lost_output: float


def failure(user: User, site_ids: Sequence[str], *, horizon: float) -> Failed:
    """What stops within `horizon` days when these sites fail. DoesNotExist for one that is out of scope."""
    require(user, "view_desk")
    from ballast.core.stops import stop_times

    failed = [get_site(user, site_id).site_id for site_id in dict.fromkeys(site_ids)]
    seen = _seen(user)
    with _register() as register:
        network = register.network
        found = stop_times(network, [network.site_index[site] for site in failed], horizon=horizon)
        sites = found.sites.tolist()
        products = [network.slot_product[slot] if slot >= 0 else "" for slot in found.stopped_by[sites].tolist()]
    stops: list[dict[str, object]] = [
        {
            "site_id": network.site_ids[site], "enterprise_id": seen[network.site_ids[site]],
            "stop_time": float(found.stop_time[site]), "product": product,
        }
        for site, product in zip(sites, products, strict=True)
        if network.site_ids[site] in seen
    ]  # fmt: skip
    return Failed(stops, len(sites), found.lost_output)


@dataclass(frozen=True)
class Proposal:
    """Which visible open cases to solve first; `cases` by the case that stands for its event in the plan."""

    found: "Plan"
    cases: dict[str, list[str]]
    left_out: int  # open cases beyond the most that are weighed


def _countdown(seconds: float) -> Callable[[], float]:
    """Seconds left since it was first asked: making ready, which the first time compiles, does not count."""
    until: float | None = None

    def left() -> float:
        nonlocal until
        if until is None:
            until = time.monotonic() + seconds
        return until - time.monotonic()

    return left


def proposal(user: User, *, limit: int, horizon: int | None = None) -> Proposal:
    """The best set of at most `limit` of the visible open cases, valued by the forecast over the whole register."""
    require(user, "view_desk")
    from ballast.core.plan import plan

    rows = queue(user).filter(event__isnull=False).values_list("number", "event__event_id")
    by_event: dict[str, list[str]] = {}
    for number, event in rows[:_CASES]:
        by_event.setdefault(event, []).append(number)
    with _register() as register:
        there = {event.event_id for event in register.events}
        groups = {numbers[0]: [event] for event, numbers in by_event.items() if event in there}
        found = plan(
            register.network, register.events, groups, limit=limit, horizon=horizon or settings.FORECAST_HORIZON,
            left=_countdown(_SECONDS),
        )  # fmt: skip
    return Proposal(found, {numbers[0]: numbers for numbers in by_event.values()}, max(0, rows.count() - _CASES))


def survival(user: User, site_id: str, *, capacity: float) -> dict[str, object]:
    """How long demand can be met when a visible site stops, and what is lost until it recovers."""
    require(user, "view_desk")
    from ballast.core.survive import survive
    from ballast.tables.answers.survive import frames as rows_of

    site = get_site(user, site_id)
    with _register() as register:
        _refuse_more(register.network.slots, _PLANNED)
        found = survive(register.network, sites=[site.site_id], capacity=capacity)
        [row] = rows_of(found, register.network)["survive"].drop("exposure").to_dicts()
    rest = float(found.time_at_rest)
    return row | {"time_to_survive_at_rest": rest if np.isfinite(rest) else None}


def concentrations(
    user: User, *, by: Literal["site", "enterprise", "country"], filters: Mapping[str, str] | None = None
) -> list[dict[str, object]]:
    """Who supplies each input of the visible sites: shares and concentration, as bounds where shares are unknown."""
    require(user, "view_desk")
    from ballast.tables.answers.dependence import Dependence

    seen = _seen(user, filters)
    with _register() as register:
        sites = register.tables["sites"]
        enterprise = dict(zip(sites["site_id"], sites["enterprise_id"], strict=True))
        owners = [enterprise[site] for site in register.network.site_ids]
        found = Dependence(register.network, owners, by=by).slots
    rows = (row for row in found.drop("name", "year", "note").iter_rows(named=True) if row["subject"] in seen)
    return [{"key": f"{row['subject']} {row['product']}", "site_id": row.pop("subject")} | row for row in rows]
