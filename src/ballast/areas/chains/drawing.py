"""Geometry of the stop timeline and of the cause path: pure functions from days and nodes to coordinates."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

__all__ = ["DAY", "Arrow", "Box", "Head", "Picture", "Segment", "Tick", "segments", "small", "ticks", "tiers"]

# Width of a day in the timeline's own units.
DAY = 10
BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y, MARGIN = 196, 60, 88, 12, 4
# Room above the boxes for the heads of the columns.
HEAD = 26
# How far along an arrow its label stands: near the source, where arrows to one target are still apart.
LABEL_AT = 0.3
# Boxes in one column; the rest are folded into "+12 sites".
COLUMN_LIMIT = 7


@dataclass(frozen=True)
class Segment:
    """A part of a plant's bar: from x over width, in tenths of a day."""

    kind: str  # run, slow, possible, stop
    x: int
    width: int


@dataclass(frozen=True)
class Tick:
    """A day on the axis: its number, its date, its place in per cent of the width."""

    day: int
    date: dt.date
    percent: float


def segments(
    horizon: int,
    *,
    stop: int | None,
    stop_latest: int | None = None,
    slow: int | None = None,
    recovery: int | None = None,
) -> list[Segment]:
    """Bar of one plant over `horizon` days: runs, slows, may stop, stops, runs again; nothing of no width.

    All days count from 0; None is never. Between the earliest stop (unknown stocks empty) and the latest it may
    stop; without a latest it only may.
    """
    end = horizon if recovery is None else min(recovery, horizon)
    possible_from = end if stop is None else min(stop, end)
    certain_from = end if stop is None or stop_latest is None else min(stop_latest, end)
    slow_from = possible_from if slow is None else min(slow, possible_from)
    marks = [
        ("run", 0, slow_from),
        ("slow", slow_from, possible_from),
        ("possible", possible_from, max(possible_from, certain_from)),
        ("stop", max(possible_from, certain_from), end),
        ("run", end, horizon),
    ]
    return [Segment(kind, x * DAY, (to - x) * DAY) for kind, x, to in marks if to > x]


def ticks(day: dt.date, horizon: int) -> list[Tick]:
    """Marks of the axis: every second day up to 16 days, every fifth beyond."""
    step = 2 if horizon <= 16 else 5
    return [Tick(d, day + dt.timedelta(days=d), 100 * d / horizon) for d in range(0, horizon, step)]


@dataclass(frozen=True)
class Box:
    """A node of the cause path in its place; `x`, `y` is the upper left corner."""

    id: str
    kind: str  # site, plant, event, unknown_stock, tables, folded
    x: float
    y: float
    width: float = BOX_WIDTH
    height: float = BOX_HEIGHT
    count: int = 0

    @property
    def middle(self) -> float:
        """Height of the box's middle."""
        return self.y + self.height / 2

    @property
    def words_x(self) -> float:
        """Where the words begin: after the sign of an event."""
        return self.x + (26 if self.kind == "event" else 9)

    @property
    def words_width(self) -> float:
        """Room for the words up to a margin at the right."""
        return self.x + self.width - 6 - self.words_x

    @property
    def diamond(self) -> str:
        """Corners of the sign of an event, at the left end of the box."""
        x, y, r = self.x + 9, self.middle, 7
        return f"{x - r},{y} {x},{y - r} {x + r},{y} {x},{y + r}"


@dataclass(frozen=True)
class Arrow:
    """An edge of the cause path: a curve, the middle for its label, and what it says."""

    source: str
    target: str
    curve: str
    label_x: float
    label_y: float
    cover_days: float | None
    product: str
    inferred: bool
    leading: bool
    direct: bool  # from an event to the site that it holds: no stock lies between


@dataclass(frozen=True)
class Head:
    """The head of a column: what it holds (causes, a tier, the plant) and where its boxes begin."""

    kind: str  # cause, tier, plant
    tier: int
    x: float


@dataclass(frozen=True)
class Picture:
    """The whole drawing in its own units."""

    width: float
    height: float
    heads: list[Head]
    boxes: list[Box]
    arrows: list[Arrow]

    @property
    def least_width(self) -> float:
        """Below this width in pixels the words can no longer be read; the page scrolls instead."""
        return 0.75 * self.width


