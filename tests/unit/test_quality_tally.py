"""Adding up bits by place: what counting one row and one bit at a time gives, however the rows come."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

from pipeline.quality.tally import WORD_BITS, Places, added, tally


def by_hand(place: list[int], words: list[list[int]]) -> tuple[Counter[int], Counter[tuple[int, int]]]:
    """The rows of each place, and how often (place, question) is answered yes."""
    yes: Counter[tuple[int, int]] = Counter()
    for which, word in enumerate(words):
        for at, bits in zip(place, word, strict=True):
            yes.update((at, which * WORD_BITS + bit) for bit in range(WORD_BITS) if bits >> bit & 1)
    return Counter(place), yes


@pytest.mark.parametrize("how_many", [1, 2, 3])
@pytest.mark.parametrize(("rows", "places"), [(1, 1), (255, 1), (256, 1), (1_000, 2), (700, 300)], ids=str)
def test_bits_are_added_up_by_place(rows: int, places: int, how_many: int) -> None:
    random = np.random.default_rng(rows * how_many)
    place = random.integers(0, places, rows)
    words = [random.integers(0, 2**WORD_BITS, rows) for _ in range(how_many)]
    at, height, counts = tally(place, [word.astype(np.float32) for word in words])
    size, yes = by_hand(place.tolist(), [word.tolist() for word in words])
    assert dict(zip(at.tolist(), height.tolist(), strict=True)) == size
    assert at.tolist() == sorted(size)
    for line, number in enumerate(at.tolist()):
        asked = range(how_many * WORD_BITS)
        assert counts[line, : len(asked)].tolist() == [yes[(number, bit)] for bit in asked]


def test_places_may_be_many_and_far_apart() -> None:
    at, height, counts = tally(np.array([2**40, 7, 70_000, 7]), [np.array([1, 2, 3, 3], dtype=np.float32)])
    assert at.tolist() == [7, 70_000, 2**40]
    assert height.tolist() == [2, 1, 1]
    assert counts[:, :3].tolist() == [[1, 2, 0], [1, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize(
    "keys", [[5, 3, 4], [10**12, 3, -7], []], ids=["one after another", "far apart", "none"]
)
def test_a_unit_has_its_class_and_nobody_elses(keys: list[int]) -> None:
    places = Places(pl.Series(keys, dtype=pl.Int64), pl.Series(range(len(keys)), dtype=pl.UInt32))
    others = [0, 2, 6, -8, 10**12 + 1]
    assert places.of(np.array([*keys, *others])).tolist() == [*range(len(keys)), *([-1] * len(others))]


def test_parts_are_added_up_however_many_there_are() -> None:
    parts = [pl.DataFrame({"place": [n % 2], "rows": [n]}) for n in range(21)]
    found = added(parts, ("place",))
    assert found is not None and dict(found.iter_rows()) == {0: 110, 1: 100}
    assert added([], ("place",)) is None
