"""Template tags of the desk: lamps, figures, sorting, paging, chips, sparklines."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext

from ballast.areas.accounts.access import can
from ballast.areas.alerts.models import Level
from ballast.areas.alerts.rules import parts_cover
from ballast.areas.cases.clocks.card import card_of
from ballast.areas.cases.clocks.time_left import due
from ballast.areas.cases.models import Case
from ballast.areas.reference.selectors import now
from ballast.areas.responses.selectors import budget_of
from ballast.web import figures

__all__ = ["register"]

register = template.Library()

register.filter("money", figures.money)
register.filter("days", figures.days)
register.filter("number", figures.number)
register.filter("percent", figures.percent)
register.filter("signed", figures.signed)
register.filter("span", figures.span)

# One shape a level, so that colour is never the only sign.
_SHAPES = {
    Level.RED: '<rect x="2" y="2" width="12" height="12" rx="1"/>',
    Level.YELLOW: '<path d="M8 1.5 15 14.2H1z"/>',
    Level.BLUE: '<circle cx="8" cy="8" r="6.5"/>',
    Level.NORMAL: '<circle cx="8" cy="8" r="6"/>',
    Level.NO_DATA: '<circle cx="8" cy="8" r="6" stroke-dasharray="2.6 2.1"/>',
    Level.NOT_IN_USE: '<path d="M3 8h10"/>',
}


def _level(level: str | None) -> Level:
    try:
        return Level(level or Level.NO_DATA)
    except ValueError:
        return Level.NO_DATA


@register.simple_tag
def lamp(level: str | None, bare: bool = False) -> SafeString:
    """A lamp as shape and word; `bare` keeps the word for screen readers and as a tooltip only."""
    return _lamp(_level(level), bare, get_language())


@lru_cache
def _lamp(known: Level, bare: bool, _language: str | None) -> SafeString:
    """The lamp drawn once a language: a page has hundreds of them."""
    shape = mark_safe(_SHAPES[known])  # noqa: S308 - a constant of this module
    word = known.label
    if bare:
        return format_html(
            '<svg class="lamp lamp-{}" viewBox="0 0 16 16" role="img" aria-label="{}"><title>{}</title>{}</svg>',
            known.value, word, word, shape,
        )  # fmt: skip
    return format_html(
        '<span class="lamp-word"><svg class="lamp lamp-{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>{}</span>',
        known.value, shape, word,
    )  # fmt: skip


@register.simple_tag
def cover_bar(level: str | None, cover: float | None) -> SafeString:
    """Days of cover as a bar up to the mildest threshold of the rule, with marks at the others; empty when unknown."""
    limits = tuple(sorted(one.below_days for one in parts_cover().thresholds))
    share = 0.0 if cover is None else min(cover / limits[-1], 1.0)
    return format_html(
        '<span class="cover-bar" aria-hidden="true"><i class="bar-{}" style="width:{}%"></i>{}</span>',
        _level(level).value, f"{100 * share:.1f}", _marks(limits),
    )  # fmt: skip


@lru_cache
def _marks(limits: tuple[float, ...]) -> SafeString:
    """Marks at all limits but the mildest, which is the bar's end."""
    places = ((f"{100 * limit / limits[-1]:.1f}",) for limit in limits[:-1])
    return format_html_join("", '<b style="left:{}%"></b>', places)


@register.simple_tag
def share_bar(share: float | None) -> SafeString:
    """A share of the whole as a bar; empty when unknown."""
    width = f"{100 * min(max(share or 0.0, 0.0), 1.0):.1f}"
    return format_html('<span class="share-bar" aria-hidden="true"><i style="width:{}%"></i></span>', width)


@register.simple_tag
def lamp_word(level: str | None) -> str:
    """The word of a lamp's level alone."""
    return str(_level(level).label)


