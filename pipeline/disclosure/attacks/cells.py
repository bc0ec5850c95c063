"""Rows by class and value, of the pairs that there are: a table of all pairs has no room for many values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pipeline.disclosure.attacks.attack import Ints


@dataclass(frozen=True)
class Cells:
    """So many `rows` have the class `group` and the value `value`, an entry for each pair that some row has.

    Ordered by class and value; classes are numbered from 0 up to `classes`, values up to `values`. There are
    no more entries than rows, and whatever is made of them grows with the entries alone.
    """

    group: Ints
    value: Ints
    rows: Ints
    classes: int
    values: int

    @property
    def sizes(self) -> Ints:
        """The rows of each class."""
        return count(self.group, self.rows, self.classes)

    def place(self, classes: Ints, value: Ints) -> Ints:
        """The entry of each pair, -1 of one that is not there."""
        keys, sought = self.group * self.values + self.value, classes * self.values + value
        if not len(keys):
            return np.full(len(sought), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
        return np.where((keys[place] == sought) & (value < self.values), place, -1)

    def at(self, classes: Ints, value: Ints) -> Ints:
        """How many rows have each pair."""
        place = self.place(classes, value)
        return np.where(place < 0, 0, np.append(self.rows, 0)[place])

    def without(self, place: Ints) -> Cells:
        """The same entries without the rows that have these places."""
        return replace(self, rows=self.rows - np.bincount(place, minlength=len(self.rows)))

    def commonest(self) -> tuple[Ints, Ints]:
        """By class: the rows with its commonest value, and how many values share that; 0 where empty."""
        greatest = np.zeros(self.classes, dtype=np.int64)
        np.maximum.at(greatest, self.group, self.rows)
        first = (self.rows == greatest[self.group]) & (self.rows > 0)
        return greatest, np.bincount(self.group[first], minlength=self.classes)

    def summed(self, amounts: Ints) -> Ints:
        """The sum of whole numbers, one for each entry, by class; exact also where `count` is not."""
        total = np.zeros(self.classes, dtype=np.int64)
        np.add.at(total, self.group, amounts)
        return total


def counted(classes: Ints, value: Ints) -> Cells:
    """The rows by class and value; both are numbered from 0."""
    values = int(value.max(initial=0)) + 1
    pairs, rows = np.unique(classes * values + value, return_counts=True)
    return Cells(pairs // values, pairs % values, rows, int(classes.max(initial=-1)) + 1, values)


def count(places: Ints, rows: Ints, number: int = 0) -> Ints:
    """The rows at each place, of `number` places at least."""
    # Sums of whole numbers below 2 to the 53rd are exact in floating point.
    return np.bincount(places, weights=rows, minlength=number).astype(np.int64)
