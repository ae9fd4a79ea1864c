"""What a case pack says: kinds, states, moves, clocks, routing and form of one sort of case, as read from its file.

The descriptions below are the reference of the format: docs/reference/case-packs.md is made from them.
"""

import datetime as dt
from functools import cached_property
from typing import Annotated, Any, Literal, TypeAlias

from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_serializer, model_validator

from ballast.areas.cases.packs.outcomes import outcome_label
from ballast.core.clocks import Budget, Category, Policy, Rule

__all__ = [
    "COMMON", "DOCUMENT_FIELDS", "ClockRule", "FormField", "Item", "LocalState", "LongWords", "Move", "Pack",
    "PackDocument", "PackKind", "Right", "Routing", "Tells", "Words",
]  # fmt: skip

Code: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
DeskPattern: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z0-9-]{1,16}(/[a-zA-Z0-9_-]{1,32})?|/[a-zA-Z0-9_-]{1,32})$")
]
Tells: TypeAlias = Literal["", "taken_up", "solved", "confirmed", "disputed", "withdrawn", "merged"]
# Fields that every case has. Nothing can be filed without a site, or without a word of what it is about.
COMMON = frozenset({
    "kind", "site", "product", "blocked", "place", "needed_by", "contact", "text", "attachment", "still_possible",
})  # fmt: skip
# What the text of a document names in braces beside the fields of the pack's own form.
DOCUMENT_FIELDS = frozenset({
    "number", "kind", "enterprise", "site", "product", "place", "place_desk", "blocked", "text", "contact", "needed_by",
    "desk", "filed", "due", "state", "outcome", "today",
})  # fmt: skip
Need: TypeAlias = Literal["text", "owner", "region"]


class _Table(BaseModel):
    """A table of the file. A key that it does not know is refused, so that a slip of the pen does not go unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)


class Words(_Table):
    """A text in the languages of the pages."""

    en: str = Field(min_length=1, max_length=300, description="In English.")
    zh: str = Field(min_length=1, max_length=300, description="In Chinese.")

    def __str__(self) -> str:
        return self.zh if (get_language() or "").startswith("zh") else self.en


class LongWords(Words):
    """A text of several paragraphs in the languages of the pages; an empty line ends a paragraph."""

    en: str = Field(min_length=1, max_length=20_000, description="In English.")
    zh: str = Field(min_length=1, max_length=20_000, description="In Chinese.")


class PackKind(_Table):
    """A kind of case. Its name belongs to one pack only, so that a case's kind says by which pack it is filed."""

    name: Code = Field(description="Code in lists, sheets and the API.")
    label: Words
    holds: Literal["site", "lane", "none"] = Field(
        "none",
        description="What a case of the kind takes out of the forecast: the enterprise's own `site`, the `lane` from "
        "the place named to the site, or `none`.",
    )
    remedy_days: int = Field(
        1,
        ge=0,
        le=90,
        description="Days from a decision until it helps: so long before the site stops a case of the kind is due.",
    )


class LocalState(_Table):
    """A state under the authority's own name. Only its category drives clocks and counts."""

    name: Code = Field(
        description="Code in lists and the API. Packs that share a name agree on its category and on what it tells."
    )
    label: Words
    category: Category = Field(
        description="`open`: a desk has it in hand; `paused`: in hand, and waits; `resolved`: done for the desk, the "
        "other side has the word; `closed`: over."
    )
    tells: Tells = Field(
        "",
        description="What coming here tells the measures: `taken_up` by a desk, `solved`, `confirmed`, `disputed`, "
        "`withdrawn`, `merged`; empty: nothing. The state that tells `merged` is where a merge brings a case; a pack "
        "without one has no merge.",
    )
    next: Words | None = Field(None, description="What happens next, as a sentence for the enterprise.")


class Right(_Table):
    """Who may do something to a case: a permission, and whose act it is."""

    permission: str = Field(description="Permission that the person needs, for example `work_cases`.")
    who: Literal["desk", "offered", "superior", "enterprise"] = Field(
        description="The desk that leads, the desk to which it was offered, the superior of both after a refusal, or "
        "the enterprise."
    )


class Move(Right):
    """A move: from where to where, by whom, and what it must say."""

    name: Code = Field(description="Code in the story and the API.")
    label: Words
    sources: frozenset[str] = Field(
        alias="from",
        min_length=1,
        description="States from which it starts; `@open` stands for every state of that category.",
    )
    to: Code | None = Field(None, description="State to which it leads; without it the state stays.")
    does: Literal["", "assign", "hand_over", "take_over", "refuse", "give_back", "decide"] = Field(
        "",
        description="What it does besides: name an owner, offer the case, take it over, refuse the offer, give the "
        "case back to whom it belongs, or decide after a refusal who leads it.",
    )
    outcomes: tuple[str, ...] = Field(
        (),
        description="How a case may end by it, out of the closed list of outcomes; one alone need not be named. A move "
        "that solves or closes a case which a desk has in hand has some.",
    )
    otherwise: str = Field("", description="Outcome of one that names none; empty: it must be named.")
    asks: Words | None = Field(None, description="What the field `text` is called; without it, the reason.")
    needs: tuple[Need, ...] = Field((), description="Fields that must be filled: `text`, `owner`, `region`.")
    forward: bool = Field(False, description="Brings the case forward; the first one possible is the main button.")

    @field_serializer("sources")
    def _in_order(self, sources: frozenset[str]) -> list[str]:
        """The states in one order, for the API."""
        return sorted(sources)

    @property
    def outcome_choices(self) -> list[tuple[str, str]]:
        """Its outcomes with what they are called in the language of the page."""
        return [(code, outcome_label(code)) for code in self.outcomes]

    @property
    def needs_offer(self) -> bool:
        """Whether it answers an offer, so that without one it is not there."""
        return self.who == "offered"

    @property
    def needs_refusal(self) -> bool:
        """Whether it is made after a refusal only, by the superior of both desks."""
        return self.who == "superior"


