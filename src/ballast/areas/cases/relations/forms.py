"""The form that splits a case: a row for each part, filled in by site or by input on demand."""

import uuid
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ballast.areas.cases.models import Case
from ballast.areas.cases.relations.splitting import MOST, SplitPart
from ballast.areas.reference.models import Product, Region
from ballast.areas.registry.models import Need, Site

__all__ = ["PartRow", "SplitForm", "part_rows", "suggested"]

_SELECT, _INPUT = {"class": "form-select"}, {"class": "form-control"}
# Empty rows below those that are filled in, and where none is; and when more are asked for.
_SPARE, _EMPTY, _MORE = 1, 3, 10


class _Site(forms.ModelChoiceField):
    def label_from_instance(self, obj: Site) -> str:
        return obj.label


class SplitForm(forms.Form):
    """What is said once."""

    client_token = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("client_token", uuid.uuid4().hex)


class PartRow(forms.Form):
    """One part; a row without a word of what is blocked is no part."""

    blocked = forms.CharField(label=_("What is blocked"), max_length=200, required=False)
    site = _Site(label=_("Site"), queryset=Site.objects.none(), required=False)
    product = forms.ModelChoiceField(label=_("Product or input"), queryset=Product.objects.none(), required=False)
    place = forms.ModelChoiceField(label=_("Where"), queryset=Region.objects.none(), required=False)
    text = forms.CharField(
        label=_("Text; empty: that of the case"), max_length=20_000, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )  # fmt: skip

    def __init__(self, *args: Any, case: Case, choices: dict[str, list[tuple[Any, str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = Site.objects.filter(enterprise=case.enterprise_id)
        rows = {"site": sites, "product": Product.objects.all(), "place": Region.objects.all()}
        for name, found in rows.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - as declared above
            field.queryset = found
            # Read once for all rows.
            field.widget.choices = choices[name]
            field.widget.attrs |= _SELECT
        self.fields["blocked"].widget.attrs |= _INPUT

    @property
    def part(self) -> SplitPart | None:
        """The part, or None for an empty row."""
        # A row in which nothing was written holds no values at all.
        given = dict(self.cleaned_data)
        return SplitPart(**given) if given.get("blocked", "").strip() else None


def part_rows(case: Case, data: Any = None, *, by: str = "") -> Any:
    """The rows: as they were sent, else suggested by "sites" or "inputs" and one more, or "more" empty ones."""
    initial = [] if data is not None else suggested(case, by)
    spare = _SPARE if initial else _MORE if by == "more" else _EMPTY
    rows = forms.formset_factory(PartRow, extra=spare, max_num=MOST, validate_max=True, absolute_max=MOST)
    return rows(data, initial=initial, prefix="part", form_kwargs={"case": case, "choices": _choices(case)})


def suggested(case: Case, by: str) -> list[dict[str, Any]]:
    """A row for each site of the enterprise, or for each input of the case's site; none for anything else."""
    if by == "sites":
        sites = Site.objects.filter(enterprise=case.enterprise_id).select_related("product").order_by("site_id")
        return [_row(case, site.label, site=site.pk, place=site.region_id) for site in sites[: MOST - 1]]
    if by == "inputs":
        needs = Need.objects.filter(site=case.site_id).select_related("product").order_by("product")
        return [_row(case, need.product.label, product=need.product_id) for need in needs[: MOST - 1]]
    return []


def _row(case: Case, what: str, **same: Any) -> dict[str, Any]:
    return {"blocked": f"{case.blocked} · {what}"[:200], **same}


def _choices(case: Case) -> dict[str, list[tuple[Any, str]]]:
    """What each list offers; its first line leaves it as in the case."""
    same: list[tuple[Any, str]] = [("", str(_("as in the case")))]
    sites = list(Site.objects.filter(enterprise=case.enterprise_id).select_related("product").order_by("site_id"))
    used = Need.objects.filter(site__in=sites).order_by().values("product")
    known = Q(pk__in=used) | Q(pk__in=[site.product_id for site in sites])
    products = Product.objects.filter(known).order_by("name", "code")
    places = Region.objects.exclude(level__in=("nation", "county")).order_by("path")
    return {
        "site": same + [(site.pk, site.label) for site in sites],
        "product": same + [(product.pk, product.label) for product in products],
        "place": same + [(place.pk, place.label) for place in places],
    }
