"""Linkage against reading and hashing the same register once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from pipeline.linkage import link, queries
from tests.benchmarks.floors import hash_columns
from tests.benchmarks.measure import Comparison, Scale
from tests.benchmarks.register import Cores, employment_rows, participants_of, register
from tests.linkage_world import AS_OF, settings_at


def comparisons(scale: Scale, folder: Path) -> Iterator[Comparison]:
    """The whole linkage of one night, and its one pass over the register alone."""
    cores = register(folder, scale.register_rows)
    settings = settings_at(folder)
    paths = [[part.path for part in parts] for parts in cores.values()]
    employment = [[part.path for part in cores[name]] for name in ("employment_monthly", "employment_annual")]
    rows = employment_rows(cores)
    yield Comparison(
        stage=f"link: a night, {rows:,} rows",
        prepare=lambda: shutil.rmtree(settings.linked),
        subject=lambda: link_all(folder, cores),
        floor=lambda: hash_columns(settings, paths),
        floor_is="read and hash every column of the same core tables",
        rows=rows,
        aim=1.5,
        apart=(link_all, (folder, cores)),
    )
    spells = [link_all(folder, cores)["programme_spell"]]
    yield Comparison(
        stage="link: months in work alone",
        subject=lambda: queries.work_month(
            settings,
            annual=cores["employment_annual"],
            monthly=cores["employment_monthly"],
            spells=spells,
        ),
        floor=lambda: hash_columns(settings, employment),
        floor_is="read and hash every column of the register",
        rows=rows,
    )
    yield Comparison(
        stage="link: nothing has changed",
        subject=lambda: link_all(folder, cores),
        floor=lambda: hash_columns(settings, paths),
        floor_is="read and hash every column of the same core tables",
        rows=rows,
    )


def link_all(folder: Path, cores: Cores) -> dict[str, queries.Stored]:
    """One night's linkage."""
    return link(settings_at(folder), cores, as_of=AS_OF, linkable=participants_of(cores))
