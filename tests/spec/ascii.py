"""Tables as people draw them: a header, then a row a line, cells parted by `|`, an empty cell is null."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

_PARSERS: dict[Any, Any] = {
    pl.Int8: int,
    pl.Int64: int,
    pl.Float64: float,
    pl.String: str,
    pl.Date: date.fromisoformat,
    pl.Boolean: {"yes": True, "no": False}.__getitem__,
}


def parse(text: str, schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a drawn table, each cell of the type `schema` gives its column."""
    header, *rows = [_cells(line) for line in text.strip().splitlines()]
    for row in rows:
        assert len(row) == len(header), f"{len(row)} cells under {len(header)} columns: {row}"
    return [
        {name: _PARSERS[schema[name]](cell) if cell else None for name, cell in zip(header, row, strict=True)}
        for row in rows
    ]


def header(text: str) -> list[str]:
    """The columns a drawn table names."""
    return _cells(text.strip().splitlines()[0])


def markdown(text: str) -> str:
    """A drawn table as Markdown."""
    head, *rows = [_cells(line) for line in text.strip().splitlines()]
    return "\n".join(_line(cells) for cells in (head, ["---"] * len(head), *rows))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().split("|")]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
