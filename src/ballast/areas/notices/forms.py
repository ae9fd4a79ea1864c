"""Which e-mails a person wants, and what a webhook is."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ballast.areas.notices.happenings import HAPPENINGS
from ballast.areas.notices.services import MOST_A_DAY
from ballast.areas.notices.wording import OF_ENTERPRISES, WORDINGS

__all__ = ["ChoiceForm", "WebhookForm"]


class ChoiceForm(forms.Form):
    email = forms.CharField(
        label=_("Your e-mail address"), max_length=254, required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "form-control"}),
        help_text=_("Without an address you are told on these pages only."),
    )  # fmt: skip
    wanted = forms.MultipleChoiceField(
        label=_("Send me an e-mail when"), required=False, widget=forms.CheckboxSelectMultiple
    )
    most_a_day = forms.IntegerField(
        label=_("E-mails a day at most"), min_value=0, max_value=MOST_A_DAY,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
        help_text=_("What comes above it is told in one digest at 18:00; with 0 everything is."),
    )  # fmt: skip

    def __init__(self, *args: Any, desk: bool, **kwargs: Any) -> None:
        """`desk`: whether the person works at a desk; an enterprise is offered only what can concern it."""
        super().__init__(*args, **kwargs)
        self.offered = [name for name in WORDINGS if desk or name in OF_ENTERPRISES]
        self.fields["wanted"].choices = [(name, WORDINGS[name].label) for name in self.offered]  # type: ignore[attr-defined]

    def chosen(self, before: Iterable[str] = ()) -> dict[str, Any]:
        """What `services.choose` takes; kinds left out `before` and not offered here stay left out."""
        given = self.cleaned_data
        without = [name for name in self.offered if name not in given["wanted"]]
        without += [name for name in before if name not in self.offered]
        return {"email": given["email"], "without": without, "most_a_day": given["most_a_day"]}


class WebhookForm(forms.Form):
    name = forms.CharField(label=_("Which system"), max_length=100)
    url = forms.CharField(label=_("Address"), max_length=500, help_text=_("https://… or http://…"))
    secret = forms.CharField(
        label=_("Secret"), max_length=200, required=False, strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("At least 16 characters; without one it is made and shown once."),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label=_("What it is told of"), choices=list(HAPPENINGS.items()), widget=forms.CheckboxSelectMultiple
    )
    region = forms.CharField(label=_("Region code"), max_length=16, required=False)
    chain = forms.CharField(label=_("Chain code"), max_length=32, required=False)
    enterprise = forms.CharField(label=_("Enterprise identifier"), max_length=64, required=False)
