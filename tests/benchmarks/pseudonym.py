"""Pseudonyms against two raw SHA-256 for each person, the least an HMAC can cost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipeline.identity.keys import Keys, create_master, pseudonyms
from tests.benchmarks.measure import Comparison, Scale


def comparisons(scale: Scale, folder: Path) -> Iterator[Comparison]:
    """Distinct persons of one project."""
    create_master(folder / "keys", demo=True)
    key = Keys(folder / "keys").project_key("benchmark")
    persons = pl.Series("person_key", range(1, scale.pseudonyms + 1))
    yield Comparison(
        stage=f"pseudonyms: {scale.pseudonyms:,} persons",
        subject=lambda: pseudonyms(persons, key),
        floor=lambda: two_hashes(persons),
        floor_is="two raw SHA-256 for each person",
        rows=scale.pseudonyms,
    )


def two_hashes(persons: pl.Series) -> None:
    """Hash every key twice, and keep nothing."""
    for number in persons.to_list():
        content = number.to_bytes(8, "big")
        hashlib.sha256(content).digest()
        hashlib.sha256(content).digest()
