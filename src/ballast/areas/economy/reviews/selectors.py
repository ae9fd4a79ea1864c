"""Who reviews bulk materials, and which are to be looked at now: in an open season, or with a review that is due."""

from typing import TYPE_CHECKING, NamedTuple

from ballast.areas.accounts.access import require, scope_of
from ballast.areas.economy.materials.grades import GRADE, graded, origin_series
from ballast.areas.economy.materials.rules import Watch, rules_on, watches_of
from ballast.areas.economy.materials.selectors import last_reviews, observed_of
from ballast.areas.economy.models import Commodity
from ballast.areas.economy.reviews.calendar import Review, review_of
from ballast.areas.reference.selectors import today

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User

__all__ = ["REVIEW", "Item", "agenda", "may_review"]

# Permission: to judge what a review found.
REVIEW = "review_materials"


class Item(NamedTuple):
    """A material with its open season and its next review, each None without."""

    commodity: Commodity
    watch: Watch | None
    review: Review | None
    due: bool


def may_review(user: "User") -> bool:
    """Whether the person reviews: the board is the same for all, so the right has to reach the whole authority."""
    return scope_of(user, REVIEW).everything


def agenda(user: "User") -> list[Item]:
    """Materials in an open season and those whose review is due, the longest due first; no lamp is computed."""
    require(user, "view_desk")
    rows, day = list(Commodity.objects.all()), today()
    if not rows:
        return []
    rules, last = rules_on(day), last_reviews()
    observed = observed_of([origin_series(one.commodity_id, "top_country_share") for one in rows])
    found = []
    for one in rows:
        watches = watches_of(one, day, rules)
        review = review_of(last.get(one.pk), graded(observed, one.commodity_id, rules.get(GRADE)), watches, day)
        watch = next((watch for watch in watches if watch.open), None)
        due = review is not None and review.due <= day
        if watch or due:
            found.append(Item(one, watch, review, due))
    return sorted(found, key=lambda item: (item.review.due if item.review else day, item.commodity.commodity_id))
