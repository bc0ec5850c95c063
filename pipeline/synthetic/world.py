"""The whole world in one call: persons, tables, deliveries, truth - staged, then one rename."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

from pipeline.config import DEMO_FILE, DemoWorld
from pipeline.synthetic import model, write
from pipeline.synthetic.case_system import case_system_tables, exit_registration
from pipeline.synthetic.deliveries import deliveries
from pipeline.synthetic.dirt import Dirt
from pipeline.synthetic.fill import Planted
from pipeline.synthetic.identifier_history import links
from pipeline.synthetic.identity import Identity, identity
from pipeline.synthetic.municipality import Municipality, lived, others
from pipeline.synthetic.people import people
from pipeline.synthetic.places import lift, places
from pipeline.synthetic.programmes import exits, programmes, reference_day, work
from pipeline.synthetic.promised import as_promised
from pipeline.synthetic.streams import Streams, day
from pipeline.synthetic.truth import truth
from schemas import CASE_SYSTEM, SOURCE_TABLES
from schemas.variable import fingerprint, table_name

CASE_SYSTEM_FILE = "case_system.duckdb"
DELIVERIES_FOLDER = "deliveries"
TRUTH_FOLDER = "truth"


def synthesise(
    folder: Path,
    *,
    persons: int = model.FULL_SIZE,
    seed: int = 2006,
    as_of: date = date(2025, 3, 1),
    municipalities: int = 1,
    errors: float = 1.0,
    network_effect: float = 0.0,
    promised: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> DemoWorld:
    """Write the world to `folder`, unless exactly this world stands there already.

    `persons` is the number registered at the cut (2012-01-27); the world goes on to `as_of`. The first of
    `municipalities` is Oslo, whose case system we read; the participants of the others, a tenth as many
    each, stand in the registers alone. `errors` multiplies every rate of `Dirt`. `network_effect` is added
    to the share in work after the exit from the year a municipality joined a network. `promised` has every
    field filled at its promise, alike in every bydel and year, and nothing late: with no errors, whatever is
    found there is a false discovery. The world is
    written beside `folder` and renamed at the end, so that a killed run leaves nothing half.
    """
    if persons < model.SMALLEST_WORLD:
        raise ValueError(f"a world has at least {model.SMALLEST_WORLD} persons")
    if as_of <= model.CUT:
        raise ValueError(f"a world goes on past {model.CUT}")
    if errors < 0:
        raise ValueError("a world has no fewer than no errors")
    places(municipalities)  # refuses a number there are no municipalities for
    wanted = DemoWorld(
        seed=seed,
        persons=persons,
        as_of=as_of,
        municipalities=municipalities,
        errors=float(errors),
        network_effect=float(network_effect),
        promised=promised,
        code=code_of_world(),
    )
    described = folder / DEMO_FILE
    if described.exists() and described.read_text("utf-8") == wanted.text():
        progress("the invented municipality stands already")
        return wanted
    staged = folder.with_name(f".{folder.name}.staged")
    shutil.rmtree(staged, ignore_errors=True)
    (staged / DELIVERIES_FOLDER).mkdir(parents=True)
    (staged / TRUTH_FOLDER).mkdir()
    _write(staged, wanted, progress)
    (staged / DEMO_FILE).write_text(wanted.text(), "utf-8")
    _take_place(staged, folder)
    return wanted


def code_of_world() -> str:
    """A hash of the generator's code and of the schemas it writes: other code, another world."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for table in SOURCE_TABLES:
        digest.update(fingerprint(table).encode())
    return digest.hexdigest()[:16]


def _take_place(staged: Path, folder: Path) -> None:
    """Put the new world where the old one stood."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    staged.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _write(staged: Path, wanted: DemoWorld, progress: Callable[[str], None]) -> None:
    progress("inventing persons and programmes")
    planted = Planted(Dirt().times(wanted.errors))
    oslo = _oslo(wanted, planted.rates)
    progress("writing the case system")
    tables, rows, records = case_system_tables(
        oslo.streams, oslo.people, oslo.programmes, oslo.known, planted, wanted.as_of, wanted.promised
    )
    # The tests that the registers know of are the true ones, whatever the case system makes of them.
    tests = tables["partial_result"]
    if wanted.promised:
        tables = as_promised(oslo.streams, tables)
    write.case_system(staged / CASE_SYSTEM_FILE, [(t, tables[table_name(t)]) for t in CASE_SYSTEM])
    progress("writing the deliveries")
    exit_known = exit_registration(tables, rows, oslo.programmes)
    all_places = [oslo, *_others(wanted, oslo.known)]
    made = links(oslo)
    for table, period, frame in deliveries(all_places, exit_known, tests, made, planted):
        write.delivery(staged / DELIVERIES_FOLDER, table, period, frame)
    found = truth(all_places, records.mixed, records.twice, made, wanted.network_effect)
    for name, frame in (found | {"planted": planted.frame()}).items():
        frame.write_parquet(staged / TRUTH_FOLDER / f"{name}.parquet", compression_level=1)


def _oslo(wanted: DemoWorld, rates: Dirt) -> Municipality:
    streams = Streams(wanted.seed)
    first_of_january = 0.0 if wanted.promised else model.FIRST_OF_JANUARY
    everybody = people(streams, wanted.persons, wanted.as_of, first_of_january)
    spells = programmes(streams, everybody, wanted.as_of)
    gain = lift(model.OSLO, reference_day(everybody, spells), wanted.network_effect)
    worked = work(streams, everybody, spells, wanted.as_of, gain)
    spells = exits(streams, everybody, spells, worked)
    known = identity(streams, everybody, day(wanted.as_of), rates)
    return lived(model.OSLO, streams, everybody, spells, known, worked, wanted.as_of)


def _others(wanted: DemoWorld, known: Identity) -> list[Municipality]:
    return others(
        wanted.seed, wanted.municipalities, wanted.persons, wanted.as_of, known, wanted.network_effect
    )
