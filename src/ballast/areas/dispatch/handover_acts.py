"""What was done to a case in a shift: the lines of its log as a note keeps them, and in words."""

from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballast.areas.cases.models import Case, CaseEntry
from ballast.areas.papers.blocks import Fact, Parts

__all__ = ["FIELDS", "act_of", "done"]

# What is read of a line, in the order of `act_of`.
FIELDS = ("type", "move", "state_before", "state_after", "facts", "toward_group")
# What a line says for machines that its words need. The number of another case is not among them: the reader of a note
# may not know that case.
_SAID = ("whom", "until", "days", "clock", "how", "blocks")


def act_of(kind: str, move: str, before: str, after: str, facts: dict[str, Any], group: int | None) -> dict[str, Any]:
    """A line of the log as plain values."""
    said = {name: facts[name] for name in _SAID if name in facts}
    act: dict[str, Any] = {"type": kind, "move": move, "before": before, "after": after}
    return act | ({"facts": said} if said else {}) | ({"group": True} if group else {})


def done(key: str, row: dict[str, Any]) -> Parts:
    """What was done to a case of a note, in order; what was done several times on end is said once, with how often."""
    parts: list[str | Fact] = []
    for place, (words, alike) in enumerate(groupby(_words(row, act) for act in row["acts"])):
        times = len(list(alike))
        if times > 1:
            text = ngettext("{words} ({count} time)", "{words} ({count} times)", times)
            words = text.format(words=words, count=times)
        # Words with a figure in them lead to the case that it stands in.
        plain = not any(sign.isdigit() for sign in words)
        parts += [", "] * bool(parts)
        parts.append(words if plain else Fact(f"{key}.act.{place}", times, words, row["href"]))
    return tuple(parts)


def _words(row: dict[str, Any], act: dict[str, Any]) -> str:
    """One line of a case's log in words."""
    if act["type"] == CaseEntry.Type.REPLY:
        return _("Reply")
    facts = act.get("facts", {})
    # A note from before the facts were kept does not know for whom it waits, or how much more time there is.
    if not facts and act["move"] in ("clock_waits", "clock_extended"):
        return _("The clock waits") if act["move"] == "clock_waits" else _("More time was granted")
    case = Case(number=row["number"], state=row["state"])
    if row["pack"]:
        case.pack = row["pack"]
    # The words ask only whether there is a group.
    group = 1 if act.get("group") else None
    return CaseEntry(
        case=case, type=act["type"], move=act["move"], state_before=act["before"], state_after=act["after"],
        facts=facts, toward_group_id=group,
    ).words  # fmt: skip
