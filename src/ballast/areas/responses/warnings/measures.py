"""What the policy reserve holds against a warning: ready measures for the places, chains and inputs that it names."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ballast.areas.registry.models import Enterprise
from ballast.areas.reserve.selectors import overlapping

if TYPE_CHECKING:
    from ballast.areas.accounts.models import User
    from ballast.areas.reserve.models import PolicyOption
    from ballast.areas.responses.models import WarnedOf

__all__ = ["measures_for"]


def measures_for(user: "User", members: Sequence["WarnedOf"]) -> list["PolicyOption"]:
    """Measures that the person may see, those proposed first; `members` with site, region and enterprise read."""
    firms = {member.site.enterprise_id for member in members}
    through = Enterprise.chains.through.objects.filter(enterprise__in=firms)
    chains = set(through.order_by().values_list("chain_id", flat=True))
    products = {member.product_id for member in members if member.product_id}
    return overlapping(user, {member.site.region.path for member in members}, chains, products)
