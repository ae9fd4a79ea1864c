"""Problem cases: what an enterprise reported, who has it, what was done, and what it holds back."""

import datetime as dt
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Concat, Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ballast.areas.cases.clocks.models import ClockPolicy, Extension, Part, WaitingFor
from ballast.areas.cases.packs import in_force as packs_in_force
from ballast.areas.cases.packs.model import Pack
from ballast.areas.cases.relations.lines import relation_words
from ballast.areas.cases.relations.models import ParentLink
from ballast.areas.cases.routing.words import step_said
from ballast.areas.desks.models import Department, Receiver, WorkingGroup
from ballast.areas.reference.models import Product, Region
from ballast.areas.registry.models import Enterprise, Event, Site

__all__ = [
    "Attachment", "Case", "CaseEntry", "ClockPolicy", "Escalation", "Extension", "Merge", "NumberSeries",
    "ParentLink", "Part", "ReplyText", "State", "Tick",
]  # fmt: skip


class State(StrEnum):
    """States of the pack of problems as it is shipped, by name; what they mean stands in the pack."""

    FILED = "filed"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    SOLVING = "solving"
    SOLVED = "solved"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class Case(models.Model):
    """One problem. `lead_region` is the desk that has it; nobody's case does not exist."""

    number = models.CharField(max_length=32, unique=True)
    # By which pack it runs; kind and state are those of the pack.
    pack = models.CharField(max_length=20, default=packs_in_force.PROBLEM)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=20, default=State.FILED.value)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="cases")
    # The enterprise's region, kept here so that a desk counts its cases without reading enterprises.
    home = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="cases")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT)
    blocked = models.CharField(max_length=200)
    place = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    needed_by = models.DateField(null=True, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    # What the form of its pack asks beside, by field; dates are ISO texts.
    answers = models.JSONField(default=dict, blank=True)
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # The earlier of the policy's time and the site's stop minus a remedy; stored by cases.dues, as all of the clocks.
    due_at = models.DateTimeField()
    policy_due = models.DateTimeField(null=True, blank=True)
    answer_due = models.DateTimeField(null=True, blank=True)
    # Of the desk that leads: its own part.
    part_due = models.DateTimeField(null=True, blank=True)
    # Date on which the site stops by the last forecast, and whether that is so whatever unknown stocks are.
    stops_on = models.DateField(null=True, blank=True)
    stop_certain = models.BooleanField(default=False)
    # What it waits for by its story, and the local date on which it goes on at the latest.
    waiting_for = models.CharField(max_length=10, choices=WaitingFor.choices, blank=True, default="")
    waiting_reason = models.CharField(max_length=300, blank=True, default="")
    waiting_until = models.DateField(null=True, blank=True)
    lead_region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="led_cases")
    # The desk inside the lead region that has it; empty for the region's own desk.
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="led_cases"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="owned_cases"
    )
    # The team that works on it too, as long as it is at work; the desk that leads stays the same.
    group = models.ForeignKey(WorkingGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    # A hand-over that the other region, or its department, has not answered yet.
    offered_to = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    offered_department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # After a refusal: the common superior region, which has to see who does it.
    escalated_to = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases")
    # Output lost with the case's event minus without, over the forecast horizon; written by chains.
    output_at_risk = models.FloatField(null=True, blank=True)
    state_since = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # How it ended, out of the closed list; empty while a desk has it in hand.
    outcome = models.CharField(max_length=24, blank=True, default="")
    # What a search looks through, in small letters once and for all.
    words = models.GeneratedField(
        expression=Lower(
            Concat("number", models.Value("\n"), "blocked", models.Value("\n"), "text", output_field=models.TextField())
        ),
        output_field=models.TextField(),
        db_persist=True,
    )
    # Made by whoever files, so that a retry finds the case it filed before.
    client_token = models.CharField(max_length=64, blank=True, default="")

    # The case of which it was split off as a part; that stays so when it is taken off from under it.
    split_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="split_off", editable=False
    )

    # Open children for which it waits, where the presentation has told it.
    waits_for = 0

    class Meta:
        ordering = ["-filed_at"]
        indexes = [
            # All that a desk's list is counted and ordered by.
            models.Index(
                fields=[
                    "state",
                    "-output_at_risk",
                    "due_at",
                    "number",
                    "home",
                    "lead_region",
                    "offered_to",
                    "owner",
                    "event",
                ],
                name="cases_of_a_desk",
            ),
            # All that the counts of problems read of a filing.
            models.Index(
                fields=["pack", "split_from", "filed_at", "home", "kind", "enterprise"], name="cases_filings_counted"
            ),
            models.Index(fields=["filed_at"]),
            models.Index(fields=["enterprise", "state"]),
            models.Index(fields=["lead_region", "state"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["filed_by", "client_token"], condition=~models.Q(client_token=""), name="cases_filed_once"
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def rules(self) -> Pack:
        """The pack by which the case runs. Raises KeyError for one that is not in force any more."""
        return packs_in_force.pack_named(self.pack)

    @property
    def desk_key(self) -> str:
        """The desk that leads in one word: region, or region/department; reads the department."""
        return self.department.key if self.department else self.lead_region_id

    def waits_on(self, day: dt.date) -> bool:
        """Whether it waits on a local date, so that its clocks stand."""
        return self.waiting_until is not None and day < self.waiting_until

    def get_state_display(self) -> str:
        """What the state is called in the language of the page."""
        return packs_in_force.state_label(self.pack, self.state)

    def get_kind_display(self) -> str:
        """What the kind is called in the language of the page; its code where no pack has it any more."""
        known = packs_in_force.kinds().get(self.kind)
        return str(known.label) if known else self.kind

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new case is at home where its enterprise is."""
        if self._state.adding:
            self.home_id = self.enterprise.region_id
        super().save(*args, **kwargs)


class NumberSeries(models.Model):
    """The last serial number given in one region on one day, e.g. "SH-20220428"."""

    prefix = models.CharField(max_length=24, primary_key=True)
    last = models.PositiveIntegerField(default=0)


class CaseEntry(models.Model):
    """One line of the case's story: a move, a reply to the enterprise, or an internal note."""

    class Type(models.TextChoices):
        MOVE = "move", _("Move")
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Internal note")

    class Side(models.TextChoices):
        DESK = "desk"
        ENTERPRISE = "enterprise"

    # A note whose text is the identifier of the event that the case is about from now on.
    EVENT = "event"
    # The lines of a merge: in the case that ends by it, and in the one that goes on.
    MERGE, MERGED_HERE = "merge", "merged_here"
    # Given to a working group, or taken from it when the line leads to none.
    GROUP = "group"
    # Told by the system: the case came to a step before or after its due time.
    ESCALATED = "escalated"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150)
    side = models.CharField(max_length=10, choices=Side.choices, blank=True, default="")
    # The region of a desk's person; empty for a desk of the whole authority.
    desk = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The unit as a text, in lines from before the side was kept, where the text names none that is known.
    actor_unit = models.CharField(max_length=200, blank=True, default="")
    type = models.CharField(max_length=8, choices=Type.choices)
    move = models.CharField(max_length=20, blank=True, default="")
    # The desk or group to which a move leads, where it leads to one: who was asked, who has the case from now on.
    toward = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    toward_department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    toward_group = models.ForeignKey(WorkingGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state_before = models.CharField(max_length=20, blank=True, default="")
    state_after = models.CharField(max_length=20, blank=True, default="")
    text = models.TextField(blank=True, default="")
    # The region whose desk has the case from this line on.
    lead = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The department inside it, where that has the case and not the region's own desk.
    lead_department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # What the line says for machines: until when it waits, days that were granted, why it is due at another time.
    facts = models.JSONField(default=dict, blank=True)
    # Of a move that solves or closes: how the case ended by it.
    outcome = models.CharField(max_length=24, blank=True, default="")

    # In words, where the presentation has told it.
    unit: str
    # In a line of a merge, or about parent or child, the number of the other case, where the presentation has told it.
    other = ""

    class Meta:
        ordering = ["at", "id"]
        # All that the measures read of the log, case by case; and the cases to which one thing was done.
        indexes = [
            models.Index(fields=["case", "type", "state_after", "state_before", "side", "at"], name="cases_log_told"),
            models.Index(fields=["state_after", "type", "state_before", "case"], name="cases_log_by_state"),
        ]

    @property
    def said(self) -> str:
        """What was written, in the language of the page where it is not a person's own words."""
        if self.move == self.EVENT:
            return gettext("Now about event {event}.").format(event=self.text)
        if self.move == self.ESCALATED:
            return step_said(self.facts)
        from ballast.areas.cases.clocks.words import clock_said

        return clock_said(self)

    @property
    def words(self) -> str:
        """The move in words: the state that it led to, or its own name where the state stayed."""
        if self.move == self.MERGED_HERE:
            return gettext("Another case was merged into this one")
        if self.move == self.GROUP:
            return gettext("To a working group") if self.toward_group_id else gettext("Out of the working group")
        from ballast.areas.cases.clocks.words import clock_words

        if told := clock_words(self) or relation_words(self):
            return told
        moves = self.case.rules.moves_by_name
        if self.state_before == self.state_after and self.move in moves:
            return str(moves[self.move].label)
        if not self.state_before:
            return gettext("Reported")
        return packs_in_force.state_label(self.case.pack, self.state_after)


class Tick(models.Model):
    """An item of the case's checklist that somebody ticked off."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="ticks")
    item = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "item"], name="cases_ticked_once")]

    def __str__(self) -> str:
        return f"{self.case}: {self.item}"


class Merge(models.Model):
    """A case that goes on in another one, and what undoing the merge gives back; an undone merge leaves no row."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="merge")
    into = models.ForeignKey(Case, on_delete=models.RESTRICT, related_name="merges")
    # The two lines that tell of it: in the case itself, and in the one that it goes on in.
    line = models.OneToOneField(CaseEntry, on_delete=models.RESTRICT, related_name="+")
    line_there = models.OneToOneField(CaseEntry, on_delete=models.RESTRICT, related_name="+")
    # As the case stood before; its state before is told by the line.
    state_since = models.DateTimeField()
    offered_to = models.ForeignKey(Region, null=True, on_delete=models.PROTECT, related_name="+")
    offered_department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+")
    event_counted = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.case} > {self.into}"


class Attachment(models.Model):
    """A file that came with a case or a line of its story; kept in the database so that a backup is one file."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="attachments")
    # The reply or note that it came with: who reads that reads the file. None for what came with the report.
    entry = models.ForeignKey(CaseEntry, null=True, blank=True, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    added_at = models.DateTimeField()


class Escalation(models.Model):
    """A step of the escalation that a case came to, once for the due time that it had then."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="escalations")
    # The step as it was; the table of steps may change.
    hours = models.FloatField()
    to = models.CharField(max_length=10, choices=Receiver.choices)
    due_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["case", "hours", "to", "due_at"], name="cases_escalated_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.hours:+g} h > {self.to}"


class ReplyText(models.Model):
    """A text that officers insert into a reply; {number}, {enterprise} and so on are filled in from the case."""

    # Empty: for every kind.
    kind = models.CharField(max_length=20, blank=True, default="")
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=100)
    text = models.TextField()
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["language", "title", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "language", "title"], name="cases_reply_text_title")]

    def __str__(self) -> str:
        return self.title

    @property
    def kind_label(self) -> str:
        """What the kind is called in the language of the page; its code where no pack has it any more."""
        known = packs_in_force.kinds().get(self.kind)
        return str(known.label) if known else self.kind
