"""Who hears of a warning: each officer in whose scope it reaches, once, within a budget a day; the rest in a digest.

What is silenced is told when the silence is over and the warning still stands.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from ballast.areas.accounts.access import scope_of
from ballast.areas.accounts.models import User
from ballast.areas.accounts.selectors import with_grant
from ballast.areas.cases.ownership.people import ROLES
from ballast.areas.notices.letters import in_language_of
from ballast.areas.notices.services import notify
from ballast.areas.responses.answers.silencing import silences_now
from ballast.areas.responses.models import Told, Warned, WarnedOf
from ballast.areas.responses.warnings.gathering import Facts
from ballast.areas.responses.warnings.naming import title_for, titles_for
from ballast.areas.responses.warnings.reaching import places_of, within
from ballast.core.one_cause import Cause, Group, Slot

__all__ = ["News", "send_digests", "tell", "tell_withheld"]

_BATCH = 500
# Of the names of the warnings in a digest, so many characters stand in its notice; the page that it opens lists all.
_LONGEST = 200


@dataclass(frozen=True)
class News:
    """What is to be told: warnings that began, what another cause left to others, and those that reach further."""

    begun: list[tuple[Warned, Group]]
    left: list[tuple[Warned, Group]]
    joined: list[tuple[Warned, Group]]


def tell(news: News, facts: Mapping[Slot, Facts]) -> int:
    """Write the notices, the dearest warnings first; what is above the budget waits for the digest.

    Returns how many notices were written. To be called in the transaction that wrote the warnings.
    """
    owed = [("warning_left", row, group) for row, group in news.left]
    owed += [("warning", row, group) for row, group in (*news.begun, *news.joined)]
    if not owed:
        return 0
    owed.sort(key=lambda one: (-_loss(one[2], facts), one[1].pk))
    places = places_of({site for _template, _row, group in owed for site, _product in group.members})
    officers = list(with_grant(grants__role__in=ROLES).prefetch_related("grants"))
    budget = _used({officer.pk for officer in officers})
    silences = silences_now(row.pk for _template, row, _group in owed)
    # Who was told of a warning is not told again when it reaches further; who was not is told now.
    joined = [row.pk for row, _group in news.joined]
    heard = set(Told.objects.filter(warning__in=joined).values_list("person", "warning")) if joined else set()
    written, rows, at = 0, [], timezone.now()
    for officer in officers:
        scope = scope_of(officer, "work_cases")
        for template, warning, group in owed:
            seen = within(scope, group, places)
            if not seen.members or (template == "warning" and (officer.pk, warning.pk) in heard):
                continue
            if not silences.leave(warning.pk, seen, places):
                rows.append(Told(warning=warning, person=officer, at=at, state="silenced"))
                continue
            held = budget[officer.pk] >= settings.WARNINGS_A_DAY
            if not held:
                _notify(officer, template, warning, seen, facts)
                budget[officer.pk] += 1
                written += 1
            rows.append(Told(warning=warning, person=officer, at=at, state="held" if held else "told"))
    Told.objects.bulk_create(rows, batch_size=_BATCH)
    return written


def tell_withheld() -> int:
    """Tell of warnings that stand and that a silence kept back which holds no more; the number of notices."""
    rows = Told.objects.filter(state=Told.State.SILENCED, warning__ended_at=None)
    rows = rows.select_related("warning__site", "person").prefetch_related("person__grants").order_by("pk")
    owed = {(row.person_id, row.warning_id): row for row in reversed(rows)}
    groups, facts = _standing({warning for _person, warning in owed})
    places = places_of({site for group in groups.values() for site, _product in group.members})
    silences, budget = silences_now(groups), _used({person for person, _warning in owed})
    written, at = 0, timezone.now()
    for (person, warning), row in sorted(owed.items(), key=lambda one: one[1].pk):
        seen = within(scope_of(row.person, "work_cases"), groups[warning], places)
        if not seen.members or not silences.leave(warning, seen, places):
            continue
        held = budget[person] >= settings.WARNINGS_A_DAY
        if not held:
            _notify(row.person, "warning", row.warning, seen, facts)
            budget[person] += 1
            written += 1
        rows.filter(person=person, warning=warning).update(state="held" if held else "told", at=at)
    return written


def _standing(warnings: Iterable[int]) -> tuple[dict[int, Group], dict[Slot, Facts]]:
    """What the warnings bring now, and the facts of it."""
    stops: dict[int, list[str]] = defaultdict(list)
    reds: dict[int, list[Slot]] = defaultdict(list)
    facts: dict[Slot, Facts] = {}
    warnings = list(warnings)
    for member in WarnedOf.objects.filter(warning__in=warnings, left_at=None).select_related("site"):
        slot = member.site.site_id, member.product_id or ""
        facts[slot] = Facts(member.stops_on, member.certain, member.lost_output, member.cover_days)
        if member.product_id:
            reds[member.warning_id].append(slot)
        else:
            stops[member.warning_id].append(slot[0])
    return {key: Group(Cause(), tuple(stops[key]), tuple(reds[key])) for key in warnings}, facts


def _loss(group: Group, facts: Mapping[Slot, Facts]) -> float:
    return sum(facts[site, ""].lost_output or 0.0 for site in group.stops)


def _used(people: Iterable[int]) -> Counter[int]:
    """How many notices of warnings each person had in the last 24 hours."""
    since = timezone.now() - dt.timedelta(days=1)
    rows = Told.objects.filter(person__in=people, state=Told.State.TOLD, at__gte=since)
    return Counter(dict(rows.order_by().values_list("person").annotate(Count("pk"))))


def _notify(officer: User, template: str, warning: Warned, seen: Group, facts: Mapping[Slot, Facts]) -> None:
    days = [day for site in seen.stops if (day := facts[site, ""].stops_on)]
    with in_language_of(officer):
        subject = title_for(officer, warning)
    values = {"stops": str(len(seen.stops)), "reds": str(len(seen.reds)), "day": min(days).isoformat() if days else "–"}
    notify(officer, subject, template, path=reverse("responses:warning", args=[warning.pk]), **values)


def send_digests() -> int:
    """One notice to each person for all warnings that were above the budget; returns how many. Nothing is dropped."""
    held = Told.objects.filter(state=Told.State.HELD)
    written = 0
    for person in User.objects.filter(pk__in=held.order_by().values("person")).order_by("pk"):
        with transaction.atomic():
            rows = list(held.filter(person=person).select_for_update(of=("self",)).order_by("pk"))
            if not rows:
                continue
            warnings = {row.warning_id: row.warning for row in rows}
            with in_language_of(person):
                titles = titles_for(person, warnings.values())
            names = "; ".join(titles[key] for key in warnings)
            path = f"{reverse('responses:warnings')}?digest={rows[0].pk}"
            subject = names if len(names) <= _LONGEST else names[: _LONGEST - 1] + "…"
            notify(person, subject, "warnings_more", path=path, count=str(len(warnings)))
            Told.objects.filter(pk__in=[row.pk for row in rows]).update(state=Told.State.BUNDLED, digest=rows[0])
            written += 1
    return written
