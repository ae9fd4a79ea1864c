"""By what the clocks of cases are judged: versions of the policy of each pack, and the working calendars."""

import datetime as dt
import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pydantic
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ballast.areas.cases.clocks.models import ClockPolicy
from ballast.areas.cases.clocks.parts import desk_known
from ballast.areas.cases.packs.in_force import packs
from ballast.areas.cases.packs.model import ClockRule, Pack
from ballast.areas.reference.calendars import Days, calendars
from ballast.areas.reference.models import Authority
from ballast.areas.reference.selectors import authority
from ballast.core.clocks import Calendar, Policy, Rule

__all__ = ["PolicyFile", "Rules", "read_policy", "rules_in_force", "standing_rules"]

_KEYS = {"pack", "version", "since", "running", "clocks"}


@dataclass(frozen=True)
class Rules:
    """Policies by pack, calendars by name for the clocks, and the calendars as pages tell of them."""

    policies: Mapping[str, tuple[Policy, ...]]
    calendars: Mapping[str, Calendar]
    days: Mapping[str, Days]
    zone: ZoneInfo
    office: str  # name of the authority's calendar

    @property
    def office_days(self) -> Days:
        """The authority's own calendar."""
        return self.days[self.office]


# What was read within `standing_rules`: nothing yet, or the one.
_standing: ContextVar[list[Rules] | None] = ContextVar("standing_rules", default=None)


@contextmanager
def standing_rules() -> Iterator[None]:
    """Within, the newest rules are read once, when they are first asked for. For the span of one act upon a case."""
    if _standing.get() is not None:
        yield
        return
    token = _standing.set([])
    try:
        yield
    finally:
        _standing.reset(token)


def rules_in_force(at: dt.datetime | None = None, *, of: Authority | None = None) -> Rules:
    """All versions of the policies, and the version of every calendar at an instant (default: the newest). Two queries.

    A rule that names a calendar which is not there takes the authority's own.
    """
    standing = _standing.get() if at is None else None
    if standing:
        return standing[0]
    found = _read(at, of or authority())
    if standing is not None:
        standing.append(found)
    return found


def _read(at: dt.datetime | None, of: Authority) -> Rules:
    days = calendars(at)
    office = of.calendar if of.calendar in days else "plain"
    versions: dict[str, list[tuple[str, dt.datetime, bool, str]]] = {}
    for row in ClockPolicy.objects.order_by("since", "pk"):
        versions.setdefault(row.pack, []).append((row.version, row.since, row.running, row.rules))
    found = {
        name: _policies(pack, tuple(versions.get(name, ())), office, of.time_zone, frozenset(days))
        for name, pack in packs().items()
    }
    return Rules(found, {name: one.calendar(of.time_zone) for name, one in days.items()}, days,
                 ZoneInfo(of.time_zone), office)  # fmt: skip


@lru_cache(maxsize=64)
def _policies(
    pack: Pack, versions: tuple[tuple[str, dt.datetime, bool, str], ...], office: str, zone: str, known: frozenset[str]
) -> tuple[Policy, ...]:
    """The pack's own clocks, then the versions of the authority; what those leave out stays as in the pack."""
    begun = dt.datetime.combine(pack.since, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)
    own = _known(pack.policy(office, begun), office, known)
    found = [own]
    for version, since, running, text in versions:
        rules = tuple(rule for row in json.loads(text) for rule in ClockRule.model_validate(row).rules(office))
        policy = _known(Policy(version, since, rules, running), office, known)
        found.append(Policy(version, since, (*policy.rules, *own.rules), running))
    return tuple(found)


def _known(policy: Policy, office: str, known: frozenset[str]) -> Policy:
    """The policy on calendars that are there."""
    rules = tuple(rule if rule.calendar in known else _on(rule, office) for rule in policy.rules)
    return Policy(policy.version, policy.since, rules, policy.running)


