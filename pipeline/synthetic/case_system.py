"""Every table of the case system: drawn clean, then what goes wrong, then the second records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pipeline.synthetic import model
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
from pipeline.synthetic.identity import Identity
from pipeline.synthetic.identity_tables import identifier_table, names, person_table, recorded_numbers
from pipeline.synthetic.mixups import MixUps, Twice, add_second_records, mix_ups, registered_twice
from pipeline.synthetic.people import People
from pipeline.synthetic.programme_tables import (
    Rows,
    absence_table,
    activity_table,
    programme_rows,
    programme_table,
)
from pipeline.synthetic.programmes import Programmes
from pipeline.synthetic.result_tables import partial_result_table, result_table
from pipeline.synthetic.streams import Ints, Mask, Streams, day
from schemas import codes


@dataclass(frozen=True)
class Records:
    """What is wrong with whose record."""

    mixed: MixUps
    twice: Twice


def case_system_tables(
    streams: Streams,
    everybody: People,
    spells: Programmes,
    known: Identity,
    planted: Planted,
    as_of: date,
    promised: bool = False,
) -> tuple[dict[str, pl.DataFrame], Rows, Records]:
    """Every table by our name, the programme rows as they were before dirt, and whose record is wrong.

    `promised` leaves no field empty that anybody could have filled.
    """
    now = day(as_of)
    participant = np.zeros(everybody.size, dtype=bool)
    participant[spells.person] = True
    fill = Fill(streams, everybody, participant, every=promised)
    called = names(streams, everybody.size)
    opened = cases(streams, everybody, fill, planted, now)
    rows = programme_rows(streams, spells, opened, planted, now)
    result = result_table(streams, everybody, spells, rows, fill, planted, now)
    claims = claim_table(streams, everybody, participant, planted, now)
    person = person_table(streams, everybody, fill, planted, known)
    family = family_table(streams, everybody, fill, planted, now)
    recorded = recorded_numbers(streams, everybody, known, planted)
    mixed = mix_ups(streams, everybody, known, recorded.whole(), spouses(everybody, family), planted)
    twice = registered_twice(streams, everybody, recorded.whole(), person, mixed.persons(), planted, now)
    tables = {
        "person": person,
        "identifier": identifier_table(streams, everybody, known, recorded, mixed, planted),
        "adviser": adviser_table(streams, everybody),
        "case": opened.frame,
        "residence_permit": permit_table(streams, everybody, fill),
        "settlement": settlement_table(streams, everybody, fill, planted, claims),
        "grant_claim": claims,
        "background": background_table(streams, everybody, fill, planted, called, known.fnr, now),
        "family": family,
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
    tables = add_second_records(streams, everybody, twice, tables, rows.start, planted)
    return tables, rows, Records(mixed, twice)


def spouses(everybody: People, family: pl.DataFrame) -> Ints:
    """The position of each person's registered spouse; -1 where none is registered."""
    told = family.filter(pl.col("spouse_id").is_not_null())
    found = np.full(everybody.size, -1, dtype=np.int64)
    first = int(everybody.person_id[0])
    found[told["person_id"].to_numpy() - first] = told["spouse_id"].to_numpy() - first
    return found


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
