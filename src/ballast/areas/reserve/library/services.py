"""Writes of the library of measures: made, changed, made ready, taken out."""

import re
from typing import TYPE_CHECKING, Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import NotAllowedError, require
from ballast.areas.audit.services import record
from ballast.areas.reference.models import Product, Region
from ballast.areas.reference.selectors import today
from ballast.areas.reserve import selectors
from ballast.areas.reserve.library.conditions import LONGEST, faults_in
from ballast.areas.reserve.models import Issue, PolicyOption
from ballast.areas.reserve.trigger.following import follow
from ballast.core.trigger import Trigger

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.registry.models import Chain

__all__ = ["LONGEST_DAYS", "Given", "faults_of", "save", "set_state"]

# A measure that lasts longer is a rule, not a measure of the reserve.
LONGEST_DAYS = 366
_MOST_COST = 1e15
_SEVERAL = PolicyOption.Measure.SEVERAL


class Given(TypedDict, total=False):
    """A measure as it is written; what is left out is empty."""

    name: str
    name_zh: str
    text: str
    text_zh: str
    legal_basis: str
    authority: str
    issuer: Region | None
    region: Region | None
    chain: "Chain | None"
    trigger_measure: str
    trigger_level: str
    product: Product | None
    trigger_at_least: float | None
    trigger_days: int
    conditions: str
    cost: float | None
    currency: str
    days: int


def faults_of(given: Any, *, loading: bool = False) -> dict[str, str]:  # noqa: ANN401 - a row, a form or a request
    """What is wrong with the trigger, the cost and the days of a measure, by field; `loading` as for conditions."""
    faults = _trigger_faults(given) | _condition_faults(given, loading=loading)
    for name in ("trigger_days", "days"):
        value = given.get(name, 1)
        if value is not None and not 1 <= value <= LONGEST_DAYS:
            faults[name] = _("{value} days will not do; give 1 to {most}.").format(value=value, most=LONGEST_DAYS)
    cost, currency = given.get("cost"), given.get("currency") or ""
    if cost is not None and not 0 <= cost <= _MOST_COST:
        faults["cost"] = _("{value} is no cost; give 0 or more.").format(value=f"{cost:g}")
    if bool(currency) != (cost is not None) or (currency and not re.fullmatch("[A-Z]{3}", currency)):
        faults["currency"] = _("Give a cost together with its currency in three capitals, such as CNY; or neither.")
    return faults


def _condition_faults(given: Any, *, loading: bool) -> dict[str, str]:  # noqa: ANN401 - as above
    text, several = (given.get("conditions") or "").strip(), given.get("trigger_measure") == _SEVERAL
    if text and not several:
        message = _("There are conditions, but the trigger is another; choose that several inputs propose it together.")
        return {"trigger_measure": message}
    if not several:
        return {}
    if not text:
        return {"conditions": _("Write the conditions on which the measure is proposed.")}
    if len(text) > LONGEST:
        message = _("This text has {count} characters; give at most {most}.")
        return {"conditions": message.format(count=len(text), most=LONGEST)}
    region, chain = (given.get(name) or given.get(f"{name}_id") or "" for name in ("region", "chain"))
    found = faults_in(text, region=region, chain=chain, loading=loading)
    return {"conditions": found} if found else {}


def _trigger_faults(given: Any) -> dict[str, str]:  # noqa: ANN401 - as above
    faults = {}
    measure, at_least = given.get("trigger_measure") or "", given.get("trigger_at_least")
    if measure == _SEVERAL:
        if at_least is not None:
            faults["trigger_at_least"] = _("The limits stand in the conditions; leave this empty.")
        return faults
    if measure and at_least is None:
        faults["trigger_at_least"] = _("Give the limit from which the measure is proposed.")
    if not measure and at_least is not None:
        faults["trigger_measure"] = _("There is a limit, {value}, but nothing is counted; choose what is.").format(
            value=f"{at_least:g}"
        )
    if measure and at_least is not None:
        try:
            Trigger(measure, at_least)  # type: ignore[arg-type]
        except ValueError:
            message = _("{value} will not do: give more than 0, and at most 100 for a share.")
            faults["trigger_at_least"] = message.format(value=f"{at_least:g}")
    return faults


@transaction.atomic
def save(user: "User", code: str, given: Given, *, new: bool = False) -> PolicyOption:
    """The measure with this code, made or changed; a new one is a draft.

    Raises NotAllowedError for a measure, present or as given, whose place the person does not keep; ValidationError by
    field for what is not sound, for a code that is taken (`new`), and for a change while it is in force.
    """
    require(user, selectors.KEEP)
    code = code.strip()
    row = PolicyOption.objects.select_for_update(of=("self",)).filter(code=code).first()
    if row is not None and new:
        raise ValidationError({"code": _("The code “{code}” is taken; choose another one.").format(code=code)})
    if row is not None:
        _check(user, row)
        _check_rests(row)
    row = row or PolicyOption(code=code)
    before = _plain(row)
    for name, value in given.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    _check(user, row)
    if faults := faults_of(_plain(row)):
        raise ValidationError(faults)
    row.full_clean()
    row.save()
    after = _plain(row)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    record("measure.saved", user, subject_type="policy_option", subject_id=row.code, detail=changed)
    follow(row)
    return row


@transaction.atomic
def set_state(user: "User", option: PolicyOption, state: str) -> PolicyOption:
    """The measure as a draft, ready, or taken out of the library.

    Raises NotAllowedError unless the person keeps it, ValidationError for a state that there is not, and for a measure
    in force: it is ended first.
    """
    require(user, selectors.KEEP)
    row = (
        PolicyOption.objects.select_for_update(of=("self",))
        .select_related("region", "chain", "issuer")
        .get(pk=option.pk)
    )
    _check(user, row)
    if state not in PolicyOption.State.values:
        raise ValidationError({"state": _("“{value}” is not known.").format(value=state[:80])})
    _check_rests(row)
    if row.state != state:
        before, row.state = row.state, state
        row.save(update_fields=["state"])
        detail = {"state": [before, state]}
        record("measure.state", user, subject_type="policy_option", subject_id=row.code, detail=detail)
        follow(row)
    return row


def _check(user: "User", row: PolicyOption) -> None:
    if not selectors.may(user, selectors.KEEP, row):
        raise NotAllowedError(selectors.KEEP)


def _check_rests(row: PolicyOption) -> None:
    issue = Issue.objects.filter(selectors.in_force(today()), option=row).first()
    if issue is not None:
        message = _("It is in force until {day}; end it before you change it.").format(day=issue.ends)
        raise ValidationError({"state": message})


def _plain(row: PolicyOption) -> dict[str, Any]:
    names = [*Given.__annotations__, "state"]
    return {
        name: getattr(row, f"{name}_id") if name in {"issuer", "region", "chain", "product"} else getattr(row, name)
        for name in names
    }
