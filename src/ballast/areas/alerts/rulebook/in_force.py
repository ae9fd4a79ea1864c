"""Which version of a rule pack is in force on a day: the last that was approved and has begun, else the shipped one."""

import datetime as dt
import functools
from typing import NamedTuple

from django.db.models import Q

from ballast.areas.alerts.packs import read_pack_file, read_pack_text, shipped_packs
from ballast.areas.alerts.rulebook.models import PackVersion
from ballast.areas.alerts.rules import PARTS_COVER, Rule, parts_cover, rule_of
from ballast.core.warning import RulePack

__all__ = ["Shipped", "approved_on", "pack_on", "parts_cover_on", "shipped"]


class Shipped(NamedTuple):
    """A pack that is shipped, and its text."""

    pack: RulePack
    text: str


@functools.cache
def shipped() -> dict[str, Shipped]:
    """The packs that are shipped, by name."""
    found = [Shipped(read_pack_file(path), path.read_text(encoding="utf-8")) for path in shipped_packs()]
    return {one.pack.name: one for one in sorted(found, key=lambda one: one.pack.title)}


def approved_on(pack: str, day: dt.date) -> PackVersion | None:
    """The approved version that holds on a day: of several the one that began last; None without."""
    begun = PackVersion.objects.filter(pack=pack, state=PackVersion.State.APPROVED, effective_from__lte=day)
    still = begun.filter(Q(effective_until__isnull=True) | Q(effective_until__gte=day))
    return still.order_by("-effective_from", "-decided_at", "-pk").first()


def pack_on(name: str, day: dt.date) -> tuple[RulePack, str]:
    """The pack that is in force on a day, and its text. KeyError for a pack that there is not."""
    row = approved_on(name, day)
    if row is not None:
        return _read(row.text, row.pack), row.text
    return shipped()[name]


def parts_cover_on(day: dt.date) -> Rule:
    """The rule of the lamps of inputs on a day."""
    row = approved_on(PARTS_COVER, day)
    return parts_cover() if row is None else _rule(row.text)


@functools.lru_cache(maxsize=8)
def _rule(text: str) -> Rule:
    return rule_of(_read(text, PARTS_COVER))


@functools.lru_cache(maxsize=64)
def _read(text: str, name: str) -> RulePack:
    return read_pack_text(text, name)
