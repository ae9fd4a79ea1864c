"""Four months of problems, drawn: what enterprises of a register filed, and every step to the end of each case."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ballast.exercise.words import Language, story_words

__all__ = ["DAYS", "Drawn", "Ground", "Place", "Step", "draw"]

DAYS = 120
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))
_KINDS = ("logistics", "staff_return", "upstream_supply", "policy", "energy", "funds", "other")
_KIND_CHANCE = (0.36, 0.24, 0.16, 0.08, 0.05, 0.06, 0.05)
_BEGIN, _SOLVED, _ENDED = ("accept", "reply", "assign", "start"), ("solve", "confirm"), ("note", "solve", "confirm")
# What befalls a case from its filing on, and how often. An offer is answered before anything else happens.
_COURSES: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.30, (*_BEGIN, *_SOLVED)),
    (0.18, (*_BEGIN, *_ENDED)),
    (0.10, (*_BEGIN, "answer", "reply", *_SOLVED)),
    (0.12, ("accept", "reply", "hand_over", "take_over", "assign", "start", *_ENDED)),
    (0.05, ("accept", "hand_over", "refuse", "assign", "start", "reply", *_SOLVED)),
    (0.10, (*_BEGIN, "solve", "dispute", "start", "reply", *_SOLVED)),
    (0.02, (*_BEGIN, "solve", "dispute", "note", "start", "solve", "dispute", "start", *_SOLVED)),
    (0.03, (*_BEGIN, *_SOLVED, "reopen", "assign", "start", *_ENDED)),
    (0.06, ("accept", "reply", "withdraw")),
    (0.04, (*_BEGIN, "withdraw")),
)
_AFTER = {
    "accept": "accepted", "assign": "assigned", "start": "solving", "solve": "solved", "dispute": "disputed",
    "confirm": "confirmed", "reopen": "accepted", "withdraw": "withdrawn", "take_over": "accepted",
}  # fmt: skip
_BETWEEN = frozenset({"hand_over", "take_over", "refuse"})
_WORDS = {"reply": "reply", "answer": "reply", "note": "note"}
_OF_ENTERPRISE = frozenset({"answer", "confirm", "dispute", "withdraw"})
# Median hours until a step; the others follow within the day.
_HOURS = {
    "accept": 2.5,
    "start": 6.0,
    "solve": 30.0,
    "confirm": 16.0,
    "dispute": 12.0,
    "reopen": 70.0,
    "withdraw": 30.0,
}
_SHORT_HOURS = 4.0
_SPREAD = 0.7
# Hours of the day between which people write.
_FROM, _UNTIL = 8, 20
_LEFT = (0.0, 0.0, 0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class Place:
    """A site that may have a problem: ids, names in both languages, its product and the inputs that it needs."""

    site_id: str
    enterprise_id: str
    region: str
    name: tuple[str, str]
    product: str
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Ground:
    """The register that problems arise in. `desks` names the desk of each region, `short` the letters of a desk."""

    places: Sequence[Place]
    desks: Mapping[str, str]
    short: Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """One line of the story; `desk` is the region that spoke, "" for the enterprise, `lead` the one that leads then."""

    at: dt.datetime
    type: str
    desk: str
    lead: str
    move: str = ""
    before: str = ""
    after: str = ""
    text: str = ""


@dataclass(frozen=True)
class Drawn:
    """One case as it stands at the end. `place` is where it is blocked, `serial` counts from 1 by desk and day."""

    prefix: str
    serial: int
    kind: str
    site: Place
    product: str | None
    blocked: str
    place: str
    text: str
    language: Language
    filed_at: dt.datetime
    needed_by: dt.date
    capacity_left: float
    state: str
    lead: str
    offered_to: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class _Scene:
    """What a case is drawn from."""

    ground: Ground
    until: dt.datetime
    language: Language
    rng: np.random.Generator


def draw(
    count: int, ground: Ground, *, until: dt.datetime, seed: int = 2022, languages: Sequence[Language] = ("en", "zh")
) -> Iterator[Drawn]:
    """So many cases of the last four months before `until`, oldest first; the same for the same arguments.

    A tenth of the enterprises has half of the problems; fewer come in at week-ends. What would happen after `until`
    has not happened yet, so that the newest cases are open, in all states. Texts are in one of the languages.
    """
    rng = np.random.default_rng([seed, count, len(ground.places)])
    weight = rng.pareto(1.2, len(ground.places)) + 0.2
    sites = rng.choice(len(ground.places), count, p=weight / weight.sum())
    kinds = rng.choice(len(_KINDS), count, p=_KIND_CHANCE)
    courses = rng.choice(len(_COURSES), count, p=[chance for chance, _course in _COURSES])
    serials: dict[str, int] = {}
    for moment, site, kind, course in zip(_moments(count, until, rng), sites, kinds, courses, strict=True):
        place = ground.places[site]
        desk = ground.desks[place.region]
        prefix = f"{ground.short[desk]}-{moment.astimezone(_SHANGHAI):%Y%m%d}"
        serials[prefix] = serials.get(prefix, 0) + 1
        language = languages[int(rng.integers(len(languages)))]
        scene = _Scene(ground, until, language, rng)
        yield _case((prefix, serials[prefix]), place, _KINDS[kind], _COURSES[course][1], moment, scene)


def _moments(count: int, until: dt.datetime, rng: np.random.Generator) -> list[dt.datetime]:
    """Instants of filing in office hours, in their order; at a week-end half as many come in."""
    midnight = dt.datetime.combine(until.astimezone(_SHANGHAI).date(), dt.time(), _SHANGHAI)
    days = np.arange(DAYS + 1)
    chance = np.array([0.5 if (midnight - dt.timedelta(days=int(day))).weekday() > 4 else 1.0 for day in days])
    # Today is not over.
    chance[0] *= max((until - midnight) / dt.timedelta(days=1), 0.0)
    back = rng.choice(days, count, p=chance / chance.sum())
    seconds = rng.uniform(_FROM * 3600, _UNTIL * 3600, count)
    found = [midnight + dt.timedelta(days=-int(d), seconds=float(s)) for d, s in zip(back, seconds, strict=True)]
    # Of today only what has gone by.
    passed = max((until - midnight).total_seconds() - 60, 0.0)
    return sorted(
        one if one < until else midnight + dt.timedelta(seconds=float(rng.uniform(0, passed))) for one in found
    )


def _case(
    number: tuple[str, int], site: Place, kind: str, course: tuple[str, ...], filed: dt.datetime, scene: _Scene
) -> Drawn:
    rng, places = scene.rng, scene.ground.places
    # Who needs no input has no supplier that stops.
    kind = kind if site.inputs or kind != "upstream_supply" else "staff_return"
    product = None
    if site.inputs and kind in {"logistics", "upstream_supply"}:
        product = site.inputs[int(rng.integers(len(site.inputs)))]
    told = "logistics_out" if kind == "logistics" and product is None else kind
    count, cover = int(rng.integers(3, 60)), float(rng.uniform(1, 9))
    texts = story_words(
        scene.language, told, site.name, site.product, product or site.product, count=count, cover=cover
    )
    elsewhere = places[int(rng.integers(len(places)))].region
    first, other = (scene.ground.desks[region] for region in (site.region, elsewhere))
    steps, lead, offered = _steps(course, filed, (first, other), texts, scene)
    return Drawn(
        prefix=number[0], serial=number[1], kind=kind, site=site, product=product, blocked=texts["blocked"],
        place=elsewhere if product else site.region, text=texts["text"], language=scene.language, filed_at=filed,
        needed_by=(filed + dt.timedelta(days=int(rng.integers(2, 12)))).date(),
        capacity_left=_LEFT[int(rng.integers(len(_LEFT)))],
        state=next(step.after for step in reversed(steps) if step.after), lead=lead,
        offered_to=other if offered else None, steps=steps,
    )  # fmt: skip


def _steps(
    course: tuple[str, ...], filed: dt.datetime, desks: tuple[str, str], texts: Mapping[str, str], scene: _Scene
) -> tuple[tuple[Step, ...], str, bool]:
    """The lines of the course so far; the desk that leads then, and whether it has offered the case to the other."""
    lead, other = desks
    said = _said(texts)
    steps, state, at, offered = [Step(filed, "move", "", lead, "file", "", "filed")], "filed", filed, False
    for move, part in zip(course, scene.rng.lognormal(0.0, _SPREAD, len(course)), strict=True):
        if move in _BETWEEN and desks[0] == other:
            continue
        at = _in_hours(at + dt.timedelta(hours=_HOURS.get(move, _SHORT_HOURS) * float(part)), scene.rng)
        if at >= scene.until:
            break
        desk = "" if move in _OF_ENTERPRISE else other if move in {"take_over", "refuse"} else lead
        if move in _WORDS:
            steps.append(Step(at, _WORDS[move], desk, lead, text=said[move]))
            continue
        offered = move == "hand_over"
        lead = other if move == "take_over" else lead
        after = _AFTER.get(move, state)
        steps.append(Step(at, "move", desk, lead, move, state, after, said.get(move, "")))
        state = after
    return tuple(steps), lead, offered


def _said(texts: Mapping[str, str]) -> dict[str, str]:
    """What is written with each step."""
    same = ("reply", "note", "dispute", "hand_over", "withdraw")
    others = {"solve": "solution", "answer": "text", "refuse": "note", "reopen": "dispute"}
    return {step: texts[step] for step in same} | {step: texts[part] for step, part in others.items()}


def _in_hours(at: dt.datetime, rng: np.random.Generator) -> dt.datetime:
    """The instant, or one of the next morning when nobody writes at that hour."""
    local = at.astimezone(_SHANGHAI)
    if _FROM <= local.hour < _UNTIL:
        return at
    day = local.date() + dt.timedelta(days=local.hour >= _UNTIL)
    begin = dt.datetime.combine(day, dt.time(_FROM), _SHANGHAI)
    return begin + dt.timedelta(hours=2 * float(rng.random()))
