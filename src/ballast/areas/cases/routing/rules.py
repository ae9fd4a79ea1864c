"""Which desk gets a new case: the first routing rule that holds, else the desk of the region where its site is."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ballast.areas.alerts.models import EnterpriseLamp
from ballast.areas.alerts.models import Level as LampLevel
from ballast.areas.cases.numbering import desk_region
from ballast.areas.cases.ownership.people import possible_owners
from ballast.areas.desks.models import Department, Level, RoutingRule, WorkingGroup
from ballast.areas.desks.rules import Facts, first_rule
from ballast.areas.desks.selectors import rules_in_force
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Enterprise, Site

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Asked", "Route", "Router", "facts_of", "target_of"]


class Asked(NamedTuple):
    """What is known of a case when its desk is looked for; `product` is a code, "" for none."""

    kind: str
    site: Site
    product: str


class Route(NamedTuple):
    """Who gets a case: the region and perhaps department that lead it, a group, an owner; by which rule."""

    lead: Region
    department: Department | None = None
    group: WorkingGroup | None = None
    owner: "User | None" = None
    rule: RoutingRule | None = None


def target_of(rule: RoutingRule, own: Region) -> Route:
    """Where a rule leads; `own` is the region whose desk receives where the rule names none.

    A department that was closed since leaves the case to the desk of its region.
    """
    department = rule.to_department if rule.to_department and not rule.to_department.closed else None
    owner = rule.to_person if rule.to_person and rule.to_person.is_active else None
    return Route(rule.to_region or own, department, rule.to_group, owner, rule)


class Router:
    """The rules that count on a local date, read once for one case or for many."""

    def __init__(self, day: dt.date) -> None:
        self.rules = rules_in_force(day)

    def routes(self, asked: Sequence[Asked]) -> list[Route]:
        """The route of each case, in order."""
        own: dict[str, Region] = {}
        for one in asked:
            if one.site.region_id not in own:
                own[one.site.region_id] = desk_region(one.site.region)
        facts = facts_of(asked) if self.rules else [None] * len(asked)
        return [self._route(fact, own[one.site.region_id]) for one, fact in zip(asked, facts, strict=True)]

    def route(self, asked: Asked) -> Route:
        """The route of one case."""
        return self.routes([asked])[0]

    def _route(self, facts: Facts | None, own: Region) -> Route:
        rule = first_rule(self.rules, facts) if facts else None
        if rule is None:
            return Route(own)
        route = target_of(rule, own)
        if route.owner and not possible_owners(route.lead, route.department).filter(pk=route.owner.pk).exists():
            # The person has left the desk since the rule was written: the desk has the case.
            return route._replace(owner=None)
        return route


def facts_of(asked: Sequence[Asked]) -> list[Facts]:
    """What the rules ask of each case, with three queries however many there are."""
    firms = {one.site.enterprise_id for one in asked}
    chains, red = chains_of(firms), red_of(firms)
    listed = set(Enterprise.objects.filter(pk__in=firms, key_list=True).values_list("pk", flat=True))
    return [
        Facts(
            one.kind, one.site.region.path, chains.get(one.site.enterprise_id, frozenset()),
            levels_of(one.site.enterprise_id, listed, red), one.product,
        )
        for one in asked
    ]  # fmt: skip


def chains_of(firms: Iterable[int]) -> Mapping[int, frozenset[str]]:
    """Codes of the chains of each enterprise, by its key."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = Enterprise.chains.through.objects.filter(enterprise__in=list(firms)).order_by()
    for firm, chain in rows.values_list("enterprise_id", "chain_id"):
        found[firm].add(chain)
    return {firm: frozenset(codes) for firm, codes in found.items()}


def red_of(firms: Iterable[int]) -> set[int]:
    """Those of the enterprises whose lamp is red."""
    rows = EnterpriseLamp.objects.filter(enterprise__in=list(firms), level=LampLevel.RED).order_by()
    return set(rows.values_list("enterprise_id", flat=True))


def levels_of(firm: int, listed: set[int], red: set[int]) -> frozenset[str]:
    """What makes a case of the enterprise matter more, from those on the key list and those with a red lamp."""
    known = ((Level.KEY_LIST, listed), (Level.RED, red))
    return frozenset(level.value for level, firms in known if firm in firms)
