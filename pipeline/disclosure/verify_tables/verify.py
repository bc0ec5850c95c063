"""The verdict on written tables: their figures, what they show, and whether they stand the attack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np

from pipeline.disclosure import verify_files
from pipeline.disclosure.verify_tables.attack import narrowed
from pipeline.disclosure.verify_tables.truth import Behind, Bools, Needs, behind_of, known_of, needs_of
from pipeline.disclosure.verify_tables.written import Asked, System, read
from pipeline.errors import NotVerified


def verify(source: Path, written: Mapping[str, Path], asked: Asked) -> None:
    """NotVerified unless the tables in `written`, by name, are those of `source`, and stand the attack."""
    with duckdb.connect() as connection:
        verify_files.read(connection, "source", source)
        system, problems = read(connection, written, asked)
        if system is None or problems:
            raise _refused(problems)
        behind = behind_of(connection, system, asked)
        known = known_of(connection, system, asked)
    needs = needs_of(behind, known, asked)
    problems = list(_wrong_figures(system, behind, known, needs, asked))
    if not problems:
        problems = list(narrowed(system, behind, known, needs, asked))
    if problems:
        raise _refused(problems)


def _wrong_figures(system: System, behind: Behind, known: Bools, needs: Needs, asked: Asked) -> Iterator[str]:
    hidden = system.shown < 0
    away = np.abs(system.shown - behind.figure)
    if asked.rounded:
        if hidden.any():
            yield "a rounded table hides a figure"
        if (away >= 2 * asked.base).any() or (system.shown % asked.base).any():
            yield "a figure is not what it should be rounded to"
        if any(system.shown[total] != system.shown[parts].sum() for total, parts in system.lines):
            yield "rounded figures do not add up"
        return
    if (away[~hidden] * 2 > asked.base).any() or (system.shown[~hidden] % asked.base).any():
        yield "a figure is not what it should be rounded to"
    if (needs.sensitive & ~hidden).any():
        yield "a sensitive figure is shown"
    if (hidden & known).any():
        yield "a figure that everybody knows is hidden"


def _refused(problems: Sequence[str]) -> NotVerified:
    return NotVerified(
        f"The tables did not stand the attack: {'; '.join(problems)}.",
        instead="Nothing was written.",
        do="Report it: what protects tables and what attacks them disagree.",
    )
