"""Who hears of a line in the story of a case: persons, and the webhooks in whose scope it lies. Never of a note."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from ballast.areas.accounts.access import Scope
from ballast.areas.accounts.models import Role, User
from ballast.areas.accounts.selectors import with_grant
from ballast.areas.cases.machine import CLOSED, IN_HAND, RESOLVED
from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.cases.ownership.people import ROLES
from ballast.areas.cases.packs.in_force import pack_named
from ballast.areas.cases.selectors import cases_in
from ballast.areas.desks.selectors import way_up
from ballast.areas.notices.happenings import FILED, MOVED, REPLIED
from ballast.areas.notices.selectors import active_webhooks
from ballast.areas.notices.services import notify_all, write_call

if TYPE_CHECKING:
    from ballast.areas.desks.models import Department
    from ballast.areas.notices.models import Webhook

__all__ = ["first_staffed", "people_at", "people_of_enterprise", "tell"]

# By what a move does besides, and then by the categories that it leads from and to.
_BY_EFFECT = {"assign": "assigned", "hand_over": "offered", "refuse": "refused"}


def tell(case: Case, entry: CaseEntry, actor: User) -> None:
    """Write the notices, e-mails and calls that the line is owed, in its transaction; whoever did it hears nothing."""
    if entry.type == CaseEntry.Type.NOTE:
        return
    if template := _template(case, entry):
        people = [person for person in _hearers(template, case, entry) if person.pk != actor.pk]
        notify_all(people, case.blocked, template, case.number, actor=entry.actor_name)
    if case.escalated_to is not None and template == "refused":
        superiors = first_staffed(way_up(case.escalated_to))
        notify_all([p for p in superiors if p.pk != actor.pk], case.blocked, "escalated", case.number)
    kind = {CaseEntry.Type.REPLY: REPLIED}.get(CaseEntry.Type(entry.type), FILED if entry.move == "file" else MOVED)
    for hook in active_webhooks(kind):
        if _sees(hook, case):
            write_call(hook, kind, _payload(case, entry, desk=not hook.enterprise), case.number)


def _template(case: Case, entry: CaseEntry) -> str:
    """What kind of notice the line is for persons; "" when it concerns nobody in particular."""
    if entry.type == CaseEntry.Type.REPLY:
        return "replied"
    move = pack_named(case.pack).moves_by_name.get(entry.move)
    if move is None:
        return ""
    if move.does == "give_back" and case.offered_to_id:
        return "offered"
    if move.does in ("give_back", "decide"):
        return "arrived"
    if move.does in _BY_EFFECT:
        return _BY_EFFECT[move.does]
    before, after = entry.state_before, entry.state_after
    if after in RESOLVED and before not in RESOLVED:
        return "solved"
    if after in IN_HAND and before in RESOLVED and entry.side == CaseEntry.Side.ENTERPRISE:
        return "disputed"
    return "reopened" if after in IN_HAND and before in CLOSED else ""


def _hearers(template: str, case: Case, entry: CaseEntry) -> list[User]:
    if template == "assigned":
        return [case.owner] if case.owner else []
    if template == "offered":
        return _people_of_desk(case.offered_to_id, case.offered_department) if case.offered_to_id else []
    if template == "solved" or (template == "replied" and entry.side == CaseEntry.Side.DESK):
        return list(people_of_enterprise(case))
    return [case.owner] if case.owner else _people_of_desk(case.lead_region_id, case.department)


def _people_of_desk(region: str, department: "Department | None") -> list[User]:
    """The people of a department, of the region's desk where it has none or there is no department."""
    members = department.members.filter(is_active=True).order_by("pk") if department else None
    return (list(members) if members is not None else []) or list(people_at(region))


def people_at(region: str) -> QuerySet[User]:
    """Active people of the desk of a region: officers with a right for just this region."""
    return with_grant(grants__role__in=ROLES, grants__region=region, grants__chain="")


def first_staffed(codes: Iterable[str]) -> list[User]:
    """The people of the first of the desks that has any; of the whole authority where none has."""
    for code in (*codes, ""):
        if people := list(people_at(code)):
            return people
    return []


def people_of_enterprise(case: Case) -> QuerySet[User]:
    """Active people of the enterprise of the case."""
    return with_grant(grants__role=Role.REPORTER, grants__enterprise=case.enterprise.enterprise_id)


def _sees(hook: "Webhook", case: Case) -> bool:
    """Whether the case lies in what the webhook may see."""
    if hook.enterprise:
        return hook.enterprise == case.enterprise.enterprise_id
    if not (hook.region or hook.chain):
        return True
    return cases_in(Scope(places=((hook.region, hook.chain),))).filter(pk=case.pk).exists()


def _payload(case: Case, entry: CaseEntry, *, desk: bool) -> dict[str, Any]:
    """The case and the line, as an enterprise reads them; a desk's webhook is also told event and output at risk."""
    told: dict[str, Any] = {
        "number": case.number, "kind": case.kind, "state": entry.state_after or case.state,
        "enterprise_id": case.enterprise.enterprise_id, "site_id": case.site.site_id, "product": case.product_id,
        "blocked": case.blocked, "place": case.place_id, "needed_by": case.needed_by, "filed_at": case.filed_at,
        "due_at": case.due_at, "lead_region": case.lead_region_id, "offered_to": case.offered_to_id,
        "owner": case.owner.get_username() if case.owner else None,
    }  # fmt: skip
    if desk:
        told |= {"event_id": case.event.event_id if case.event else None, "output_at_risk": case.output_at_risk}
    line = {
        "at": entry.at, "type": entry.type, "move": entry.move, "state_before": entry.state_before,
        "state_after": entry.state_after, "actor": entry.actor_name, "side": entry.side, "text": entry.text,
    }  # fmt: skip
    return {"case": told, "line": line}
