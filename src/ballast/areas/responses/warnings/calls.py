"""Which webhooks hear of a warning: each in whose scope it reaches, when it begins and when it is over."""

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from ballast.areas.accounts.access import Scope
from ballast.areas.notices.happenings import WARNED, WARNING_OVER
from ballast.areas.notices.models import Webhook
from ballast.areas.notices.selectors import active_webhooks
from ballast.areas.notices.services import write_call
from ballast.areas.responses.models import Warned
from ballast.areas.responses.warnings.gathering import Facts
from ballast.areas.responses.warnings.naming import title_in
from ballast.areas.responses.warnings.reaching import places_of, within
from ballast.core.one_cause import Group, Slot

__all__ = ["call_webhooks"]

_Held = Collection[tuple[Warned, Group]]


def call_webhooks(begun: _Held, over: _Held, facts: Mapping[Slot, Facts]) -> int:
    """Write the calls into the outbox, in the transaction that wrote the warnings; the number of calls."""
    written = 0
    for kind, held in ((WARNED, begun), (WARNING_OVER, over)):
        hooks = active_webhooks(kind) if held else []
        places = places_of({site for _row, group in held for site, _product in group.members}) if hooks else {}
        for hook in hooks:
            scope = _scope(hook)
            for row, group in held:
                seen = within(scope, group, places)
                if seen.members:
                    write_call(hook, kind, _payload(hook, scope, row, seen, facts))
                    written += 1
    return written


def _scope(hook: Webhook) -> Scope:
    if hook.enterprise:
        return Scope(enterprises=(hook.enterprise,))
    if hook.region or hook.chain:
        return Scope(places=((hook.region, hook.chain),))
    return Scope(everything=True)


def _payload(
    hook: Webhook, scope: Scope, row: Warned, seen: Group, facts: Mapping[Slot, Facts]
) -> dict[str, dict[str, Any]]:
    """The warning as far as it lies in the webhook's scope; an enterprise is told of its own sites and of no cause."""
    days = [facts[site, ""].stops_on for site in seen.stops if (site, "") in facts]
    told: dict[str, Any] = {
        "number": str(row), "began_at": row.began_at, "ended_at": row.ended_at, "stops": len(seen.stops),
        "reds": len(seen.reds), "first_stop": min((day for day in days if day), default=None),
    }  # fmt: skip
    if hook.enterprise:
        told |= {"sites": sorted({site for site, _product in seen.members})}
    else:
        address = settings.ADDRESS + reverse("responses:warning", args=[row.pk])
        told |= {"id": row.pk, "cause": title_in(scope, row), "address": address}
    return {"warning": told}
