"""How figures are written for people: money, days, counts and shares, by language."""

import datetime as dt
from contextvars import ContextVar

from django.utils.translation import get_language, gettext, pgettext

__all__ = ["NOTHING", "currency", "days", "money", "number", "percent", "signed", "span"]

# Shown where nothing is known; never a zero.
NOTHING = "–"
# The authority's currency for the request that is being answered; the middleware sets it.
currency: ContextVar[str] = ContextVar("currency", default="CNY")

_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_NAMES_ZH = {"CNY": "元", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "JPY": "日元"}
_STEPS_EN = ((1e12, " tn"), (1e9, " bn"), (1e6, " M"), (1e3, " k"))
_STEPS_ZH = ((1e12, "万亿"), (1e8, "亿"), (1e4, "万"))


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _group(text: str) -> str:
    """Thousands separated by commas, in both languages."""
    sign, rest = ("−", text[1:]) if text.startswith("-") else ("", text)
    whole, dot, part = rest.partition(".")
    return f"{sign}{int(whole):,}{dot}{part}"


def money(value: float | None) -> str:
    """An amount in the authority's currency, e.g. "¥41.2 M" or "4,120万元"."""
    if value is None or value != value:
        return NOTHING
    code, chinese = currency.get(), _chinese()
    size = abs(value)
    for step, word in _STEPS_ZH if chinese else _STEPS_EN:
        # Half a digit below the step would round up to it.
        if size >= step * 0.9995:
            amount = value / step
            digits = (
                0 if (abs(amount) >= 99.95 and chinese) or abs(amount) >= 999.5 else 1 if abs(amount) >= 9.995 else 2
            )
            text = _group(f"{amount:.{digits}f}") + word
            break
    else:
        text = _group(f"{value:.0f}")
    if chinese:
        return text + _NAMES_ZH.get(code, f" {code}")
    sign = _SIGNS.get(code, f"{code} ")
    return f"−{sign}{text[1:]}" if text.startswith("−") else f"{sign}{text}"


def days(value: float | str | None) -> str:
    """Days with one decimal, e.g. "2.9 d"; cut down, so that 2.99 never reads as 3.0.

    A template gives "" for what is not there, such as the cover of an input whose lamp was not lit yet.
    """
    if value is None or isinstance(value, str) or value != value:
        return NOTHING
    if value == float("inf"):
        return pgettext("days of cover without end", "ample")
    shown = int(value * 10 + 1e-9) / 10
    return gettext("%(days)s d") % {"days": _group(f"{shown:.1f}")}


def number(value: float | None) -> str:
    """A count or quantity with grouped thousands and no needless decimals."""
    if value is None or value != value:
        return NOTHING
    if float(value).is_integer():
        return _group(f"{value:.0f}")
    digits = 0 if abs(value) >= 10_000 else 1 if abs(value) >= 100 else 2
    text = f"{value:.{digits}f}"
    return _group(text.rstrip("0").rstrip(".") if digits else text)


def percent(value: float | None) -> str:
    """A share as per cent with one decimal, e.g. 0.868 is "86.8 %"."""
    if value is None or value != value:
        return NOTHING
    return gettext("%(share)s %%") % {"share": f"{value * 100:.1f}"}


def signed(value: float | None) -> str:
    """A change with its sign, e.g. plus, minus or ±0."""
    if value is None:
        return NOTHING
    return "±0" if value == 0 else f"+{number(value)}" if value > 0 else number(value)


def span(instant: dt.datetime, other: dt.datetime) -> str:
    """The time between two instants in its largest unit: "3 d", "20 h" or "15 min"."""
    minutes = int(abs((other - instant).total_seconds()) // 60)
    if minutes >= 48 * 60:
        text = gettext("%(n)s d") % {"n": number(minutes // (24 * 60))}
    elif minutes >= 60:
        text = gettext("%(n)s h") % {"n": minutes // 60}
    else:
        text = gettext("%(n)s min") % {"n": minutes}
    return text.replace(" ", "\u00a0")
