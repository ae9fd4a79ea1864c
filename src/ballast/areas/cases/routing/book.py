"""The routing rules as their keeper works on them: what a rule must say, and what it would do to the open cases."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import NotAllowedError, require
from ballast.areas.audit.services import record
from ballast.areas.cases.machine import IN_HAND
from ballast.areas.cases.models import Case
from ballast.areas.cases.numbering import desk_regions
from ballast.areas.cases.ownership.people import possible_owners
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.cases.routing.rules import chains_of, levels_of, red_of, target_of
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.cases.story import Toward
from ballast.areas.desks import selectors as desks
from ballast.areas.desks.models import Level, RoutingRule, WorkingGroup
from ballast.areas.desks.rules import Facts, first_rule, holds, in_force
from ballast.areas.desks.services import officers
from ballast.areas.reference.models import Region
from ballast.areas.reference.selectors import today

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.desks.naming import Desk
    from ballast.areas.registry.models import Chain

__all__ = ["Destination", "Draft", "Preview", "drafted", "end_rule", "preview", "save_rule"]

_SHOWN = 100


class Draft(TypedDict):
    """A rule as it is written; `to_person` is a user name, both days are included."""

    position: int
    name: str
    kind: str
    region: Region | None
    chain: "Chain | None"
    level: str
    product_prefix: str
    to: "Desk"
    to_group: WorkingGroup | None
    to_person: str
    starts: dt.date
    ends: dt.date | None


def drafted(user: "User", rule: RoutingRule | None, given: Draft) -> RoutingRule:
    """The rule as written, not stored; `rule` is the stored one that it changes, None for a new one.

    Raises NotAllowedError where the person does not keep the region that it is for, present or new, ValidationError
    by field for what cannot stand.
    """
    require(user, desks.KEEP)
    for place in {given["region"], *([rule.region] if rule else [])}:
        if not desks.is_kept(user, place):
            raise NotAllowedError(desks.KEEP)
    if faults := _faults(user, given):
        raise ValidationError(faults)
    row = RoutingRule(pk=rule.pk if rule else None)
    to, people = given["to"], officers([given["to_person"]], "to_person", "work_cases")
    row.to_region, row.to_department, row.to_group = to.region, to.department, given["to_group"]
    row.to_person = people[0] if people else None
    for name in ("position", "kind", "region", "chain", "level", "starts", "ends"):
        setattr(row, name, given[name])
    row.name, row.product_prefix = given["name"].strip(), given["product_prefix"].strip()
    _check_person(row)
    return row


def _faults(user: "User", given: Draft) -> dict[str, str]:
    """A sentence for each field that cannot stand."""
    found = {}
    if not given["name"].strip():
        found["name"] = _("Fill in this field.")
    if given["kind"] and given["kind"] not in (known := kinds()):
        found["kind"] = _("“{kind}” is not a kind of problem; choose one of {kinds}.").format(
            kind=given["kind"], kinds=", ".join(known)
        )
    if given["level"] and given["level"] not in Level.values:
        found["level"] = _("“{value}” is not known.").format(value=given["level"])
    if given["ends"] and given["ends"] < given["starts"]:
        found["ends"] = _("The last day {last} is before the first day {first}.").format(
            last=given["ends"], first=given["starts"]
        )
    return found | _faults_of_targets(user, given)


def _faults_of_targets(user: "User", given: Draft) -> dict[str, str]:
    to, group = given["to"], given["to_group"]
    if to.region is None and group is None and not given["to_person"].strip():
        return {"to": _("Say where the case goes: a desk, a group or a person.")}
    if to.region is not None and not desks.is_kept(user, to.region):
        message = _("{region} is outside the regions that you keep; offer such cases by hand.")
        return {"to": message.format(region=to.region.label)}
    if group is not None and not desks.groups(user).filter(pk=group.pk).exists():
        return {"to_group": _("“{value}” is not known.").format(value=group.pk)}
    return {}


def _check_person(row: RoutingRule) -> None:
    """Raise ValidationError for a person who does not work for the desk that the rule names."""
    if row.to_person is None or row.to_region is None:
        return
    if not possible_owners(row.to_region, row.to_department).filter(pk=row.to_person.pk).exists():
        message = _("{person} does not work for the desk of {region}; choose one of its people.").format(
            person=row.to_person.username, region=Toward(row.to_region, row.to_department).label
        )
        raise ValidationError({"to_person": message})


class Destination(NamedTuple):
    """Where open cases would go: the desk in words, how many, how many of them are there already, the first of them."""

    desk: str
    number: int
    staying: int
    cases: list[Case]


@dataclass(frozen=True)
class Preview:
    """What a rule would do to the open cases in the keeper's scope, were they filed anew.

    `total` are all open cases, `earlier` those that fit and that a rule before it takes.
    """

    total: int
    earlier: int
    destinations: list[Destination]

    @property
    def caught(self) -> int:
        """How many cases would go by the rule."""
        return sum(one.number for one in self.destinations)


class _Found(NamedTuple):
    key: int
    lead: str
    now: tuple[str, int | None]


def preview(user: "User", draft: RoutingRule) -> Preview:
    """What the rule would do from its first day on, in its place among the others; nothing is stored."""
    require(user, desks.KEEP)
    day = max(today(), draft.starts)
    others = [rule for rule in desks.rules_in_force(day) if rule.pk != draft.pk]
    before = list(takewhile(lambda rule: _order(rule) < _order(draft), others))
    total, earlier, found = 0, 0, []
    own = desk_regions()
    for facts, one in _open_cases(user, own):
        total += 1
        if not in_force(draft, day) or not holds(draft, facts):
            continue
        if first_rule(before, facts):
            earlier += 1
        else:
            found.append(one)
    return Preview(total, earlier, _destinations(draft, found))


def _order(rule: RoutingRule) -> tuple[int, float]:
    """Place among the rules; a new one comes after those of the same position."""
    return rule.position, rule.pk or float("inf")


def _open_cases(user: "User", own: dict[str, str]) -> list[tuple[Facts, _Found]]:
    """What the rules ask of each open case in scope, with the desk that is its own without a rule."""
    rows = visible_cases(user).filter(state__in=IN_HAND).order_by(F("output_at_risk").desc(nulls_last=True), "number")
    columns = (
        "pk", "kind", "site__region__path", "site__region_id", "enterprise_id", "enterprise__key_list", "product_id",
        "lead_region_id", "department_id",
    )  # fmt: skip
    read = list(rows.values_list(*columns))
    firms = {row[4] for row in read}
    chains, red, listed = chains_of(firms), red_of(firms), {row[4] for row in read if row[5]}
    return [
        (
            Facts(kind, path, chains.get(firm, frozenset()), levels_of(firm, listed, red), product or ""),
            _Found(key, own[region], (lead, department)),
        )
        for key, kind, path, region, firm, _listed, product, lead, department in read
    ]


def _destinations(draft: RoutingRule, found: list[_Found]) -> list[Destination]:
    """The cases by the desk that they would go to, most first; of each desk the first hundred to be shown."""
    regions = Region.objects.in_bulk({one.lead for one in found})
    by_desk: dict[tuple[str, int | None], list[_Found]] = defaultdict(list)
    words = {}
    for one in found:
        route = target_of(draft, regions[one.lead])
        key = (route.lead.pk, route.department.pk if route.department else None)
        words[key] = Toward(route.lead, route.department).label
        by_desk[key].append(one)
    shown = {one.key for rows in by_desk.values() for one in rows[:_SHOWN]}
    cases = Case.objects.select_related("enterprise", "lead_region", "department__region").in_bulk(shown)
    made = [
        Destination(
            words[key], len(rows), sum(one.now == key for one in rows), [cases[one.key] for one in rows[:_SHOWN]]
        )
        for key, rows in by_desk.items()
    ]
    return sorted(made, key=lambda one: (-one.number, one.desk))


def _told(rule: RoutingRule) -> dict[str, Any]:
    return {
        "position": rule.position, "name": rule.name, "kind": rule.kind, "region": rule.region_id,
        "chain": rule.chain_id, "level": rule.level, "product_prefix": rule.product_prefix,
        "to_region": rule.to_region_id, "to_department": rule.to_department.key if rule.to_department else None,
        "to_group": rule.to_group_id, "to_person": rule.to_person.username if rule.to_person else None,
        "starts": rule.starts, "ends": rule.ends,
    }  # fmt: skip


def _note(action: str, user: "User", rule: RoutingRule, detail: dict[str, Any]) -> None:
    record(action, user, subject_type="rule", subject_id=str(rule.pk), detail=detail)


@transaction.atomic
def save_rule(user: "User", rule: RoutingRule | None, given: Draft) -> RoutingRule:
    """The rule, stored; open cases stay where they are. Raises as `drafted`."""
    row = drafted(user, rule, given)
    before = _told(rule) if rule else None
    row.save()
    _note("rule.saved", user, row, {"before": before, "after": _told(row)})
    return row


@transaction.atomic
def end_rule(user: "User", rule: RoutingRule) -> None:
    """Take the rule away. Raises NotAllowedError where the person does not keep the region that it is for."""
    require(user, desks.KEEP)
    if not desks.is_kept(user, rule.region):
        raise NotAllowedError(desks.KEEP)
    _note("rule.ended", user, rule, {"before": _told(rule)})
    rule.delete()
