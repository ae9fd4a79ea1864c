"""Bring the warnings up to date with a forecast: begin, go on, end; and have told who has to hear."""

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction

from ballast.areas.alerts.rulebook.in_force import parts_cover_on
from ballast.areas.audit.services import Act, record_all
from ballast.areas.chains.models import ForecastRun
from ballast.areas.reference.selectors import now
from ballast.areas.registry.models import Site
from ballast.areas.responses.answers.following import follow_answers
from ballast.areas.responses.models import Warned, WarnedOf
from ballast.areas.responses.warnings.calls import call_webhooks
from ballast.areas.responses.warnings.gathering import Facts, Found, gather
from ballast.areas.responses.warnings.telling import News, tell
from ballast.core.one_cause import Cause, Changes, Group, Slot, changes

__all__ = ["follow_run", "key_of"]

_ACTOR = "forecast job"
_KEPT = ("stops_on", "certain", "lost_output", "cover_days")
_BATCH = 500


def key_of(cause: Cause) -> str:
    """One text for a cause, the same for the same events in any order."""
    named = json.dumps([sorted(cause.events), cause.site], ensure_ascii=True)
    return hashlib.sha256(named.encode()).hexdigest()


@transaction.atomic
def follow_run(run: ForecastRun) -> Changes:
    """Begin a warning for each new cause, keep the members of the others, end those without any, and tell of it."""
    at = now()
    standing = {_cause(row): row for row in Warned.objects.filter(ended_at=None).select_related("site")}
    members = _members(standing.values())
    before = {cause: frozenset(members[row.pk]) for cause, row in standing.items()}
    found = gather(run, {slot: cause for cause, slots in before.items() for slot in slots})
    differs = changes(before, found.groups)
    data_at = run.finished_at or at
    basis = {
        "network": run.network_hash, "day": run.day.isoformat(), "horizon": run.horizon,
        "rule": parts_cover_on(run.day).label,
    }  # fmt: skip
    sites = dict(Site.objects.filter(site_id__in=_named(found.groups)).values_list("site_id", "pk"))
    begun = _begin(differs.begun, sites, at, data_at, basis)
    over = {cause: standing.pop(cause) for cause in differs.over}
    _end(over.values(), at)
    rows = standing | begun
    Warned.objects.filter(ended_at=None).update(data_at=data_at, basis=basis)
    waning = [rows[group.cause].pk for group in found.groups if group.waning]
    Warned.objects.filter(pk__in=waning).update(basis=basis | {"waning": True})
    for group in found.groups:
        _keep(rows[group.cause], group, members.get(rows[group.cause].pk, {}), found, sites, at)
    fresh = [(begun[group.cause], group) for group in differs.begun]
    joined = [
        (rows[group.cause], group)
        for group in found.groups
        if group.cause in before and group.cause not in differs.left and not group.members <= before[group.cause]
    ]
    tell(News(fresh, _left(differs, rows, found), joined), found.facts)
    follow_answers()
    call_webhooks(fresh, [(row, _group(cause, before[cause])) for cause, row in over.items()], found.facts)
    return differs


def _group(cause: Cause, slots: Iterable[Slot]) -> Group:
    """What a cause held, as a group."""
    held = sorted(slots)
    return Group(cause, tuple(site for site, product in held if not product), tuple(slot for slot in held if slot[1]))


def _cause(row: Warned) -> Cause:
    return Cause(tuple(sorted(row.events)), row.site.site_id if row.site else "")


def _named(groups: Iterable[Group]) -> set[str]:
    """Every site that a group names."""
    groups = list(groups)
    return {site for group in groups for site, _product in group.members} | {
        g.cause.site for g in groups if g.cause.site
    }


def _members(rows: Iterable[Warned]) -> dict[int, dict[Slot, WarnedOf]]:
    """Present members of the warnings, by key."""
    found: dict[int, dict[Slot, WarnedOf]] = {row.pk: {} for row in rows}
    present = WarnedOf.objects.filter(warning__ended_at=None, left_at=None).select_related("site")
    for member in present:
        found[member.warning_id][member.site.site_id, member.product_id or ""] = member
    return found


def _begin(
    groups: Iterable[Group], sites: Mapping[str, int], at: dt.datetime, data_at: dt.datetime, basis: dict[str, Any]
) -> dict[Cause, Warned]:
    rows = {
        group.cause: Warned(
            key=key_of(group.cause), events=list(group.cause.events), site_id=sites.get(group.cause.site), began_at=at,
            data_at=data_at, basis=basis,
        )
        for group in groups
    }  # fmt: skip
    Warned.objects.bulk_create(rows.values(), batch_size=_BATCH)
    record_all(
        [Act("warning.begun", _ACTOR, "warning", str(row.pk), "", {"events": row.events}) for row in rows.values()]
    )
    return rows


def _end(rows: Collection[Warned], at: dt.datetime) -> None:
    """Nothing is stopped or red because of them any more."""
    keys = [row.pk for row in rows]
    for first in range(0, len(keys), _BATCH):
        some = keys[first : first + _BATCH]
        Warned.objects.filter(pk__in=some).update(ended_at=at)
        WarnedOf.objects.filter(warning__in=some, left_at=None).update(left_at=at)
    record_all([Act("warning.ended", _ACTOR, "warning", str(row.pk), "", {"events": row.events}) for row in rows])


def _keep(
    row: Warned, group: Group, before: Mapping[Slot, WarnedOf], found: Found, sites: Mapping[str, int], at: dt.datetime
) -> None:
    """Write who joins the warning, who leaves it, and whose figures differ."""
    fresh, changed = [], []
    for slot in sorted(group.members):
        facts = vars(found.facts.get(slot, Facts()))
        member = before.get(slot)
        if member is None:
            fresh.append(WarnedOf(warning=row, site_id=sites[slot[0]], product_id=slot[1] or None, since=at, **facts))
        elif any(getattr(member, name) != facts[name] for name in _KEPT):
            for name in _KEPT:
                setattr(member, name, facts[name])
            changed.append(member)
    WarnedOf.objects.bulk_create(fresh, batch_size=_BATCH)
    WarnedOf.objects.bulk_update(changed, _KEPT, batch_size=_BATCH)
    gone = [member.pk for slot, member in before.items() if slot not in group.members]
    for first in range(0, len(gone), _BATCH):
        WarnedOf.objects.filter(pk__in=gone[first : first + _BATCH]).update(left_at=at)


def _left(differs: Changes, rows: Mapping[Cause, Warned], found: Found) -> list[tuple[Warned, Group]]:
    """For each warning that stood before, those that another cause has left to it, as a group of their own."""
    groups = {group.cause: group for group in found.groups}
    picked = []
    for cause, members in differs.left.items():
        group = groups[cause]
        stops = tuple(site for site in group.stops if (site, "") in members)
        picked.append((rows[cause], Group(cause, stops, tuple(slot for slot in group.reds if slot in members))))
    return picked
