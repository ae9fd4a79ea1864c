"""Cases and their stories as rows."""

from dataclasses import dataclass

from ballast.areas.accounts.models import User
from ballast.areas.cases.clocks.dues import follow_all
from ballast.areas.cases.models import Case, CaseEntry, NumberSeries
from ballast.areas.cases.numbering import due_at
from ballast.areas.reference.selectors import authority
from ballast.areas.registry.models import Enterprise, Event, Site
from ballast.exercise.people import desk_name
from ballast.exercise.replay import Exercise
from ballast.exercise.stories import ENTERPRISE, Story

__all__ = ["load_cases"]

_BATCH = 1000
_OWNED = {"assigned", "solving", "solved", "disputed", "confirmed"}


@dataclass(frozen=True)
class _Keys:
    """Primary keys by the ids of the tables, and the region of each enterprise."""

    sites: dict[str, int]
    enterprises: dict[str, int]
    homes: dict[str, str]
    events: dict[str, int]


def load_cases(exercise: Exercise, people: dict[str, User]) -> None:
    """Write all cases with their entries and leave the number series where the exercise ends."""
    keys = _Keys(
        sites=dict(Site.objects.values_list("site_id", "pk")),
        enterprises=dict(Enterprise.objects.values_list("enterprise_id", "pk")),
        homes=dict(Enterprise.objects.values_list("enterprise_id", "region_id")),
        events=dict(Event.objects.values_list("event_id", "pk")),
    )
    of = authority()
    rows = []
    for story in exercise.stories:
        case = _case(story, keys)
        case.filed_by = _filer(story, exercise, people)
        case.owner = people[desk_name(story.lead_region)] if story.state in _OWNED else None
        case.due_at = due_at(story.kind, story.filed_at, of)
        rows.append(case)
    Case.objects.bulk_create(rows, batch_size=_BATCH)
    _entries(exercise, rows, people)
    follow_all("log", rows=Case.objects.order_by("pk"))
    _series(exercise)


def _case(story: Story, keys: _Keys) -> Case:
    """The case as its story tells it, still without its people and its due time."""
    last = story.entries[-1].at
    return Case(
        number=story.number,
        kind=story.kind,
        state=story.state,
        enterprise_id=keys.enterprises[story.enterprise_id],
        home_id=keys.homes[story.enterprise_id],
        site_id=keys.sites[story.site_id],
        product_id=story.product,
        blocked=story.blocked,
        place_id=story.place,
        needed_by=story.needed_by,
        contact=story.contact,
        text=story.text,
        filed_at=story.filed_at,
        lead_region_id=story.lead_region,
        offered_to_id=story.offered_to,
        event_id=keys.events.get(story.event_id or ""),
        state_since=max((e.at for e in story.entries if e.after != e.before), default=last),
        closed_at=None if story.is_open else last,
    )


def _filer(story: Story, exercise: Exercise, people: dict[str, User]) -> User | None:
    """Only the demo's own enterprise has a login."""
    return people["reporter"] if story.enterprise_id == exercise.reporter else None


def _entries(exercise: Exercise, rows: list[Case], people: dict[str, User]) -> None:
    made = []
    for case, story in zip(rows, exercise.stories, strict=True):
        desk = people[desk_name(story.lead_region)]
        for entry in story.entries:
            own = entry.actor == ENTERPRISE
            actor = _filer(story, exercise, people) if own else desk
            name = story.duty if own else desk.get_full_name()
            made.append(
                CaseEntry(
                    case=case,
                    at=entry.at,
                    actor=actor,
                    actor_name=actor.get_full_name() if actor else name,
                    side=CaseEntry.Side.ENTERPRISE if own else CaseEntry.Side.DESK,
                    desk_id=None if own else story.lead_region,
                    lead_id=story.lead_region,
                    type=entry.type,
                    move=entry.move,
                    state_before=entry.before,
                    state_after=entry.after,
                    text=entry.text,
                )
            )
    CaseEntry.objects.bulk_create(made, batch_size=_BATCH)


def _series(exercise: Exercise) -> None:
    last: dict[str, int] = {}
    for story in exercise.stories:
        prefix, _, serial = story.number.rpartition("-")
        last[prefix] = max(last.get(prefix, 0), int(serial))
    NumberSeries.objects.bulk_create(NumberSeries(prefix=prefix, last=n) for prefix, n in last.items())
