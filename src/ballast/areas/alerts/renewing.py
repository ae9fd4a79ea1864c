"""Lamps that stay at their level after a report: the figures that they are lit by, and the days of cover."""

import json

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from ballast.areas.alerts.models import Lamp
from ballast.areas.alerts.reading import Chosen, known
from ballast.areas.bulk import set_columns
from ballast.areas.registry.models import Need

__all__ = ["renew_figures"]

_COPIED = ("stock", "blocked_stock", "daily_use", "reported_at")


def renew_figures(chosen: Chosen, places: NDArray[np.intp], rule: str, cover: NDArray[np.float64]) -> None:
    """Write into the lamps at these places the figures of their inputs, the days of cover and the rule's label."""
    if not len(places):
        return
    keys = chosen.lamps[places].tolist()
    if connection.vendor == "sqlite":
        _copy(keys, rule)
        return
    figures = zip(*chosen.figures(places), strict=True)
    columns = dict(zip(_COPIED, figures, strict=True))
    set_columns(Lamp, keys, columns | {"cover_days": known(cover[places]), "rule": [rule] * len(keys)})


def _copy(keys: list[int], rule: str) -> None:
    """The same within SQLite, where nobody else writes since the inputs were read: nothing but the keys is sent.

    Days of cover are found by the operations of core.cover in their order, so to the last bit; what is null, or
    divided by 0, gives null.
    """
    lamp, need = Lamp._meta.db_table, Need._meta.db_table
    copied = ", ".join(f"{name} = need.{name}" for name in _COPIED)
    cover = "MAX(0.0, need.stock - need.blocked_stock) / need.daily_use"
    statement = (
        f"UPDATE {lamp} SET {copied}, cover_days = {cover}, rule = %s FROM {need} AS need"  # noqa: S608
        f" WHERE need.id = {lamp}.need_id AND {lamp}.id IN (SELECT value FROM json_each(%s))"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [rule, json.dumps(keys)])
