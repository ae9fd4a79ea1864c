"""What went wrong and what it left: events, stocks drained by them, and who has reported."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast.exercise.lists import Lists
from ballast.exercise.population import Population
from ballast.exercise.wiring import Wiring

__all__ = ["Event", "Stocks", "Thread", "draw_events", "draw_stocks", "draw_threads", "event_rows"]

# Cause of a closed site -> kind of case that works on it, names, and how often it occurs.
CAUSES: tuple[tuple[str, str, str, float], ...] = (
    ("staff_return", "Staff cannot return to the plant", "员工无法返岗", 0.34),
    ("policy", "Closed under local control measures", "按当地管控要求停产", 0.30),
    ("logistics", "No pass for lorries: nothing leaves the plant", "货车无通行证，产品运不出", 0.18),
    ("upstream_supply", "Waits for an input from outside the exercise", "等待演练范围外的物料", 0.08),
    ("energy", "Power allowance withdrawn", "用电指标被暂停", 0.06),
    ("other", "Plant isolated after an infection", "厂区出现感染后封闭", 0.04),
)
# Regions and lanes that lose capacity: kind, subject, start, end, capacity left, names.
BLOCKS: tuple[tuple[str, str, int, int | None, float, str, str], ...] = (
    ("region", "310114", -9, 6, 0.65, "Control area in Jiading: plants on reduced shifts", "嘉定区管控区：减班生产"),
    ("region", "220200", -14, 4, 0.55, "Jilin city: staged return to work", "吉林市：分阶段复工"),
    ("region", "310116", -6, 3, 0.75, "Jinshan: night shifts suspended", "金山区：夜班暂停"),
    ("lane", "310000>220000", -5, 3, 0.0, "Road freight from Shanghai to Jilin halted", "上海至吉林公路货运中断"),
    ("lane", "310115>320500", -4, 2, 0.0, "Expressway exit Pudong to Suzhou closed", "浦东至苏州高速出口关闭"),
    ("lane", "310000>330200", -3, 5, 0.3, "Ningbo admits one lorry in three from Shanghai", "宁波对上海来车限量放行"),
    ("lane", "*>220200", -8, 1, 0.4, "Transfer point before Jilin city at capacity", "吉林市外中转站拥堵"),
    (
        "lane",
        "320500>310114",
        -2,
        7,
        0.5,
        "Suzhou to Jiading: lorries wait for test results",
        "苏州至嘉定车辆等待检测结果",
    ),
)
_NOT_TODAY = 0.20
_OLDEST_REPORT = 8  # days
_UNKNOWN = 0.035
_RUNNING_DOWN_DAYS = 4.5
_SCARCE = 0.006  # needs that are low for reasons of their own


@dataclass(frozen=True)
class Event:
    """One loss of capacity; days count from the exercise date, `end` is the last day it holds."""

    event_id: str
    kind: str
    subject: str
    start: int
    end: int | None
    capacity_left: float
    name: str
    name_zh: str
    case_kind: str
    site: int | None = None


@dataclass(frozen=True)
class Stocks:
    """One entry a slot, days of use; `cover` is nan where the stock is unknown."""

    cover: NDArray[np.float64]
    upper: NDArray[np.float64]
    blocked_share: NDArray[np.float64]
    transit_days: NDArray[np.float64]
    drain: NDArray[np.float64]  # share of the need that has not arrived of late
    report_age: NDArray[np.int32]  # of each site, days


@dataclass(frozen=True)
class Thread:
    """A closed site and the needs, one below the other, that hang on it alone down to a final plant."""

    site: int
    slots: tuple[int, ...]


def draw_threads(people: Population, wiring: Wiring, lists: Lists, rng: np.random.Generator) -> list[Thread]:
    """A few long threads of single sources, so that some plants stop for a cause several tiers up."""
    sole = (wiring.link_share > 0.95) & wiring.slot_essential[wiring.link_slot]
    below: dict[int, list[int]] = {}
    for slot, supplier in zip(wiring.link_slot[sole].tolist(), wiring.link_supplier[sole].tolist(), strict=True):
        below.setdefault(supplier, []).append(slot)
    threads: list[Thread] = []
    used: set[int] = set()
    for site in rng.permutation(np.flatnonzero(lists.stopped[people.owner])).tolist():
        slots = _longest(site, below, wiring, used)
        if len(slots) >= 2:
            threads.append(Thread(site, slots))
            used |= {int(wiring.slot_site[s]) for s in slots}
    threads.sort(key=lambda t: -len(t.slots))
    return threads[: max(2, people.size.enterprises // 250)]


def _longest(site: int, below: dict[int, list[int]], wiring: Wiring, used: set[int]) -> tuple[int, ...]:
    """The longest way down from a site over single sources, through sites that are in no thread yet."""
    best: tuple[int, ...] = ()
    for slot in below.get(site, ()):
        customer = int(wiring.slot_site[slot])
        if customer not in used:
            way = (slot, *_longest(customer, below, wiring, used))
            best = max(best, way, key=len)
    return best


def draw_events(people: Population, lists: Lists, threads: list[Thread], rng: np.random.Generator) -> list[Event]:
    """Region and lane events as listed above; one event for each site that stands still."""
    long = {thread.site for thread in threads}
    region = set(people.region.tolist())
    events = [
        Event(f"EV-{kind[0].upper()}{i + 1:02d}", kind, subject, start, end, left, name, name_zh, _kind_of(kind))
        for i, (kind, subject, start, end, left, name, name_zh) in enumerate(BLOCKS)
        if kind == "lane" or subject in region
    ]
    chance = np.array([c for *_, c in CAUSES])
    sites = np.flatnonzero(lists.stopped[people.owner])
    for number, site in enumerate(sites.tolist()):
        kind, name, name_zh, _ = CAUSES[rng.choice(len(CAUSES), p=chance / chance.sum())]
        start = -int(rng.integers(1, 15))
        end = None if rng.random() < 0.12 or site in long else int(rng.integers(1, 11))
        subject = people.site_ids[site]
        events.append(Event(f"EV-{number + 101:04d}", "site", subject, start, end, 0.0, name, name_zh, kind, site))
    return events


def _kind_of(event_kind: str) -> str:
    return "logistics" if event_kind == "lane" else "policy"


def draw_stocks(
    people: Population, wiring: Wiring, events: list[Event], threads: list[Thread], rng: np.random.Generator
) -> Stocks:
    """Log-normal around the usual days of cover, less what has not arrived since the events began."""
    n = len(wiring.slot_site)
    usual = wiring.slot_usual_days * rng.lognormal(0.12, 0.38, n)
    drain, missed = _missed(people, wiring, events)
    floor = np.minimum(usual, rng.uniform(0.3, 6.0, n))
    # Buyers stretch what they have: by no means all that failed to arrive is gone from the stock.
    cover = np.maximum(usual - missed * rng.uniform(0.3, 0.9, n), floor)
    cover = np.where(rng.random(n) < _SCARCE, cover * rng.uniform(0.08, 0.5, n), cover)
    for thread in threads:
        cover[list(thread.slots)] = rng.dirichlet(np.full(len(thread.slots), 3.0)) * rng.uniform(2.0, 9.0)
    # What is scarce has been running down for days, whatever the cause.
    drain = np.where(cover < _RUNNING_DOWN_DAYS, np.maximum(drain, rng.uniform(0.15, 0.7, n)), drain)
    unknown = rng.random(n) < _UNKNOWN
    late = rng.random(len(people.product)) < _NOT_TODAY
    age = np.where(late, rng.integers(1, _OLDEST_REPORT + 1, len(people.product)), 0)
    return Stocks(
        cover=np.where(unknown, np.nan, cover),
        upper=np.where(unknown, np.ceil(wiring.slot_usual_days * 1.5), np.nan),
        blocked_share=np.where(rng.random(n) < 0.06, rng.uniform(0.02, 0.3, n), 0.0),
        transit_days=np.where(rng.random(n) < 0.4, rng.uniform(0.5, 4.0, n) * (1 - drain), 0.0),
        drain=drain,
        report_age=age.astype(np.int32),
    )


def _missed(people: Population, wiring: Wiring, events: list[Event]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of each need that does not arrive now, and the days of use that failed to arrive so far."""
    lost, days = np.zeros(len(people.product)), np.zeros(len(people.product))
    for event in events:
        if event.kind == "lane":
            continue
        hit = _sites_of(people, event)
        lost[hit] = np.maximum(lost[hit], 1 - event.capacity_left)
        days[hit] = np.maximum(days[hit], -event.start)
    share = wiring.link_share * lost[wiring.link_supplier]
    gone = share * np.maximum(days[wiring.link_supplier] - wiring.link_lead, 0)
    slots = len(wiring.slot_site)
    now = np.bincount(wiring.link_slot, share, slots).astype(np.float64)
    return now, np.bincount(wiring.link_slot, gone, slots).astype(np.float64)


def _sites_of(people: Population, event: Event) -> NDArray[np.bool_]:
    """Sites that a site or region event holds."""
    if event.site is not None:
        return np.equal(np.arange(len(people.product)), event.site)
    stem = event.subject.rstrip("0") if event.subject.endswith("00") else event.subject
    return np.char.startswith(people.region, stem)


def event_rows(events: list[Event], day0: dt.date, cases: dict[str, str]) -> list[dict[str, Any]]:
    """Events as rows of the events table with ISO dates."""
    return [
        {
            "event_id": event.event_id,
            "kind": event.kind,
            "subject": event.subject,
            "start": day0 + dt.timedelta(event.start),
            "end": None if event.end is None else day0 + dt.timedelta(event.end),
            "capacity_left": event.capacity_left,
            "case_id": cases.get(event.event_id),
            "name": event.name,
            "name_zh": event.name_zh,
        }
        for event in events
    ]
