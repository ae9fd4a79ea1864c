"""Who is mentioned by @name in a case: only people who may see what is said there."""

import re
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import PERMISSIONS, can, require
from ballast.areas.accounts.models import User
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.selectors import visible_cases
from ballast.areas.cases.talk.audience import people_of_enterprise
from ballast.areas.notices.services import notify_all
from ballast.areas.searching import matching

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MOST_OFFERED", "named_in", "offered", "tell"]

MOST_OFFERED = 10
# Not inside an e-mail address; a user name may hold dots and signs, but does not end with one here.
_NAMES = re.compile(r"(?<![\w.+@-])@([\w][\w.+-]*\w|\w)")


def named_in(user: User, case: Case, text: str, *, internal: bool) -> list[User]:
    """The people whom the text mentions, the writer left out.

    Raises ValidationError, the same for a name that nobody has and one of somebody who may not see this.
    """
    names = list(dict.fromkeys(_NAMES.findall(text)))
    found = {person.get_username(): person for person in User.objects.filter(username__in=names, is_active=True)}
    for name in names:
        if name not in found or not _may_hear(found[name], user, case, internal=internal):
            message = _(
                "“{name}” is nobody who may read this here; choose somebody else, or leave out the sign before the "
                "name."
            )
            raise ValidationError({"text": message.format(name=f"@{name}")})
    return [person for person in found.values() if person.pk != user.pk]


def _may_hear(person: User, writer: User, case: Case, *, internal: bool) -> bool:
    """Whether the person sees what the writer says in the case; an enterprise names its own people and the owner."""
    at_desk = can(person, "view_desk") and visible_cases(person, "view_desk").filter(pk=case.pk).exists()
    if internal:
        return at_desk
    if not can(writer, "view_desk") and person.pk != case.owner_id:
        return person in people_of_enterprise(case)
    return at_desk or person in people_of_enterprise(case)


def offered(user: User, number: str, *, search: str = "", internal: bool = True) -> list[User]:
    """At most ten people whom the user may mention in the case, those of its desks, by user name.

    Raises NotAllowedError, Case.DoesNotExist.
    """
    require(user, "work_cases")
    case = visible_cases(user, "work_cases").select_related("lead_region", "offered_to", "home").get(number=number)
    rows = User.objects.filter(_near(case), is_active=True).exclude(pk=user.pk).distinct().order_by("username")
    if search:
        rows = rows.filter(matching(search.removeprefix("@"), "username", "first_name", "last_name"))
    found = []
    for person in rows.prefetch_related("grants")[: 3 * MOST_OFFERED]:
        if _may_hear(person, user, case, internal=internal):
            found.append(person)
        if len(found) == MOST_OFFERED:
            break
    return found


def _near(case: Case) -> Q:
    """People with a right at a desk in whose region the case lies, is led or is offered."""
    roles = [role for role, allowed in PERMISSIONS.items() if "view_desk" in allowed]
    regions = [region for region in (case.home, case.lead_region, case.offered_to) if region]
    codes = {code for region in regions for code in region.path.strip("/").split("/")}
    return Q(grants__role__in=roles) & (Q(grants__region__in=codes) | Q(grants__region=""))


def tell(case: Case, entry: CaseEntry, people: "Sequence[User]") -> None:
    """Write the notices of a mention; they say where, not what."""
    if people:
        notify_all(people, case.blocked, "mentioned", case.number, actor=entry.actor_name)
