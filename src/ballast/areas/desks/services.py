"""Writes of departments, fallback owners, working groups and fast tracks; each tells the audit."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import PERMISSIONS, NotAllowedError, require
from ballast.areas.accounts.models import User
from ballast.areas.audit.services import record
from ballast.areas.desks import selectors
from ballast.areas.desks.models import Department, EscalationStep, Fallback, FastTrack, Receiver, WorkingGroup
from ballast.areas.desks.steps import OF_WARNINGS
from ballast.areas.reference.models import Region

if TYPE_CHECKING:
    from ballast.areas.registry.models import Chain

__all__ = [
    "Track",
    "add_step",
    "end_step",
    "end_track",
    "officers",
    "save_department",
    "save_fallback",
    "save_group",
    "save_track",
]

# A working group is for a time; what lasts longer is a department.
GROUP_DAYS_MOST = 366
STEP_HOURS_MOST = 400


def officers(names: Iterable[str], field: str, permission: str = "view_desk") -> list[User]:
    """The active people of these user names who have a desk, in their order. ValidationError names the others."""
    wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    roles = [role for role, allowed in PERMISSIONS.items() if permission in allowed]
    rows = User.objects.filter(username__in=wanted, is_active=True, grants__role__in=roles).distinct()
    known = {user.username: user for user in rows}
    if missing := [name for name in wanted if name not in known]:
        message = _("{names}: no officer has this user name; give those of people who work at a desk.")
        raise ValidationError({field: message.format(names=", ".join(missing))})
    return [known[name] for name in wanted]


def _check_kept(user: User, region: Region | None) -> None:
    require(user, selectors.KEEP)
    if not selectors.is_kept(user, region):
        raise NotAllowedError(selectors.KEEP)


def _note(action: str, user: User, subject: str, key: object, detail: dict[str, Any]) -> None:
    record(action, user, subject_type=subject, subject_id=str(key), detail=detail)


def _stored(row: Any) -> None:  # noqa: ANN401 - any model
    """Save what is sound; ValidationError by field for what is not."""
    row.full_clean()
    row.save()


@transaction.atomic
def save_department(
    user: User, region: Region, code: str, *, name: str, name_zh: str = "", members: Iterable[str] = (),
    closed: bool = False,
) -> Department:  # fmt: skip
    """The department of the region with this code, made or changed; `members` are user names.

    Raises NotAllowedError for a region that the person does not keep, ValidationError by field.
    """
    _check_kept(user, region)
    row = Department.objects.filter(region=region, code=code).first() or Department(region=region, code=code.strip())
    row.name, row.name_zh, row.closed = name.strip(), name_zh.strip(), closed
    people = officers(members, "members", "work_cases")
    _stored(row)
    row.members.set(people)
    detail = {"name": row.name, "name_zh": row.name_zh, "members": [p.username for p in people], "closed": closed}
    _note("department.saved", user, "department", row.key, detail)
    return row


@transaction.atomic
def save_fallback(
    user: User, region: Region, *, to_region: Region | None, to_department: Department | None = None,
    to_person: str = "",
) -> Fallback | None:  # fmt: skip
    """Who gets what a desk of the region gives back; without a target region the setting is taken away.

    Raises NotAllowedError for a region that the person does not keep, ValidationError by field.
    """
    _check_kept(user, region)
    if to_department is not None:
        to_region = to_department.region
    if to_region is None:
        Fallback.objects.filter(region=region).delete()
        _note("fallback.ended", user, "region", region.pk, {})
        return None
    found = officers([to_person], "to_person", "work_cases")
    values = {"to_region": to_region, "to_department": to_department, "to_person": found[0] if found else None}
    row, _made = Fallback.objects.update_or_create(region=region, defaults=values)
    detail = {"region": to_region.pk, "department": to_department and to_department.key, "person": to_person.strip()}
    _note("fallback.saved", user, "region", region.pk, detail)
    return row


@transaction.atomic
def save_group(
    user: User, group: WorkingGroup | None, *, name: str, starts: dt.date, ends: dt.date, name_zh: str = "",
    regions: Iterable[Region] = (), chain: "Chain | None" = None, members: Iterable[str] = (),
) -> WorkingGroup:  # fmt: skip
    """The group, made (None) or changed; `members` are user names, both days are included.

    A group without regions is for the whole authority. Raises NotAllowedError for regions, present or new, that the
    person does not keep; ValidationError by field.
    """
    places = list(regions)
    for place in {*places, *(group.regions.all() if group else ())} or {None}:
        _check_kept(user, place)
    if group and not group.regions.exists():
        _check_kept(user, None)
    _check_days(starts, ends)
    people = officers(members, "members")
    row = group or WorkingGroup()
    row.name, row.name_zh, row.chain, row.starts, row.ends = name.strip(), name_zh.strip(), chain, starts, ends
    _stored(row)
    row.regions.set(places)
    row.members.set(people)
    detail = {
        "name": row.name, "regions": [place.pk for place in places], "chain": chain and chain.pk,
        "members": [person.username for person in people], "starts": starts, "ends": ends,
    }  # fmt: skip
    _note("group.saved", user, "group", row.pk, detail)
    return row


def _check_days(starts: dt.date, ends: dt.date) -> None:
    if ends < starts:
        message = _("The last day {last} is before the first day {first}.").format(last=ends, first=starts)
        raise ValidationError({"ends": message})
    if (ends - starts).days >= GROUP_DAYS_MOST:
        message = _("{count} days are too long for a working group; give at most {most}, or make it a department.")
        raise ValidationError({"ends": message.format(count=(ends - starts).days + 1, most=GROUP_DAYS_MOST)})


class Track(TypedDict):
    """A fast track as it is written: the two regions and, for each side, name, telephone and e-mail."""

    one: Region
    other: Region
    one_name: str
    one_phone: str
    one_email: str
    other_name: str
    other_phone: str
    other_email: str


@transaction.atomic
def save_track(user: User, given: Track) -> FastTrack:
    """The fast track of the pair of regions, made or changed.

    Raises NotAllowedError unless the person keeps one side at least, ValidationError by field.
    """
    require(user, selectors.KEEP)
    one, other = given["one"], given["other"]
    if not (selectors.is_kept(user, one) or selectors.is_kept(user, other)):
        raise NotAllowedError(selectors.KEEP)
    if one.pk == other.pk:
        message = _("{region} stands on both sides; choose two regions.").format(region=one.label)
        raise ValidationError({"other": message})
    _check_reachable(given)
    pair = Q(one=one, other=other) | Q(one=other, other=one)
    row = FastTrack.objects.filter(pair).first() or FastTrack(one=one, other=other)
    turned = row.one_id != one.pk
    for side, written in (("one", "other" if turned else "one"), ("other", "one" if turned else "other")):
        for part in ("name", "phone", "email"):
            setattr(row, f"{side}_{part}", given[f"{written}_{part}"].strip())  # type: ignore[literal-required]
    _stored(row)
    detail = {"one": row.one_id, "other": row.other_id, "names": [row.one_name, row.other_name]}
    _note("track.saved", user, "track", row.pk, detail)
    return row


def _check_reachable(given: Track) -> None:
    for side in ("one", "other"):
        if not (given[f"{side}_phone"].strip() or given[f"{side}_email"].strip()):  # type: ignore[literal-required]
            raise ValidationError({f"{side}_phone": _("Give a telephone number or an e-mail address.")})


@transaction.atomic
def end_track(user: User, track: FastTrack) -> None:
    """Take the fast track away. Raises NotAllowedError unless the person keeps one side at least."""
    require(user, selectors.KEEP)
    if not (selectors.is_kept(user, track.one) or selectors.is_kept(user, track.other)):
        raise NotAllowedError(selectors.KEEP)
    _note("track.ended", user, "track", track.pk, {"one": track.one_id, "other": track.other_id})
    track.delete()


def _check_all(user: User) -> None:
    require(user, selectors.KEEP)
    if not selectors.keeps_all(user):
        raise NotAllowedError(selectors.KEEP)


@transaction.atomic
def add_step(user: User, *, kind: str, hours: float, to: str, kinds: Iterable[str]) -> EscalationStep:
    """A step of the escalation, `hours` working hours after due (negative: before); `kinds` are those that there are.

    Of warnings the hours count without an answer, and each receiver hears once. Raises NotAllowedError unless the
    person keeps the whole authority, ValidationError by field.
    """
    _check_all(user)
    faults = {}
    if kind and kind not in (known := [*kinds, OF_WARNINGS]):
        faults["kind"] = _("“{kind}” is not a kind of problem; choose one of {kinds}.").format(
            kind=kind, kinds=", ".join(known)
        )
    if not -STEP_HOURS_MOST <= hours <= STEP_HOURS_MOST:
        faults["hours"] = _("{hours} hours will not do; give -400 to 400.").format(hours=hours)
    if to not in Receiver.values:
        faults["to"] = _("“{value}” is not known.").format(value=to)
    if not faults and EscalationStep.objects.filter(kind=kind, hours=hours, to=to).exists():
        faults["hours"] = _("There is such a step already.")
    if kind == OF_WARNINGS and not faults:
        faults = _faults_of_warning(hours, to)
    if faults:
        raise ValidationError(faults)
    row = EscalationStep.objects.create(kind=kind, hours=hours, to=to)
    _note("step.added", user, "step", row.pk, {"kind": kind, "hours": hours, "to": to})
    return row


def _faults_of_warning(hours: float, to: str) -> dict[str, str]:
    """What is not sound in a step of warnings, by field."""
    if to not in (Receiver.SUPERIOR, Receiver.LEADER):
        told = ", ".join(str(one.label) for one in (Receiver.SUPERIOR, Receiver.LEADER))
        return {"to": _("The first desk hears of a warning at once; choose one of {kinds}.").format(kinds=told)}
    if hours <= 0:
        return {"hours": _("{hours} hours will not do; a warning has to wait for an answer first.").format(hours=hours)}
    if EscalationStep.objects.filter(kind=OF_WARNINGS, to=to).exists():
        return {"to": _("Each receiver hears of a warning once; take the other step away first.")}
    return {}


@transaction.atomic
def end_step(user: User, step_id: int) -> None:
    """Take a step away. Raises NotAllowedError or EscalationStep.DoesNotExist."""
    _check_all(user)
    row = EscalationStep.objects.get(pk=step_id)
    _note("step.ended", user, "step", row.pk, {"kind": row.kind, "hours": row.hours, "to": row.to})
    row.delete()
