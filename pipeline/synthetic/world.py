"""The whole world in one call: persons, tables, deliveries, truth - staged, then one rename."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.config import DEMO_FILE, DemoWorld
from pipeline.synthetic import model, write
from pipeline.synthetic.administration_tables import change_log_table, code_list_table, note_table
from pipeline.synthetic.background_tables import (
    background_table,
    economy_table,
    family_table,
    health_table,
    housing_table,
)
from pipeline.synthetic.case_tables import adviser_table, cases, claim_table, permit_table, settlement_table
from pipeline.synthetic.fill import Fill, Planted
from pipeline.synthetic.identity_tables import (
    Identity,
    identifier_table,
    identity,
    names,
    person_table,
    true_identifiers,
)
from pipeline.synthetic.people import People, people
from pipeline.synthetic.programme_tables import (
    Rows,
    absence_table,
    activity_table,
    partial_result_table,
    programme_rows,
    programme_table,
    result_table,
)
from pipeline.synthetic.programmes import Programmes, exits, programmes, work
from pipeline.synthetic.registers import World, deliveries, work_spells
from pipeline.synthetic.streams import Mask, Streams, dates, day
from schemas import CASE_SYSTEM, SOURCE_TABLES, codes
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
    progress: Callable[[str], None] = lambda _: None,
) -> DemoWorld:
    """Write the world to `folder`, unless exactly this world stands there already.

    `persons` is the number registered at the cut (2012-01-27); the world goes on to `as_of`. It is
    written beside `folder` and renamed at the end, so that a killed run leaves nothing half.
    """
    if persons < model.SMALLEST_WORLD:
        raise ValueError(f"a world has at least {model.SMALLEST_WORLD} persons")
    if as_of <= model.CUT:
        raise ValueError(f"a world goes on past {model.CUT}")
    wanted = DemoWorld(seed=seed, persons=persons, as_of=as_of, code=code_of_world())
    described = folder / DEMO_FILE
    if described.exists() and described.read_text("utf-8") == wanted.text():
        progress("the invented municipality stands already")
        return wanted
    staged = folder.with_name(f".{folder.name}.staged")
    shutil.rmtree(staged, ignore_errors=True)
    (staged / DELIVERIES_FOLDER).mkdir(parents=True)
    (staged / TRUTH_FOLDER).mkdir()
    _write(staged, Streams(seed), persons, as_of, progress)
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


def _write(
    staged: Path, streams: Streams, persons: int, as_of: date, progress: Callable[[str], None]
) -> None:
    progress("inventing persons and programmes")
    planted = Planted()
    everybody = people(streams, persons, as_of)
    spells = programmes(streams, everybody, as_of)
    worked = work(streams, everybody, spells, as_of)
    spells = exits(streams, everybody, spells, worked)
    known = identity(streams, everybody, day(as_of))
    progress("writing the case system")
    tables, rows = case_system_tables(streams, everybody, spells, known, planted, as_of)
    write.case_system(staged / CASE_SYSTEM_FILE, [(t, tables[table_name(t)]) for t in CASE_SYSTEM])
    progress("writing the deliveries")
    late, forgotten = exit_registration(tables, rows, spells)
    world = World(streams, everybody, spells, known, worked, day(as_of))
    for table, period, frame in deliveries(world, late, forgotten, planted):
        write.delivery(staged / DELIVERIES_FOLDER, table, period, frame)
    truth = {
        "person": true_persons(everybody, spells),
        "identifier": true_identifiers(everybody, known),
        "exit": true_exits(everybody, spells),
        "work": work_spells(world),
        "planted": planted.frame(),
    }
    for name, frame in truth.items():
        frame.write_parquet(staged / TRUTH_FOLDER / f"{name}.parquet", compression_level=1)


def case_system_tables(
    streams: Streams,
    everybody: People,
    spells: Programmes,
    known: Identity,
    planted: Planted,
    as_of: date,
) -> tuple[dict[str, pl.DataFrame], Rows]:
    """Every table of the case system by our name, and the programme rows as they were before dirt."""
    now = day(as_of)
    participant = np.zeros(everybody.size, dtype=bool)
    participant[spells.person] = True
    fill = Fill(streams, everybody, participant)
    called = names(streams, everybody.size)
    opened = cases(streams, everybody, fill, planted, now)
    rows = programme_rows(streams, spells, opened, now)
    result = result_table(streams, everybody, spells, rows, fill, planted, now)
    claims = claim_table(streams, everybody, participant, planted, now)
    tables = {
        "person": person_table(streams, everybody, fill, planted),
        "identifier": identifier_table(streams, everybody, known, planted),
        "adviser": adviser_table(streams, everybody),
        "case": opened.frame,
        "residence_permit": permit_table(streams, everybody, fill),
        "settlement": settlement_table(streams, everybody, fill, planted, claims),
        "grant_claim": claims,
        "background": background_table(streams, everybody, fill, planted, called, known.fnr, now),
        "family": family_table(streams, everybody, fill, planted, now),
        "health": health_table(streams, everybody, fill, now),
        "economy": economy_table(streams, everybody, fill, now),
        "housing": housing_table(streams, everybody, fill, now),
        "programme": programme_table(streams, everybody, spells, rows, opened, fill, planted, result, now),
        "activity": activity_table(streams, everybody, spells, rows, fill, planted, now),
        "absence": absence_table(streams, spells, rows, fill, now),
        "partial_result": partial_result_table(streams, everybody, fill, now),
        "result": result,
        "note": note_table(streams, everybody, planted, opened.first_case, called, known.fnr, now),
        "code_list_entry": code_list_table(),
        "change_log": change_log_table(streams, everybody, planted, result, now),
    }
    return tables, rows


def exit_registration(tables: dict[str, pl.DataFrame], rows: Rows, spells: Programmes) -> tuple[Mask, Mask]:
    """For each true programme, whether its reason of exit came late to NIR, and whether it never came."""
    changed = tables["change_log"]["row_key_id"].cast(pl.Int64).to_numpy()
    result = tables["result"]
    unregistered = codes.NIR_EXIT.parents()[model.NOT_REGISTERED]
    never = result.filter(result["result"] == unregistered)["programme_id"].to_numpy()
    late, forgotten = (np.zeros(spells.size, dtype=bool) for _ in range(2))
    late[rows.programme[np.isin(rows.number, changed)]] = True
    forgotten[rows.programme[np.isin(rows.number, never)]] = True
    return late, forgotten


def true_persons(everybody: People, spells: Programmes) -> pl.DataFrame:
    """Truth: who the persons are."""
    participant = np.isin(np.arange(everybody.size), spells.person)
    return pl.DataFrame(
        {
            "person_id": everybody.person_id,
            "settled_on": dates(everybody.settled),
            "created_on": dates(everybody.created),
            "birth_date": dates(everybody.birth),
            "male": everybody.male,
            "country_of_birth": everybody.country.tolist(),
            "permit_ground": everybody.permit.tolist(),
            "education_level": everybody.education.tolist(),
            "bydel": everybody.bydel.tolist(),
            "participant": participant,
            "left_on": dates(everybody.leaves),
            "died": everybody.dies,
            "protection": everybody.protection.tolist(),
            "reserved": everybody.reserved,
        }
    )


def true_exits(everybody: People, spells: Programmes) -> pl.DataFrame:
    """Truth: every programme with its true reason of exit; empty while it goes on."""
    code = pl.Series(spells.exit_code.tolist(), dtype=pl.String)
    return pl.DataFrame(
        {
            "person_id": everybody.person_id[spells.person],
            "started_on": dates(spells.start),
            "ended_on": dates(spells.end),
            "nir_exit": code.set(code == "", None),
        }
    ).sort("person_id", "started_on")
