"""The parts-cover rule: what its pack must hold, and how it is shown. No database, no clock."""

import functools
from dataclasses import dataclass, replace

from ballast.areas.alerts.models import Level
from ballast.areas.alerts.packs import PACKS, read_pack_file
from ballast.areas.reference.models import in_language
from ballast.core import warning
from ballast.core.lamps import RED_BELOW

__all__ = ["PARTS_COVER", "SEVERITY", "Rule", "Threshold", "effective", "parts_cover", "rule_of"]

# Name of the pack and of its rule.
PARTS_COVER = "parts-cover"
SEVERITY = {str(level): rank for rank, level in enumerate(Level.values)}


@dataclass(frozen=True)
class Threshold:
    """A level and the days of cover strictly below which it holds."""

    level: str
    below_days: float
    proposal: bool
    source: str
    source_zh: str
    hold: int = 0
    keep: int = 0

    @property
    def why(self) -> str:
        """Where the threshold comes from, in the language of the page."""
        return in_language(self.source, self.source_zh)


@dataclass(frozen=True)
class Rule:
    """The rule as its pack gives it; thresholds from worst to mildest."""

    name: str
    version: str
    thresholds: tuple[Threshold, ...]
    stale_after_days: int
    stale_proposal: bool
    stale_source: str
    stale_source_zh: str
    # What the states are found with; a report that is still good is no gap in it.
    core: warning.Rule

    @property
    def stale_why(self) -> str:
        """Why a report grows stale after that time, in the language of the page."""
        return in_language(self.stale_source, self.stale_source_zh)

    @property
    def label(self) -> str:
        """Name and version, as stored with every change of a lamp."""
        return f"{self.name} {self.version}"


@functools.cache
def parts_cover() -> Rule:
    """The rule of the pack that is shipped."""
    return rule_of(read_pack_file(PACKS / "parts_cover.toml"))


def rule_of(pack: warning.RulePack) -> Rule:
    """The parts-cover rule of a pack.

    ValueError when it is not a rule that the lamps of inputs can follow: other levels or subjects, another limit of red
    than the one that is fixed, or reports that never grow old.
    """
    try:
        rule = pack.rule(PARTS_COVER)
    except KeyError as error:
        raise ValueError(error.args[0]) from None
    thresholds = []
    for limit in rule.limits:
        if limit.below is None or limit.upper is not None:
            msg = f"{limit.level} begins {limit.said()}; the lamp of an input begins below a number of days."
            raise ValueError(msg)
        if limit.level == Level.RED and limit.below != RED_BELOW:
            msg = f"red is below {limit.below:g} days; it is fixed at {RED_BELOW:g} and cannot be changed."
            raise ValueError(msg)
        words = limit.proposal, limit.source, limit.source_zh
        thresholds.append(Threshold(limit.level, limit.below, *words, limit.hold, limit.keep))
    _fit_for_inputs(rule)
    missing = rule.missing
    stale_after = missing.stale_after or 0
    core = replace(rule, missing=replace(missing, after=stale_after))
    stale = stale_after, missing.proposal, missing.source, missing.source_zh
    return Rule(rule.name, rule.version, tuple(thresholds), *stale, core)


def _fit_for_inputs(rule: warning.Rule) -> None:
    levels = {str(level) for level in (Level.RED, Level.YELLOW, Level.BLUE)}
    unknown = [grade.name for grade in rule.scheme.levels if grade.name not in levels]
    faults = {
        f"levels {', '.join(unknown)} are none of a lamp; use red-yellow-blue.": bool(unknown),
        "red is missing; it is fixed at 3 days.": Level.RED not in [limit.level for limit in rule.limits],
        f"the measure is {rule.measure}; the lamps of inputs are by days_of_cover.": rule.measure != "days_of_cover",
        f"the subjects are of kind {rule.subjects.kind}; give need.": rule.subjects.kind != "need",
        "the subjects are narrowed; the rule holds for every input.": rule.subjects != warning.Subjects("need"),
        f"the period is a {rule.period}; inputs are judged day by day.": rule.period != "day",
        "there are seasons; inputs are watched all the year round.": bool(rule.seasons),
        "missing.stale_after is missing; give the days after which a report no longer speaks for today.": (
            rule.missing.stale_after is None
        ),
    }
    for msg, wrong in faults.items():
        if wrong:
            raise ValueError(msg)


def effective(level: str, held: str) -> str:
    """The level that counts: the one held from before while data are missing."""
    return held if level == Level.NO_DATA and held else level
