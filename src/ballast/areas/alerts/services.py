"""Light the lamps: apply the rule to inputs, keep history, and find each enterprise's worst."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Model, Q

from ballast.areas.alerts.judging import Figures, Verdict, judge_all
from ballast.areas.alerts.models import EnterpriseLamp, Lamp, LampChange, Level, chain_text
from ballast.areas.alerts.rulebook.in_force import parts_cover_on
from ballast.areas.alerts.rules import SEVERITY, Rule, effective
from ballast.areas.bulk import upsert
from ballast.areas.reference.selectors import authority, now
from ballast.areas.registry.models import Enterprise, Need

__all__ = ["relight"]

# Enterprise, its region, its chains as lamps keep them.
_Place = tuple[int, str, str]
L = TypeVar("L", Lamp, EnterpriseLamp)

_LAMP_FIELDS = [
    "need_id", "enterprise_id", "region_id", "chains", "level", "since", "held", "held_since", "cover_days", "reason",
    "counts",
]  # fmt: skip
_CHANGE_FIELDS = ["need_id", "at", "level_before", "level", "cover_days", "rule", "inputs"]
_ENTERPRISE_FIELDS = [
    "enterprise_id", "region_id", "chains", "level", "since", "unconfirmed_since", "missing", "worst_need_id",
    "cover_days",
]  # fmt: skip
_NEED_FIELDS = (
    "pk", "site__enterprise_id", "site__enterprise__region_id", "stock", "blocked_stock", "daily_use", "reported_at",
)  # fmt: skip


@transaction.atomic
def relight(needs: Collection[int] | None = None, *, at: dt.datetime | None = None) -> int:
    """Number of lamps whose level changed, after judging the given needs (primary keys; None: all) anew.

    `since` stays while the level stays. Missing data show as no data and keep the level that was last certain
    in `held`; when data return at that level, its `since` returns too. The system judges, so no person's
    permission is asked. `at` is the instant of judgement, now when left out. One need: milliseconds;
    100,000 needs: seconds.
    """
    at = at or now()
    of = authority()
    zone = ZoneInfo(of.time_zone)
    today = at.astimezone(zone).date()
    judgement = _Judgement(at, parts_cover_on(today))
    chosen = Lamp.objects.all() if needs is None else Lamp.objects.filter(need__in=list(needs))
    lamps = {lamp.need_id: lamp for lamp in chosen.order_by("pk").select_for_update()}
    rows, places = _read(needs)
    figures = [Figures(*row[3:]) for row in rows]
    verdicts = judge_all(judgement.rule, figures, [lamps.get(row[0]) for row in rows], today, zone)
    written, changes, owners = [], [], set()
    for (pk, enterprise, *_rest), given, verdict in zip(rows, figures, verdicts, strict=True):
        lamp, change = judgement.apply(pk, places[enterprise], given, verdict, lamps.get(pk))
        if lamp is None:
            continue
        written.append(lamp)
        owners.add(enterprise)
        if change is not None:
            changes.append(change)
    _write(Lamp, ["need"], _LAMP_FIELDS, written)
    _write(LampChange, [], _CHANGE_FIELDS, changes)
    if needs is not None:
        places = {owner: places[owner] for owner in owners}
    _relight_enterprises(places, at, everyone=needs is None)
    return len(changes)


def _read(needs: Collection[int] | None) -> tuple[list[tuple[Any, ...]], dict[int, _Place]]:
    """Rows of _NEED_FIELDS of the needs (None: all), and the place of each enterprise among them."""
    chosen = Need.objects.all() if needs is None else Need.objects.filter(pk__in=list(needs))
    rows = list(chosen.order_by("pk").values_list(*_NEED_FIELDS))
    regions = {enterprise: region for _pk, enterprise, region, *_figures in rows}
    chains = _chains(None if needs is None else regions)
    return rows, {key: (key, region, chains.get(key, "")) for key, region in regions.items()}


def _place(row: Lamp | EnterpriseLamp) -> _Place:
    return row.enterprise_id, row.region_id, row.chains


def _put(row: L, place: _Place) -> L:
    row.enterprise_id, row.region_id, row.chains = place
    return row


def _write(model: type[Model], key: list[str], names: list[str], rows: Sequence[Model]) -> None:
    upsert(model, key, names, ([getattr(row, name) for name in names] for row in rows))


def _chains(enterprises: Iterable[int] | None) -> dict[int, str]:
    """Chains of the enterprises (None: all) as lamps keep them."""
    members = Enterprise.chains.through.objects.all()
    if enterprises is not None:
        members = members.filter(enterprise__in=enterprises)
    found: dict[int, list[str]] = defaultdict(list)
    for enterprise, chain in members.order_by().values_list("enterprise_id", "chain_id"):
        found[enterprise].append(chain)
    return {enterprise: chain_text(codes) for enterprise, codes in found.items()}


class _Judgement:
    """One pass of the rule at one instant."""

    def __init__(self, at: dt.datetime, rule: Rule) -> None:
        self.at, self.rule = at, rule

    def apply(
        self, need: int, place: _Place, figures: Figures, verdict: Verdict, lamp: Lamp | None
    ) -> tuple[Lamp | None, LampChange | None]:
        """The lamp to write (None when it stays as it is) and the change of level, if any."""
        inputs = figures._asdict() | {
            "reported_at": figures.reported_at.isoformat() if figures.reported_at else None,
            "missing": verdict.missing,
        }
        reason = {"rule": self.rule.label, **inputs}
        if lamp is not None and lamp.level == verdict.level:
            now = (verdict.cover_days, reason, verdict.counts, place)
            if (lamp.cover_days, lamp.reason, lamp.counts, _place(lamp)) == now:
                return None, None
            lamp.cover_days, lamp.reason, lamp.counts = verdict.cover_days, reason, verdict.counts
            return _put(lamp, place), None
        before = lamp.level if lamp else ""
        lamp = self._turned(lamp or Lamp(need_id=need), verdict, first=lamp is None)
        lamp.cover_days, lamp.reason, lamp.counts = verdict.cover_days, reason, verdict.counts
        return _put(lamp, place), self._change(need, before, verdict, inputs)

    def _change(self, need: int, before: str, verdict: Verdict, inputs: dict[str, Any]) -> LampChange:
        return LampChange(
            need_id=need, at=self.at, level_before=before, level=verdict.level, cover_days=verdict.cover_days,
            rule=self.rule.label, inputs=inputs,
        )  # fmt: skip

    def _turned(self, lamp: Lamp, verdict: Verdict, *, first: bool) -> Lamp:
        """The lamp at its new level, with what is held and since when."""
        if verdict.level == Level.NO_DATA and not first:
            lamp.held, lamp.held_since, lamp.since = lamp.level, lamp.since, self.at
        elif lamp.held and lamp.held == verdict.level and lamp.held_since:
            lamp.since, lamp.held, lamp.held_since = lamp.held_since, "", None
        else:
            lamp.since, lamp.held, lamp.held_since = self.at, "", None
        lamp.level = verdict.level
        return lamp


def _relight_enterprises(places: Mapping[int, _Place], at: dt.datetime, *, everyone: bool) -> None:
    """Bring the worst lamp of the enterprises up to date; `everyone` says that no other has a lamp."""
    owners = Q() if everyone else Q(enterprise__in=list(places))
    present = EnterpriseLamp.objects.filter(owners).order_by("pk").select_for_update()
    before = {row.enterprise_id: row for row in present}
    fields = ("enterprise_id", "need_id", "level", "held", "since", "cover_days")
    grouped: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for enterprise, *rest in Lamp.objects.filter(owners).order_by().values_list(*fields):
        grouped[enterprise].append(tuple(rest))
    written = [
        row
        for enterprise, place in places.items()
        if (row := _worst(place, grouped[enterprise], before.get(enterprise), at)) is not None
    ]
    _write(EnterpriseLamp, ["enterprise"], _ENTERPRISE_FIELDS, written)


def _order(lamp: tuple[Any, ...]) -> tuple[Any, ...]:
    """Worst level first; among equals what data confirm, then the least cover."""
    need, level, held, _since, cover = lamp
    return (SEVERITY[effective(level, held)], level == Level.NO_DATA, cover is None, cover, need)


def _worst(
    place: _Place, lamps: Iterable[tuple[Any, ...]], row: EnterpriseLamp | None, at: dt.datetime
) -> EnterpriseLamp | None:
    """The enterprise's lamp to write, None when it stays as it is."""
    lamps = list(lamps)
    need, level, held, since, cover = min(lamps, key=_order)
    counts = effective(level, held)
    values = {
        "level": counts,
        "since": row.since if row and row.level == counts else at,
        "unconfirmed_since": since if counts != level else None,
        "missing": sum(1 for lamp in lamps if lamp[1] == Level.NO_DATA),
        "worst_need_id": need,
        "cover_days": cover,
    }
    if row is not None and _place(row) == place and all(getattr(row, key) == value for key, value in values.items()):
        return None
    row = _put(row or EnterpriseLamp(), place)
    for key, value in values.items():
        setattr(row, key, value)
    return row
