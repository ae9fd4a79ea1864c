"""What officers type to record or change an event."""

import hashlib
import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ballast.areas.accounts.models import User
from ballast.areas.chains.whatif import Planned
from ballast.areas.reference.selectors import today
from ballast.areas.registry.event_scope import manageable_kinds, may_manage
from ballast.areas.registry.models import Event
from ballast.areas.registry.picking import pick

__all__ = ["PICKED", "ChangeForm", "EventForm", "new_id"]

_Kind = Event.Kind
# Field of a subject -> what is picked in it.
PICKED = {"site": "site", "region": "region", "product": "product", "lane_from": "place", "lane_to": "place"}


def new_id() -> str:
    """An identifier for a form that is opened today; the form sent twice then records one event."""
    return f"EV-{today():%Y%m%d}-{secrets.token_hex(3).upper()}"


class ChangeForm(forms.Form):
    """Days, capacity and reason of an event."""

    start = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    end = forms.DateField(
        label=_("Last day (optional)"), required=False,
        help_text=_("It holds on this day too. Empty: until it is ended."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    capacity_left = forms.FloatField(
        label=_("Capacity left, %"), min_value=0, max_value=100, help_text=_("0: nothing is made or gets through."),
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip
    reason = forms.CharField(
        label=pgettext_lazy("of an event", "Reason"),
        max_length=200,
        help_text=_("A few words that stand in lists and in the brief."),
    )
    event_id = forms.CharField(widget=forms.HiddenInput, max_length=64)
    # The effect that was on the screen when the form was sent.
    previewed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for name, field in self.fields.items():
            if not field.widget.is_hidden and name != "kind":
                field.widget.attrs.setdefault("class", "form-control")

    def clean_capacity_left(self) -> float:
        return float(self.cleaned_data["capacity_left"]) / 100

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        start, end = given.get("start"), given.get("end")
        if start and end and end < start:
            message = str(_("The last day {last} is before the first day {first}."))
            self.add_error("end", message.format(last=end, first=start))
        return given

    def planned(self, event: Event | None = None) -> Planned:
        """The event as the form has it; its subject is that of `event` when one is changed."""
        given = self.cleaned_data
        kind, subject = (event.kind, event.subject) if event else (given["kind"], given["subject"])
        event_id = event.event_id if event else given["event_id"]
        return Planned(event_id, kind, subject, given["start"], given["end"], given["capacity_left"])

    def was_shown(self, planned: Planned) -> bool:
        """Whether the person has seen the effect of just this event."""
        return bool(self.cleaned_data["previewed"] == digest(planned))

    def take(self, error: ValidationError) -> None:
        """Put a service's refusal beside the fields that it names."""
        for name, texts in (error.message_dict if hasattr(error, "error_dict") else {None: error.messages}).items():
            self.add_error(name if name in self.fields else None, texts)

    @staticmethod
    def initial_of(event: Event) -> dict[str, Any]:
        """What the form begins with for an event."""
        return {
            "event_id": event.event_id, "start": event.start, "end": event.end, "reason": event.label,
            "capacity_left": f"{event.capacity_left * 100:.12g}",
        }  # fmt: skip


class EventForm(ChangeForm):
    """A new event: also what loses capacity."""

    kind = forms.ChoiceField(
        label=_("What loses capacity"), widget=forms.RadioSelect(attrs={"class": "form-check-input"})
    )
    site = forms.CharField(label=_("Site"), required=False, max_length=300)
    region = forms.CharField(label=_("Region"), required=False, max_length=300)
    product = forms.CharField(label=_("Product"), required=False, max_length=300)
    lane_from = forms.CharField(
        label=pgettext_lazy("of a lane", "From"),
        required=False,
        max_length=300,
        help_text=_("A region or a site. Empty: from anywhere."),
    )
    lane_to = forms.CharField(
        label=pgettext_lazy("of a lane", "To"),
        required=False,
        max_length=300,
        help_text=_("A region or a site. Empty: to anywhere."),
    )
    field_order = ["kind", *PICKED, "start", "end", "capacity_left", "reason"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        allowed = manageable_kinds(user)
        kinds = self.fields["kind"]
        assert isinstance(kinds, forms.ChoiceField)  # noqa: S101 - declared above
        kinds.choices = [(value, label) for value, label in _Kind.choices if value in allowed]
        self.initial.setdefault("kind", _Kind.SITE)

    def clean(self) -> dict[str, Any]:
        """Also finds the subject; `cleaned_data["subject"]` is as the register writes it."""
        given = super().clean()
        kind = given.get("kind")
        if not kind:
            return given
        fields = ["lane_from", "lane_to"] if kind == _Kind.LANE else [kind]
        sides = [self._picked(name, given.get(name, "").strip()) for name in fields]
        if None in sides:
            return given
        subject = ">".join(str(side) for side in sides)
        if subject == "*>*":
            self.add_error("lane_from", _("Name at least one end of the lane."))
        elif not may_manage(self.user, kind, subject):
            self.add_error(fields[0], _("One end of the lane has to lie in your scope."))
        given["subject"] = subject
        return given

    def _picked(self, name: str, text: str) -> str | None:
        """The code in a field of the subject; None, with the fault beside the field, when it names nothing."""
        if not text and PICKED[name] == "place":
            return "*"
        if not text:
            self.add_error(name, _("Fill in this field."))
            return None
        try:
            return pick(self.user, PICKED[name], text)
        except ValidationError as error:
            self.add_error(name, error)
            return None


def digest(planned: Planned) -> str:
    """A short name for all that the effect of an event depends on."""
    parts = (planned.kind, planned.subject, planned.start, planned.end, planned.capacity_left)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
