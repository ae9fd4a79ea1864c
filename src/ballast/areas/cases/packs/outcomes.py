"""How a case ended: a closed list, the same in all packs, so that what was achieved can be counted."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

__all__ = ["OUTCOMES", "outcome_label"]

OUTCOMES: dict[str, str | Promise] = {
    "solved_by_authority": _("Solved by the authority"),
    "solved_by_enterprise": _("Solved by the enterprise itself"),
    "solved_by_match": _("Solved by another supplier or customer"),
    "done": _("Done as asked"),
    "no_longer_needed": _("No longer needed"),
    "not_within_remit": _("Not within the remit; another body has it"),
    "duplicate_of": _("Duplicate of another case"),
    "no_reply": _("No reply from the enterprise"),
    "impossible": _("Cannot be solved"),
    "withdrawn": _("Withdrawn by the enterprise"),
}


def outcome_label(code: str) -> str:
    """What an outcome is called in the language of the page; "" where there is none yet."""
    return str(OUTCOMES.get(code, code))
