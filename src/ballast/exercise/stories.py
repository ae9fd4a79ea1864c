"""Problems that enterprises filed and what became of them: cases with their entries, invented."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ballast.exercise.disruption import Event, Stocks
from ballast.exercise.lists import Lists
from ballast.exercise.population import Population
from ballast.exercise.sources import tiers
from ballast.exercise.wiring import Wiring
from ballast.exercise.words import Language, story_words, words

__all__ = ["DESK", "ENTERPRISE", "REPORTER_REGION", "Entry", "Story", "write_stories"]

DESK, ENTERPRISE = "desk", "enterprise"
REPORTER_REGION = "220100"
_SHORT = {
    "11": "BJ", "12": "TJ", "13": "HE", "14": "SX", "15": "NM", "21": "LN", "22": "JL", "23": "HL", "31": "SH",
    "32": "JS", "33": "ZJ", "34": "AH", "35": "FJ", "36": "JX", "37": "SD", "41": "HA", "42": "HB", "43": "HN",
    "44": "GD", "45": "GX", "46": "HI", "50": "CQ", "51": "SC", "52": "GZ", "53": "YN", "61": "SN", "62": "GS",
    "64": "NX", "65": "XJ",
}  # fmt: skip
# State of an open case -> its share of the open cases, oldest age in days, and the moves that led there.
_OPEN: dict[str, tuple[float, int, tuple[str, ...]]] = {
    "filed": (0.16, 0, ()),
    "accepted": (0.19, 2, ("accept",)),
    "assigned": (0.18, 3, ("accept", "assign")),
    "solving": (0.27, 4, ("accept", "assign", "start")),
    "solved": (0.14, 5, ("accept", "assign", "start", "solve")),
    "disputed": (0.06, 5, ("accept", "assign", "start", "solve", "dispute")),
}
_CLOSED: dict[str, tuple[float, int, tuple[str, ...]]] = {
    "confirmed": (0.88, 27, ("accept", "assign", "start", "solve", "confirm")),
    "withdrawn": (0.12, 27, ("accept", "withdraw")),
}
_AFTER = {
    "accept": "accepted", "assign": "assigned", "start": "solving", "solve": "solved",
    "dispute": "disputed", "confirm": "confirmed", "withdraw": "withdrawn",
}  # fmt: skip
_KINDS = ("logistics", "staff_return", "upstream_supply", "policy", "energy", "funds", "other")
_KIND_CHANCE = (0.36, 0.24, 0.16, 0.08, 0.05, 0.06, 0.05)


@dataclass(frozen=True)
class Entry:
    """One line of a story; `actor` is DESK or ENTERPRISE."""

    at: dt.datetime
    actor: str
    type: str
    move: str = ""
    before: str = ""
    after: str = ""
    text: str = ""


@dataclass(frozen=True)
class Story:
    """One case. Sites, products, regions and events by their codes; `owner_region` is the desk that has it."""

    number: str
    kind: str
    state: str
    enterprise_id: str
    site_id: str
    product: str | None
    blocked: str
    place: str
    needed_by: dt.date
    duty: str  # who filed it
    contact: str
    text: str
    filed_at: dt.datetime
    lead_region: str
    offered_to: str | None
    event_id: str | None
    entries: tuple[Entry, ...]

    @property
    def is_open(self) -> bool:
        """Whether the desk or the enterprise still has to act."""
        return self.state in _OPEN


@dataclass(frozen=True)
class _Scene:
    """What the words and times of a story are drawn from."""

    people: Population
    wiring: Wiring
    stocks: Stocks
    at: dt.datetime
    rng: np.random.Generator
    language: Language


@dataclass(frozen=True)
class _Plan:
    """What a case is about, before its words and times are drawn."""

    site: int
    slot: int | None
    kind: str
    state: str
    event: Event | None


def write_stories(
    people: Population,
    wiring: Wiring,
    lists: Lists,
    events: list[Event],
    stocks: Stocks,
    at: dt.datetime,
    rng: np.random.Generator,
    *,
    language: Language = "en",
) -> tuple[list[Story], str]:
    """Open and closed cases, oldest first; and the enterprise of the demo's reporter, which has two open ones."""
    plans = _reporters(people, wiring, lists, events, stocks)
    reporter = people.enterprise_ids[int(people.owner[plans[0].site])]
    plans += _about_events(people, wiring, events, rng)[: people.size.open_cases - len(plans)]
    busy = {p.site for p in plans} | set(np.flatnonzero(lists.stopped[people.owner]).tolist())
    plans += _others(people, wiring, stocks, busy, people.size.open_cases - len(plans), _OPEN, rng)
    plans += _others(people, wiring, stocks, busy, people.size.closed_cases, _CLOSED, rng)
    moments = [_filed_at(plan.state, at, rng) for plan in plans]
    scene = _Scene(people, wiring, stocks, at, rng, language)
    counters: dict[str, int] = {}
    found = []
    for i in np.argsort(np.array([m.timestamp() for m in moments]), kind="stable"):
        plan, filed = plans[int(i)], moments[int(i)]
        province = people.region[plan.site][:2]
        prefix = f"{_SHORT[province]}-{filed:%Y%m%d}"
        counters[prefix] = counters.get(prefix, 0) + 1
        number = f"{prefix}-{counters[prefix]:04d}"
        found.append(_story(number, plan, filed, scene))
    return found, reporter


