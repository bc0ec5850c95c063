"""Every stage of one night on an invented municipality, each against a bare scan of what it reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from pipeline import night
from pipeline.config import Settings
from pipeline.errors import RequestRefused
from pipeline.identity.keys import create_master
from pipeline.releases.sources import NEEDED_LINKED
from pipeline.requests.request import load_all
from pipeline.synthetic import synthesise
from schemas import CASE_SYSTEM
from schemas.variable import table_name
from tests.benchmarks.floors import hash_columns, hash_files
from tests.benchmarks.measure import Comparison, Scale

Groups = list[list[Path]]


def comparisons(scale: Scale, folder: Path) -> Iterator[Comparison]:
    """All stages at every number of persons."""
    for persons in scale.persons:
        here = folder / str(persons)
        yield from _one_size(persons, here)
        shutil.rmtree(here)


def _one_size(persons: int, folder: Path) -> Iterator[Comparison]:
    settings = Settings(
        data=folder / "data",
        case_system=f"duckdb:///{folder / 'world' / 'case_system.duckdb'}",
        deliveries=folder / "world" / "deliveries",
        keys=folder / "keys",
    )
    as_of = synthesise(folder / "world", persons=persons).as_of
    create_master(settings.keys, demo=True)

    def stage(name: str, reads: Groups, **given: object) -> Comparison:
        return Comparison(  # type: ignore[arg-type]
            **{
                "stage": f"{name}: {persons:,} persons",
                "floor": lambda: hash_columns(settings, reads),
                "floor_is": "read and hash every column it reads",
                "rows": _rows(reads),
                **given,
            }
        )

    landed = night.land(settings, as_of)
    snapshots = [[s.path] for s in landed.snapshots.values()]
    yield stage(
        "land",
        [],
        rows=sum(snapshot.rows for snapshot in landed.snapshots.values()),
        prepare=lambda: _forget(settings.data),
        subject=lambda: night.land(settings, as_of),
        floor=lambda: hash_files(folder / "world"),
        floor_is="SHA-256 of the database file and every delivery",
    )
    yield stage(
        "validate",
        _parquet(snapshots),
        rows=sum(snapshot.rows for snapshot in landed.snapshots.values()),
        prepare=lambda: _forget(settings.restricted),
        subject=lambda: _validate(settings, as_of),
        floor=lambda: _landed(settings, snapshots),
        floor_is="read and hash every column of the snapshots; bytes where they are text",
    )
    yield stage(
        "identify and core",
        _parts(settings, "restricted"),
        prepare=lambda: _forget(settings.core, *_identity(settings)),
        subject=lambda: _core(settings, as_of),
    )
    core = _parts(settings, "core")
    yield stage(
        "link",
        core,
        prepare=lambda: _forget(settings.linked),
        subject=lambda: night.make_linked(settings, as_of),
    )
    case_system = [table_name(table) for table in CASE_SYSTEM]
    profiled = [[part.path for part in night.cores(settings).get(name, [])] for name in case_system]
    yield stage(
        "profile",
        profiled,
        prepare=lambda: _forget(settings.linked / night.PROFILE),
        subject=lambda: night.make_profile(settings, as_of),
        floor=lambda: _count(profiled),
        floor_is="count the values of every column of the case system's core tables",
    )
    yield stage(
        "assess and publish findings",
        profiled,
        prepare=lambda: _forget(settings.linked / night.PROFILE, settings.reports),
        subject=lambda: _find(settings, as_of),
    )
    linked = [[night.only(settings.linked, name).path] for name in NEEDED_LINKED]
    published = _release(settings, as_of)
    yield stage(
        "release" if published else "release, refused as too fine",
        linked,
        prepare=lambda: _forget(settings.releases),
        subject=lambda: _release(settings, as_of),
    )
    yield stage(
        "all again, nothing has changed",
        core,
        subject=lambda: _again(settings, as_of),
        floor_is="read and hash every column of core",
    )


def _validate(settings: Settings, as_of: date) -> None:
    for table in night.EXTRACTED:
        night.validate_table(settings, table, as_of)


def _core(settings: Settings, as_of: date) -> None:
    night.make_spine(settings)
    night.make_ledger(settings, as_of)
    for table in night.EXTRACTED:
        night.make_core(settings, table)
    night.make_unusable(settings, as_of)
    night.make_succession(settings)
    night.make_linkable(settings)
    night.make_identified(settings)
    night.make_changes(settings)


def _again(settings: Settings, as_of: date) -> None:
    night.land(settings, as_of)
    _validate(settings, as_of)
    _core(settings, as_of)
    night.make_linked(settings, as_of)
    _find(settings, as_of)


def _find(settings: Settings, as_of: date) -> None:
    night.make_profile(settings, as_of)
    night.make_assessment(settings, as_of)
    night.make_findings(settings, as_of)


def _release(settings: Settings, as_of: date) -> bool:
    """Whether the built-in request is published: a small municipality is refused as too fine."""
    try:
        night.make_release(settings, load_all(None)[0].id, as_of)
    except RequestRefused:
        return False
    return True


def _identity(settings: Settings) -> list[Path]:
    return [settings.restricted / f"{name}.parquet" for name in ("spine", "ledger")]


def _parts(settings: Settings, zone: str) -> Groups:
    folders = [settings.table_folder(zone, table_name(table)) for table in night.EXTRACTED]
    return [sorted(folder.glob("*.parquet")) for folder in folders]


def _parquet(groups: Groups) -> Groups:
    return [paths for paths in groups if all(path.suffix == ".parquet" for path in paths)]


def _landed(settings: Settings, snapshots: Groups) -> None:
    hash_columns(settings, _parquet(snapshots))
    for paths in snapshots:
        for path in paths:
            if path.suffix != ".parquet":
                hash_files(path.parent)


def _count(groups: Groups) -> None:
    for paths in groups:
        if paths:
            pl.scan_parquet(paths).select(pl.all().count()).collect(engine="streaming")


def _rows(groups: Groups) -> int:
    return sum(pq.read_metadata(path).num_rows for paths in groups for path in paths)


def _forget(*places: Path) -> None:
    for place in places:
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
