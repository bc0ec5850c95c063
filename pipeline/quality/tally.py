"""How many rows of each place hold what, where each row answers yes or no, a bit for each question.

Rows come by batches, in any order. Bits are added eight questions at a time, a byte each: adding up sixty
questions costs little more than reading them. What does not belong here: what is asked (`counting.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

WORD_BITS = 24  # as many as a 32-bit floating number holds exactly, and three bytes
_BYTE_HOLDS = 255
_BYTE, _BITS = 8, 64
_LOWEST_OF_EACH_BYTE = np.uint64(0x0101010101010101)
_SMALL = 2**16  # numbers below it are sorted in two passes over their bytes
_FOLDED = 8  # batches that wait to be added up: what is kept does not grow with the rows

Numbers = NDArray[np.int64]


class Places:
    """Where each unit belongs: the number of its class, or -1 for a unit that is not looked for."""

    def __init__(self, units: pl.Series, classes: pl.Series) -> None:
        """`units` are integers, each once, and `classes` numbers from 0, of the same length."""
        keys, numbers = units.to_numpy(), classes.to_numpy().astype(np.int32)
        self._first = int(keys.min()) if keys.size else 0
        size = int(keys.max()) - self._first + 1 if keys.size else 0
        # Keys are numbered as they come: a place for each number between. Others are searched for.
        self._dense = size <= 4 * keys.size
        if self._dense:
            self._classes = np.full(size + 1, -1, dtype=np.int32)
            self._classes[keys - self._first] = numbers
        else:
            order = np.argsort(keys)
            self._keys, self._classes = keys[order], numbers[order]

    def of(self, units: Numbers) -> NDArray[np.int32]:
        """The class of each of `units`."""
        if self._dense:
            last = self._classes.size - 1  # holds -1: where every number outside is sent
            at = units - self._first
            return self._classes[np.where((at >= 0) & (at < last), at, last)]
        at = np.minimum(np.searchsorted(self._keys, units), self._keys.size - 1)
        return np.where(self._keys[at] == units, self._classes[at], np.int32(-1))


def tally(place: Numbers, words: Sequence[NDArray[np.float32]]) -> tuple[Numbers, Numbers, Numbers]:
    """The places there are, ascending; the rows of each; and of how many each bit of each word is set.

    `place` has a number from 0 for each row; each word is a whole number below 2 ** WORD_BITS.
    The last has a line for each place and WORD_BITS columns for each word, the lowest bit first; words go by
    two, so that after an odd one as many empty columns follow.
    """
    order = _order(place)
    at = place[order]
    starts = np.flatnonzero(np.diff(at, prepend=-1))
    # No byte may run over: a place with many rows is added up in several pieces.
    cuts = np.union1d(starts, np.arange(0, at.size, _BYTE_HOLDS))
    firsts = np.searchsorted(cuts, starts)
    found = [_bits(word[order], cuts, firsts) for word in _pairs(words)]
    rows = np.diff(starts, append=at.size)
    return at[starts], rows, np.concatenate(found, axis=1)


def _order(place: Numbers) -> NDArray[np.intp]:
    """The rows by place."""
    small = int(place.max(initial=0)) < _SMALL
    return np.argsort(place.astype(np.uint16) if small else place, kind="stable")


def _pairs(words: Sequence[NDArray[np.float32]]) -> Iterable[NDArray[np.uint64]]:
    """Two words in one, the second above the first."""
    for low, high in zip(words[::2], [*words[1::2], None], strict=False):
        both = low.astype(np.uint64)
        if high is not None:
            both |= high.astype(np.uint64) << np.uint64(WORD_BITS)
        yield both


def _bits(words: NDArray[np.uint64], cuts: NDArray[np.intp], firsts: NDArray[np.intp]) -> Numbers:
    """How often each bit of the words is set: a line for the pieces from each of `firsts` to the next."""
    found = np.empty((firsts.size, _BYTE, _BYTE), dtype=np.int64)
    for bit in range(_BYTE):
        of_each_byte = (words >> np.uint64(bit)) & _LOWEST_OF_EACH_BYTE
        pieces = np.add.reduceat(of_each_byte, cuts).astype("<u8").view(np.uint8).reshape(-1, _BYTE)
        found[:, :, bit] = np.add.reduceat(pieces, firsts, axis=0, dtype=np.int64)
    return found.reshape(-1, _BITS)[:, : 2 * WORD_BITS]


def added(parts: Iterable[pl.DataFrame], by: Sequence[str]) -> pl.DataFrame | None:
    """The sums of all other columns by `by`; none without a part. Keeps a few parts at a time."""
    waiting: list[pl.DataFrame] = []
    for part in parts:
        waiting.append(part)
        if len(waiting) >= _FOLDED:
            waiting = [pl.concat(waiting).group_by(by).sum()]
    return pl.concat(waiting).group_by(by).sum() if waiting else None
