"""Which documents of its pack a person may make of a case now, and the document itself."""

from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

from ballast.areas.audit.services import record_read
from ballast.areas.cases.documents.paper import compose
from ballast.areas.cases.models import Case
from ballast.areas.cases.numbering import desk_region
from ballast.areas.cases.packs.model import PackDocument
from ballast.areas.cases.presentation import with_units
from ballast.areas.cases.selectors import case_for, movable_cases, own_story
from ballast.areas.reference.selectors import authority, now

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.papers.blocks import Document

__all__ = ["UnknownDocumentError", "document_of", "documents_for"]


class UnknownDocumentError(ObjectDoesNotExist):
    """The case's pack names no such document, or the person makes none of it."""


def documents_for(user: "User", case: Case) -> list[PackDocument]:
    """The documents that the person may make of the case as it stands, in the order of its pack."""
    found = case.rules.documents_of(case.kind)
    fitting = [one for one in found if case.state in one.sources and not _to_itself(case, one)]
    reach = {(one.permission, one.who): one for one in fitting}
    may = {key for key, one in reach.items() if movable_cases(user, one).filter(pk=case.pk).exists()}
    return [one for one in fitting if (one.permission, one.who) in may]


def _to_itself(case: Case, document: PackDocument) -> bool:
    """Whether the letter would go to the desk that leads the case."""
    return document.reader == "place" and desk_region(case.place).pk == case.lead_region_id


def document_of(user: "User", number: str, name: str, language: str) -> "Document":
    """One document of a case in "en" or "zh-hans", from the case as it stands now; who made it is kept as a reading.

    Raises Case.DoesNotExist for a case that is not the user's to see, UnknownDocumentError for a document that is not
    theirs to make, ValidationError when the case does not stand where it is made, or the letter would go to the desk
    that leads the case itself.
    """
    case = case_for(user, number)
    document = next((one for one in case.rules.documents_of(case.kind) if one.name == name), None)
    if document is None or not movable_cases(user, document).filter(pk=case.pk).exists():
        raise UnknownDocumentError(name)
    if case.state not in document.sources:
        states = [str(one.label) for one in case.rules.states if one.name in document.sources]
        message = _("Case {number} is “{state}”; “{document}” is made when it is one of these: {states}.")
        raise ValidationError(
            message.format(
                number=number, state=case.get_state_display(), document=document.title, states=", ".join(states)
            )
        )
    if _to_itself(case, document):
        message = _("“{document}” goes to the desk of {region}, which leads case {number} itself.")
        raise ValidationError(message.format(document=document.title, region=case.lead_region.label, number=number))
    record_read(user, [case.enterprise.enterprise_id], "document")
    with override(language):
        story = with_units(case, own_story(case))
    return compose(case, document, language, authority=authority(), at=now(), story=story)
