"""The canonical content hash of a table: equal for equal rows, wherever and in whatever pieces they came.

SHA-256 over the column names and types, then blocks of `BLOCK_ROWS` rows (the last may be shorter); of each
block its height, and for each column which rows are null and the values: whole numbers and dates as 8 bytes,
floats as their 8 bytes, Booleans as one, text as its lengths and its UTF-8 bytes, little-endian, nulls as
zero. The rows must come in primary-key order. Batches are cut to blocks first, so their size leaves no trace.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

import polars as pl

BLOCK_ROWS = 65_536


def blocks(frames: Iterable[pl.DataFrame], schema: dict[str, pl.DataType]) -> Iterator[pl.DataFrame]:
    """The same rows in the same order, in frames of exactly `BLOCK_ROWS` rows but for the last."""
    waiting: list[pl.DataFrame] = []
    height = 0
    for frame in frames:
        waiting.append(frame.select(list(schema)))
        height += frame.height
        if height >= BLOCK_ROWS:
            joined = pl.concat(waiting)
            whole = height - height % BLOCK_ROWS
            yield from joined.head(whole).iter_slices(BLOCK_ROWS)
            waiting, height = [joined.slice(whole)], height - whole
    if height:
        yield pl.concat(waiting)


class ContentHash:
    """Feed it blocks; `hexdigest` is the table's content hash."""

    def __init__(self, schema: dict[str, pl.DataType]) -> None:
        described = json.dumps([[name, str(dtype)] for name, dtype in schema.items()])
        self._digest = hashlib.sha256(described.encode())
        self._schema = schema

    def update(self, block: pl.DataFrame) -> None:
        """Add a block made by `blocks`."""
        self._digest.update(block.height.to_bytes(8, "little"))
        for name, dtype in self._schema.items():
            column = block[name]
            self._digest.update(column.is_null().cast(pl.UInt8).to_numpy().tobytes())
            for part in _encoded(column, dtype):
                self._digest.update(part)

    def hexdigest(self) -> str:
        """The hash so far."""
        return self._digest.hexdigest()


def _encoded(column: pl.Series, dtype: pl.DataType) -> Iterator[bytes]:
    if dtype == pl.String():
        text = column.fill_null("")
        yield text.str.len_bytes().cast(pl.UInt64).to_numpy().astype("<u8").tobytes()
        yield str(text.str.join("").item()).encode()
    elif dtype == pl.Float64():
        # Adding zero makes -0.0 into 0.0, which every engine calls equal; NaN has one spelling.
        plain = (column.fill_null(0.0) + 0.0).fill_nan(float("nan"))
        yield plain.to_numpy().astype("<f8").tobytes()
    elif dtype == pl.Boolean():
        yield column.fill_null(False).cast(pl.UInt8).to_numpy().tobytes()
    else:
        yield column.to_physical().cast(pl.Int64).fill_null(0).to_numpy().astype("<i8").tobytes()
