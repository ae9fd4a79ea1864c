"""Load a version of the clocks of a pack, and take it over for the cases in hand."""

from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.audit.services import record
from ballast.areas.cases.clocks.dues import Moved, follow_all
from ballast.areas.cases.clocks.models import ClockPolicy
from ballast.areas.cases.clocks.rules import read_policy
from ballast.areas.reference.selectors import authority, now, today

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["Loaded", "load_policy"]


class Loaded(NamedTuple):
    """A version of the policy, and what it moved; nothing when it is in force later."""

    policy: ClockPolicy
    moved: Moved


@transaction.atomic
def load_policy(actor: "User | str", text: str) -> Loaded | None:
    """Keep a version of the clocks of a pack, from TOML; the cases in hand go over to it with all their pauses.

    The same file again changes nothing and gives None. Raises ValidationError with every fault of the file, for a
    version that is there with other rules, and for one that would hold before today. `actor` is an administrator, or
    the name of a process of the operator.
    """
    if not isinstance(actor, str):
        require(actor, "load_tables")
    given = read_policy(text)
    known = ClockPolicy.objects.filter(pack=given.pack, version=given.version).first()
    if known is not None:
        if (known.since, known.running, known.rules) == (given.since, given.running, given.rules):
            return None
        message = _("Pack {pack} has a policy “{version}” already, with other rules; give this one a new version.")
        raise ValidationError({"policy": message.format(pack=given.pack, version=given.version)})
    day = given.since.astimezone(ZoneInfo(authority().time_zone)).date()
    if day < today():
        message = _(
            "since: {day} has passed; clocks that were met or missed by then stay so. Give today or a later day."
        )
        raise ValidationError({"policy": message.format(day=day)})
    row = ClockPolicy.objects.create(**given._asdict(), loaded_at=now())
    detail = {"pack": given.pack, "version": given.version, "since": given.since, "rules": given.rules}
    record("policy.loaded", actor, subject_type="policy", subject_id=str(row), detail=detail)
    return Loaded(row, follow_all("policy", actor=actor if isinstance(actor, str) else actor.get_username()))
