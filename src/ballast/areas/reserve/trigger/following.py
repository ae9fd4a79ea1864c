"""Proposals follow the lamps: a trigger that holds proposes its measure; nothing is ever issued by it."""

from django.db import transaction
from django.urls import reverse

from ballast.areas.accounts.access import PERMISSIONS
from ballast.areas.accounts.selectors import with_grant
from ballast.areas.audit.services import record
from ballast.areas.notices.letters import in_language_of
from ballast.areas.notices.services import notify
from ballast.areas.reference.selectors import now, today
from ballast.areas.reserve import selectors
from ballast.areas.reserve.models import Issue, PolicyOption, Proposal
from ballast.areas.reserve.trigger.measuring import Counted, measure
from ballast.areas.reserve.trigger.weighing import Weighed, weigh

__all__ = ["follow", "follow_all"]

_ISSUERS = tuple(role for role, allowed in PERMISSIONS.items() if selectors.ISSUE in allowed)


def follow_all() -> int:
    """Bring the proposals of all measures up to date; returns how many are new."""
    return sum(follow(option) for option in PolicyOption.objects.all())


@transaction.atomic
def follow(option: PolicyOption) -> bool:
    """Bring the proposal of one measure up to date; whether a new one began.

    While the measure is in force nothing is proposed. A proposal that a person dismissed stays so until the trigger
    holds no more; what was issued and is over can be proposed again.
    """
    # As it stands now, and held: somebody may change or issue it while all measures are followed.
    rows = PolicyOption.objects.select_for_update(of=("self",))
    option = rows.select_related("region", "chain", "product", "issuer").get(pk=option.pk)
    standing = Proposal.objects.select_for_update().filter(option=option, ended_at=None).first()
    if Issue.objects.filter(selectors.in_force(today()), option=option).exists():
        return False
    found = (weigh(option) or measure(option)) if option.state == PolicyOption.State.READY else None
    over = found is None or not found.holds
    if standing is not None and (over or standing.state == Proposal.State.ISSUED):
        _end(standing)
        standing = None
    if over or found is None:
        return False
    if standing is not None:
        standing.figures, standing.seen_at = found.figures, now()
        standing.save(update_fields=["figures", "seen_at"])
        return False
    if _dismissed_before(option, found):
        return False
    _begin(option, found)
    return True


def _dismissed_before(option: PolicyOption, found: Counted | Weighed) -> bool:
    """Whether every cause was there when a person dismissed the last proposal of the measure."""
    if not isinstance(found, Weighed) or not found.causes:
        return False
    last = Proposal.objects.filter(option=option).order_by("-began_at", "-pk").first()
    if last is None or last.state != Proposal.State.DISMISSED:
        return False
    return set(found.causes) <= set(last.figures.get("causes", ()))


def _end(proposal: Proposal) -> None:
    proposal.ended_at = now()
    proposal.save(update_fields=["ended_at"])
    record("measure.proposal_over", None, subject_type="policy_option", subject_id=proposal.option.code)


def _begin(option: PolicyOption, found: Counted | Weighed) -> None:
    """Keep the proposal and tell everybody who may issue the measure."""
    at = now()
    Proposal.objects.create(option=option, since=found.since or today(), began_at=at, seen_at=at, figures=found.figures)
    detail = found.figures | {"since": found.since}
    record("measure.proposed", None, subject_type="policy_option", subject_id=option.code, detail=detail)
    path = reverse("reserve:option", args=[option.code])
    for person in with_grant(grants__role__in=_ISSUERS).prefetch_related("grants"):
        if selectors.may(person, selectors.ISSUE, option):
            with in_language_of(person):
                title = option.label
            notify(person, title, "measure_proposed", path=path, since=str(found.since))
