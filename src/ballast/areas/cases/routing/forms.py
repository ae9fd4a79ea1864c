"""What an officer types to set a routing rule or a step of the escalation."""

import hashlib
import json
from typing import Any, cast

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _

from ballast.areas.accounts.models import User
from ballast.areas.cases.packs.in_force import kinds
from ballast.areas.cases.routing.book import Draft
from ballast.areas.desks.forms import ChainField, DeskField, RegionField, date_field
from ballast.areas.desks.models import Level, Receiver, RoutingRule, WorkingGroup
from ballast.areas.desks.naming import group_named
from ballast.areas.desks.selectors import groups
from ballast.areas.desks.steps import OF_WARNINGS

__all__ = ["RuleForm", "StepForm"]


def _kinds() -> list[tuple[str, str]]:
    return [("", str(_("All kinds"))), *((name, str(kind.label)) for name, kind in kinds().items())]


class RuleForm(forms.Form):
    """A routing rule; what was previewed is known again by its digest."""

    position = forms.IntegerField(
        label=_("Position (the first rule that holds counts)"), min_value=1, max_value=1_000_000
    )
    name = forms.CharField(label=_("What the rule is for"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    region = RegionField(label=_("Region code of the site (empty: all regions)"), max_length=16, required=False)
    chain = ChainField(label=_("Chain code (empty: all chains)"), max_length=32, required=False)
    level = forms.ChoiceField(label=_("Level"), required=False)
    product_prefix = forms.CharField(label=_("Product code begins with"), max_length=64, required=False)
    to = DeskField(label=_("Goes to the desk (region, or region/department)"), max_length=60, required=False)
    to_group = forms.ChoiceField(label=_("Goes to the working group too"), required=False)
    to_person = forms.CharField(label=_("User name of the owner (optional)"), max_length=150, required=False)
    starts = date_field(_("First day"))
    ends = date_field(_("Last day (optional)"), required=False)
    previewed = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("kind", _kinds())
        self._choose("level", [("", str(_("All levels"))), *((one.value, str(one.label)) for one in Level)])
        self._choose("to_group", [("", "–"), *((str(one.pk), one.label) for one in groups(user))])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = choices

    def clean_to_group(self) -> WorkingGroup | None:
        """The group of the key."""
        return group_named(self.cleaned_data["to_group"])

    def draft(self) -> Draft:
        """The rule as the form has it."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "previewed"}
        return cast("Draft", given)

    def digest(self) -> str:
        """What tells one draft from another."""
        given = {name: self.data.get(name, "") for name in self.fields if name != "previewed"}
        return hashlib.sha256(json.dumps(given, cls=DjangoJSONEncoder).encode()).hexdigest()

    def was_previewed(self) -> bool:
        """Whether the person has seen what just this rule would do."""
        return bool(self.cleaned_data["previewed"] == self.digest())

    @staticmethod
    def initial_of(rule: RoutingRule) -> dict[str, Any]:
        """The form as the rule stands."""
        names = ("position", "name", "kind", "level", "product_prefix", "starts", "ends")
        to = rule.to_department.key if rule.to_department else rule.to_region_id or ""
        return {name: getattr(rule, name) for name in names} | {
            "region": rule.region_id or "", "chain": rule.chain_id or "", "to": to,
            "to_group": str(rule.to_group_id or ""), "to_person": rule.to_person.username if rule.to_person else "",
        }  # fmt: skip


class StepForm(forms.Form):
    """A step of the escalation."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    hours = forms.FloatField(
        label=_("Working hours after due (before due: with a minus sign); of warnings: without an answer"),
        min_value=-400, max_value=400,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip
    to = forms.ChoiceField(label=_("Tell"), choices=Receiver.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [*_kinds(), (OF_WARNINGS, str(_("Warnings")))]
