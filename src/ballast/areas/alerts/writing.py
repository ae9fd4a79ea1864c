"""Write what the rule says of inputs: rows whose level turned, and of the others those that say something else now."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast.areas.alerts.judging import MISSING, NO_LAMP, Verdicts
from ballast.areas.alerts.models import Lamp, LampChange, Level
from ballast.areas.alerts.reading import Chosen
from ballast.areas.alerts.rules import SEVERITY
from ballast.areas.alerts.worst import Place
from ballast.areas.bulk import set_columns, upsert

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
        self._turn(np.flatnonzero(turned).tolist())
        self._renew(np.flatnonzero(~turned & self._differs()).tolist())
        self._move(np.flatnonzero(self.chosen.moved).tolist())
        return int(turned.sum())

    def _differs(self) -> NDArray[np.bool_]:
        """Which lamps say something else than the verdicts; [n]."""
        chosen, verdicts = self.chosen, self.verdicts
        same = (chosen.cover == verdicts.cover) | (np.isnan(chosen.cover) & np.isnan(verdicts.cover))
        missing = np.array([MISSING.index(one) for one in chosen.missing], np.int8)
        found: NDArray[np.bool_] = ~same | chosen.inputs.changed | chosen.newer | (missing != verdicts.missing)
        counts = zip(chosen.inputs.counts, verdicts.counts, strict=True)
        found |= np.array([before != after for before, after in counts], np.bool_)
        return found

    def _renew(self, places: list[int]) -> None:
        """Lamps that stay at their level: days of cover, and what they are lit by."""
        if not places:
            return
        chosen, verdicts = self.chosen, self.verdicts
        figures = [chosen.figures[place] for place in places]
        stocks, blocked, uses, instants = zip(*figures, strict=True)
        columns: dict[str, Sequence[Any]] = {
            "cover_days": _known(verdicts.cover[places]),
            "rule": [self.rule] * len(places),
            "stock": stocks,
            "blocked_stock": blocked,
            "daily_use": uses,
            "reported_at": instants,
            "missing": [MISSING[number] for number in verdicts.missing[places].tolist()],
            "counts": [verdicts.counts[place] for place in places],
        }
        set_columns(Lamp, [chosen.lamps[place] or 0 for place in places], columns)

    def _move(self, places: list[int]) -> None:
        """Lamps of a site that became another enterprise's; apart from the others, for it costs two indices."""
        keys, owners = [self.chosen.lamps[place] or 0 for place in places], self.chosen.enterprises
        if places:
            set_columns(Lamp, keys, {"enterprise_id": [owners[place] for place in places]})

    def _turn(self, places: list[int]) -> None:
        """Lamps that are new or come to another level, with the change of each."""
        since = self._since(places)
        lamps, changes = [], []
        for place in places:
            need, figures, at = self.chosen.needs[place], self.chosen.figures[place], self.at
            before, after = self._levels(place)
            why, reported_at = MISSING[self.verdicts.missing[place]], _instant(figures.reported_at)
            cover = _known(self.verdicts.cover[place : place + 1])[0]
            began, held, held_since = self._turned(place, since)
            enterprise = self.chosen.enterprises[place]
            lamps.append((
                need, enterprise, *self.places[enterprise], after, began, held, held_since, cover, self.rule,
                *figures[:3], reported_at, why, self.verdicts.counts[place],
            ))  # fmt: skip
            inputs = figures._asdict() | {"reported_at": reported_at and reported_at.isoformat(), "missing": why}
            changes.append((need, at, before, after, cover, self.rule, inputs))
        upsert(Lamp, ["need"], _LAMP_FIELDS, lamps)
        upsert(LampChange, [], _CHANGE_FIELDS, changes)

    def _levels(self, place: int) -> tuple[str, str]:
        before = self.chosen.inputs.level[place]
        return "" if before == NO_LAMP else _LEVELS[before], _LEVELS[self.verdicts.level[place]]

    def _turned(
        self, place: int, since: Mapping[int, tuple[dt.datetime, dt.datetime | None]]
    ) -> tuple[dt.datetime, str, dt.datetime | None]:
        """Since when the new level stands, which level is held, and since when."""
        lamp, held = self.chosen.lamps[place], self.chosen.inputs.held[place]
        before, after = self._levels(place)
        if lamp is not None and after == Level.NO_DATA:
            return self.at, before, since[lamp][0]
        if lamp is not None and held != NO_LAMP and _LEVELS[held] == after:
            return since[lamp][1] or self.at, "", None
        return self.at, "", None

    def _since(self, places: list[int]) -> dict[int, tuple[dt.datetime, dt.datetime | None]]:
        """Of lamps that go out of data, or come back to the level they held: since when both stood, by key."""
        level, held = self.verdicts.level, self.chosen.inputs.held
        wanted = [
            lamp
            for place in places
            if (lamp := self.chosen.lamps[place]) is not None and level[place] in (_NO_DATA, held[place])
        ]
        rows = Lamp.objects.filter(pk__among=wanted).values_list("pk", "since", "held_since") if wanted else []
        return {pk: (since, held_since) for pk, since, held_since in rows}


def _known(values: NDArray[np.float64]) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def _instant(found: Any) -> dt.datetime | None:  # noqa: ANN401
    """An instant as the database has it: text in UTC on SQLite."""
    return dt.datetime.fromisoformat(found).replace(tzinfo=dt.UTC) if isinstance(found, str) else found
