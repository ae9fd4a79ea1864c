"""The inputs of a proposal in words, each with whether it holds and the page behind its figure."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ballast.areas.alerts.models import Level
from ballast.areas.economy.filings.selectors import EVERYWHERE, kinds_of_problems
from ballast.areas.economy.materials.grades import ORIGIN_MEASURES, origin_series
from ballast.areas.economy.materials.origins import import_share_series
from ballast.areas.economy.models import Commodity
from ballast.areas.reference.models import Product, Region
from ballast.areas.registry.models import Chain

__all__ = ["Line", "lines"]

_One = Mapping[str, Any]


class Line(NamedTuple):
    """An input in words, what it says now, whether it holds (None: no data), and the page that shows it, if any."""

    text: str
    now: str
    fired: bool | None
    url: str


class _Names(NamedTuple):
    """Labels by code of what the inputs name."""

    regions: Mapping[str, str]
    chains: Mapping[str, str]
    products: Mapping[str, str]
    commodities: Mapping[str, str]
    # Commodity that an indicator speaks of.
    of_series: Mapping[str, str]

    def place(self, one: _One) -> str:
        """The place of an input in words."""
        parts = [self.regions.get(one["region"], one["region"]), self.chains.get(one["chain"], one["chain"])]
        return " · ".join(part for part in parts if part) or _("The whole authority")


def lines(figures: Mapping[str, Any]) -> list[Line]:
    """A line for each input of the figures that a proposal holds; none for those of a count of lamps."""
    rows: list[_One] = figures.get("inputs", [])
    if not rows:
        return []
    names = _names(rows)
    return [Line(_TEXTS[one["kind"]](one, names), _now(one), one["fired"], _url(one, names)) for one in rows]


def _names(rows: list[_One]) -> _Names:
    named = {one["name"] for one in rows}
    return _Names(
        {one.code: one.label for one in Region.objects.filter(code__in={one["region"] for one in rows})},
        {one.code: one.label for one in Chain.objects.filter(code__in={one["chain"] for one in rows})},
        {one.code: one.label for one in Product.objects.filter(code__in=named)},
        {one.commodity_id: one.label for one in Commodity.objects.filter(commodity_id__in=named)},
        _of_series({one["name"] for one in rows if one["kind"] == "series"}),
    )


def _of_series(named: set[str]) -> dict[str, str]:
    """The commodity of each of the indicators that one names, or whose shares of origin it holds."""
    found: dict[str, str] = {}
    for one in Commodity.objects.all() if named else ():
        its = {one.price_series, one.stock_series, one.use_series, one.supply_series, one.need_series}
        shares = {origin_series(one.commodity_id, measure) for measure in ORIGIN_MEASURES}
        by_country = import_share_series(one.commodity_id, "")
        found |= {name: one.commodity_id for name in named if name in its | shares or name.startswith(by_country)}
    return found


def _level(one: _One) -> str:
    """A level that holds with all that are worse."""
    label = str(Level(one["level"]).label)
    return label if one["level"] == Level.RED else _("{level} or worse").format(level=label)


def _lamps(one: _One, names: _Names) -> str:
    input_name = names.products.get(one["name"], one["name"]) or _("every input")
    text = (
        _("{limit} % or more of the plants in {place} with a lamp {level} ({input}), {days} days in a row")
        if one["measure"] == "share"
        else _("{limit} or more lamps {level} in {place} ({input}), {days} days in a row")
    )
    return text.format(
        limit=f"{one['limit']:g}", place=names.place(one), level=_level(one), input=input_name,
        days=one["days"],
    )  # fmt: skip


def _warnings(one: _One, names: _Names) -> str:
    text = {
        "red": _("{limit} or more open warnings in {place}"),
        "stop": _("{limit} or more open warnings with a plant that stops in {place}"),
        "certain-stop": _("{limit} or more open warnings with a plant that stops for certain in {place}"),
    }[one["level"]].format(limit=f"{one['limit']:g}", place=names.place(one))
    return f"{text}, {_('each for {days} days or longer').format(days=one['days'])}" if one["days"] else text


def _problems(one: _One, names: _Names) -> str:
    kind = kinds_of_problems().get(one["name"], one["name"]) or _("all kinds of problems")
    text = _("count of reports of {kind} in {place} at {level}")
    return text.format(kind=kind, place=names.place(one), level=_level(one))


def _commodity(one: _One, names: _Names) -> str:
    lamp = {
        "whole": pgettext("of a commodity", "lamp"),
        "price": _("Price growth (IFPA)"),
        "trend": _("Price against trend (ALPS)"),
        "cover": _("Days of cover"),
        "gap": _("Supply gap"),
        "short": _("Reporters short"),
    }[one["measure"]]
    text = _("{material}: {lamp} at {level}")
    name = names.commodities.get(one["name"], one["name"])
    return text.format(material=name, lamp=lamp, level=_level(one))


def _series(one: _One, _names: _Names) -> str:
    text = {
        "above": _("indicator {name} above {limit}"),
        "at_least": _("indicator {name} at {limit} or more"),
        "below": _("indicator {name} below {limit}"),
        "at_most": _("indicator {name} at {limit} or less"),
    }[one["measure"]].format(name=one["name"], limit=f"{one['limit']:g}")
    return f"{text}, {_('{periods} periods in a row').format(periods=one['days'])}" if one["days"] > 1 else text


_TEXTS: dict[str, Callable[[_One, _Names], str]] = {
    "lamps": _lamps, "warnings": _warnings, "problems": _problems, "commodity": _commodity, "series": _series,
}  # fmt: skip


def _now(one: _One) -> str:
    """What an input says now, in words."""
    value = one["value"]
    if one["fired"] is None or value is None:
        return _("no data")
    said = str(Level(value).label) if isinstance(value, str) else f"{value:g}"
    if not one["period"]:
        return said
    # The period of a value as it was published; the day since which a lamp stands.
    since = one["kind"] in {"lamps", "problems"}
    return _("{value}, since {day}").format(value=said, day=one["period"]) if since else f"{said} ({one['period']})"


def _url(one: _One, names: _Names) -> str:
    place = {name: one[name] for name in ("region", "chain") if one[name]}
    match one["kind"]:
        case "lamps":
            product = {"product": one["name"]} if one["name"] else {}
            return _asked(reverse("alerts:list"), place | product | {"level": one["level"]})
        case "warnings":
            # Addressed by name: warnings stand on this area.
            return _asked(reverse("responses:warnings"), place)
        case "problems":
            kind = {"kind": one["name"]} if one["name"] else {}
            return _asked(reverse("economy:count", args=[one["region"] or EVERYWHERE]), kind)
        case "commodity":
            return reverse("economy:material", args=[one["name"]])
        case _ if one["name"] in names.of_series:
            return reverse("economy:material", args=[names.of_series[one["name"]]])
    return ""


def _asked(path: str, what: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(what)}" if what else path