def _query(context: Context, **changes: object) -> str:
    """The page's own query string with changes; None drops a parameter."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def sortable(context: Context, key: str, label: str) -> SafeString:
    """Head of a column as a link that sorts by `key`, and the other way round when it already does."""
    now = context["request"].GET.get("sort", "")
    state = "asc" if now == key else "desc" if now == f"-{key}" else ""
    turned = f"-{key}" if now == key else key
    hint = {"asc": gettext("sorted upwards"), "desc": gettext("sorted downwards"), "": ""}[state]
    return format_html(
        '<a class="sort {}" href="{}">{}<span class="visually-hidden"> {}</span></a>',
        state, _query(context, sort=turned, page=None), label, hint,
    )  # fmt: skip


@register.inclusion_tag("web/_pager.html", takes_context=True)
def pager(context: Context, page: Page) -> dict[str, Any]:
    """Which rows are shown of how many, and links to the other pages; keeps every query parameter."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {
        "page": page,
        "pages": [(n, _query(context, page=n) if isinstance(n, int) else "") for n in numbers],
        "previous": _query(context, page=page.previous_page_number()) if page.has_previous() else "",
        "next": _query(context, page=page.next_page_number()) if page.has_next() else "",
    }


@register.simple_tag(takes_context=True)
def chip(context: Context, name: str, value: object, label: str, count: int | None = None) -> SafeString:
    """A filter chip: sets `name=value` in the address, or takes it out again when it is set."""
    on = context["request"].GET.get(name) == str(value)
    amount = format_html(' <span class="chip-count">{}</span>', figures.number(count)) if count is not None else ""
    return format_html(
        '<a class="chip{}" href="{}"{}>{}{}</a>',
        " on" if on else "",
        _query(context, page=None, **{name: None if on else value}),
        mark_safe(' aria-current="true"') if on else "",
        label,
        amount,
    )


def _due(context: Context, case: Case) -> dict[str, Any]:
    at = now(context["authority"])
    stand = due(case, at=at)
    return {"case": case, "at": at, "stand": stand, "percent": round(100 * stand.spent)}


def _due_clock(context: Context, case: Case) -> dict[str, Any]:
    return {**_due(context, case), "card": context.get("card") or card_of(case)}


# The due hour of a case with its lamp: short for lists, and as a bar with its reasons for its own page.
@register.inclusion_tag("web/_budget.html", takes_context=True)
def warning_budget(context: Context) -> dict[str, Any]:
    """How many warnings an officer is told of a day, how many it were, and how many wait for the digest."""
    user = context["user"]
    if not can(user, "work_cases"):
        return {}
    told, held = budget_of(user)
    return {"officer": True, "most": settings.WARNINGS_A_DAY, "told": told, "held": held}


register.inclusion_tag("cases/_due.html", takes_context=True, name="due")(_due)
register.inclusion_tag("cases/_clock.html", takes_context=True, name="due_clock")(_due_clock)


@register.simple_tag(takes_context=True)
def views(context: Context, *pairs: str) -> SafeString:
    """A switch between the views of one list, from pairs of value and label; the value "" is the page's own view."""
    now = context["request"].GET.get("view", "")
    choices = list(zip(pairs[::2], pairs[1::2], strict=True))
    shown = now if now in pairs[::2] else ""
    links = format_html_join(
        "",
        '<a class="{}" href="{}"{}>{}</a>',
        (
            (
                "on" if value == shown else "",
                _query(context, view=value or None, page=None),
                mark_safe(' aria-current="true"') if value == shown else "",
                label,
            )
            for value, label in choices
        ),
    )
    return format_html('<span class="switch" role="group" aria-label="{}">{}</span>', gettext("View"), links)


@register.simple_tag(takes_context=True)
def export_links(context: Context, *papers: str) -> SafeString:
    """Links that give the present list, with its filters, as CSV and XLSX, and as the `papers` named beside."""
    links = format_html_join(
        " ", '<a href="{}">{}</a>',
        ((_query(context, format=form, page=None), form.upper()) for form in ("csv", "xlsx", *papers)),
    )  # fmt: skip
    return format_html('<span class="exports">{} {}</span>', pgettext("list as a file", "Export"), links)


@register.simple_tag
def sparkline(points: Sequence[float], label: str = "", width: int = 330, height: int = 48) -> SafeString:
    """A line of values at equal distances, drawn on the server; `label` says it in words."""
    values = [float(v) for v in points]
    if len(values) < 2:
        return SafeString("")
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = (width - 12) / (len(values) - 1)
    dots = [(6 + i * step, 6 + (height - 12) * (1 - (v - low) / span)) for i, v in enumerate(values)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
    return format_html(
        '<svg class="sparkline" viewBox="0 0 {} {}" role="img" aria-label="{}"><polyline points="{}"/>'
        '<circle cx="{}" cy="{}" r="3.2"/></svg>',
        width, height, label, line, f"{dots[-1][0]:.1f}", f"{dots[-1][1]:.1f}",
    )  # fmt: skip
