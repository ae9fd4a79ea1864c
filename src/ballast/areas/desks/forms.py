"""What an officer types to set departments, fallback owners, groups and fast tracks. Desks are named by their codes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ballast.areas.desks.models import FastTrack, WorkingGroup
from ballast.areas.desks.naming import Desk, chain_named, desk_named, names_in, region_named, regions_named
from ballast.areas.reference.models import Region
from ballast.areas.registry.models import Chain

__all__ = [
    "ChainField",
    "DepartmentForm",
    "DeskField",
    "FallbackForm",
    "GroupForm",
    "NamesField",
    "RegionField",
    "TrackForm",
    "date_field",
]

_LONGEST_LIST = 2000


class RegionField(forms.CharField):
    """A region by its code."""

    def clean(self, value: Any) -> Region | None:
        return region_named(super().clean(value))


class RegionsField(forms.CharField):
    """Regions by their codes, parted by commas."""

    def clean(self, value: Any) -> list[Region]:
        return regions_named(names_in(super().clean(value)))


class DeskField(forms.CharField):
    """A region's desk by its code, or a department as region/code."""

    def clean(self, value: Any) -> Desk:
        return desk_named(super().clean(value))


class ChainField(forms.CharField):
    """A chain by its code."""

    def clean(self, value: Any) -> Chain | None:
        return chain_named(super().clean(value))


class NamesField(forms.CharField):
    """User names, parted by commas."""

    def clean(self, value: Any) -> list[str]:
        return names_in(super().clean(value))


def date_field(label: Any, *, required: bool = True) -> forms.DateField:
    """A date as the browser asks for it."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, required=required)


class DepartmentForm(forms.Form):
    region = RegionField(label=_("Region code"), max_length=16)
    code = forms.SlugField(label=_("Code of the department, such as transport"), max_length=32)
    name = forms.CharField(label=_("Name in English"), max_length=200)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=200, required=False)
    members = NamesField(
        label=_("User names of its people, parted by commas"), max_length=_LONGEST_LIST, required=False
    )
    closed = forms.ChoiceField(
        label=_("State"), choices=[("", _("Takes cases")), ("1", _("Closed: takes no more cases"))], required=False
    )

    def clean_closed(self) -> bool:
        return bool(self.cleaned_data["closed"])


class FallbackForm(forms.Form):
    region = RegionField(label=_("Region code"), max_length=16)
    to = DeskField(
        label=_("Goes to (region, or region/department; empty: no setting of its own)"), max_length=60, required=False
    )
    to_person = forms.CharField(label=_("User name of the owner (optional)"), max_length=150, required=False)


class GroupForm(forms.Form):
    name = forms.CharField(label=_("Name in English"), max_length=200)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=200, required=False)
    starts = date_field(_("First day"))
    ends = date_field(_("Last day"))
    regions = RegionsField(
        label=_("Region codes, parted by commas (empty: all regions)"), max_length=_LONGEST_LIST, required=False
    )
    chain = ChainField(label=_("Chain code (empty: all chains)"), max_length=32, required=False)
    members = NamesField(
        label=_("User names of its people, parted by commas"), max_length=_LONGEST_LIST, required=False
    )

    @staticmethod
    def initial_of(group: WorkingGroup) -> dict[str, Any]:
        """The form as the group stands."""
        return {
            "name": group.name, "name_zh": group.name_zh, "starts": group.starts, "ends": group.ends,
            "regions": ", ".join(region.pk for region in group.regions.all()), "chain": group.chain_id or "",
            "members": ", ".join(person.username for person in group.people),
        }  # fmt: skip


class TrackForm(forms.Form):
    one = RegionField(label=_("Region code, one side"), max_length=16)
    one_name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=100)
    one_phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    one_email = forms.EmailField(label=_("E-mail"), required=False)
    other = RegionField(label=_("Region code, other side"), max_length=16)
    other_name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=100)
    other_phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    other_email = forms.EmailField(label=_("E-mail"), required=False)

    @staticmethod
    def initial_of(track: FastTrack) -> dict[str, Any]:
        """The form as the track stands."""
        parts = ("name", "phone", "email")
        sides = {f"{side}_{part}": getattr(track, f"{side}_{part}") for side in ("one", "other") for part in parts}
        return {"one": track.one_id, "other": track.other_id} | sides
