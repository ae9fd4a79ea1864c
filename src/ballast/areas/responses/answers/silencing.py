"""Whom a silence keeps from being told: who would hear of silenced lamps and silenced plants only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ballast.areas.accounts.access import Scope
from ballast.areas.alerts.answers.models import Answer, LampAnswer
from ballast.areas.alerts.answers.selectors import in_force
from ballast.areas.responses.answers.selectors import silences_of
from ballast.areas.responses.warnings.reaching import Place, within
from ballast.core.one_cause import Group, Slot

__all__ = ["Silences", "silences_now"]


@dataclass(frozen=True)
class Silences:
    """Silences that hold: red inputs, and of warnings the scopes that they speak for."""

    lamps: frozenset[Slot]
    warnings: Mapping[int, list[Scope]]

    def leave(self, warning: int, seen: Group, places: Mapping[str, Place]) -> bool:
        """Whether anything of a warning is left to be told to somebody who sees `seen` of it."""
        silenced = {slot for slot in seen.reds if slot in self.lamps}
        for scope in self.warnings.get(warning, ()):
            silenced |= within(scope, seen, places).members
        return bool(seen.members - silenced)


def silences_now(warnings: Iterable[int]) -> Silences:
    """The silences of lamps and of these warnings."""
    rows = LampAnswer.objects.filter(in_force(), kind=Answer.Kind.SILENCED).order_by()
    lamps = rows.values_list("lamp__need__site__site_id", "lamp__need__product_id")
    return Silences(frozenset(lamps), silences_of(warnings))
