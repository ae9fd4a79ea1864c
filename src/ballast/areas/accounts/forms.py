from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ballast.areas.accounts.models import Role
from ballast.areas.accounts.services import TOKEN_DAYS, TOKEN_DAYS_MOST


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What it is for"), max_length=100)
    days = forms.IntegerField(
        label=_("Days until it expires"), min_value=1, max_value=TOKEN_DAYS_MOST, initial=TOKEN_DAYS
    )


class PersonForm(forms.Form):
    username = forms.CharField(label=_("User name"), max_length=150)
    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=150, required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
    )
    password = forms.CharField(
        label=_("First password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("New password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )


class GrantForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    region = forms.CharField(label=_("Region code"), max_length=16, required=False)
    chain = forms.CharField(label=_("Chain code"), max_length=32, required=False)
    enterprise = forms.CharField(label=_("Enterprise identifier"), max_length=64, required=False)
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
