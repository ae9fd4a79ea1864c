"""How bulk materials are shown: the words of their halves, the rows of their export, the line of their price."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballast.areas.alerts.models import Level
from ballast.areas.economy.materials.lamps import Half
from ballast.areas.economy.materials.selectors import Material

__all__ = ["Cell", "cells", "head", "line", "row"]

_WIDTH, _HEIGHT = 600.0, 120.0


class Cell(NamedTuple):
    """A half with its head, and its value or the reason why there is none in words."""

    title: str
    half: Half
    text: str


class Line(NamedTuple):
    """A polyline of prices, and what stands at its ends."""

    points: str
    first: tuple[str, float]
    last: tuple[str, float]
    low: float
    high: float


def why(half: Half) -> str:
    """Why a half has no value, in words; "" when it has one."""
    return {
        "": "",
        "not_named": _("no indicator named"),
        "nothing": _("nothing published"),
        "missing": _("not published"),
        "too_short": _("too short for a verdict"),
        "no_verdict": _("no verdict: stands still"),
        "refused": _("indicator cannot be used"),
        "few": _("fewer than five reported"),
    }[half.why]


def cells(found: Material) -> list[Cell]:
    """The halves of a lamp as the board shows them."""
    lamps = found.lamps
    return [
        Cell(_("Price growth (IFPA)"), lamps.price, _valued(lamps.price, "{:+.2f}")),
        Cell(_("Price against trend (ALPS)"), lamps.trend, _valued(lamps.trend, "{:+.2f}")),
        Cell(_("Days of cover"), lamps.cover, _days(lamps.cover)),
        Cell(_("Supply gap"), lamps.gap, _valued(lamps.gap, "{:.1f} %")),
        Cell(_("Reporters short"), lamps.short, _valued(lamps.short, "{:.0f} %")),
    ]


def head() -> list[str]:
    """Heads of the export."""
    return [
        "commodity_id", "name", "name_zh", "product", "special", "level", "price_level", "price_score", "price_period",
        "chance_of_rise", "months_at_level", "cover_level", "cover_days", "gap_level", "gap_per_cent", "short_level",
        "short_per_cent", "plants",
        "watch", "watch_open", "watch_day", "grade", "largest_origin_per_cent", "next_review",
    ]  # fmt: skip


def row(found: Material) -> list[str | int | float | dt.date | None]:
    """One line of the export."""
    one, lamps, hit, watch = found.commodity, found.lamps, found.lamps.price.hit, found.watch
    return [
        one.commodity_id, one.name, one.name_zh, one.product_id or "", one.special, str(lamps.level),
        str(lamps.price.level), lamps.price.value, lamps.price.period, hit.chance if hit else None,
        hit.months if hit else None, str(lamps.cover.level), lamps.cover.value, str(lamps.gap.level), lamps.gap.value,
        str(lamps.short.level), lamps.short.value, found.plants,
        watch.title if watch else "", watch.open if watch else None, watch.day if watch else None,
        *((lamps.graded.grade.upper(), lamps.graded.value) if lamps.graded else (None, None)),
        found.review.due if found.review else None,
    ]  # fmt: skip


def line(prices: Sequence[tuple[str, float]]) -> Line | None:
    """The prices of the last months as a line in a box of 600 by 120; None for fewer than two."""
    if len(prices) < 2:
        return None
    figures = [price for _period, price in prices]
    low, high = min(figures), max(figures)
    spread = (high - low) or 1.0
    step = _WIDTH / (len(figures) - 1)
    points = " ".join(f"{k * step:.1f},{_HEIGHT * (1.0 - (x - low) / spread):.1f}" for k, x in enumerate(figures))
    return Line(points, prices[0], prices[-1], low, high)


def _valued(half: Half, form: str) -> str:
    return why(half) if half.value is None or half.level == Level.NO_DATA else form.format(half.value)


def _days(half: Half) -> str:
    if half.value is None:
        return why(half)
    return ngettext("%(days)s day", "%(days)s days", int(half.value)) % {"days": f"{half.value:.1f}"}
