"""Which routing rule holds for a case: pure, on what is known of it when it is filed."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from ballast.areas.desks.models import RoutingRule

__all__ = ["Facts", "first_rule", "holds", "in_force"]


@dataclass(frozen=True)
class Facts:
    """What the rules ask of a case: its kind, the path of its enterprise's region, chains, levels, product code."""

    kind: str
    path: str
    chains: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    product: str = ""


def in_force(rule: RoutingRule, day: dt.date) -> bool:
    """Whether the rule counts on a day: within its own days, and those of the group that it names."""
    if rule.starts > day or (rule.ends is not None and rule.ends < day):
        return False
    return rule.to_group is None or rule.to_group.runs(day)


def holds(rule: RoutingRule, facts: Facts) -> bool:
    """Whether the case fits every condition of the rule."""
    return (
        rule.kind in ("", facts.kind)
        and (rule.region is None or facts.path.startswith(rule.region.path))
        and (not rule.chain_id or rule.chain_id in facts.chains)
        and (not rule.level or rule.level in facts.levels)
        and facts.product.startswith(rule.product_prefix)
    )


def first_rule(rules: Iterable[RoutingRule], facts: Facts) -> RoutingRule | None:
    """The first of the rules, which come in their order, that holds; None when none does."""
    return next((rule for rule in rules if holds(rule, facts)), None)
