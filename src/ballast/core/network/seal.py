"""The digest of a network: what decides an answer, hashed in an order that does not depend on that of the rows."""

import hashlib
from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import ranges
from ballast.core.texts import CodedTexts, Texts

if TYPE_CHECKING:
    from ballast.core.network.network import Network

__all__ = ["sealed"]

_SAID_OTHERWISE = {"slot_site", "link_slot", "link_supplier"}
_Kept: TypeAlias = NDArray[np.int64] | slice


def sealed(network: "Network") -> str:
    """SHA-256 over sites by id, their slots by product and their links by supplier id; O(size of the network)."""
    seal = hashlib.sha256()
    order = network.site_ids.order
    kept: dict[str, _Kept] = dict.fromkeys(("site", "slot", "link"), slice(None))
    if (order[1:] < order[:-1]).any():
        slots = ranges(network.site_slots, order)
        kept = {"site": order.astype(np.int64), "slot": slots, "link": ranges(network.slot_links, slots)}
    for name, values in _columns(network, kept):
        raw = np.ascontiguousarray(values)
        seal.update(f"{name}:{raw.dtype.str}:{raw.size}:".encode())
        seal.update(raw.data.cast("B") if raw.size else b"")
    return seal.hexdigest()


def _columns(network: "Network", kept: dict[str, _Kept]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Every column in that order. Where links and slots belong is said by how many each slot and each site has."""
    yield "site_slots", np.diff(network.site_slots)[kept["site"]]
    yield "slot_links", np.diff(network.slot_links)[kept["slot"]]
    yield "link_supplier", network.site_ids.rank[network.link_supplier[kept["link"]]]
    for field in fields(network):
        name, values = field.name, getattr(network, field.name)
        rows = kept.get(name.partition("_")[0], kept["site"])
        if isinstance(values, CodedTexts):
            yield f"{name} codes", values.codes[rows]
            values, rows = values.vocabulary, slice(None)
        if isinstance(values, Texts):
            ordered = values if isinstance(rows, slice) else values.arranged(rows)
            yield f"{name} bytes", ordered.data
            yield f"{name} starts", ordered.starts
        elif name not in _SAID_OTHERWISE:
            yield name, values[rows]