class ClockRule(_Table):
    """How much time a clock gives; of several that fit a case the first is taken."""

    clock: Literal["response", "resolution", "part"] = Field(
        description="`response` until the desk answers, `resolution` until it is solved, `part`: each desk's own part."
    )
    kinds: tuple[Code, ...] = Field((), description="Kinds that it is for; empty: all kinds of the pack.")
    desks: tuple[DeskPattern, ...] = Field(
        (),
        description="Of a `part`: desks that it is for. `310000` is a region's desk with its departments, "
        "`310000/transport` one department, `/transport` the department of that code in every region; empty: all.",
    )
    days: int = Field(0, ge=0, le=400, description="Working days after the day on which the clock began.")
    minutes: int = Field(0, ge=0, le=100_000, description="Working minutes, alone or on top of the days.")
    until: dt.time | None = Field(None, description="Local time of the last day; without it the time of the beginning.")
    calendar: str = Field("", description="Working calendar; empty: the authority's own.")
    pauses: frozenset[Category] = Field(
        frozenset({Category.PAUSED}), description="Categories in which the clock stands."
    )
    stops: frozenset[Category] = Field(
        frozenset({Category.RESOLVED, Category.CLOSED}), description="Categories that stop it."
    )

    @property
    def budget(self) -> Budget:
        """Its time as the clocks take it."""
        return Budget(days=self.days, minutes=self.minutes, until=self.until)

    def rules(self, calendar: str) -> list[Rule]:
        """The rule for each of its kinds and desks, on the calendar named `calendar` where it names none."""
        return [
            Rule(
                self.clock, self.budget, self.calendar or calendar, kind=kind, agency=desk, pauses=self.pauses,
                stops=self.stops,
            )
            for kind in self.kinds or ("",)
            for desk in self.desks or ("",)
        ]  # fmt: skip

    @model_validator(mode="after")
    def _of_a_part(self) -> "ClockRule":
        """Refuse desks where the clock is that of the whole case."""
        if self.desks and self.clock != "part":
            msg = f"desks: only the clock “part” is that of a desk; leave them out of “{self.clock}”."
            raise ValueError(msg)
        return self


class Routing(_Table):
    """Whose a case is when no rule of the authority says otherwise."""

    first: Literal["site", "place"] = Field(
        "site", description="Desk that receives first: that above the enterprise's `site`, or above the `place` named."
    )
    offer: Literal["", "place"] = Field(
        "", description="Desk to which a new case is offered at once: that of the `place` named; empty: none."
    )
    fallback: str = Field(
        "above", description="Who has a case that nobody takes: a region's code, or `above`: the region above the desk."
    )


class Choice(_Table):
    """One of the values that a field can take."""

    name: Code
    label: Words


class FormField(_Table):
    """A field of the form, in its order. Some belong to every case; a pack asks for them or not, under its label."""

    name: Code = Field(
        description="A field that every case has (`kind`, `site`, `product`, `blocked`, `place`, `needed_by`, "
        "`contact`, `text`, `attachment`, `still_possible`), or one of the pack's own."
    )
    label: Words
    help: Words | None = Field(None, description="A line below the field.")
    type: Literal["", "text", "long", "number", "date", "yesno", "choice"] = Field(
        "", description="Type of a field of the pack's own; empty for those that every case has."
    )
    required: bool = Field(True, description="Whether it must be filled.")
    unit: Words | None = Field(None, description="What a number counts; stands behind it.")
    choices: tuple[Choice, ...] = Field((), description="What a `choice` offers.")

    @property
    def own(self) -> bool:
        """Whether it is a field of the pack's own."""
        return self.name not in COMMON


class Item(_Table):
    """Something to tick off before a case goes on."""

    name: Code
    label: Words
    before: tuple[Code, ...] = Field(min_length=1, description="Moves that are refused until it is ticked.")
    kinds: tuple[Code, ...] = Field((), description="Kinds that it is for; empty: all kinds of the pack.")


