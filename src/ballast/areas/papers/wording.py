"""How figures read in English and Chinese, and how sentences take them in."""

import datetime as dt
from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ballast.areas.papers.blocks import Part, Parts

__all__ = [
    "chinese",
    "count",
    "cover",
    "date",
    "day",
    "joined",
    "missing",
    "moment",
    "money",
    "name",
    "sentence",
    "share",
]

_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_NAMES_ZH = {"CNY": "元", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "JPY": "日元"}


def chinese() -> bool:
    """Whether the language in force is Chinese."""
    return (get_language() or "").startswith("zh")


def sentence(template: str, **facts: Part | Parts) -> Parts:
    """A translated sentence cut at its named placeholders, with the facts in their places."""
    parts: list[Part] = []
    for text, field, _spec, _conversion in Formatter().parse(template):
        if text:
            parts.append(text)
        if field is not None:
            given = facts[field]
            parts.extend(given if isinstance(given, tuple) else (given,))
    return tuple(parts)


def joined(items: Iterable[Parts], mark: str) -> Parts:
    """Several runs of parts as one, with a mark between them."""
    found: list[Part] = []
    for item in items:
        found.extend(((mark,) if found else ()) + item)
    return tuple(found)


def missing() -> str:
    """What stands where nothing is known."""
    return _("no report")


def count(value: float | None) -> str:
    """A whole number with thousands separators."""
    return missing() if value is None else f"{value:,.0f}"


def cover(value: float | None) -> str:
    """Days of cover with one decimal, cut down, so that 2.99 never reads as 3.0."""
    return missing() if value is None else _("{days} d").format(days=f"{int(value * 10 + 1e-9) / 10:,.1f}")


def share(value: float | None) -> str:
    """A share as per cent with one decimal."""
    return missing() if value is None else _("{share} %").format(share=f"{value * 100:.1f}")


def money(value: float | None, currency: str) -> str:
    """An amount such as ¥41.2 M, or 4,120万元."""
    if value is None:
        return missing()
    steps = ((1e8, "亿"), (1e4, "万")) if chinese() else ((1e9, " bn"), (1e6, " M"), (1e3, " k"))
    # Half a digit below a step would round up to it.
    size, mark = next(((s, m) for s, m in steps if abs(value) >= s * 0.9995), (1.0, ""))
    amount = value / size
    figure = f"{amount:,.{0 if size == 1.0 or abs(amount) >= 999.5 else 1 if abs(amount) >= 9.995 else 2}f}{mark}"
    if chinese():
        return f"{figure}{_NAMES_ZH.get(currency, ' ' + currency)}"
    return f"{_SIGNS.get(currency, currency + ' ')}{figure}"


def day(value: str | dt.date) -> str:
    """A date with its weekday."""
    found = dt.date.fromisoformat(value) if isinstance(value, str) else value
    if chinese():
        return f"{date(found)} 星期{'一二三四五六日'[found.weekday()]}"
    return date_format(found, "D j F Y")


def date(value: dt.date) -> str:
    """A date as a letter writes it."""
    return f"{value.year}年{value.month}月{value.day}日" if chinese() else date_format(value, "j F Y")


def moment(value: str | dt.datetime, zone: dt.tzinfo) -> str:
    """A date with the time of day, in the authority's zone."""
    instant = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def name(row: Mapping[str, Any], key: str = "name") -> str:
    """The name in the language in force; the other one where it has none."""
    first, second = (f"{key}_zh", key) if chinese() else (key, f"{key}_zh")
    return str(row.get(first) or row.get(second) or "")