def _on(rule: Rule, calendar: str) -> Rule:
    return Rule(rule.clock, rule.budget, calendar, rule.kind, rule.priority, rule.agency, rule.pauses, rule.stops)


class PolicyFile(NamedTuple):
    """A version of the policy as a file gives it; `rules` are the [[clocks]] tables as JSON."""

    pack: str
    version: str
    since: dt.datetime
    running: bool
    rules: str


def read_policy(text: str) -> PolicyFile:
    """A version of the policy from TOML. Raises ValidationError with every fault of the file, key by key."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = _("The policy is not valid TOML: {reason}").format(reason=error)
        raise ValidationError({"policy": message}) from None
    faults = [
        _("{key}: there is no such key; known are {known}.").format(key=key, known=", ".join(sorted(_KEYS)))
        for key in sorted(set(raw) - _KEYS)
    ]
    pack, version, since = str(raw.get("pack", "problem")), str(raw.get("version", "")), _instant(raw.get("since"))
    if pack not in packs():
        faults.append(
            _("pack: there is no pack “{value}”; use one of {known}.").format(value=pack, known=", ".join(packs()))
        )
    if not 0 < len(version) <= 40:
        faults.append(_("version: “{value}” will not do; give 1 to 40 characters.").format(value=version))
    if since is None:
        message = _("since: “{value}” is no date or time; write it as 2026-05-01 or 2026-05-01T09:00:00.")
        faults.append(message.format(value=raw.get("since", "")))
    if not isinstance(running := raw.get("running", True), bool):
        faults.append(_("running: “{value}” is neither true nor false.").format(value=running))
    rules = _rules(raw.get("clocks"), packs().get(pack), faults)
    if faults or since is None:
        raise ValidationError({"policy": faults})
    return PolicyFile(pack, version, since, bool(running), json.dumps(rules, ensure_ascii=False, sort_keys=True))


def _instant(value: Any) -> dt.datetime | None:  # noqa: ANN401 - any TOML
    """The instant of a local date or time of the authority; None for what is neither."""
    zone = ZoneInfo(authority().time_zone)
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    return dt.datetime.combine(value, dt.time(), zone) if isinstance(value, dt.date) else None


def _rules(raw: Any, pack: Pack | None, faults: list[str]) -> list[dict[str, Any]]:  # noqa: ANN401 - any TOML
    """The rules as plain values, each checked against the pack and the calendars that are there."""
    if not isinstance(raw, list) or not raw:
        faults.append(_("clocks: give at least one rule, headed [[clocks]]."))
        return []
    found, known = [], calendars()
    for number, row in enumerate(raw, 1):
        try:
            rule = ClockRule.model_validate(row)
            _checked(rule, pack, known)
        except pydantic.ValidationError as error:
            faults.extend(
                f"clocks {number}, {'.'.join(map(str, one['loc']))}: {one['msg']} ({str(one['input'])[:60]})"
                for one in error.errors()
            )
        except ValueError as error:
            faults.append(f"clocks {number}: {error}")
        else:
            found.append(rule.model_dump(mode="json", exclude_defaults=True))
    return found


def _checked(rule: ClockRule, pack: Pack | None, known: Mapping[str, Days]) -> None:
    """Raise ValueError for a kind, desk or calendar that is not there, and for a budget that is none."""
    for desk in rule.desks:
        if not desk_known(desk):
            message = _(
                "“{value}” is no desk; write a region's code, region/department, or /department for all regions."
            )
            raise ValueError(message.format(value=desk))
    for kind in rule.kinds:
        if pack and kind not in pack.kinds_by_name:
            message = _("“{value}” is not a kind of this pack; use {known}.")
            raise ValueError(message.format(value=kind, known=", ".join(pack.kinds_by_name)))
    if rule.calendar and rule.calendar not in known:
        message = _("There is no calendar “{value}”; use one of {known}, or load your own first.")
        raise ValueError(message.format(value=rule.calendar, known=", ".join(sorted(known))))
    _budget = rule.budget
