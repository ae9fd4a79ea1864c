"""The form of a new case, made from its pack: the fields that every case has, and the pack's own."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ballast.areas.accounts.models import User
from ballast.areas.cases.filing import filing_right
from ballast.areas.cases.packs.in_force import PROBLEM, kinds, pack_named
from ballast.areas.cases.packs.model import FormField, Pack
from ballast.areas.reference.models import Product, Region
from ballast.areas.registry.models import Need, Site
from ballast.areas.registry.selectors import visible_sites

__all__ = ["CaseForm", "ReplyTextForm"]

# Under these names the answers to a pack's own fields come, apart from the fields that every case has.
_OWN = "answer_"


class SiteField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Site) -> str:
        return obj.label


class CaseForm(forms.Form):
    """What the form of a pack asks, in its order. An enterprise chooses among its sites; a desk writes their ids."""

    client_token = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, *args: Any, user: User, pack: Pack | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pack = pack or pack_named(PROBLEM)
        self.sites = visible_sites(user, filing_right(self.pack.kinds[0].name))
        self.by_desk = self.pack.filed_by == "desk"
        for asked in self.pack.form:
            field = self._own(asked) if asked.own else self._common(asked)
            field.label, field.required = str(asked.label), asked.required
            field.help_text = str(asked.help or field.help_text)
            name = _OWN + asked.name if asked.own else asked.name
            if not isinstance(field.widget, forms.CheckboxInput):
                chosen = isinstance(field.widget, forms.Select)
                field.widget.attrs.setdefault("class", "form-select" if chosen else "form-control")
            self.fields[name] = field
        self.initial.setdefault("client_token", uuid.uuid4().hex)

    def _common(self, asked: FormField) -> forms.Field:
        """The field of that name that every case has."""
        if asked.name in ("site", "product", "place"):
            return self._row(asked.name)
        if asked.name == "kind":
            return forms.ChoiceField(choices=[("", ""), *((one.name, str(one.label)) for one in self.pack.kinds)])
        if asked.name == "needed_by":
            return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
        if asked.name == "text":
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}))
        if asked.name == "attachment":
            return forms.FileField()
        if asked.name == "still_possible":
            return forms.FloatField(min_value=0, max_value=100)
        return forms.CharField(max_length=200)

    def _row(self, name: str) -> forms.Field:
        if name == "place":
            places = Region.objects.exclude(level__in=("nation", "county")).order_by("path")
            return forms.ModelChoiceField(queryset=places, empty_label="")
        if name == "site":
            return self._site()
        if self.by_desk:
            # All products of the country are no list to choose from.
            return _by_code(Product.objects.all(), "code")
        sites = self.sites.order_by()
        used = Need.objects.filter(site__in=sites).order_by().values("product")
        known = Q(pk__in=sites.values("product")) | Q(pk__in=used)
        return forms.ModelChoiceField(queryset=Product.objects.filter(known).order_by("name", "code"), empty_label="")

    def _site(self) -> forms.Field:
        if self.by_desk:
            return _by_code(self.sites, "site_id")
        return SiteField(queryset=self.sites.select_related("product"), empty_label=None)

    def _own(self, asked: FormField) -> forms.Field:
        """A field for the type of the pack's own."""
        match asked.type:
            case "number":
                return forms.FloatField(help_text=str(asked.unit or ""))
            case "date":
                return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
            case "yesno":
                yes_no = [("", ""), ("yes", _("Yes")), ("no", _("No"))]
                return forms.ChoiceField(choices=yes_no)
            case "choice":
                return forms.ChoiceField(choices=[("", ""), *((one.name, str(one.label)) for one in asked.choices)])
            case "long":
                return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), max_length=20_000)
        return forms.CharField(max_length=200)

    def clean_still_possible(self) -> float:
        return (self.cleaned_data["still_possible"] or 0.0) / 100

    @property
    def problem(self) -> dict[str, Any]:
        """What the form says, as filing takes it; the file stands under "attachment"."""
        given = dict(self.cleaned_data)
        answers = {name.removeprefix(_OWN): given.pop(name) for name in list(given) if name.startswith(_OWN)}
        return {"kind": self.pack.kinds[0].name} | given | {"answers": answers}

    @property
    def heading(self) -> str:
        """The head of the page."""
        return str(self.pack.heading or self.pack.label)

    def name_of(self, field: str) -> str | None:
        """The field of the form that shows a fault of what was filed; None for one that it does not ask."""
        return next((name for name in (field, _OWN + field) if name in self.fields), None)


def _by_code(rows: QuerySet[Any], column: str) -> forms.Field:
    """A row by its code, written in: for lists that are too long to choose from."""
    field = forms.ModelChoiceField(queryset=rows, to_field_name=column, widget=forms.TextInput())
    field.error_messages["invalid_choice"] = _("“%(value)s” is not known; write the id that its page shows.")
    return field


def _kinds_or_every() -> list[tuple[str, str]]:
    return [("", str(_("Every kind"))), *((name, str(kind.label)) for name, kind in kinds().items())]


class ReplyTextForm(forms.Form):
    """One text for replies."""

    title = forms.CharField(label=_("Title of the text"), max_length=100)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    kind = forms.ChoiceField(label=_("Kind of problem"), choices=_kinds_or_every, required=False)
    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 6, "class": "form-control"}))
