"""Put four months of drawn problems into a database that holds an exercise: what a desk has after a spring's work.

Rows go in by bulk, past the services and the audit, in one transaction.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from ballast.areas.accounts.models import User
from ballast.areas.bulk import analyze, upsert
from ballast.areas.cases.clocks.dues import follow_all
from ballast.areas.cases.clocks.parts_kept import mend_parts
from ballast.areas.cases.models import Case, CaseEntry, NumberSeries
from ballast.areas.cases.numbering import desk_regions, due_at, letters
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import authority, now
from ballast.areas.registry.models import Enterprise, Event, Need, Site
from ballast.exercise.people import make_desks
from ballast.exercise.season import Drawn, Ground, Place, draw
from ballast.exercise.words import Language, words

__all__ = ["fill"]

_CLOSED = frozenset({"confirmed", "withdrawn"})
_OWNED = frozenset({"assigned", "solving", "solved", "disputed", "confirmed"})
# Kinds that hold the way to the site, not the site; and those that hold nothing until an officer says what.
_LANES, _HOLD_NOTHING = frozenset({"logistics", "upstream_supply"}), frozenset({"other"})
Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Keys:
    """Primary keys by the ids of the tables, regions of enterprises, and the person at each desk."""

    sites: Mapping[str, int]
    enterprises: Mapping[str, int]
    homes: Mapping[str, str]
    people: Mapping[str, User]
    regions: Mapping[str, Region]


def fill(
    wanted: int,
    *,
    seed: int = 2022,
    languages: Sequence[Language] = ("en", "zh"),
    progress: Progress = lambda _: None,
) -> int:
    """Draw cases of the last four months until the database holds `wanted` of them; the number of new ones.

    Their events hold while a case is open, as after filing it; output at risk comes with the next forecast.
    """
    missing = wanted - Case.objects.count()
    if missing <= 0:
        return 0
    ground = _ground()
    with transaction.atomic():
        regions = Region.objects.in_bulk(set(ground.desks.values()))
        drawn = list(draw(missing, ground, until=now(), seed=seed, languages=languages))
        progress(f"{len(drawn):,} cases with {sum(len(one.steps) for one in drawn):,} lines are drawn")
        rows = Enterprise.objects.values_list("enterprise_id", "pk", "region_id")
        keys = _Keys(
            sites=dict(Site.objects.values_list("site_id", "pk")),
            enterprises={code: pk for code, pk, _region in rows},
            homes={code: region for code, _pk, region in rows},
            people=make_desks(regions),
            regions=regions,
        )
        numbers = _numbers(drawn)
        progress("writing them")
        _write(drawn, numbers, keys)
        progress("running their clocks")
        follow_all("log")
        mend_parts()
    analyze()
    return len(drawn)


def _ground() -> Ground:
    """The register of this database, with its desks."""
    inputs: dict[object, list[str]] = defaultdict(list)
    for site, product in Need.objects.order_by("pk").values_list("site", "product"):
        inputs[site].append(product)
    columns = ("pk", "site_id", "enterprise__enterprise_id", "enterprise__region", "name", "name_zh", "product")
    places = [
        Place(site, enterprise, region, (name, name_zh), product, tuple(inputs[pk]))
        for pk, site, enterprise, region, name, name_zh, product in Site.objects.order_by("pk").values_list(*columns)
    ]
    desks = desk_regions()
    short = {region.code: letters(region) for region in Region.objects.filter(code__in=set(desks.values()))}
    return Ground(places, desks, short)


def _numbers(drawn: Iterable[Drawn]) -> list[str]:
    """The numbers of the cases, after those that were given before; the series go on behind them."""
    last = dict(NumberSeries.objects.values_list("prefix", "last"))
    given = dict(last)
    found = []
    for one in drawn:
        serial = last.get(one.prefix, 0) + one.serial
        given[one.prefix] = max(given.get(one.prefix, 0), serial)
        found.append(f"{one.prefix}-{serial:04d}")
    upsert(NumberSeries, ["prefix"], ["prefix", "last"], sorted(given.items()))
    return found


def _write(drawn: Sequence[Drawn], numbers: Sequence[str], keys: _Keys) -> None:
    events = [(number, one) for number, one in zip(numbers, drawn, strict=True) if one.kind not in _HOLD_NOTHING]
    columns = ["event_id", "kind", "subject", "start", "capacity_left", "name", "case_id", "withdrawn_at"]
    upsert(Event, [], columns, (_event(number, one) for number, one in events))
    known = dict(Event.objects.exclude(case_id="").values_list("case_id", "pk"))
    due = _due_times(drawn)
    rows = [_row(number, one, keys, due, known) for number, one in zip(numbers, drawn, strict=True)]
    upsert(Case, [], list(rows[0]), (list(row.values()) for row in rows))
    pks = dict(Case.objects.values_list("number", "pk"))
    lines = (
        list(line.values())
        for number, one in zip(numbers, drawn, strict=True)
        for line in _lines(pks[number], one, keys)
    )
    columns = ["case_id", "at", "actor_id", "actor_name", "side", "desk_id", "lead_id", "type", "move"]
    upsert(CaseEntry, [], [*columns, "state_before", "state_after", "text"], lines)


def _event(number: str, one: Drawn) -> list[Any]:
    """What the case holds back, as filing it would make it."""
    lane = one.kind in _LANES
    site = one.site.site_id
    subject = f"{one.place}>{site}" if lane else site
    ended = one.steps[-1].at if one.state in _CLOSED else None
    return [
        f"CASE-{number}", Event.Kind.LANE if lane else Event.Kind.SITE, subject, one.filed_at.date(),
        one.capacity_left, one.blocked, number, ended,
    ]  # fmt: skip


def _due_times(drawn: Iterable[Drawn]) -> dict[tuple[str, dt.date], dt.datetime]:
    """When the policy wants a case solved, by kind and day of filing."""
    of = authority()
    return {key: due_at(key[0], at, of) for key, at in {(d.kind, d.filed_at.date()): d.filed_at for d in drawn}.items()}


def _row(
    number: str,
    one: Drawn,
    keys: _Keys,
    due: Mapping[tuple[str, dt.date], dt.datetime],
    events: Mapping[str, int],
) -> dict[str, Any]:
    duty = _duty(one)
    moved = [step for step in one.steps if step.after != step.before]
    left_to_above = any(step.move == "refuse" for step in one.steps)
    return {
        "number": number, "kind": one.kind, "state": one.state,
        "enterprise_id": keys.enterprises[one.site.enterprise_id], "home_id": keys.homes[one.site.enterprise_id],
        "site_id": keys.sites[one.site.site_id], "product_id": one.product, "blocked": one.blocked,
        "place_id": one.place, "needed_by": one.needed_by,
        "contact": words(one.language, "any", "contact", duty=duty, number=100 + one.serial % 900),
        "text": one.text, "filed_at": one.filed_at, "due_at": due[one.kind, one.filed_at.date()],
        "policy_due": due[one.kind, one.filed_at.date()],
        "lead_region_id": one.lead, "owner_id": keys.people[one.lead].pk if one.state in _OWNED else None,
        "offered_to_id": one.offered_to, "escalated_to_id": keys.regions[one.lead].parent_id if left_to_above else None,
        "event_id": events.get(number), "state_since": moved[-1].at,
        "closed_at": moved[-1].at if one.state in _CLOSED else None,
    }  # fmt: skip


def _duty(one: Drawn) -> str:
    return words(one.language, "any", "duty", enterprise=one.site.enterprise_id)


def _lines(case: int, one: Drawn, keys: _Keys) -> Iterable[dict[str, Any]]:
    for step in one.steps:
        person = keys.people.get(step.desk)
        yield {
            "case_id": case, "at": step.at, "actor_id": person.pk if person else None,
            "actor_name": person.get_full_name() if person else _duty(one),
            "side": CaseEntry.Side.DESK if step.desk else CaseEntry.Side.ENTERPRISE, "desk_id": step.desk or None,
            "lead_id": step.lead, "type": step.type, "move": step.move, "state_before": step.before,
            "state_after": step.after, "text": step.text,
        }  # fmt: skip
