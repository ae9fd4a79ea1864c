import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast.core.network import NetworkError
from ballast.core.texts import CodedTexts, TextIndex, Texts

# Few characters of one to four bytes, and a zero, so that prefixes and repeats are frequent.
TEXT = st.text(alphabet=["a", "b", "\0", "é", "中", "🙂"], max_size=20) | st.sampled_from(["aaaaaaaa", "aaaaaaaaa"])


@settings(deadline=None)
@given(st.lists(TEXT, max_size=30))
def test_texts_read_like_a_tuple(values):
    for kept in (Texts.of(values), CodedTexts.of(values)):
        assert kept == tuple(values)
        assert kept == values
        assert tuple(values) == kept
        assert list(kept) == [kept[i] for i in range(len(kept))] == values
        assert kept[1:3] == tuple(values[1:3])
        assert kept[-2:] == tuple(values[-2:])
        assert kept.take(range(len(values))) == values
        assert kept != [*values, "more"]
        assert not values or kept != ["another", *values[1:]]


@settings(deadline=None)
@given(st.lists(TEXT, max_size=40))
def test_texts_sort_as_python_does_and_know_what_stands_again(values):
    kept = Texts.of(values)
    order = sorted(range(len(values)), key=values.__getitem__)
    assert kept.order.tolist() == order
    assert kept.rank[kept.order].tolist() == list(range(len(values)))
    assert kept.again.tolist() == [i for i, value in enumerate(values) if value in values[:i]]
    assert kept.arranged(kept.order) == sorted(values)


@settings(deadline=None)
@given(st.lists(TEXT, max_size=30), TEXT)
def test_a_text_is_found_where_it_first_stands(values, other):
    index = TextIndex(Texts.of(values))
    for value in values:
        assert index[value] == values.index(value)
    assert index.get(other, -1) == (values.index(other) if other in values else -1)
    assert (other in index) is (other in values)
    assert list(index) == values


@settings(deadline=None)
@given(st.lists(TEXT, max_size=30))
def test_a_vocabulary_is_sorted_and_holds_what_occurs_once(values):
    kept = CodedTexts.of(values)
    assert list(kept.vocabulary) == sorted(set(values))
    for value in set(values):
        assert kept.holds(value).tolist() == [value == other for other in values]
    assert not kept.holds("nowhere").any()


def test_what_is_missing_is_empty_and_what_is_no_text_is_written_as_one():
    assert CodedTexts.of(["x", None, 3]) == ("x", "", "3")
    assert Texts.of([1, "b"]) == ("1", "b")


def test_places_outside_are_refused_and_the_arrays_are_frozen():
    for kept in (Texts.of(["x", "y"]), CodedTexts.of(["x", "y"])):
        assert kept[-1] == "y"
        with pytest.raises(IndexError):
            kept[2]
        with pytest.raises(IndexError):
            kept[-3]
    with pytest.raises(ValueError, match="read-only"):
        Texts.of(["x"]).data[0] = 1
    with pytest.raises(KeyError):
        TextIndex(Texts.of(["x"]))["y"]


def test_half_a_character_is_refused():
    with pytest.raises(NetworkError, match=r"site: 'a\\ud800' holds what is no character"):
        Texts.of(["a\ud800"], "site")


def test_a_short_form_is_shown():
    assert repr(Texts.of(["a", "b"])) == "<Texts of 2: 'a', 'b'>"
    assert repr(CodedTexts.of(list("abcd"))) == "<CodedTexts of 4: 'a', 'b', 'c', ...>"


def test_rows_may_be_numpy_integers():
    kept = Texts.of(["a", "b", "c"])
    assert kept[np.int32(1)] == "b"
    assert kept.take(np.array([2, 0])) == ["c", "a"]
