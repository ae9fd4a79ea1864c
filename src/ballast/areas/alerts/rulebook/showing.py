"""The rules of a pack in words of the page's language."""

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ballast.areas.alerts.models import Level
from ballast.areas.alerts.rulebook.stored import source_of
from ballast.areas.reference.models import in_language
from ballast.core.warning import Limit, Rule, RulePack

__all__ = ["LimitShown", "RuleShown", "shown", "values_said"]

# Limits in money or in a unit of its own are made for one series.
_NEED_A_NAME = frozenset(
    {
        "price",
        "ratio",
        "indicator",
        "top_country_share",
        "outside_share",
        "import_concentration",
        "imports_over_exports",
    }
)

_UNITS = {
    "days": gettext_lazy("days"),
    "standard deviations": gettext_lazy("standard deviations"),
    "currency per unit": gettext_lazy("of the currency per unit"),
    "yuan per tonne": gettext_lazy("yuan per tonne"),
    "its own": "",
    "1": "",
}
_PERIODS = {
    "day": gettext_lazy("judged each day"),
    "week": gettext_lazy("judged each week"),
    "month": gettext_lazy("judged each month"),
}


class LimitShown(NamedTuple):
    """A level in words; `lamp` is its sign where it has one."""

    lamp: str
    title: str
    limit: str
    held: str
    proposal: bool
    why: str


class RuleShown(NamedTuple):
    """A rule in words."""

    name: str
    title: str
    measure: str
    period: str
    owner: str
    seasons: str
    source: str
    limits: list[LimitShown]
    values: str


def shown(pack: RulePack) -> list[RuleShown]:
    """The rules of a pack, in their order."""
    return [
        RuleShown(
            rule.name,
            in_language(rule.title, rule.title_zh),
            rule.measure,
            str(_PERIODS[rule.period]),
            rule.owner,
            ", ".join(in_language(one.title, one.title_zh) for one in rule.seasons),
            in_language(rule.source, rule.source_zh),
            [_limit(rule, limit) for limit in rule.limits],
            values_said(rule),
        )
        for rule in pack.rules
    ]


def values_said(rule: Rule) -> str:
    """Where the service takes the values of a rule from, or that it takes none."""
    source = source_of(rule)
    if source is None:
        if rule.subjects.kind == "series" and not rule.subjects.series and rule.measure in _NEED_A_NAME:
            return _("Not judged by the service: the rule names no series. Name them in subjects.series.")
        return _("Not judged by the service: it keeps no values of this measure. Test the rule on series of your own.")
    words = {
        "inputs": _("Judged on the stock reports of inputs."),
        "materials": _("Judged on the indicators that bulk materials name."),
        "series": _("Judged on stored indicator series."),
        "counts": _("Judged on the counts of reported problems."),
    }
    if source.lights(rule):
        return words[source.name]
    return f"{words[source.name]} {_('It lights no lamp; it is tried in dry runs and back-tests.')}"


def _limit(rule: Rule, limit: Limit) -> LimitShown:
    grade = next(one for one in rule.scheme.levels if one.name == limit.level)
    sides = {
        _("below {limit}"): limit.below,
        _("at most {limit}"): limit.at_most,
        _("above {limit}"): limit.above,
        _("at least {limit}"): limit.at_least,
    }
    words = [text.format(limit=f"{value:g}") for text, value in sides.items() if value is not None]
    unit = str(_UNITS.get(rule.unit, rule.unit))
    lamp = limit.level if limit.level in Level.values else ""
    said = f"{_(' or ').join(words)} {unit}".strip()
    why = in_language(limit.source, limit.source_zh)
    return LimitShown(lamp, in_language(grade.title, grade.title_zh), said, _held(limit), limit.proposal, why)


def _held(limit: Limit) -> str:
    parts = []
    if limit.hold:
        parts.append(
            ngettext("raised after {n} more period", "raised after {n} more periods", limit.hold).format(n=limit.hold)
        )
    if limit.keep:
        parts.append(
            ngettext("lowered after {n} more good period", "lowered after {n} more good periods", limit.keep).format(
                n=limit.keep
            )
        )
    if limit.margin:
        parts.append(_("lowered beyond a margin of {margin}").format(margin=f"{limit.margin:g}"))
    return " · ".join(parts)
