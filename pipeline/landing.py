"""Landing: what the sources held, exactly as received, kept under the hash of its content, never changed.

    landing/<source>/<table>/<id>/<table>.parquet           a table of the case system
    landing/<source>/<table>/<period>/<id>/<file's name>    a delivery, byte for byte
    landing/…/<id>/snapshot.json                            source, name, file, rows, SHA-256 of the file
    landing/observations/<as_of>.json                       which snapshots each night saw

The id of a delivery is the SHA-256 of its bytes; of a table, its canonical content hash (sources/content),
so that DuckDB and PostgreSQL, large batches and small, give the same. A snapshot is written beside, synced,
made read-only, and appears by one rename; a night that is killed leaves whole snapshots or none. The same
content again is the same snapshot, and nothing is written.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.config import Settings, private_folder
from pipeline.durable import put, sync
from pipeline.errors import DeliveryWrong, SchemaChanged, SourceUnreachable
from pipeline.parallel import in_order
from pipeline.remembered import night_named
from pipeline.sources.case_system import CaseSystem, check_shape, connect, read_table
from pipeline.sources.content import ContentHash, blocks
from pipeline.sources.deliveries import RETIRED, Delivered, check, delivery_batches, find, known, retired
from pipeline.sources.lines import wrong
from pipeline.sources.parsing import FAILURES
from pipeline.sources.source_map import SourceMap, extracted, load_map
from pipeline.tables import TableWriter, batches
from schemas.variable import Table, facts, polars_schema, table_name

READ_ONLY = 0o400
COPY_BYTES = 1 << 20
RECORD = "snapshot.json"
_STAGED = ".staged"
_OBSERVATIONS = "observations"
NAMED_IN_MESSAGE = 3


@dataclass(frozen=True)
class Snapshot:
    """A source table or delivery as it once was. `name` is `table`, or `table/period` for a delivery."""

    source: str
    name: str
    id: str
    rows: int
    path: Path


@dataclass(frozen=True)
class Observation:
    """What one night saw. A night run again on changed sources has a further observation: the last counts."""

    as_of: date
    number: int
    snapshots: dict[str, Snapshot]


def land_case_system(settings: Settings, as_of: date) -> dict[str, Snapshot]:
    """Land every extracted table of the case system, as they all were at one moment.

    The shape of the whole source is checked before the first row is read.
    """
    _check_invented(settings)
    source = load_map(settings.case_system_map)
    with (
        _staging(settings, "case_system", as_of) as staging,
        connect(
            settings.case_system,
            batch_rows=settings.batch_rows,
            schema=source.schema,
            memory_limit=settings.memory_limit,
            threads=settings.threads,
            spill=private_folder(staging.folder / "spill"),
        ) as system,
    ):
        check_shape(source, system.describe())
        return {table_name(table): _land_table(staging, system, source, table) for table in extracted()}


def land_deliveries(settings: Settings, as_of: date) -> dict[str, Snapshot]:
    """Land every delivery whose period was over on `as_of`, keyed `table/period`.

    A file that is not what its name says stops the landing; those before it are landed. A period that the
    newest observation had and the folder lacks stops it before anything is landed: see `_check_none_missing`.
    """
    found = find(settings.deliveries, as_of)
    _check_none_missing(settings, as_of, found)
    with _staging(settings, "deliveries", as_of) as staging:
        landed = in_order(lambda one: _land_file(staging, one, settings.batch_rows), found, settings.threads)
    return {delivered.name: snapshot for delivered, snapshot in zip(found, landed, strict=True)}


def _check_invented(settings: Settings) -> None:
    """Whoever has set nothing is pointed at the invented municipality: say so where there is none yet."""
    scheme, _, place = settings.case_system.partition("://")
    path = Path(place)  # may begin with two slashes, which are one to the disk
    is_invented = scheme == "duckdb" and path.parts[1:-1] == settings.world.parts[1:]
    if is_invented and not path.exists():
        raise SourceUnreachable(
            f"No invented municipality stands here ({settings.world}).",
            instead="Nothing was landed.",
            do="Next: uttrekk synthesise; or name a case system: export UTTREKK_CASE_SYSTEM=…",
        )


def _check_none_missing(settings: Settings, as_of: date, found: Sequence[Delivered]) -> None:
    """An empty or unmounted folder would put everybody out of work: a period once seen is never just gone.

    What counts is the newest observation of any night, and of it the periods that were over on `as_of`.
    """
    last = _newest_observation(settings)
    if last is None:
        return
    had = [d for s in last.snapshots.values() if (d := known(s.path)) is not None and d.last_day <= as_of]
    withdrawn, there = retired(settings.deliveries), {delivered.name for delivered in found}
    missing = sorted(d.path.name for d in had if d.name not in there and d.path.name not in withdrawn)
    if missing:
        named = f": {', '.join(missing)}" if len(missing) <= NAMED_IN_MESSAGE else ""
        periods = "1 period" if len(missing) == 1 else f"{len(missing)} periods"
        raise DeliveryWrong(
            f"The folder of deliveries ({settings.deliveries}) lacks {periods} that the night of "
            f"{last.as_of} had{named}.",
            instead="No delivery was landed.",
            do=f"Put the file back, or list its name in {settings.deliveries / RETIRED}; then: uttrekk run",
        )


def snapshot_batches(
    snapshot: Snapshot, table: type[Table], batch_rows: int
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """A snapshot's rows in declared types, and the rows that could not be read, in batches.

    The first frame has exactly the declared columns, and for a delivery `line` before them. The second has
    `line`, `column`, `rule`, `raw`: one row for each rule an unreadable line breaks; such a line is not in
    the first. So rows in = rows of the first + distinct lines of the second.
    """
    delivered = known(snapshot.path)
    if delivered is not None:
        yield from delivery_batches(delivered, batch_rows)
        return
    nothing = pl.DataFrame(schema=FAILURES)
    for frame in batches(snapshot.path, batch_rows):
        if dict(frame.schema) != polars_schema(table):
            raise SchemaChanged(
                f"The snapshot of {snapshot.name} was landed under another schema.",
                instead="It was not read.",
                do="Land it again with: uttrekk run",
            )
        yield frame, nothing


def observe(settings: Settings, as_of: date, snapshots: dict[str, Snapshot]) -> Observation:
    """Note what the night saw; the same again is not noted twice."""
    seen = _observations(settings, as_of)
    ordered = dict(sorted(snapshots.items()))
    if seen and seen[-1].snapshots == ordered:
        return seen[-1]
    seen.append(Observation(as_of, len(seen) + 1, ordered))
    folder = private_folder(settings.landing / _OBSERVATIONS)
    put(folder / f"{as_of}.json", _json([_as_json(settings, o) for o in seen]))
    return seen[-1]


def observation(settings: Settings, as_of: date, *, verify: bool = False) -> Observation | None:
    """What that night saw last, to run it again without its sources; None if it was never run.

    With `verify`, every snapshot is read and must still have the SHA-256 it was landed with.
    """
    seen = _observations(settings, as_of)
    if not seen:
        return None
    for snapshot in seen[-1].snapshots.values():
        if not snapshot.path.exists():
            raise SourceUnreachable(
                f"The snapshot of {snapshot.name} that {as_of} saw is no longer kept.",
                instead="The night was not run again.",
                do=f"Run it on the sources as they are now: uttrekk run --as-of {as_of}",
            )
        if verify and not _is_as_landed(snapshot):
            raise SourceUnreachable(
                f"The snapshot of {snapshot.name} that {as_of} saw is not as it was landed: it is damaged.",
                instead="The night was not run again.",
                do=f"Put {snapshot.path} back from a backup, or take the sources as they are now: "
                f"uttrekk run --as-of {as_of}",
            )
    return seen[-1]


def _is_as_landed(snapshot: Snapshot) -> bool:
    try:
        record = json.loads((snapshot.path.parent / RECORD).read_text("utf-8"))
        digest = _sha256(snapshot.path)
        # A delivery's id is its SHA-256, and stands in the observation too.
        return bool(digest == record["sha256"]) and (known(snapshot.path) is None or digest == snapshot.id)
    except (OSError, ValueError, KeyError, TypeError):
        return False


# --- one snapshot ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Staging:
    """A folder for what is not whole yet. Beside the snapshots, so that a rename moves no bytes."""

    landing: Path
    folder: Path
    as_of: date

    def new(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.folder))


@contextmanager
def _staging(settings: Settings, name: str, as_of: date) -> Iterator[_Staging]:
    """Empty at the start, whatever a killed run left there, and gone at the end."""
    folder = settings.landing / _STAGED / name
    shutil.rmtree(folder, ignore_errors=True)
    private_folder(folder.parent)
    try:
        yield _Staging(settings.landing, private_folder(folder), as_of)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _land_table(staging: _Staging, system: CaseSystem, source: SourceMap, table: type[Table]) -> Snapshot:
    name, schema = table_name(table), polars_schema(table)
    content, folder = ContentHash(schema), staging.new()
    with TableWriter(folder, name, schema=schema, key="", table=table) as writer:
        for block in blocks(read_table(system, source, table), schema):
            content.update(block)
            writer.write(block)
    return _keep(staging, table, name, folder / f"{name}.parquet", content.hexdigest(), writer.rows)


def _land_file(staging: _Staging, delivered: Delivered, batch_rows: int) -> Snapshot:
    """The copy is what is hashed, checked and kept: the file itself may change under us."""
    copy = staging.new() / delivered.path.name
    digest = _copy(delivered.path, copy)
    kept = _kept(_place(staging, delivered.table, delivered.name, digest), delivered.name)
    if kept is not None:
        shutil.rmtree(copy.parent)
        return kept
    rows = check(replace(delivered, path=copy), batch_rows)
    return _keep(staging, delivered.table, delivered.name, copy, digest, rows)


def _keep(staging: _Staging, table: type[Table], name: str, file: Path, digest: str, rows: int) -> Snapshot:
    """Make the staged folder of `file` the snapshot `digest`, or drop it where that snapshot stands."""
    place = _place(staging, table, name, digest)
    kept = _kept(place, name)
    if kept is not None:
        shutil.rmtree(file.parent)
        return kept
    record = {
        "file": file.name,
        "first_seen": staging.as_of.isoformat(),
        "name": name,
        "rows": rows,
        "sha256": _sha256(file),
        "source": facts(table).source,
    }
    file.chmod(READ_ONLY)
    put(file.parent / RECORD, _json(record), mode=READ_ONLY)
    changed = _folders(staging.landing, place.parent)
    file.parent.rename(place)
    for folder in changed:
        sync(folder)
    return Snapshot(facts(table).source, name, digest, rows, place / file.name)


def _folders(landing: Path, last: Path) -> list[Path]:
    """Make the private folders down to `last`; gives it and each folder that got a new one, to be synced."""
    changed = [last]
    for folder in [p for p in [last, *last.parents] if p != landing and p.is_relative_to(landing)]:
        if not folder.exists():
            changed.append(folder.parent)
    for folder in reversed(changed):
        private_folder(folder)
    return changed


def _place(staging: _Staging, table: type[Table], name: str, digest: str) -> Path:
    return staging.landing / re.sub(r"\W+", "_", facts(table).source.lower()) / name / digest


def _kept(place: Path, name: str) -> Snapshot | None:
    """The snapshot that stands there already."""
    if not place.exists():
        return None
    record = json.loads((place / RECORD).read_text("utf-8"))
    return Snapshot(record["source"], name, place.name, record["rows"], place / record["file"])


def _copy(source: Path, target: Path) -> str:
    """Copy byte for byte, never through a link, and give the SHA-256 of what was written."""
    digest = hashlib.sha256()
    try:
        reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise wrong(source, f"it cannot be opened ({type(error).__name__}).") from None
    writing = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(reading, "rb") as theirs, os.fdopen(writing, "wb") as ours:
        while data := theirs.read(COPY_BYTES):
            digest.update(data)
            ours.write(data)
        ours.flush()
        os.fsync(ours.fileno())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- observations ---------------------------------------------------------------------------------------


def _observations(settings: Settings, as_of: date) -> list[Observation]:
    path = settings.landing / _OBSERVATIONS / f"{as_of}.json"
    try:
        found = path.stat()
    except FileNotFoundError:
        return []
    return list(_noted(path, settings.landing, as_of, found.st_ino, found.st_size, found.st_mtime_ns))


@lru_cache(maxsize=8)
def _noted(path: Path, landing: Path, as_of: date, *_: int) -> tuple[Observation, ...]:
    """What a file of observations holds; read once while it is the same file, for every step asks."""
    return tuple(
        Observation(
            as_of,
            noted["number"],
            {
                s["name"]: Snapshot(s["source"], s["name"], s["id"], s["rows"], landing / s["path"])
                for s in noted["snapshots"]
            },
        )
        for noted in json.loads(path.read_text("utf-8"))
    )


def _newest_observation(settings: Settings) -> Observation | None:
    """The last observation of the latest night there is one of."""
    nights = sorted(
        filter(None, (night_named(p.stem) for p in (settings.landing / _OBSERVATIONS).glob("*.json")))
    )
    return _observations(settings, nights[-1])[-1] if nights else None


def _as_json(settings: Settings, seen: Observation) -> dict[str, Any]:
    return {
        "as_of": seen.as_of.isoformat(),
        "number": seen.number,
        "snapshots": [
            {
                "id": s.id,
                "name": s.name,
                "path": s.path.relative_to(settings.landing).as_posix(),
                "rows": s.rows,
                "source": s.source,
            }
            for s in seen.snapshots.values()
        ],
    }


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
