"""States as records: what is packed is read again as it was, and the migration writes what the program reads."""

import importlib

import numpy as np
import pytest

from ballast.core import warning
from ballast.core.cover import cover_columns, days_of_cover
from ballast.core.warning.scheme import Grade

SCHEME = warning.Scheme("two", tuple(Grade(name, name, name) for name in ("red", "yellow")))
LIMITS = (warning.Limit("red", below=3.0, hold=1, keep=1), warning.Limit("yellow", below=7.0))
RULE = warning.Rule("cover", "1", SCHEME, warning.Subjects("need"), "days", LIMITS)


@pytest.fixture(scope="module")
def states():
    drawn = np.random.default_rng(3).uniform(0, 10, (30, 5))
    drawn[drawn > 9] = np.nan
    *_, last = warning.feed(RULE, warning.States.start(RULE, 5), 738_000, drawn)
    return last


def test_what_is_packed_is_read_again_as_it_was(states):
    found = warning.unpack(RULE, np.frombuffer(warning.pack(states).tobytes(), warning.record_type(2)))
    assert [found.row(n) for n in range(5)] == [states.row(n) for n in range(5)]
    assert found.kind.dtype == states.kind.dtype
    after = warning.step(RULE, found, 738_100, np.array([1.0, np.nan, 5.0, 2.0, 9.0]))
    assert after.row(3)["rank"] == 2
    with pytest.raises(ValueError, match="2 levels; the state"):
        warning.unpack(RULE, np.zeros(1, warning.record_type(3)))


def test_rows_that_were_json_become_the_same_records(states):
    packed = importlib.import_module("ballast.areas.alerts.migrations.0004_lit_by").packed
    one = warning.record_type(2)
    rows = b"".join(packed({"day": "2022-04-28", "closed": None, "row": states.row(n)}) for n in range(5))
    kept = np.frombuffer(rows, np.dtype([("day", "<i4"), ("closed", one), ("row", one)]))
    assert kept["row"].tobytes() == kept["closed"].tobytes() == warning.pack(states).tobytes()
    assert packed({}) == b""


def test_cover_of_columns_is_that_of_each():
    rows = [(600.0, 240.0, 0.0), (600.0, 0.0, 0.0), (None, 5.0, 1.0), (10.0, 5.0, 40.0), (10.0, 4.0, None)]
    columns = np.array(rows, float).T
    expected = np.array([days_of_cover(stock, use, blocked or 0.0) for stock, use, blocked in rows], float)
    np.testing.assert_array_equal(cover_columns(*columns), expected)
    with pytest.raises(ValueError, match=r"stock is -1\.0: it cannot be below 0"):
        cover_columns(np.array([-1.0]), np.array([1.0]), np.array([0.0]))
