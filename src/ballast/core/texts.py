"""Millions of names in a few arrays: UTF-8 bytes with offsets, or codes into a vocabulary; read like tuples of str."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import overload

import numpy as np
from numpy.typing import NDArray

from ballast.core.columns import Bools, Ints, frozen, ranges, refuse

__all__ = ["CodedTexts", "TextIndex", "TextSequence", "Texts"]

_WORD = 8
# The first k of 8 bytes, as a mask.
_KEPT = np.array([(2**64 - 1) ^ (2 ** (8 * (_WORD - k)) - 1) for k in range(_WORD + 1)], dtype=np.uint64)


class TextSequence(Sequence[str]):
    """What both forms share: slices are tuples, and a sequence of the same texts is equal."""

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        if isinstance(place, slice):
            return tuple(self.take(np.arange(*place.indices(len(self)))))
        at = int(place) + len(self) if place < 0 else int(place)
        if not 0 <= at < len(self):
            raise IndexError(place)
        return self._at(at)

    @abstractmethod
    def _at(self, place: int) -> str: ...

    def take(self, rows: Iterable[int]) -> list[str]:
        """The texts of some rows."""
        return [self[row] for row in rows]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(mine == its for mine, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have none

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3]))
        return f"<{type(self).__name__} of {len(self)}: {shown}{', ...' if len(self) > 3 else ''}>"


class Texts(TextSequence):
    """n texts as UTF-8 bytes, one after the other; text i is data[starts[i]:starts[i + 1]].

    >>> Texts.of(["part", "ore"]).find("ore")
    1
    """

    def __init__(self, data: NDArray[np.uint8], starts: NDArray[np.int64], order: Ints | None = None) -> None:
        self.data, self.starts = frozen(data), frozen(starts)
        if order is not None:
            self.order = frozen(order)

    @classmethod
    def of(cls, values: Iterable[object], what: str = "text") -> "Texts":
        """The texts of any values. NetworkError for one that UTF-8 cannot hold."""
        if isinstance(values, Texts):
            return values
        raw = [_encoded(str(value), what) for value in values]
        starts = np.zeros(len(raw) + 1, dtype=np.int64)
        np.cumsum(np.fromiter(map(len, raw), dtype=np.int64, count=len(raw)), out=starts[1:])
        return cls(np.frombuffer(b"".join(raw), dtype=np.uint8), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def _at(self, place: int) -> str:
        return self._bytes(place).decode()

    def _bytes(self, place: int) -> bytes:
        starts = self._starts
        return bytes(self._data[starts[place] : starts[place + 1]])

    @cached_property
    def _data(self) -> memoryview:
        return self.data.data

    @cached_property
    def _starts(self) -> memoryview:
        return self.starts.data

    def __iter__(self) -> Iterator[str]:
        raw, starts = self.data.tobytes(), self.starts.tolist()
        return (raw[a:b].decode() for a, b in pairwise(starts))

    @cached_property
    def order(self) -> Ints:
        """[n] rows in ascending order of their texts; equal texts in the order in which they stand."""
        return self._ranking[0]

    @cached_property
    def rank(self) -> Ints:
        """[n] place of each row in that order."""
        rank = np.empty(len(self), dtype=np.int32)
        rank[self.order] = np.arange(len(self), dtype=np.int32)
        return frozen(rank)

    @property
    def again(self) -> Ints:
        """Rows whose text stands in an earlier row, ascending."""
        order, same = self._ranking
        return np.sort(order[same])

    @cached_property
    def _ranking(self) -> tuple[Ints, Bools]:
        """The order, and whether a row of it has the same text as the row before; eight bytes of all texts at a time.

        UTF-8 sorts as the characters do. Where two texts agree in all words, the shorter comes first, so that
        the zeros which fill up a word are told from zeros in a text.
        """
        lengths = np.diff(self.starts)
        windows = np.lib.stride_tricks.sliding_window_view(
            np.concatenate([self.data, np.zeros(_WORD, np.uint8)]), _WORD
        )
        order = np.arange(len(self), dtype=np.int32)
        same = np.ones(len(self), dtype=bool)
        same[:1] = False
        words = -(-int(lengths.max(initial=0)) // _WORD)
        for word in range(words + 1):
            open_ = same | np.append(same[1:], False)
            if not open_.any():
                break
            rows, runs = order[open_], np.cumsum(~same)[open_]
            key = _word(windows, self.starts[rows], lengths[rows], word) if word < words else lengths[rows]
            by = np.lexsort((key, runs))
            order[open_], key = rows[by], key[by]
            same[open_] &= np.append(False, key[1:] == key[:-1])
        return frozen(order), same

    def arranged(self, order: NDArray[np.integer]) -> "Texts":
        """The texts in another order."""
        starts = np.concatenate(([0], np.cumsum(np.diff(self.starts)[order])))
        return Texts(self.data[ranges(self.starts, order)], starts)

    def find(self, text: str) -> int:
        """The first row that holds the text, -1 when none does; a search in the order, without a table of all texts."""
        sought, order = text.encode(errors="surrogatepass"), self._order
        low, high = 0, len(order)
        while low < high:
            middle = (low + high) // 2
            if self._bytes(order[middle]) < sought:
                low = middle + 1
            else:
                high = middle
        return int(order[low]) if low < len(order) and self._bytes(order[low]) == sought else -1

    @cached_property
    def _order(self) -> memoryview:
        return self.order.data


class CodedTexts(TextSequence):
    """n texts of which many are equal: codes into a vocabulary that is sorted and holds what occurs, each once.

    >>> CodedTexts.of(["ore", "part", "ore"]).codes.tolist()
    [0, 1, 0]
    """

    def __init__(self, vocabulary: Texts, codes: Ints) -> None:
        self.vocabulary, self.codes = vocabulary, frozen(codes)

    @classmethod
    def of(cls, values: Sequence[object], what: str = "text") -> "CodedTexts":
        """The texts of any values; empty where a value is None."""
        if isinstance(values, CodedTexts):
            return values
        texts = ["" if value is None else str(value) for value in values]
        words = sorted(set(texts))
        code = {word: place for place, word in enumerate(words)}
        return cls(Texts.of(words, what), np.fromiter(map(code.__getitem__, texts), dtype=np.int32, count=len(texts)))

    def __len__(self) -> int:
        return len(self.codes)

    def _at(self, place: int) -> str:
        return self._words[int(self.codes[place])]

    @cached_property
    def _words(self) -> list[str]:
        return list(self.vocabulary)

    def __iter__(self) -> Iterator[str]:
        return map(self._words.__getitem__, self.codes.tolist())

    def holds(self, text: str) -> Bools:
        """[n] whether the row holds that text."""
        return np.equal(self.codes, self.vocabulary.find(text))

    def arranged(self, order: NDArray[np.integer]) -> "CodedTexts":
        """The rows in another order."""
        return CodedTexts(self.vocabulary, self.codes[order])


class TextIndex(Mapping[str, int]):
    """Row of each text, as a dictionary would give it."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    def __getitem__(self, text: str) -> int:
        place = self.texts.find(text)
        if place < 0:
            raise KeyError(text)
        return place

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


def _encoded(text: str, what: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        refuse(what, repr(text), "holds what is no character", "Write it in Unicode characters")


def _word(
    windows: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64], word: int
) -> NDArray[np.uint64]:
    """Eight bytes of each text as a number that sorts like them; zeros after its end."""
    at = np.minimum(starts + word * _WORD, len(windows) - 1)
    raw = windows[at].view(">u8")[:, 0].astype(np.uint64)
    return raw & _KEPT[np.clip(lengths - word * _WORD, 0, _WORD)]
