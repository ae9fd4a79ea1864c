"""Write what the rule says of inputs: rows whose level turned, and of the others those that say something else now."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.areas.alerts.judging import MISSING, NO_LAMP, Verdicts
from ballast.areas.alerts.models import Lamp, LampChange, Level
from ballast.areas.alerts.reading import NO_KEY, Chosen, known
from ballast.areas.alerts.renewing import renew_figures
from ballast.areas.alerts.rules import SEVERITY
from ballast.areas.alerts.worst import Place
from ballast.areas.bulk import instant, set_columns, upsert

__all__ = ["Judged"]

_LAMP_FIELDS = [
    "need_id", "enterprise_id", "region_id", "chains", "level", "since", "held", "held_since", "cover_days", "rule",
    "stock", "blocked_stock", "daily_use", "reported_at", "missing", "counts",
]  # fmt: skip
_CHANGE_FIELDS = ["need_id", "at", "level_before", "level", "cover_days", "rule", "inputs"]
_LEVELS = [str(level) for level in Level.values]
_NO_DATA = SEVERITY[str(Level.NO_DATA)]


@dataclass(frozen=True)
class Judged:
    """Inputs, what the rule of that label says of each at an instant, and where their enterprises are."""

    at: dt.datetime
    rule: str
    chosen: Chosen
    verdicts: Verdicts
    places: Mapping[int, Place]

    def write(self) -> int:
        """Write what changed; the number of lamps whose level did."""
        turned = self.chosen.inputs.level != self.verdicts.level
        self._turn(np.flatnonzero(turned))
        self._renew(~turned)
        self._move(np.flatnonzero(self.chosen.moved))
        return int(turned.sum())

    def _renew(self, stay: NDArray[np.bool_]) -> None:
        """Lamps that stay at their level; each thing that they say is written where it is another one."""
        chosen, verdicts = self.chosen, self.verdicts
        same = (chosen.cover == verdicts.cover) | (np.isnan(chosen.cover) & np.isnan(verdicts.cover))
        lit = np.flatnonzero(stay & (~same | chosen.inputs.changed | chosen.newer))
        renew_figures(chosen, lit, self.rule, verdicts.cover)
        missing = np.flatnonzero(stay & (chosen.missing != verdicts.missing))
        if len(missing):
            words = [MISSING[number] for number in verdicts.missing[missing].tolist()]
            set_columns(Lamp, chosen.lamps[missing].tolist(), {"missing": words})
        pairs = zip(chosen.inputs.counts, verdicts.counts, strict=True)
        counted = np.flatnonzero(stay & np.array([before != after for before, after in pairs], np.bool_))
        if len(counted):
            kept = [verdicts.counts[place] for place in counted.tolist()]
            set_columns(Lamp, chosen.lamps[counted].tolist(), {"counts": kept})

    def _move(self, places: NDArray[np.intp]) -> None:
        """Lamps of a site that became another enterprise's; apart from the others, for it costs two indices."""
        places = places[self.chosen.lamps[places] != NO_KEY]
        if len(places):
            keys, owners = (column[places].tolist() for column in (self.chosen.lamps, self.chosen.enterprises))
            set_columns(Lamp, keys, {"enterprise_id": owners})

    def _turn(self, places: NDArray[np.intp]) -> None:
        """Lamps that are new or come to another level, with the change of each."""
        since, figures = self._since(places), self.chosen.figures(places)
        needs, enterprises = (one[places].tolist() for one in (self.chosen.needs, self.chosen.enterprises))
        covers = known(self.verdicts.cover[places])
        lamps, changes = [], []
        for place, need, enterprise, cover, given in zip(
            places.tolist(), needs, enterprises, covers, figures, strict=True
        ):
            before, after = self._levels(place)
            why, reported_at = MISSING[self.verdicts.missing[place]], instant(given.reported_at)
            began, held, held_since = self._turned(place, since)
            lamps.append((
                need, enterprise, *self.places[enterprise], after, began, held, held_since, cover, self.rule,
                *given[:3], reported_at, why, self.verdicts.counts[place],
            ))  # fmt: skip
            inputs = given._asdict() | {"reported_at": reported_at and reported_at.isoformat(), "missing": why}
            changes.append((need, self.at, before, after, cover, self.rule, inputs))
        upsert(Lamp, ["need"], _LAMP_FIELDS, lamps)
        upsert(LampChange, [], _CHANGE_FIELDS, changes)

    def _levels(self, place: int) -> tuple[str, str]:
        before = self.chosen.inputs.level[place]
        return "" if before == NO_LAMP else _LEVELS[before], _LEVELS[self.verdicts.level[place]]

    def _turned(
        self, place: int, since: Mapping[int, tuple[dt.datetime, dt.datetime | None]]
    ) -> tuple[dt.datetime, str, dt.datetime | None]:
        """Since when the new level stands, which level is held, and since when."""
        lamp, held = int(self.chosen.lamps[place]), self.chosen.inputs.held[place]
        before, after = self._levels(place)
        if lamp != NO_KEY and after == Level.NO_DATA:
            return self.at, before, since[lamp][0]
        if lamp != NO_KEY and held != NO_LAMP and _LEVELS[held] == after:
            return since[lamp][1] or self.at, "", None
        return self.at, "", None

    def _since(self, places: NDArray[np.intp]) -> dict[int, tuple[dt.datetime, dt.datetime | None]]:
        """Of lamps that go out of data, or come back to the level they held: since when both stood, by key."""
        level, held, lamps = self.verdicts.level[places], self.chosen.inputs.held[places], self.chosen.lamps[places]
        wanted = lamps[(lamps != NO_KEY) & ((level == _NO_DATA) | (level == held))].tolist()
        rows = Lamp.objects.filter(pk__among=wanted).values_list("pk", "since", "held_since") if wanted else []
        return {pk: (since, held_since) for pk, since, held_since in rows}
