"""A network as named arrays and back, so that it can be kept in a file and read without being built again."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import refuse
from ballast.core.network.network import Network
from ballast.core.texts import CodedTexts, Texts

__all__ = ["arrays_of", "network_of"]

Array: TypeAlias = NDArray[Any]

_CODED = {"site_region", "site_product", "slot_product"}
_INDICES = {"slot_site", "link_supplier", "link_slot", "link_lead"}
_FLAGS = {"slot_essential", "link_inferred"}
# What follows from the columns but takes seconds to find for millions of links.
_FOUND: dict[str, type[np.generic]] = {
    "site_slots": np.int64,
    "slot_links": np.int64,
    "link_customer": np.int32,
    "links_by_supplier": np.int32,
    "supplier_links": np.int64,
}


def arrays_of(network: Network) -> dict[str, Array]:
    """Every array of the network by name, with what takes long to find: order of ids, offsets, links by supplier."""
    arrays: dict[str, Array] = {}
    for field in fields(network):
        values = getattr(network, field.name)
        if isinstance(values, CodedTexts):
            arrays[f"{field.name}.codes"] = values.codes
            values = values.vocabulary
        if isinstance(values, Texts):
            arrays |= {f"{field.name}.{part}": getattr(values, part) for part in ("data", "starts", "order")}
        else:
            arrays[field.name] = values
    return arrays | {name: getattr(network, name) for name in _FOUND}


def network_of(arrays: Mapping[str, Array], digest: str) -> Network:
    """The network of these arrays, which are used as they are and not copied; `digest` is taken as its own.

    NetworkError when an array is missing or of another type or length, or points to a row that is not there.
    """
    columns: dict[str, Any] = {field.name: _column(arrays, field.name) for field in fields(Network)}
    network = Network(**columns)
    found = {name: _taken(arrays, name, dtype) for name, dtype in _FOUND.items()}
    for name, length, rows in _lengths(network, found):
        if length != rows:
            refuse(name, f"{length} values", f"where {rows} are due", "Save the network again")
    for name, offsets, total in _offsets(network, found):
        if offsets[0] != 0 or offsets[-1] != total or (offsets[1:] < offsets[:-1]).any():
            refuse(name, f"{offsets[0]} to {offsets[-1]}", f"are no offsets up to {total}", "Save the network again")
    for name, places, bound in _places(network, found):
        if places.size and not (places.min() >= 0 and places.max() < bound):
            refuse(name, f"{places.min()} to {places.max()}", f"lie outside 0..{bound - 1}", "Save the network again")
    vars(network).update(found, digest=digest)
    return network


def _taken(arrays: Mapping[str, Array], name: str, dtype: type[np.generic]) -> Array:
    found = arrays.get(name)
    if found is None or found.dtype != dtype or found.ndim != 1:
        shown = "nothing" if found is None else f"{found.ndim}-dimensional {found.dtype}"
        refuse(name, shown, f"stands where {np.dtype(dtype)} in one dimension is due", "Save the network again")
    return found


def _column(arrays: Mapping[str, Array], name: str) -> Texts | CodedTexts | Array:
    if name in _CODED:
        return CodedTexts(_texts(arrays, name), _taken(arrays, f"{name}.codes", np.int32))
    if name == "site_ids":
        return _texts(arrays, name)
    return _taken(arrays, name, np.int32 if name in _INDICES else np.bool_ if name in _FLAGS else np.float64)


def _texts(arrays: Mapping[str, Array], name: str) -> Texts:
    data, starts = _taken(arrays, f"{name}.data", np.uint8), _taken(arrays, f"{name}.starts", np.int64)
    if not starts.size:
        refuse(f"{name}.starts", "nothing", "stands where offsets are due", "Save the network again")
    return Texts(data, starts, order=_taken(arrays, f"{name}.order", np.int32))


def _lengths(network: Network, found: Mapping[str, Array]) -> Iterator[tuple[str, int, int]]:
    """(name, length, length that is due) of every array."""
    rows = {"slot": network.slots, "link": network.links}
    for field in fields(network):
        values = getattr(network, field.name)
        yield field.name, len(values), rows.get(field.name.partition("_")[0], network.sites)
    for name, texts in _vocabularies(network):
        yield f"{name}.order", len(texts.order), len(texts)
    due = {"slot_links": network.slots + 1, "link_customer": network.links, "links_by_supplier": network.links}
    for name, values in found.items():
        yield name, len(values), due.get(name, network.sites + 1)


def _offsets(network: Network, found: Mapping[str, Array]) -> Iterator[tuple[str, Array, int]]:
    """(name, offsets, their last) of every array of offsets."""
    for name, texts in _vocabularies(network):
        yield f"{name}.starts", texts.starts, texts.data.size
    yield "site_slots", found["site_slots"], network.slots
    yield "slot_links", found["slot_links"], network.links
    yield "supplier_links", found["supplier_links"], network.links


def _places(network: Network, found: Mapping[str, Array]) -> Iterator[tuple[str, Array, int]]:
    """(name, places, how many there are) of every array that points to rows of another."""
    for name, texts in _vocabularies(network):
        yield f"{name}.order", texts.order, len(texts)
    for name in sorted(_CODED):
        coded = getattr(network, name)
        yield f"{name}.codes", coded.codes, len(coded.vocabulary)
    yield "slot_site", network.slot_site, network.sites
    yield "link_supplier", network.link_supplier, network.sites
    yield "link_slot", network.link_slot, network.slots
    yield "link_customer", found["link_customer"], network.sites
    yield "links_by_supplier", found["links_by_supplier"], network.links


def _vocabularies(network: Network) -> Iterator[tuple[str, Texts]]:
    yield "site_ids", network.site_ids
    for name in sorted(_CODED):
        yield name, getattr(network, name).vocabulary
