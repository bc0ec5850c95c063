"""Linkage against reading and hashing the same register once: as delivered, and as it stands in core."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.config import Settings
from pipeline.linkage import link, queries
from tests.benchmarks.floors import hash_columns
from tests.benchmarks.measure import Comparison, Scale
from tests.benchmarks.register import Cores, as_delivered, employment_rows, participants_of, register
from tests.linkage_world import AS_OF, settings_at

MEMORY_LIMIT = "500MB"  # DuckDB's: what Python and Polars need stands beside it


def comparisons(scale: Scale, folder: Path) -> Iterator[Comparison]:
    """The whole linkage of one night, and its one pass over the register alone."""
    cores = register(folder, scale.register_rows)
    settings = settings_of(folder)
    delivered = as_delivered(folder, cores)
    employment = [[part.path for part in cores[name]] for name in ("employment_monthly", "employment_annual")]
    rows = employment_rows(cores)
    yield Comparison(
        stage=f"link: a night, {rows:,} rows",
        prepare=lambda: shutil.rmtree(settings.linked, ignore_errors=True),
        subject=lambda: link_all(folder, cores),
        floor=lambda: hash_columns(settings, delivered),
        floor_is="read and hash every column of the employment register as delivered",
        rows=rows,
        aim=1.5,
        apart=(link_all, (folder, cores)),
        nightly=True,
    )
    yield Comparison(
        stage="link: the same, sorted in core",
        prepare=lambda: shutil.rmtree(settings.linked, ignore_errors=True),
        subject=lambda: link_all(folder, cores),
        floor=lambda: hash_columns(settings, employment),
        floor_is="read and hash every column of the employment register in core",
        rows=rows,
    )
    spells = [link_all(folder, cores)["programme_spell"]]
    yield Comparison(
        stage="link: months in work alone",
        subject=lambda: queries.work_month(
            settings,
            annual=cores["employment_annual"],
            monthly=cores["employment_monthly"],
            spells=spells,
            into=len,
        ),
        floor=lambda: hash_columns(settings, employment),
        floor_is="read and hash every column of the employment register in core",
        rows=rows,
    )
    yield Comparison(
        stage="link: nothing has changed",
        subject=lambda: link_all(folder, cores),
        floor=lambda: hash_columns(settings, employment),
        floor_is="read and hash every column of the employment register in core",
        rows=rows,
    )


def settings_of(folder: Path) -> Settings:
    """Two threads, and a limit of memory that no size of register moves."""
    return replace(settings_at(folder), threads=2, memory_limit=MEMORY_LIMIT)


def link_all(folder: Path, cores: Cores) -> dict[str, queries.Stored]:
    """One night's linkage: months, the 60-month panel, the outcomes at every window."""
    return link(settings_of(folder), cores, as_of=AS_OF, linkable=participants_of(cores))
