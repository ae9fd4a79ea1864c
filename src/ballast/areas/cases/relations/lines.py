"""What lines of the story say of parents and children, in the language of the page."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from ballast.areas.cases.models import CaseEntry

__all__ = ["AS_CHILD", "HAS_CHILD", "relation_words"]

# Moves that no pack names: a line of the child about its parent, and the one of the parent about the child. Their facts
# name the other case (`case`, its number) and say what was done (`how`) and whether the child blocks from then on.
AS_CHILD, HAS_CHILD = "as_child", "has_child"


def relation_words(line: "CaseEntry") -> str:
    """What the line is about; "" for one that is not about parents and children."""
    if line.move == AS_CHILD:
        return _of_child(line.facts)
    if line.move == HAS_CHILD:
        return _of_parent(line.facts)
    return ""


def _of_child(facts: dict[str, object]) -> str:
    match facts.get("how"), facts.get("blocks"):
        case ("split", _blocks):
            return _("Split off from another case, which waits for this one")
        case ("reopened", _blocks):
            return _("Reopened after the case above it had closed; it holds that case back no longer")
        case ("unlinked", _blocks):
            return _("No longer under another case")
        case ("changed", True):
            return _("The case above it waits for this one from now on")
        case ("changed", _blocks):
            return _("The case above it waits for this one no longer")
        case (_how, True):
            return _("Put under another case, which waits for this one")
    return _("Put under another case")


def _of_parent(facts: dict[str, object]) -> str:
    match facts.get("how"), facts.get("blocks"):
        case ("split", _blocks):
            return _("A part was split off as a case of its own; this case waits for it")
        case ("reopened", _blocks):
            return _("A case under this one was reopened after this one had closed; this one does not wait for it")
        case ("unlinked", _blocks):
            return _("A case was taken off from under this one")
        case ("changed", True):
            return _("This case waits for a case under it from now on")
        case ("changed", _blocks):
            return _("This case waits for a case under it no longer")
        case (_how, True):
            return _("Another case was put under this one; this case waits for it")
    return _("Another case was put under this one")
