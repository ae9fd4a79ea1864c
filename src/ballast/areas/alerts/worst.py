"""Each enterprise's worst lamp, and the copies of its place that its lamps keep."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from django.db import connection
from django.db.models import Q
from numpy.typing import NDArray

from ballast.areas.alerts.models import EnterpriseLamp, Lamp, Level, chain_text
from ballast.areas.alerts.rules import SEVERITY
from ballast.areas.bulk import Stored, instant, raw_columns, raw_rows, set_columns, upsert
from ballast.areas.registry.models import Enterprise

__all__ = ["Place", "places_of", "relight_enterprises"]

_FIELDS = ("region_id", "chains", "level", "since", "unconfirmed_since", "missing", "worst_need_id", "cover_days")
# The same as they are read: instants neither parsed nor made again.
_READ = tuple(Stored(name) if name in {"since", "unconfirmed_since"} else name for name in _FIELDS)
# What is read of lamps, each with its kind.
_OF_LAMPS: dict[str, Any] = {
    "pk": np.int64, "enterprise_id": np.int64, "region_id": object, "chains": object, "need_id": np.int64,
    "severity": np.int64, "held": object, "cover_days": float,
}  # fmt: skip
_LEVELS = [str(level) for level in Level.values]
_NO_DATA = SEVERITY[str(Level.NO_DATA)]


class Place(NamedTuple):
    """Region and chains of an enterprise as lamps keep them."""

    region: str
    chains: str


class _Worst(NamedTuple):
    """Of one enterprise: the level that counts, whether it is only held, inputs without data, the worst input and its
    days of cover."""

    level: str
    held: bool
    missing: int
    need: int
    cover: float | None


def places_of(enterprises: Iterable[int] | None) -> dict[int, Place]:
    """The places of the enterprises (None: all)."""
    rows = Enterprise.objects.order_by()
    if enterprises is not None:
        rows = rows.filter(pk__among=set(enterprises))
    regions, chains = {}, defaultdict(list)
    for key, region, chain in rows.values_list("pk", "region_id", "chains"):
        regions[key] = region
        if chain is not None:
            chains[key].append(chain)
    return {key: Place(region, chain_text(chains.get(key, ()))) for key, region in regions.items()}


def relight_enterprises(places: Mapping[int, Place], at: dt.datetime, *, everyone: bool) -> None:
    """Bring the worst lamp of the enterprises up to date; `everyone` says that no other has a lamp."""
    owners = Q() if everyone else Q(enterprise__pk__among=list(places))
    worst = _worst(owners, places)
    present = EnterpriseLamp.objects.filter(owners).order_by("pk").select_for_update()
    before = {row[0]: row[1:] for row in raw_rows(present.values_list("enterprise_id", "pk", *_READ))}
    held = [one.need for one in worst.values() if one.held]
    since = dict(raw_rows(Lamp.objects.filter(need__pk__among=held).values_list("need_id", Stored("since"))))
    now = connection.ops.adapt_datetimefield_value(at)
    new, changed = [], []
    for enterprise, one in worst.items():
        old = before.get(enterprise)
        begun = old[4] if old and old[3] == one.level else now
        unconfirmed = since[one.need] if one.held else None
        row = (*places[enterprise], one.level, begun, unconfirmed, one.missing, one.need, one.cover)
        if old is None:
            new.append((enterprise, *row[:3], at, instant(unconfirmed), *row[5:]))
        elif old[1:] != row:
            changed.append((old[0], *row))
    upsert(EnterpriseLamp, ["enterprise"], ["enterprise_id", *_FIELDS], new)
    if changed:
        pks, *columns = zip(*changed, strict=True)
        set_columns(EnterpriseLamp, pks, dict(zip(_FIELDS, columns, strict=True)))


def _worst(owners: Q, places: Mapping[int, Place]) -> dict[int, _Worst]:
    """The worst of the lamps of each enterprise; lamps that keep another place than their enterprise's get it."""
    found = raw_columns(Lamp.objects.filter(owners).order_by().values_list(*_OF_LAMPS), _OF_LAMPS)
    _move(found, places)
    enterprise, need, level, cover = (found[name] for name in ("enterprise_id", "need_id", "severity", "cover_days"))
    if not len(enterprise):
        return {}
    held = np.array([SEVERITY.get(one, -1) for one in found["held"].tolist()])
    silent = level == _NO_DATA
    counted = np.where(silent & (held >= 0), held, level)
    # Worst level first; among equals what data confirm, then the least cover; unknown cover sorts last.
    order = np.lexsort((need, cover, counted * 2 + silent, enterprise))
    first = order[np.flatnonzero(np.diff(enterprise[order], prepend=-1))]
    owner = enterprise[first]
    missing = np.bincount(np.searchsorted(owner, enterprise[silent]), minlength=len(owner))
    columns = owner, counted[first], silent[first] & (held[first] >= 0), missing, need[first], cover[first]
    return {
        key: _Worst(_LEVELS[number], only_held, gone, part, None if days != days else days)
        for key, number, only_held, gone, part, days in zip(*(one.tolist() for one in columns), strict=True)
    }


def _move(lamps: Mapping[str, NDArray[Any]], places: Mapping[int, Place]) -> None:
    """Give lamps, as columns, that keep another place than their enterprise's the place of that."""
    kept = list(zip(*(lamps[name].tolist() for name in ("enterprise_id", "region_id", "chains")), strict=True))
    strange = {one for one in set(kept) if places[one[0]] != one[1:]}
    if strange:
        moved = [number for number, one in enumerate(kept) if one in strange]
        found = [places[kept[number][0]] for number in moved]
        columns = {"region_id": [one.region for one in found], "chains": [one.chains for one in found]}
        set_columns(Lamp, lamps["pk"][moved].tolist(), columns)
