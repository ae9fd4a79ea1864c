"""What an officer types to ask for a mode."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ballast.areas.modes.models import Cadence, Mode

__all__ = ["AskForm"]


def _date(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class AskForm(forms.Form):
    mode = forms.ChoiceField(label=_("Mode"), choices=Mode.choices)
    region = forms.CharField(label=_("Region code (empty: all regions)"), max_length=16, required=False)
    chain = forms.CharField(label=_("Chain code (empty: all chains)"), max_length=32, required=False)
    starts = _date(_("First day"))
    ends = _date(_("Last day, six months at most"))
    cadence = forms.ChoiceField(
        label=_("Stocks are reported"), choices=[("", _("As usual in this mode")), *Cadence.choices], required=False
    )
    wide = forms.ChoiceField(
        label=_("Wider fields of the operating report"),
        choices=[("", _("As usual in this mode")), ("1", _("Asked")), ("0", _("Not asked"))],
        required=False,
    )
    reason = forms.CharField(label=_("Reason; the enterprises concerned read it"), max_length=2000)
