import json
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.worlds import network_of, random_world

from ballast.core.forecast import forecast
from ballast.core.network import NetworkError, arrays_of, build_network
from ballast.core.network import network_of as network_from
from ballast.tables.store import load_network, save_network


@pytest.fixture
def kept(tmp_path):
    """A network and the file in which it was saved."""
    world = random_world(7)
    network = network_of(world)
    assert network.links
    return world, network, save_network(network, tmp_path / "a.safetensors")


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_what_is_loaded_is_what_was_saved(tmp_path_factory, seed):
    network = network_of(random_world(seed))
    path = save_network(network, tmp_path_factory.mktemp("n") / "n.safetensors")
    loaded = load_network(path, verify=True)
    assert loaded.digest == network.digest
    one, other = arrays_of(network), arrays_of(loaded)
    assert list(one) == list(other)
    assert all(one[name].dtype == other[name].dtype for name in one)
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)
    assert loaded.site_ids == network.site_ids
    assert loaded.slot_product == network.slot_product
    assert dict(loaded.site_index) == dict(network.site_index)


def test_a_loaded_network_forecasts_the_same_bits(kept):
    world, network, path = kept
    one = forecast(network, world.events, horizon=world.horizon)
    other = forecast(load_network(path), world.events, horizon=world.horizon)
    assert one.low.rate.tobytes() == other.low.rate.tobytes()
    assert one.low.lost_output.tobytes() == other.low.lost_output.tobytes()


def test_a_network_without_anything_is_kept_too(tmp_path):
    network = build_network(site_ids=[])
    loaded = load_network(save_network(network, tmp_path / "n"), verify=True)
    assert (loaded.sites, loaded.slots, loaded.links) == (0, 0, 0)
    assert loaded.digest == network.digest


def test_a_loaded_network_cannot_be_written(kept):
    loaded = load_network(kept[2])
    for field in fields(loaded):
        values = getattr(loaded, field.name)
        for part in (values, getattr(values, "codes", None), getattr(values, "data", None)):
            if isinstance(part, np.ndarray):
                with pytest.raises(ValueError, match="read-only"):
                    part[...] = part


def test_the_same_network_gives_the_same_bytes_and_takes_the_place_of_an_older_file(kept, tmp_path):
    _, network, path = kept
    before = path.read_bytes()
    held = load_network(path)
    shares = held.link_share.copy()
    again = save_network(network_of(random_world(11)), path)
    assert again.read_bytes() != before
    assert np.array_equal(held.link_share, shares), "what is mapped stays as it was"
    assert save_network(network, path).read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]


def test_the_layout_is_that_of_safetensors_with_every_array_aligned(kept):
    raw = kept[2].read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    assert (8 + length) % 64 == 0
    assert header.pop("__metadata__") == {"format": "ballast-network", "version": "1", "digest": kept[1].digest}
    widths = {"F64": 8, "I64": 8, "I32": 4, "U8": 1, "BOOL": 1}
    end = 0
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        assert first == end, f"{name} begins where the one before ends"
        assert first % widths[entry["dtype"]] == 0
        assert last - first == entry["shape"][0] * widths[entry["dtype"]]
        end = last
    assert 8 + length + end == len(raw)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(NetworkError, match=r"b\.safetensors: there is no such file"):
        load_network(tmp_path / "b.safetensors")
    with pytest.raises(NetworkError, match="cannot be read"):
        load_network(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"x", b"site_id,region\nS1,310000\n", (2**60).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (2).to_bytes(8, "little") + b"{}", (24).to_bytes(8, "little") + b'{"__metadata__":{"a":1}}',
        b"\xff" * 100, b"PK\x03\x04" + b"\0" * 100,
    ],
)  # fmt: skip
def test_a_foreign_file_is_refused(tmp_path, content):
    (tmp_path / "n").write_bytes(content)
    with pytest.raises(NetworkError, match="is no saved network"):
        load_network(tmp_path / "n")


def test_a_file_that_is_cut_off_is_refused_wherever_it_is_cut(kept):
    path, raw = kept[2], kept[2].read_bytes()
    length = 8 + int.from_bytes(raw[:8], "little")
    for size in (length - 1, length, len(raw) // 2, len(raw) - 1):
        path.write_bytes(raw[:size])
        with pytest.raises(NetworkError, match="is no saved network" if size < length else "are fewer than"):
            load_network(path)


def test_another_form_is_refused(kept):
    path, raw = kept[2], kept[2].read_bytes()
    path.write_bytes(raw.replace(b'"version":"1"', b'"version":"2"'))
    with pytest.raises(NetworkError, match="form 2 is not form 1"):
        load_network(path)


def test_a_damaged_header_is_refused(kept):
    path, raw = kept[2], kept[2].read_bytes()
    path.write_bytes(raw.replace(b'"dtype":"F64"', b'"dtype":"Q64"', 1))
    with pytest.raises(NetworkError, match="its header is damaged"):
        load_network(path)
    path.write_bytes(raw.replace(b"link_share", b"link_shape", 1))
    with pytest.raises(NetworkError, match="link_share: nothing stands where float64"):
        load_network(path)


def test_changed_content_is_found_when_it_is_verified(kept):
    path, network = kept[2], kept[1]
    raw = path.read_bytes()
    share = network.link_share.tobytes()
    path.write_bytes(raw.replace(share, np.full(network.links, 0.125).tobytes()))
    assert load_network(path).link_share[0] == 0.125
    with pytest.raises(NetworkError, match="its content is not what was saved"):
        load_network(path, verify=True)


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("link_supplier", lambda a: a + 1000, r"link_supplier: 10\d+ to 10\d+ lie outside 0"),
        ("link_slot", lambda a: a - 1000, r"link_slot: -\d+ to -\d+ lie outside 0"),
        ("slot_product.codes", lambda a: a + 1000, "slot_product.codes: .* lie outside"),
        ("slot_links", lambda a: a[::-1], "are no offsets up to"),
        ("site_ids.starts", lambda a: a * 2, "are no offsets up to"),
        ("link_share", lambda a: a[1:], "link_share: .* where .* are due"),
        ("link_share", lambda a: a.astype(np.float32), "link_share: 1-dimensional float32 stands where float64"),
        ("links_by_supplier", lambda a: a.reshape(1, -1), "2-dimensional int32 stands where int32 in one dimension"),
        ("site_ids.starts", lambda a: a[:0], "nothing stands where offsets are due"),
    ],
)
def test_arrays_that_point_nowhere_are_refused(kept, name, change, reason):
    arrays = arrays_of(kept[1])
    with pytest.raises(NetworkError, match=reason):
        network_from(arrays | {name: np.ascontiguousarray(change(arrays[name]))}, "digest")


def test_nothing_is_left_behind_when_a_network_cannot_be_written(kept, tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ballast.tables.store.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save_network(kept[1], tmp_path / "b.safetensors")
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]
