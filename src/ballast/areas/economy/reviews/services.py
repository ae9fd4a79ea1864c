"""Note that a bulk material was reviewed."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ballast.areas.accounts.access import NotAllowedError
from ballast.areas.audit.services import record
from ballast.areas.economy.models import Commodity, MaterialReview
from ballast.areas.economy.reviews.selectors import REVIEW, may_review
from ballast.areas.reference.selectors import now, today

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["LONGEST", "review"]

# Characters of a note.
LONGEST = 2000


@transaction.atomic
def review(user: "User", commodity_id: str, note: str) -> MaterialReview:
    """Keep that the material was reviewed today, with what was found; the next review counts from today.

    Raises Commodity.DoesNotExist, NotAllowedError, and ValidationError without a note or for one that is too long.
    """
    if not may_review(user):
        raise NotAllowedError(REVIEW)
    commodity = Commodity.objects.get(commodity_id=commodity_id)
    found = note.strip()
    if not found:
        raise ValidationError({"note": _("Say what the review found.")})
    if len(found) > LONGEST:
        message = _("This text has {count} characters; give at most {most}.")
        raise ValidationError({"note": message.format(count=len(found), most=LONGEST)})
    row = MaterialReview.objects.create(commodity=commodity, day=today(), at=now(), person=user, note=found)
    record("materials.reviewed", user, subject_type="commodity", subject_id=commodity_id, detail={"note": found})
    return row
