"""Split a case into parts, each a case of its own under it: nothing is taken from the case, and nothing is copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import require
from ballast.areas.cases.events import case_changed
from ballast.areas.cases.faults import MoveRefusedError
from ballast.areas.cases.filing import Problem, Stamp, store
from ballast.areas.cases.machine import AT_DESK, IN_HAND
from ballast.areas.cases.models import Case, ParentLink
from ballast.areas.cases.numbering import due_at, next_number
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.cases.relations.holding_back import lock_family, tell_both
from ballast.areas.cases.routing.rules import Route
from ballast.areas.cases.selectors import movable_cases
from ballast.areas.reference.models import Product, Region
from ballast.areas.reference.selectors import authority, now, today
from ballast.areas.registry.models import Event, Site

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["LONGEST_TOKEN", "MOST", "SplitPart", "part_named", "split_case"]

MOST = 20
# A token of a case is that of the split, a colon, and the number of the part.
LONGEST_TOKEN = 60
_LONGEST = {"blocked": 200, "text": 20_000}


@dataclass(frozen=True)
class SplitPart:
    """One part: what is blocked there. What is left out is as in the case that is split."""

    blocked: str
    text: str = ""
    product: Product | None = None
    place: Region | None = None
    site: Site | None = None


def part_named(
    case: Case, *, blocked: str, text: str = "", product: str = "", place: str = "", site_id: str = ""
) -> SplitPart:
    """A part of the case by the codes of its product, its place and its site, empty ones as in the case.

    Raises ValidationError by field for a code that is not known, or a site that is not one of the enterprise.
    """
    known = (
        Product.objects.filter(pk=product).first() if product else None,
        Region.objects.filter(pk=place).first() if place else None,
        Site.objects.filter(enterprise=case.enterprise_id, site_id=site_id).first() if site_id else None,
    )
    given = (("product", product), ("place", place), ("site_id", site_id))
    unknown = {name: value for (name, value), row in zip(given, known, strict=True) if value and row is None}
    if unknown:
        raise ValidationError({name: _("“{value}” is not known.").format(value=v) for name, v in unknown.items()})
    return SplitPart(blocked, text, *known)


@transaction.atomic
def split_case(user: "User", number: str, parts: Sequence[SplitPart], *, client_token: str = "") -> list[Case]:
    """The cases of the parts, in order: under the case, which waits for them, at its desk, each with its own clocks.

    The case keeps its story, files, owner and clocks; the files of its report and replies are read from the parts too.
    A part about the same site, and lane where the kind holds one, shares the case's event; another one has its own.
    The same person and `client_token` again give the cases of the first time. Raises Case.DoesNotExist for what is not
    the user's to work on, MoveRefusedError for a case that no desk has in hand and for parts that cannot stand; then
    nothing is split.
    """
    require(user, "work_cases")
    lock_family(number)
    related = ("enterprise", "site", "product", "place", "event", "lead_region", "department")
    rows = movable_cases(user, AT_DESK).select_for_update(of=("self",)).select_related(*related)
    case = rows.get(number=number)
    if before := _split_before(user, case, client_token):
        return before
    _check(case, parts, client_token)
    made = [_split_off(user, case, part, _token(client_token, n)) for n, part in enumerate(parts, 1)]
    case_changed.send(Case, case=case)
    return made


def _token(token: str, part: int) -> str:
    return f"{token}:{part}" if token else ""


def _split_before(user: "User", case: Case, token: str) -> list[Case]:
    """The parts that the same request made before. Raises MoveRefusedError when it was another case that it split."""
    tokens = [_token(token, part) for part in range(1, MOST + 1)] if token else []
    found = list(Case.objects.filter(filed_by=user, client_token__in=tokens).order_by("pk"))
    if any(one.split_from_id != case.pk for one in found):
        message = _("The token “{token}” has split another case; send a new one.").format(token=token)
        raise MoveRefusedError({"parts": message})
    return found


def _check(case: Case, parts: Sequence[SplitPart], token: str) -> None:
    """Raise MoveRefusedError with all that cannot stand, each part by its number."""
    if case.state not in IN_HAND:
        message = _("Case {number} is “{state}”; only a case that a desk has in hand is split.")
        raise MoveRefusedError({"move": message.format(number=case.number, state=case.get_state_display())})
    faults = []
    if not parts:
        faults.append(_("Name at least one part."))
    if len(parts) > MOST:
        faults.append(_("{count} parts are too many at once; give at most {most}.").format(count=len(parts), most=MOST))
    if len(token) > LONGEST_TOKEN:
        faults.append(_("This text has {count} characters; give at most {most}.").format(
            count=len(token), most=LONGEST_TOKEN
        ))  # fmt: skip
    for number, part in enumerate(parts, 1):
        faults += [_("Part {part}: {fault}").format(part=number, fault=fault) for fault in _faults(case, part)]
    if faults:
        raise MoveRefusedError({"parts": faults})


def _faults(case: Case, part: SplitPart) -> list[str]:
    found = []
    if not part.blocked.strip():
        found.append(_("Say what is blocked."))
    for name, most in _LONGEST.items():
        if (count := len(getattr(part, name))) > most:
            found.append(_("This text has {count} characters; give at most {most}.").format(count=count, most=most))
    if part.site is not None and part.site.enterprise_id != case.enterprise_id:
        message = _("{site} is not a site of {enterprise}; a part is about the enterprise of the case.")
        found.append(message.format(site=part.site.site_id, enterprise=case.enterprise.label))
    return found


def _split_off(user: "User", case: Case, part: SplitPart, token: str) -> Case:
    of = authority()
    at, day = now(of), today(of)
    problem = _problem(case, part, token)
    # It stays with the desk that splits it; that desk hands it over where another one is to act.
    route = Route(case.lead_region, case.department)
    made = store(user, problem, Stamp(next_number(case.lead_region, day), route, at, day, due_at(case.kind, at, of)))
    made.split_from = case
    made.save(update_fields=["split_from"])
    link = ParentLink.objects.create(parent=case, child=made, rests_on=made, blocks=True)
    tell_both(user, link, how="split")
    return made


def _problem(case: Case, part: SplitPart, token: str) -> Problem:
    site, place = part.site or case.site, part.place or case.place
    return Problem(
        kind=case.kind, site=site, place=place, blocked=part.blocked, text=part.text.strip() or case.text,
        product=part.product or case.product, needed_by=case.needed_by, contact=case.contact, answers=case.answers,
        linked_event=_shared_event(case, site, place), client_token=token,
        still_possible=case.event.capacity_left if case.event else 0.0,
    )  # fmt: skip


def _shared_event(case: Case, site: Site, place: Region) -> Event | None:
    """The case's event where the part holds back the same: two events for one stop would each seem to cost nothing."""
    same_lane = place.pk == case.place_id or kinds()[case.kind].holds != "lane"
    return case.event if site.pk == case.site_id and same_lane else None