class PackDocument(Right):
    """A paper that is made from a case as it stands, as PDF or DOCX in either language, by whoever has the right.

    It cites the instant of its data. What it tells of the story is what the enterprise reads: never an internal note.
    """

    name: Code = Field(description="Code in addresses and the API.")
    title: Words
    reader: Literal["enterprise", "place", "file"] = Field(
        description="To whom it goes: a letter to the `enterprise`, a letter to the desk of the `place` named in the "
        "case where that is another desk than the one that leads, or a paper for the `file`."
    )
    sources: frozenset[str] = Field(
        alias="from",
        min_length=1,
        description="States in which it is made; `@open` stands for every state of that category.",
    )
    kinds: tuple[Code, ...] = Field((), description="Kinds that it is for; empty: all kinds of the pack.")
    text: LongWords = Field(
        description="What it says. Names in braces are filled in from the case: "
        + ", ".join(f"`{{{name}}}`" for name in sorted(DOCUMENT_FIELDS))
        + ", and the fields of the pack's own form."
    )
    sections: tuple[Literal["facts", "checklist", "story"], ...] = Field(
        (),
        description="Tables that follow the text, in a letter behind the signature: `facts` as they were reported, the "
        "`checklist`, the `story` as the enterprise reads it.",
    )

    @field_serializer("sources")
    def _in_order(self, sources: frozenset[str]) -> list[str]:
        """The states in one order, for the API."""
        return sorted(sources)


class Pack(_Table):
    """One pack: everything that the engine knows of one sort of case."""

    name: Code = Field(description="Code of the pack; a file with the name of a shipped pack takes its place.")
    version: str = Field(min_length=1, max_length=40, description="Label of this version, kept with every deadline.")
    since: dt.date = Field(description="Local date from which its clocks hold.")
    label: Words
    heading: Words | None = Field(None, description="Head of its form; without it, the label.")
    filed_by: Literal["enterprise", "desk"] = Field("enterprise", description="Who files a case of this pack.")
    starts: Code = Field(description="State of a case that was just filed; an open one.")
    routing: Routing = Routing()  # type: ignore[call-arg]
    kinds: tuple[PackKind, ...] = Field(min_length=1)
    states: tuple[LocalState, ...] = Field(min_length=2)
    moves: tuple[Move, ...] = Field(min_length=1)
    clocks: tuple[ClockRule, ...] = Field(min_length=1)
    form: tuple[FormField, ...] = Field(min_length=1)
    checklist: tuple[Item, ...] = ()
    documents: tuple[PackDocument, ...] = ()

    @cached_property
    def moves_by_name(self) -> dict[str, Move]:
        """Moves in the order in which a case runs through them."""
        return {move.name: move for move in self.moves}

    @cached_property
    def states_by_name(self) -> dict[str, LocalState]:
        """States in their order."""
        return {state.name: state for state in self.states}

    @cached_property
    def kinds_by_name(self) -> dict[str, PackKind]:
        """Kinds in their order."""
        return {kind.name: kind for kind in self.kinds}

    @cached_property
    def fields_by_name(self) -> dict[str, FormField]:
        """Fields of the form in their order."""
        return {field.name: field for field in self.form}

    def items_of(self, kind: str) -> list[Item]:
        """What is to be ticked off in a case of a kind."""
        return [item for item in self.checklist if not item.kinds or kind in item.kinds]

    def documents_of(self, kind: str) -> list[PackDocument]:
        """Documents that are made of a case of a kind."""
        return [document for document in self.documents if not document.kinds or kind in document.kinds]

    @cached_property
    def merged(self) -> str | None:
        """State to which a merge brings a case; None where cases of the pack are not merged."""
        return next((state.name for state in self.states if state.tells == "merged"), None)

    def clock_of(self, kind: str, clock: str = "resolution") -> ClockRule | None:
        """The rule of a clock for a kind; None where it has none."""
        fitting = (rule for rule in self.clocks if rule.clock == clock and (not rule.kinds or kind in rule.kinds))
        return next(fitting, None)

    def policy(self, calendar: str, since: dt.datetime) -> Policy:
        """The clocks of the pack as one version of the policy, on `calendar` where a rule names none."""
        return Policy(self.version, since, tuple(rule for one in self.clocks for rule in one.rules(calendar)))

    @model_validator(mode="before")
    @classmethod
    def _by_category(cls, raw: object) -> object:
        """The tables with the states of a category in the place of "@" and its name; what is no table is left alone."""
        if not isinstance(raw, dict):
            return raw
        within: dict[str, list[str]] = {f"@{one.value}": [] for one in Category}
        for state in _rows(raw, "states"):
            within.get(f"@{state.get('category')}", []).append(str(state.get("name")))
        for table in ("moves", "documents"):
            rows = [row | {"from": _expanded(row.get("from"), within)} for row in _rows(raw, table)]
            raw = raw | {table: rows} if rows else raw
        return raw


def _rows(raw: dict[str, Any], table: str) -> list[dict[str, Any]]:
    found = raw.get(table)
    return found if isinstance(found, list) and all(isinstance(row, dict) for row in found) else []


def _expanded(sources: object, within: dict[str, list[str]]) -> object:
    if not isinstance(sources, list):
        return sources
    return [state for one in sources for state in within.get(str(one), [one])]
