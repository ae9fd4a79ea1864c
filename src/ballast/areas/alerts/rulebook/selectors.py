"""The rule packs as a desk sees them: what is in force, what waits, and every version with its difference."""

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet

from ballast.areas.accounts.access import require
from ballast.areas.alerts.rulebook.differences import Line, differences
from ballast.areas.alerts.rulebook.in_force import approved_on, pack_on, shipped
from ballast.areas.alerts.rulebook.models import PackVersion
from ballast.areas.reference.models import in_language
from ballast.areas.reference.selectors import today
from ballast.core.warning import RulePack

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["PackRow", "UnknownPackError", "VersionPage", "pack_row", "pack_rows", "version_page", "versions"]


class UnknownPackError(ObjectDoesNotExist):
    """There is no pack, or no version, of that name. Shown as 404."""


@dataclasses.dataclass(frozen=True)
class PackRow:
    """A pack as it is in force today, its text, since when, and how many versions wait for a second person."""

    pack: RulePack
    text: str
    since: dt.date | None
    until: dt.date | None
    waiting: int

    @property
    def label(self) -> str:
        """Its title in the language of the page."""
        return in_language(self.pack.title, self.pack.title_zh)


class VersionPage(NamedTuple):
    """A version that was proposed, and what differs from the one that was in force when it was."""

    row: PackVersion
    lines: list[Line]


def pack_rows(user: "User") -> list[PackRow]:
    """All packs, by title."""
    require(user, "view_desk")
    waits = list(PackVersion.objects.filter(state=PackVersion.State.PROPOSED).values_list("pack", flat=True))
    approved = set(
        PackVersion.objects.filter(state=PackVersion.State.APPROVED).values_list("pack", flat=True).distinct()
    )
    day = today()
    return [_row(name, day, waits.count(name), changed=name in approved) for name in shipped()]


def pack_row(user: "User", name: str) -> PackRow:
    """One pack. UnknownPackError when there is none of that name."""
    require(user, "view_desk")
    if name not in shipped():
        raise UnknownPackError(name)
    waiting = versions(user, name).filter(state=PackVersion.State.PROPOSED).count()
    return _row(name, today(), waiting, changed=True)


def _row(name: str, day: dt.date, waiting: int, *, changed: bool) -> PackRow:
    stored = approved_on(name, day) if changed else None
    pack, text = pack_on(name, day) if stored else shipped()[name]
    rule = pack.rules[0]
    return PackRow(pack, text, rule.effective_from, rule.effective_until, waiting)


def versions(user: "User", name: str) -> QuerySet[PackVersion]:
    """The versions that were proposed of a pack, the one that begins last first."""
    require(user, "view_desk")
    return PackVersion.objects.filter(pack=name).select_related("proposed_by", "decided_by")


def version_page(user: "User", name: str, version: str) -> VersionPage:
    """One version with its difference. PackVersion.DoesNotExist when there is none."""
    row = versions(user, name).get(version=version)
    return VersionPage(row, differences(_text_of(name, row.base), row.text))


def _text_of(name: str, version: str) -> str:
    one = shipped().get(name)
    if one is not None and one.pack.version == version:
        return one.text
    return PackVersion.objects.filter(pack=name, version=version).values_list("text", flat=True).first() or ""