def _columns(path: Mapping[str, Any]) -> dict[int, list[str]]:
    """Node ids by tier; inside a tier the leading path first, then by the place of what they lead to."""
    tier = {node["id"]: int(node["tier"]) for node in path["nodes"]}
    leading = set(path["path"])
    targets: dict[str, list[str]] = defaultdict(list)
    for edge in path["edges"]:
        targets[edge["from"]].append(edge["to"])
    columns: dict[int, list[str]] = {}
    place: dict[str, float] = {}
    for level in sorted(set(tier.values())):
        rank = {}
        for node in (node for node, at in tier.items() if at == level):
            known = [place[t] for t in targets[node] if t in place]
            rank[node] = (node not in leading, sum(known) / len(known) if known else 0.0, node)
        columns[level] = sorted(rank, key=rank.__getitem__)
        place |= {node: float(row) for row, node in enumerate(columns[level])}
    return columns


def tiers(path: Mapping[str, Any], *, column_limit: int = COLUMN_LIMIT) -> Picture:
    """The cause path left to right: root causes, tiers, the plant at the right; long columns are folded."""
    columns = _columns(path)
    kinds = {node["id"]: node["kind"] for node in path["nodes"]}
    shown = {level: ids if len(ids) <= column_limit else ids[: column_limit - 1] for level, ids in columns.items()}
    rows = max((len(ids) + (len(ids) < len(columns[level])) for level, ids in shown.items()), default=1)
    height = HEAD + MARGIN * 2 + rows * (BOX_HEIGHT + GAP_Y) - GAP_Y
    order = sorted(columns, reverse=True)
    boxes: dict[str, Box] = {}
    heads = []
    for column, level in enumerate(order):
        ids = list(shown[level])
        missing = len(columns[level]) - len(ids)
        ids += [f"folded:{level}"] if missing else []
        top = HEAD + (height - HEAD - (len(ids) * (BOX_HEIGHT + GAP_Y) - GAP_Y)) / 2
        heads.append(_head(level, columns[level], kinds, MARGIN + column * (BOX_WIDTH + GAP_X)))
        for row, node in enumerate(ids):
            kind = "plant" if level == 0 else kinds.get(node, "folded")
            x, y = MARGIN + column * (BOX_WIDTH + GAP_X), top + row * (BOX_HEIGHT + GAP_Y)
            boxes[node] = Box(node, kind, x, y, count=missing if kind == "folded" else 0)
    width = MARGIN * 2 + len(order) * (BOX_WIDTH + GAP_X) - GAP_X
    arrows = [_arrow(edge, boxes, kinds) for edge in path["edges"] if edge["from"] in boxes and edge["to"] in boxes]
    return Picture(width, height, heads, list(boxes.values()), sorted(arrows, key=lambda arrow: arrow.leading))


def _head(level: int, ids: Sequence[str], kinds: Mapping[str, str], x: float) -> Head:
    if level == 0:
        return Head("plant", 0, x)
    return Head("tier" if any(kinds[node] == "site" for node in ids) else "cause", level, x)


def _arrow(edge: Mapping[str, Any], boxes: Mapping[str, Box], kinds: Mapping[str, str]) -> Arrow:
    source, target = boxes[edge["from"]], boxes[edge["to"]]
    x1, y1, x2, y2 = source.x + source.width, source.middle, target.x, target.middle
    if x2 <= x1:
        # Within a tier or against the stream (a loop): out and back on the left side.
        x1 = source.x
        bend = min(x1, x2) - GAP_X / 2
        curve = f"M{x1:.1f},{y1:.1f} C{bend:.1f},{y1:.1f} {bend:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
        label_x, label_y = bend + GAP_X / 8, (y1 + y2) / 2
    else:
        half = (x2 - x1) / 2
        curve = f"M{x1:.1f},{y1:.1f} C{x1 + half:.1f},{y1:.1f} {x2 - half:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
        t = LABEL_AT
        label_x = x1 + (x2 - x1) * (1.5 * t - 1.5 * t**2 + t**3)
        label_y = y1 + (y2 - y1) * (3 * t**2 - 2 * t**3)
    return Arrow(
        source.id, target.id, curve, label_x, label_y - 5, edge["cover_days"], edge["product"],
        bool(edge["inferred"]), bool(edge.get("leading")), kinds.get(edge["from"]) == "event" and not edge["product"],
    )  # fmt: skip


def small(path: Mapping[str, Any]) -> dict[str, Any]:
    """Only the leading path of a cause path, for the small figure on a case."""
    keep: Sequence[str] = path["path"]
    inside = set(keep)
    steps = set(pairwise(keep))
    nodes = [node for node in path["nodes"] if node["id"] in inside]
    edges = [edge for edge in path["edges"] if (edge["from"], edge["to"]) in steps]
    return {**path, "nodes": nodes, "edges": edges}
