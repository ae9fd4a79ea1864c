"""The problem form of the enterprise: nine fields, one page."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ballast.areas.accounts.models import User
from ballast.areas.cases.models import Kind
from ballast.areas.cases.pack import kinds
from ballast.areas.reference.models import Product, Region
from ballast.areas.registry.models import Need, Site
from ballast.areas.registry.selectors import visible_sites

__all__ = ["ProblemForm", "ReplyTextForm"]


class SiteField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Site) -> str:
        return obj.label


class ProblemForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind of problem"), choices=[("", ""), *Kind.choices])
    site = SiteField(label=_("Which of your sites"), queryset=Site.objects.none(), empty_label=None)
    blocked = forms.CharField(
        label=_("What is blocked"), max_length=200,
        help_text=_("A few words, for example: 60 staff cannot come in; trucks are turned back."),
    )  # fmt: skip
    product = forms.ModelChoiceField(label=_("Product or input"), queryset=Product.objects.none(), empty_label="")
    place = forms.ModelChoiceField(label=_("Where it is blocked"), queryset=Region.objects.none(), empty_label="")
    needed_by = forms.DateField(label=_("Needed by"), widget=forms.DateInput(attrs={"type": "date"}))
    contact = forms.CharField(label=_("Contact (name and telephone)"), max_length=200)
    text = forms.CharField(label=_("What happened, what would help"), widget=forms.Textarea(attrs={"rows": 4}))
    attachment = forms.FileField(
        label=_("File (optional)"), required=False, help_text=_("PDF, PNG, JPG, XLSX, DOCX, CSV or TXT, at most 5 MB.")
    )
    still_possible = forms.FloatField(
        label=_("Output still possible, per cent of normal (optional)"),
        required=False, min_value=0, max_value=100, help_text=_("Leave it empty when you can produce nothing."),
    )  # fmt: skip
    client_token = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = visible_sites(user, "file_cases").select_related("product")
        self._offer("site", sites)
        used = Need.objects.filter(site__in=sites).order_by().values("product")
        known = Q(pk__in=sites.order_by().values("product")) | Q(pk__in=used)
        self._offer("product", Product.objects.filter(known).order_by("name", "code"))
        self._offer("place", Region.objects.exclude(level__in=("nation", "county")).order_by("path"))
        self.initial.setdefault("client_token", uuid.uuid4().hex)
        for name, field in self.fields.items():
            kind = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            if name != "client_token":
                field.widget.attrs.setdefault("class", kind)

    def _offer(self, name: str, rows: QuerySet[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = rows

    def clean_still_possible(self) -> float:
        return (self.cleaned_data["still_possible"] or 0.0) / 100


def _kinds_or_every() -> list[tuple[str, str]]:
    return [("", str(_("Every kind"))), *((name, str(kind.label)) for name, kind in kinds().items())]


class ReplyTextForm(forms.Form):
    """One text for replies."""

    title = forms.CharField(label=_("Title of the text"), max_length=100)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    kind = forms.ChoiceField(label=_("Kind of problem"), choices=_kinds_or_every, required=False)
    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 6, "class": "form-control"}))
