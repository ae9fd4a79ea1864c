"""What each kind of notice says: one row a kind, its name for the settings, its title and its sentence."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

__all__ = ["OF_ENTERPRISES", "WORDINGS", "Wording", "sentence_of", "title_of"]


@dataclass(frozen=True)
class Wording:
    """`label` names the kind where a person chooses; the others may hold {number}, {actor} and other values."""

    label: str | Promise
    title: str | Promise
    sentence: str | Promise


# What people of an enterprise are told of; all else goes to desks.
OF_ENTERPRISES = frozenset({"replied", "solved", "mode_entered", "mode_extended", "mode_over"})

WORDINGS: dict[str, Wording] = {
    "assigned": Wording(
        _("A case is assigned to me"), _("Assigned to you"), _("{actor} assigned case {number} to you."),
    ),
    "offered": Wording(
        _("A case is offered to my desk"), _("Offered to your desk"), _("{actor} offers case {number} to your desk."),
    ),
    "arrived": Wording(
        _("A case comes to my desk"), _("Comes to your desk"), _("{actor} passed case {number} on to your desk."),
    ),
    "refused": Wording(
        _("A case that my desk offered was refused"), _("Offer refused"),
        _("{actor} refused case {number}; your desk still leads it."),
    ),
    "replied": Wording(
        _("Somebody replies in a case of mine"), _("New reply"), _("{actor} wrote in case {number}."),
    ),
    "solved": Wording(
        _("A problem that we reported is solved"), _("Solved: please confirm"),
        _("The desk reports case {number} as solved. Confirm it, or say what is still missing."),
    ),
    "disputed": Wording(
        _("The enterprise says that it is not solved"), _("Disputed"),
        _("{actor} says that case {number} is not solved."),
    ),
    "reopened": Wording(
        _("A closed case is opened again"), _("Reopened"), _("{actor} opened case {number} again."),
    ),
    "mentioned": Wording(
        _("Somebody mentions me"), _("You are mentioned"), _("{actor} mentions you in case {number}."),
    ),
    "escalated": Wording(
        _("A case is escalated to me"), _("Escalated to you"), _("Case {number} is escalated to you."),
    ),
    "warning": Wording(
        _("A forecast brings a warning in my scope"), _("Warning"),
        _("One cause. Plants that stop: {stops}, the first on {day}. Red inputs: {reds}."),
    ),
    "warning_left": Wording(
        _("Plants stay red although a cause is over"), _("Still red for another reason"),
        _("Another cause is over, this one stays. Plants that stop: {stops}, the first on {day}. Red inputs: {reds}."),
    ),
    "warnings_more": Wording(
        _("Warnings above the budget of the day, in one notice"), _("More warnings"),
        _("Warnings beyond those you were told of today: {count}. The dearest stand here, the page lists all."),
    ),
    "warning_escalated": Wording(
        _("A warning that nobody has answered comes to me"), _("Nobody has answered it"),
        _("The desk below has left it for {hours} working hours. Confirm it, acknowledge it, or ask the desk."),
    ),
    "warnings_escalated": Wording(
        _("Several warnings that nobody has answered come to me"), _("Nobody has answered them"),
        _("Warnings that their desks have left for {hours} working hours and more: {count}. The page lists them."),
    ),
    "warning_worse": Wording(
        _("A warning that I acknowledged becomes worse"), _("Worse than you acknowledged"),
        _("More plants stop because of it, or one stops earlier; your acknowledgement is over."),
    ),
    "warning_over": Wording(
        _("A warning that I acknowledged or silenced is over"), _("Warning over"),
        _("Nothing in sight is stopped or red because of it any more."),
    ),
    "lamp_worse": Wording(
        _("A lamp that I acknowledged becomes worse"), _("Lamp worse than you acknowledged"),
        _("Its level rose; your acknowledgement is over."),
    ),
    "lamp_over": Wording(
        _("A lamp that I acknowledged or silenced burns no more"), _("Lamp burns no more"),
        _("It was acknowledged or silenced, and a report has ended it."),
    ),
    "acknowledged_over": Wording(
        _("My acknowledgement is over and it still burns"), _("Acknowledgement over"),
        _("Its last day is over and it still burns. Acknowledge it anew, or leave it to others."),
    ),
    "silenced_over": Wording(
        _("My silence is over and it still burns"), _("Silence over"),
        _("Its last day is over and it still burns; its notices are sent again."),
    ),
    "measure_proposed": Wording(
        _("A measure of the reserve is proposed that I may issue"), _("Measure proposed"),
        _("Its trigger has held since {since}. Issue it with a last day, or dismiss it with a reason."),
    ),
    "silence_goes_on": Wording(
        _("My silence goes on for another week"), _("Still silenced"),
        _("You silenced it, and nobody is told of it. End the silence if it is not needed any more."),
    ),
    "mode_entered": Wording(
        _("A mode begins in my scope"), _("{mode} begins"),
        _("From {first} to {last}. Stocks are reported: {cadence}. Reason: {reason}"),
    ),
    "mode_extended": Wording(
        _("A mode goes on in my scope"), _("{mode} goes on"),
        _("It goes on from {first} to {last}. Stocks are reported: {cadence}. Reason: {reason}"),
    ),
    "mode_over": Wording(
        _("A mode is over in my scope"), _("{mode} is over"),
        _("It was to hold until {last}. What is asked now stands where stocks are reported. Reason: {reason}"),
    ),
    "circular": Wording(
        _("A circular concerns my desk"), _("Circular"), _("A circular was issued that concerns your desk."),
    ),
}  # fmt: skip


def title_of(template: str, values: dict[str, str]) -> str:
    """The title in the active language. Raises KeyError for a template or a value that is not there."""
    return str(WORDINGS[template].title).format(**values)


def sentence_of(template: str, values: dict[str, str]) -> str:
    """The sentence in the active language. Raises KeyError for a template or a value that is not there."""
    return str(WORDINGS[template].sentence).format(**values)
