"""Light the lamps: apply the rule to inputs, keep history, and find each enterprise's worst."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Model

from ballast.areas.alerts.models import EnterpriseLamp, Lamp, LampChange, Level
from ballast.areas.alerts.rules import SEVERITY, Rule, Verdict, effective, judge, parts_cover
from ballast.areas.bulk import upsert
from ballast.areas.reference.selectors import authority, now
from ballast.areas.registry.models import Need

__all__ = ["relight"]

_LAMP_FIELDS = ["need_id", "enterprise_id", "level", "since", "held", "held_since", "cover_days", "reason"]
_CHANGE_FIELDS = ["need_id", "at", "level_before", "level", "cover_days", "rule", "inputs"]
_ENTERPRISE_FIELDS = ["enterprise_id", "level", "since", "unconfirmed_since", "missing", "worst_need_id", "cover_days"]
_NEED_FIELDS = ("pk", "site__enterprise_id", "stock", "blocked_stock", "daily_use", "reported_at")


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
    judgement = _Judgement(at, ZoneInfo(of.time_zone), parts_cover())
    chosen = Lamp.objects.all() if needs is None else Lamp.objects.filter(need__in=list(needs))
    lamps = {lamp.need_id: lamp for lamp in chosen.order_by("pk").select_for_update()}
    rows = Need.objects.all() if needs is None else Need.objects.filter(pk__in=list(needs))
    written, changes, owners = [], [], set()
    for row in rows.order_by("pk").values_list(*_NEED_FIELDS):
        lamp, change = judgement.apply(row, lamps.get(row[0]))
        if lamp is None:
            continue
        written.append(lamp)
        owners.add(row[1])
        if change is not None:
            changes.append(change)
    _write(Lamp, ["need"], _LAMP_FIELDS, written)
    _write(LampChange, [], _CHANGE_FIELDS, changes)
    _relight_enterprises(None if needs is None else owners, at)
    return len(changes)


def _write(model: type[Model], key: list[str], names: list[str], rows: Sequence[Model]) -> None:
    upsert(model, key, names, ([getattr(row, name) for name in names] for row in rows))


class _Judgement:
    """One pass of the rule at one instant."""

    def __init__(self, at: dt.datetime, zone: ZoneInfo, rule: Rule) -> None:
        self.at, self.zone, self.rule = at, zone, rule
        self.today = at.astimezone(zone).date()

    def apply(self, row: tuple[Any, ...], lamp: Lamp | None) -> tuple[Lamp | None, LampChange | None]:
        """The lamp to write (None when it stays as it is) and the change of level, if any."""
        need, enterprise, stock, blocked, use, reported_at = row
        verdict = judge(
            stock=stock,
            blocked_stock=blocked,
            daily_use=use,
            reported_on=reported_at.astimezone(self.zone).date() if reported_at else None,
            today=self.today,
            rule=self.rule,
        )
        reason = {
            "rule": self.rule.label,
            "stock": stock,
            "blocked_stock": blocked,
            "daily_use": use,
            "reported_at": reported_at.isoformat() if reported_at else None,
            "missing": verdict.missing,
        }
        if lamp is not None and lamp.level == verdict.level:
            if (lamp.cover_days, lamp.reason, lamp.enterprise_id) == (verdict.cover_days, reason, enterprise):
                return None, None
            lamp.cover_days, lamp.reason, lamp.enterprise_id = verdict.cover_days, reason, enterprise
            return lamp, None
        before = lamp.level if lamp else ""
        lamp = self._turned(lamp or Lamp(need_id=need), verdict, first=lamp is None)
        lamp.cover_days, lamp.reason, lamp.enterprise_id = verdict.cover_days, reason, enterprise
        change = LampChange(
            need_id=need,
            at=self.at,
            level_before=before,
            level=verdict.level,
            cover_days=verdict.cover_days,
            rule=self.rule.label,
            inputs={key: value for key, value in reason.items() if key != "rule"},
        )
        return lamp, change

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


def _relight_enterprises(owners: Collection[int] | None, at: dt.datetime) -> None:
    """Bring the worst lamp of the enterprises (None: all) up to date."""
    chosen = EnterpriseLamp.objects.all() if owners is None else EnterpriseLamp.objects.filter(enterprise__in=owners)
    before = {row.enterprise_id: row for row in chosen.order_by("pk").select_for_update()}
    lamps = Lamp.objects.all() if owners is None else Lamp.objects.filter(enterprise__in=owners)
    fields = ("enterprise_id", "need_id", "level", "held", "since", "cover_days")
    grouped: dict[int, list[tuple[Any, ...]]] = {}
    for enterprise, *rest in lamps.order_by().values_list(*fields):
        grouped.setdefault(enterprise, []).append(tuple(rest))
    written = [
        row
        for enterprise, found in grouped.items()
        if (row := _worst(enterprise, found, before.get(enterprise), at)) is not None
    ]
    _write(EnterpriseLamp, ["enterprise"], _ENTERPRISE_FIELDS, written)


def _order(lamp: tuple[Any, ...]) -> tuple[Any, ...]:
    """Worst level first; among equals what data confirm, then the least cover."""
    need, level, held, _since, cover = lamp
    return (SEVERITY[effective(level, held)], level == Level.NO_DATA, cover is None, cover, need)


def _worst(
    enterprise: int, lamps: Iterable[tuple[Any, ...]], row: EnterpriseLamp | None, at: dt.datetime
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
    if row is not None and all(getattr(row, key) == value for key, value in values.items()):
        return None
    row = row or EnterpriseLamp(enterprise_id=enterprise)
    for key, value in values.items():
        setattr(row, key, value)
    return row
