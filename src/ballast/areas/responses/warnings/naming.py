"""What a warning is called before a person: its causes as far as they may be named."""

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from ballast.areas.accounts.access import Scope
from ballast.areas.chains.selectors import event_label
from ballast.areas.registry.event_scope import openings, told_in
from ballast.areas.registry.models import Event, Site
from ballast.areas.registry.selectors import scope_filter, visible_sites
from ballast.areas.registry.subjects import site_of, with_site_names

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.responses.models import Warned

__all__ = ["title_for", "title_in", "titles_for"]


def titles_for(user: "User", warnings: "Iterable[Warned]", *, with_sites: bool = False) -> dict[int, str]:
    """What each warning is called, in the active language; three queries for all of them.

    `with_sites` also names the site that a cause holds: for the person's own eyes, never for a text that others get.
    """
    warnings = list(warnings)
    ids = {event for warning in warnings for event in warning.events}
    events = {event.event_id: event for event in with_site_names(Event.objects.filter(event_id__in=ids))}
    told = openings(user, event_id__in=ids) if ids else {}
    own = set(
        visible_sites(user).filter(pk__in={w.site_id for w in warnings if w.site_id}).values_list("pk", flat=True)
    )
    name = _event_at if with_sites else event_label
    return {warning.pk: _title(warning, events, told, own, name) for warning in warnings}


def _event_at(event: Event | None, told: Collection[str]) -> str:
    """What an event is called before a person, with the site that it holds."""
    name, site = event_label(event, told), site_of(event) if event is not None and event.event_id in told else ""
    return _("{event} ({place})").format(event=name, place=site) if site else name


def title_for(user: "User", warning: "Warned") -> str:
    """What one warning is called."""
    return titles_for(user, [warning])[warning.pk]


def title_in(scope: Scope, warning: "Warned") -> str:
    """What one warning is called to whoever works in a scope, a person or another system."""
    events = {event.event_id: event for event in Event.objects.filter(event_id__in=warning.events)}
    told = set(told_in(scope).filter(event_id__in=warning.events).values_list("event_id", flat=True))
    named = Site.objects.filter(
        scope_filter(scope, "enterprise__"), pk__in=[warning.site_id] if warning.site_id else []
    )
    own = named.values_list("pk", flat=True)
    return _title(warning, events, told, set(own))


def _title(
    warning: "Warned",
    events: dict[str, Event],
    told: Collection[str],
    own: Collection[int],
    name_of: Callable[[Event | None, Collection[str]], str] = event_label,
) -> str:
    if warning.events:
        gone = _("an event that is not kept any more")
        names = [name_of(events[name], told) if name in events else gone for name in warning.events]
        return " + ".join(dict.fromkeys(names))
    if warning.site is not None and warning.site_id in own:
        return _("at the site itself: {site}").format(site=warning.site.label)
    return _("at a site outside your scope")