def _reporters(people: Population, wiring: Wiring, lists: Lists, events: list[Event], stocks: Stocks) -> list[_Plan]:
    """Cases of the Changchun enterprise whose lamps are worst: one in work and one that waits for its word."""
    present = (people.region == REPORTER_REGION) & (stocks.report_age == 0) & ~people.is_group[people.owner]
    here = np.flatnonzero(present & ~lists.stopped[people.owner])
    low = (stocks.cover < 7).astype(int) + (stocks.cover < 3)
    tier = np.array([tiers()[p] for p in people.product])
    score = np.bincount(wiring.slot_site, low, len(people.product)) - 0.01 * tier
    site = int(here[np.argmax(score[here])])
    slots = np.flatnonzero(wiring.slot_site == site)
    slot = int(slots[np.nanargmin(stocks.cover[slots])])
    lane = next((e for e in events if e.kind == "lane" and e.subject.endswith(">220000")), None)
    return [_Plan(site, slot, "logistics", "solving", lane), _Plan(site, None, "staff_return", "solved", None)]


def _about_events(people: Population, wiring: Wiring, events: list[Event], rng: np.random.Generator) -> list[_Plan]:
    """Open cases of closed sites, those with most customers first by chance, and of sites behind a blocked lane."""
    customers = np.bincount(wiring.link_supplier, minlength=len(people.product))
    closed = [e for e in events if e.site is not None]
    key = np.array([customers[e.site] * rng.uniform(0.2, 1.0) for e in closed])
    states = _states(_OPEN, people.size.open_cases, rng)
    plans = []
    for event in events:
        if event.kind != "lane":
            continue
        hit = _behind(people, wiring, event.subject)
        for link in rng.choice(hit, min(len(hit), 2), replace=False).tolist():
            slot = int(wiring.link_slot[link])
            plans.append(_Plan(int(wiring.slot_site[slot]), slot, "logistics", next(states), event))
    several = round(0.62 * people.size.open_cases)
    for i in np.argsort(-key, kind="stable")[: max(several - len(plans), 0)]:
        event = closed[int(i)]
        site = int(event.site or 0)
        slots = np.flatnonzero(wiring.slot_site == site)
        waits = event.case_kind == "upstream_supply" and len(slots) > 0
        plans.append(_Plan(site, int(slots[0]) if waits else None, event.case_kind, next(states), event))
    return plans


def _behind(people: Population, wiring: Wiring, subject: str) -> np.ndarray:
    """Links that a lane between regions holds."""
    origin, destination = (side.rstrip("0") if side.endswith("00") else side for side in subject.split(">"))
    customer = people.region[wiring.slot_site[wiring.link_slot]]
    mask = np.char.startswith(customer, destination.strip("*"))
    return np.flatnonzero(mask & np.char.startswith(people.region[wiring.link_supplier], origin.strip("*")))


def _others(
    people: Population,
    wiring: Wiring,
    stocks: Stocks,
    busy: set[int],
    count: int,
    states: dict[str, tuple[float, int, tuple[str, ...]]],
    rng: np.random.Generator,
) -> list[_Plan]:
    """Cases that name no event, of sites that have none yet; those with little stock come first."""
    low = np.bincount(wiring.slot_site, np.nan_to_num(stocks.cover, nan=99) < 9, len(people.product))
    chance = 0.05 + low
    chance[list(busy)] = 0.0
    sites = rng.choice(len(chance), min(count, int((chance > 0).sum())), replace=False, p=chance / chance.sum())
    state = _states(states, count, rng)
    plans = []
    for site in sites.tolist():
        kind = str(rng.choice(_KINDS, p=_KIND_CHANCE))
        slots = np.flatnonzero((wiring.slot_site == site) & np.isfinite(stocks.cover))
        if kind in {"logistics", "upstream_supply"} and not len(slots):
            kind = "staff_return"
        slot = int(slots[np.argmin(stocks.cover[slots])]) if kind in {"logistics", "upstream_supply"} else None
        plans.append(_Plan(site, slot, kind, next(state), None))
        busy.add(site)
    return plans


