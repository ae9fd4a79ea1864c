"""Where the nodes and lines of a tier graph stand; a template draws them."""

from typing import NamedTuple

from ballast.areas.registry.graph import Ego, EgoNode

__all__ = ["Drawing", "Line", "Place", "draw"]

_ROW = 30


class Place(NamedTuple):
    """A node with its left edge and width in per cent and its top in pixels."""

    node: EgoNode
    left: float
    width: float
    top: float


class Line(NamedTuple):
    """A line in the drawing's own units: x from 0 to 100, y in pixels."""

    x1: float
    y1: float
    x2: float
    y2: float
    inferred: bool
    title: str


class Drawing(NamedTuple):
    """Everything that the template draws; `tiers` are (tier, left, width, left out)."""

    places: list[Place]
    lines: list[Line]
    tiers: list[tuple[int, float, float, int]]
    height: int
    of_sites: bool


def draw(ego: Ego) -> Drawing | None:
    """The graph laid out from suppliers on the left to customers on the right; None when it has no line."""
    if not ego.edges:
        return None
    tiers = sorted({node.tier for node in ego.nodes})
    size = {tier: sum(1 for node in ego.nodes if node.tier == tier) for tier in tiers}
    tallest = max(size.values())
    step = 100 / len(tiers)
    width = step * 0.86
    places = {}
    for node in ego.nodes:
        offset = (tallest - size[node.tier]) / 2
        left = tiers.index(node.tier) * step + (step - width) / 2
        places[node.key] = Place(node, round(left, 2), round(width, 2), (node.row + offset) * _ROW)
    lines = [
        _line(places[edge.supplier], places[edge.customer], edge.inferred, ", ".join(edge.products))
        for edge in ego.edges
        if edge.supplier in places and edge.customer in places
    ]
    heads = [
        (tier, round(tiers.index(tier) * step + (step - width) / 2, 2), round(width, 2), ego.folded.get(tier, 0))
        for tier in tiers
    ]
    return Drawing(list(places.values()), lines, heads, tallest * _ROW, ego.of_sites)


def _line(supplier: Place, customer: Place, inferred: bool, products: str) -> Line:
    middle = _ROW / 2
    return Line(
        round(supplier.left + supplier.width, 2),
        supplier.top + middle,
        customer.left,
        customer.top + middle,
        inferred,
        f"{supplier.node.label} → {customer.node.label}: {products}",
    )
