"""Which desks owe a warning an answer, and since when.

A desk is the nearest one with people at or above the region of a plant. What an acknowledgement or a silence speaks
for owes none while that holds; when it is over, the time begins anew. Confirmed and dismissed warnings owe nothing.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from ballast.areas.accounts.access import Scope, valid_grants
from ballast.areas.accounts.selectors import with_grant
from ballast.areas.alerts.answers.models import Answer, LampAnswer
from ballast.areas.cases.ownership.people import ROLES
from ballast.areas.reference.selectors import authority
from ballast.areas.registry.models import Enterprise
from ballast.areas.responses.answers.models import WarningAnswer
from ballast.areas.responses.models import Warned, WarnedOf
from ballast.core.one_cause import Slot

__all__ = ["WHOLE", "open_warnings", "owed", "way_of"]

# The desk of the whole authority, which stands above every region.
WHOLE = ""


class _Held(NamedTuple):
    """A plant or an input of a warning; `path` of its enterprise's region, `firm` the enterprise's key."""

    slot: Slot
    since: dt.datetime
    path: str
    firm: int


@dataclass(frozen=True)
class _Said:
    """An answer: to a lamp, or to what lies in a scope; when it was over, None while it holds."""

    scope: Scope | None
    lamp: Slot | None
    over: dt.datetime | None

    def speaks_for(self, held: _Held, chains: Mapping[int, frozenset[str]]) -> bool:
        if self.scope is None or self.scope.everything:
            return self.scope is not None or self.lamp == held.slot
        regions, own = set(way_of(held.path)), chains.get(held.firm, frozenset())
        return any((not r or r in regions) and (not c or c in own) for r, c in self.scope.places)


def way_of(path: str) -> list[str]:
    """Codes of the regions of a path, the innermost first, and the whole authority last."""
    return [*path.strip("/").split("/")[::-1], WHOLE]


def open_warnings() -> QuerySet[Warned]:
    """Warnings that stand and that nobody has decided."""
    return Warned.objects.filter(ended_at=None, state=Warned.State.OPEN).order_by("pk")


def owed(warnings: Iterable[int], at: dt.datetime) -> dict[int, dict[str, dt.datetime]]:
    """By key of the warning the desks that owe it an answer at an instant, and since when; a fixed number of questions.

    Desks are codes of regions, or WHOLE.
    """
    keys = list(warnings)
    if not keys:
        return {}
    members = _members(keys)
    said = _answers(keys, at)
    chains = _chains(held.firm for pk in said for held in members.get(pk, ()))
    staffed = _staffed()
    found: dict[int, dict[str, dt.datetime]] = {}
    for pk, rows in members.items():
        desks: dict[str, dt.datetime] = {}
        for held, since in _unanswered(rows, said.get(pk, ()), chains):
            desk = next(code for code in way_of(held.path) if code in staffed or code == WHOLE)
            desks[desk] = min(since, desks.get(desk, since))
        if desks:
            found[pk] = desks
    return found


def _unanswered(
    rows: Iterable[_Held], said: Iterable[_Said], chains: Mapping[int, frozenset[str]]
) -> Iterator[tuple[_Held, dt.datetime]]:
    """What no answer speaks for now, and since when: since the last one that did was over."""
    said = list(said)
    for held in rows:
        ends = [one.over for one in said if one.speaks_for(held, chains)]
        if None not in ends:
            yield held, max([held.since, *(end for end in ends if end is not None)])


def _members(keys: list[int]) -> dict[int, list[_Held]]:
    fields = (
        "warning_id",
        "site__site_id",
        "product_id",
        "since",
        "site__enterprise__region__path",
        "site__enterprise",
    )
    found: dict[int, list[_Held]] = defaultdict(list)
    rows = WarnedOf.objects.filter(warning__in=keys, left_at=None).order_by()
    for pk, site, product, since, path, firm in rows.values_list(*fields):
        found[pk].append(_Held((site, product or ""), since, path, firm))
    return found


def _answers(keys: list[int], at: dt.datetime) -> dict[int, list[_Said]]:
    """Answers of each warning and of the lamps of its red inputs, those that are over too."""
    found: dict[int, list[_Said]] = defaultdict(list)
    zone = ZoneInfo(authority().time_zone)
    for row in WarningAnswer.objects.filter(warning__in=keys).order_by():
        found[row.warning_id].append(_Said(row.scope, None, _over(row, zone, at)))
    reds = WarnedOf.objects.filter(warning__in=keys, left_at=None, product__isnull=False).order_by()
    answered = LampAnswer.objects.filter(lamp__need__site__in=reds.values("site"))
    by_slot: dict[Slot, list[_Said]] = defaultdict(list)
    for lamp in answered.select_related("lamp__need__site").order_by():
        slot = lamp.lamp.need.site.site_id, lamp.lamp.need.product_id
        by_slot[slot].append(_Said(None, slot, _over(lamp, zone, at)))
    if by_slot:
        for pk, site, product in reds.values_list("warning_id", "site__site_id", "product_id"):
            found[pk] += by_slot.get((site, product), ())
    return {pk: rows for pk, rows in found.items() if rows}


def _over(answer: Answer, zone: ZoneInfo, at: dt.datetime) -> dt.datetime | None:
    """When the answer was over; None where it holds at an instant."""
    if answer.ended_at is not None:
        return answer.ended_at
    end = dt.datetime.combine(answer.until + dt.timedelta(days=1), dt.time(), zone)
    return end if end <= at else None


def _chains(firms: Iterable[int]) -> dict[int, frozenset[str]]:
    """Codes of the chains of the enterprises."""
    found: dict[int, set[str]] = defaultdict(set)
    through = Enterprise.chains.through.objects.filter(enterprise__in=set(firms)).order_by()
    for firm, chain in through.values_list("enterprise_id", "chain_id"):
        found[firm].add(chain)
    return {firm: frozenset(codes) for firm, codes in found.items()}


def _staffed() -> set[str]:
    """Codes of the regions whose desk has people."""
    people = with_grant(grants__role__in=ROLES, grants__chain="").prefetch_related("grants")
    return {
        region
        for person in people
        for role, region, chain, enterprise in valid_grants(person)
        if role in ROLES and not chain and not enterprise
    }