def _states(
    shares: dict[str, tuple[float, int, tuple[str, ...]]], count: int, rng: np.random.Generator
) -> Iterator[str]:
    """Endless states in the given shares, in a drawn order."""
    names = [s for s, (share, *_) in shares.items() for _ in range(max(1, round(share * count)))]
    while True:
        for i in rng.permutation(len(names)):
            yield names[int(i)]


def _filed_at(state: str, at: dt.datetime, rng: np.random.Generator) -> dt.datetime:
    """Filing time: today's before `at`, older ones in office hours."""
    oldest = (_OPEN | _CLOSED)[state][1]
    midnight = dt.datetime.combine(at.date(), dt.time(), at.tzinfo)
    fewest = 0 if state in {"filed", "accepted"} else (5 if state in _CLOSED else 1)
    age = int(rng.integers(fewest, oldest + 1))
    if age == 0:
        return midnight + (at - midnight) * float(rng.uniform(0.6, 0.95))
    return midnight + dt.timedelta(days=-age, seconds=int(rng.uniform(7.5 * 3600, 18 * 3600)))


def _story(number: str, plan: _Plan, filed: dt.datetime, scene: _Scene) -> Story:
    people, rng = scene.people, scene.rng
    region = str(people.region[plan.site])
    province = f"{region[:2]}0000"
    texts = _texts(plan, scene)
    offered = plan.state in {"accepted", "assigned", "solving"} and rng.random() < 0.12
    enterprise = people.enterprise_ids[int(people.owner[plan.site])]
    needed = max(filed, scene.at - dt.timedelta(days=2)) + dt.timedelta(days=int(rng.integers(2, 9)))
    duty = words(scene.language, "any", "duty", enterprise=enterprise)
    return Story(
        number=number, kind=plan.kind, state=plan.state, enterprise_id=enterprise,
        site_id=people.site_ids[plan.site], product=_missing(plan, scene.wiring), blocked=texts["blocked"],
        place=region, needed_by=needed.date(), duty=duty,
        contact=words(scene.language, "any", "contact", duty=duty, number=int(rng.integers(100, 999))),
        text=texts["text"], filed_at=filed, lead_region=province,
        offered_to=("310000" if province != "310000" else "320000") if offered else None,
        event_id=plan.event.event_id if plan.event else None,
        entries=_entries(plan.state, filed, scene.at, texts, offered=offered, rng=rng),
    )  # fmt: skip


def _missing(plan: _Plan, wiring: Wiring) -> str | None:
    """The input that the case is about."""
    return None if plan.slot is None else str(wiring.slot_product[plan.slot])


def _texts(plan: _Plan, scene: _Scene) -> dict[str, str]:
    """The words of the case, by what they are for."""
    given, made = _missing(plan, scene.wiring), str(scene.people.product[plan.site])
    cover = float("nan") if plan.slot is None else float(scene.stocks.cover[plan.slot])
    # Without an input the lorries are those that should take the product away.
    kind = "logistics_out" if plan.kind == "logistics" and given is None else plan.kind
    count, site = int(scene.rng.integers(3, 60)), scene.people.site_names[plan.site]
    return story_words(scene.language, kind, site, made, given or made, count=count, cover=cover)


def _entries(
    state: str, filed: dt.datetime, at: dt.datetime, texts: dict[str, str], *, offered: bool, rng: np.random.Generator
) -> tuple[Entry, ...]:
    """The story so far: filed, then each move in turn with its words, all before `at` and in order."""
    moves = [*(_OPEN | _CLOSED)[state][2], *(["hand_over"] if offered else [])]
    last = at - dt.timedelta(minutes=5) if state in _OPEN else min(at, filed + dt.timedelta(days=4))
    steps = np.sort(rng.uniform(0.02, 0.98, len(moves) + 1))
    moments = [filed + (last - filed) * float(step) for step in steps]
    said = {**{move: texts[move] for move in ("dispute", "hand_over", "withdraw")}, "solve": texts["solution"]}
    found = [Entry(filed, ENTERPRISE, "move", "file", "", "filed")]
    before = "filed"
    for move, moment in zip(moves, moments, strict=False):
        actor = ENTERPRISE if move in {"confirm", "dispute", "withdraw"} else DESK
        after = _AFTER.get(move, before)
        found.append(Entry(moment, actor, "move", move, before, after, said.get(move, "")))
        if move == "accept":
            found.append(Entry(moment + (last - moment) * 0.01, DESK, "reply", text=texts["reply"]))
        if move == "start" and rng.random() < 0.4:
            found.append(Entry(moment + (last - moment) * 0.01, DESK, "note", text=texts["note"]))
        before = after
    return tuple(sorted(found, key=lambda entry: entry.at))
