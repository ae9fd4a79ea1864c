"""What a filter of the list of cases leaves, in words: the heading of a paper that holds these cases."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from ballast.areas.cases.measuring.logged import LOGGED
from ballast.areas.cases.measuring.views import asked
from ballast.areas.cases.packs.in_force import kinds, local_states
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Chain

__all__ = ["filter_words"]

_WINDOWS = tuple(f"{word}_{end}" for word in ("filed", "solved", "confirmed", "due") for end in ("from", "to"))


def filter_words(given: Mapping[str, str]) -> list[str]:
    """The conditions in the language in force, the state first; at least one."""
    words = [_state(given)]
    if kind := given.get("kind"):
        known = kinds().get(kind)
        words.append(str(known.label) if known else kind)
    flags = _flags()
    words += [text for name, text in flags.items() if given.get(name)]
    # The words of the measures: a flag is not told twice.
    words += [text for name, _value, text in asked(given) if name not in flags]
    for name, text in (("region", _("Region: {name}")), ("home", _("Enterprise in {region}"))):
        if code := given.get(name):
            label = next((row.label for row in Region.objects.filter(code=code)), code)
            words.append(text.format(name=label, region=label))
    if code := given.get("chain"):
        words.append(_("Chain: {name}").format(name=next((c.label for c in Chain.objects.filter(code=code)), code)))
    if given.get("owner") == "none":
        words.append(_("Without an owner"))
    plain = ("q", "pack", "outcome", "group", *_WINDOWS)
    return words + [f"{name}: {given[name]}" for name in plain if given.get(name)]


def _flags() -> dict[str, str]:
    return {
        "new": _("New today"), "overdue": _("Overdue"), "waiting": _("Wait for the enterprise"), "mine": _("Mine"),
        "offered": _("Offered to another region"), "held": _("Wait for a case under them"),
    }  # fmt: skip


def _state(given: Mapping[str, str]) -> str:
    """Which states; without one, open cases, or all where they are asked for by what was done or by time."""
    state = given.get("state") or ""
    if not state:
        widening = (*_flags(), *LOGGED, "month", "q", *_WINDOWS)
        state = "all" if any(given.get(name) for name in widening) else "open"
    if state in ("open", "all"):
        return _("Open cases") if state == "open" else _("All cases")
    known = local_states().get(state)
    return str(known.label) if known else state
