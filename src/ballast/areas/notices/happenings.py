"""What a webhook can be told of."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

__all__ = ["FILED", "HAPPENINGS", "MOVED", "REPLIED", "WARNED", "WARNING_OVER"]

FILED, MOVED, REPLIED = "case.filed", "case.moved", "case.replied"
WARNED, WARNING_OVER = "warning.begun", "warning.ended"
HAPPENINGS: dict[str, str | Promise] = {
    FILED: _("A case was filed"),
    MOVED: _("A case was moved"),
    REPLIED: _("Somebody replied in a case"),
    WARNED: _("A warning began"),
    WARNING_OVER: _("The cause of a warning is over"),
}
