"""What an officer types to prepare a measure. Places and inputs are named by their codes."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as said
from django.utils.translation import gettext_lazy as _

from ballast.areas.desks.forms import ChainField, RegionField
from ballast.areas.reference.models import Product
from ballast.areas.reserve.library.conditions import LONGEST
from ballast.areas.reserve.models import PolicyOption

__all__ = ["OptionForm", "ProductField", "product_named"]

_LONG = forms.Textarea(attrs={"rows": 4})


def product_named(word: str) -> Product | None:
    """The input of a code; None for an empty word. ValidationError for what names none."""
    word = word.strip()
    found = Product.objects.filter(code=word).first() if word else None
    if word and found is None:
        raise ValidationError(said("“{value}” is not known.").format(value=word))
    return found


class ProductField(forms.CharField):
    """An input by its code."""

    def clean(self, value: Any) -> Product | None:
        return product_named(super().clean(value))


class OptionForm(forms.Form):
    code = forms.SlugField(label=_("Code of the measure, such as diesel-reserve"), max_length=40)
    name = forms.CharField(label=_("Title in English"), max_length=200)
    name_zh = forms.CharField(label=_("Title in Chinese"), max_length=200, required=False)
    text = forms.CharField(label=_("What is done, in English"), max_length=4000, widget=_LONG)
    text_zh = forms.CharField(label=_("What is done, in Chinese"), max_length=4000, widget=_LONG, required=False)
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=300, required=False)
    authority = forms.CharField(label=_("Authority that answers for it"), max_length=200)
    issuer = RegionField(label=_("Issued by the desk of (empty: the whole authority)"), max_length=16, required=False)
    region = RegionField(label=_("Holds in region (empty: all regions)"), max_length=16, required=False)
    chain = ChainField(label=_("Holds in chain (empty: all chains)"), max_length=32, required=False)
    trigger_measure = forms.ChoiceField(
        label=_("What is counted"), choices=PolicyOption.Measure.choices, required=False
    )
    trigger_level = forms.ChoiceField(
        label=_("Lamp at this level or worse"), choices=PolicyOption._meta.get_field("trigger_level").choices or ()
    )
    product = ProductField(
        label=_("Lamps of this input alone (code; empty: every input)"), max_length=64, required=False
    )
    trigger_at_least = forms.FloatField(label=_("Proposed from this count or share on"), required=False)
    trigger_days = forms.IntegerField(label=_("On so many days one after the other"), initial=1)
    conditions = forms.CharField(
        label=_("Conditions, in TOML, when several inputs propose it together"), max_length=LONGEST, widget=_LONG,
        required=False,
    )  # fmt: skip
    cost = forms.FloatField(label=_("Cost"), required=False)
    currency = forms.CharField(label=_("Currency, such as CNY"), max_length=3, required=False)
    days = forms.IntegerField(label=_("Lasts at most so many days"), initial=30)

    @staticmethod
    def initial_of(option: PolicyOption) -> dict[str, Any]:
        """The form as the measure stands."""
        coded = {"issuer", "region", "chain", "product"}
        return {
            name: (getattr(option, f"{name}_id") or "") if name in coded else getattr(option, name)
            for name in OptionForm.base_fields
        }
