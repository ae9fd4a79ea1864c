"""The rules of a pack in words of the page's language."""

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ballast.areas.alerts.models import Level
from ballast.areas.reference.models import in_language
from ballast.core.warning import Limit, Rule, RulePack

__all__ = ["LimitShown", "RuleShown", "shown"]

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
        )
        for rule in pack.rules
    ]


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
