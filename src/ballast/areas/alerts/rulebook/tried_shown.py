"""A stored dry run as a page shows it: what each rule rests on, and its levels in force beside those proposed."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballast.areas.alerts.models import Level

__all__ = ["Figures", "TriedLevel", "TriedRule", "tried_shown"]


class Figures(NamedTuple):
    """Of one version and level: raised so often, subjects on an average day of the year, subjects on the last day."""

    raised: int = 0
    average: float | None = None
    now: int = 0


class TriedLevel(NamedTuple):
    """A level of a rule; `lamp` is its sign where it has one."""

    level: str
    lamp: str
    before: Figures | None
    after: Figures | None


class TriedRule(NamedTuple):
    """One rule: what its figures rest on in words, its levels, and its changes of level."""

    rule: str
    basis: str
    empty: bool
    levels: list[TriedLevel]
    before: int | None
    after: int | None


def tried_shown(found: dict[str, Any]) -> list[TriedRule]:
    """The dry run of every rule of a version; none for one that was proposed before dry runs were kept."""
    if "rules" in found:
        both = found["rules"]
        basis = _("{reports} reports of {inputs} inputs").format(
            reports=f"{found['reports']:,}", inputs=found["inputs"]
        )
        days = 365 if "days" in found else 0
        return [_rule("", basis, False, both["in_force"], both["proposed"], days)]
    return [
        _rule(row["rule"], _basis(row), bool(row["why"]), row["in_force"], row["proposed"], row["periods"])
        for row in found.get("each", ())
    ]


def _basis(row: dict[str, Any]) -> str:
    if row["why"] == "not_kept":
        return _(
            "Ballast keeps no values of {measure}: 0 days. Test it with `ballast rules backtest` on series."
        ).format(measure=row["measure"])
    if row["why"]:
        return _("Nothing is stored of {measure} in the past year: 0 days.").format(measure=row["measure"])
    words = {
        "day": ngettext(
            "{values} values on {had} of {all} day", "{values} values on {had} of {all} days", row["periods"]
        ),
        "week": ngettext(
            "{values} values in {had} of {all} week", "{values} values in {had} of {all} weeks", row["periods"]
        ),
        "month": ngettext(
            "{values} values in {had} of {all} month", "{values} values in {had} of {all} months", row["periods"]
        ),
    }[row["period"]]
    subjects = ngettext("{n} subject", "{n} subjects", row["subjects"]).format(n=row["subjects"])
    return f"{words.format(values=row['values'], had=row['days'], all=row['periods'])} · {subjects}"


def _rule(
    name: str, basis: str, empty: bool, before: dict[str, Any] | None, after: dict[str, Any] | None, periods: int
) -> TriedRule:
    levels = list(dict.fromkeys(level for one in (after, before) if one for level in one["levels"]))
    # As they are stored the levels of a row stand in the order of its rule; those that only one has come after.
    severity = {str(level): rank for rank, level in enumerate(Level.values)}
    levels.sort(key=lambda level: severity.get(level, len(severity)))
    rows = [
        TriedLevel(
            level, level if level in severity else "", _figures(before, level, periods), _figures(after, level, periods)
        )
        for level in levels
    ]
    changes = [one["changes"] if one else None for one in (before, after)]
    return TriedRule(name, basis, empty, rows, changes[0], changes[1])


def _figures(version: dict[str, Any] | None, level: str, periods: int) -> Figures | None:
    if version is None:
        return None
    counts = version["levels"].get(level)
    if counts is None:
        return Figures()
    burning = counts.get("burning", version.get("burning", {}).get(level))
    average = burning / periods if periods and burning is not None else None
    return Figures(counts["raised"], average, counts["now"])
