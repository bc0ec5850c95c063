"""Notes nobody extracts, the case system's own code lists, and the change log of late registration."""

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.case_tables import adviser_number
from pipeline.synthetic.fill import Planted, declared
from pipeline.synthetic.people import People
from pipeline.synthetic.streams import Streams, dates, first_day
from schemas import codes
from schemas.case_system.administration import ChangeLog, CodeListEntry, Note
from schemas.case_system.result import Result
from schemas.variable import column, facts

PLAIN = ("Samtale om norskkurs.", "Oppmøte avtalt til neste uke.", "Plan gjennomgått.", "Ventet på vedtak.",
         "Ønsker arbeidsrettet tiltak.", "Ba om tolk til neste møte.")  # fmt: skip
NOTES_PER_PERSON = 0.3
PHONE = "68 05 00 "  # a number series kept free for film and television


def note_table(
    streams: Streams, people: People, planted: Planted, cases: pl.Series, names: tuple[pl.Series, pl.Series],
    fnr: pl.Series, as_of: int,
) -> pl.DataFrame:  # fmt: skip
    """Invented notes; three in ten name the person, with number, telephone or illness."""
    generator = streams.of("note")
    chosen = np.flatnonzero(generator.random(people.size) < NOTES_PER_PERSON)
    rows = pl.Series(chosen)
    size = chosen.size
    named = generator.random(size) < planted.rates.names_in_notes
    plain = pl.Series(PLAIN).gather(pl.Series(generator.integers(0, len(PLAIN), size)))
    phone = pl.Series(generator.integers(10, 100, size)).cast(pl.String)
    telling = pl.format(
        "{} {} (fnr {}, tlf {}{}) fortalte om PTSD. {}",
        names[0].gather(rows), names[1].gather(rows), fnr.gather(rows), pl.lit(PHONE), phone, plain,
    )  # fmt: skip
    number = np.arange(size) + 1
    planted.add("names_in_notes", "note", number[named])
    dated = np.minimum(people.created[chosen] + generator.integers(5, 700, size), as_of - 1)
    return declared(
        Note,
        {
            "note_id": number,
            "case_id": cases.gather(rows),
            "dated_on": dates(dated),
            "author_id": adviser_number(people.bydel[chosen], people.adviser[chosen]),
            "text": pl.select(pl.when(pl.Series(named)).then(telling).otherwise(plain)).to_series(),
        },
    )


def code_list_table() -> pl.DataFrame:
    """Every declared code list, as the case system would keep it."""
    always = pl.Series([first_day(1990)]).cast(pl.Int32).cast(pl.Date)[0]
    rows = [
        (listed.name, code.value, code.valid_from or always, code.valid_to, code.nb, None)
        for listed in codes.CODE_LISTS
        for code in listed.codes
    ]
    names = ("list_name", "code", "valid_from", "valid_to", "label", "replaces")
    frame = pl.DataFrame({n: [r[i] for r in rows] for i, n in enumerate(names)}, strict=False)
    return declared(CodeListEntry, frame).sort("list_name", "code", "valid_from")


def change_log_table(
    streams: Streams, people: People, planted: Planted, results: pl.DataFrame, as_of: int
) -> pl.DataFrame:
    """When an exit reason was registered late: first «ikke registrert», the reason months after."""
    generator = streams.of("change log")
    known = results.filter(pl.col("nir_exit").is_not_null() & (pl.col("nir_exit") != model.NOT_REGISTERED))
    slow = generator.random(known.height) < model.EXIT_MISSING_AT_CUT_OFF - model.EXIT_MISSING_FOR_GOOD
    # More than two months after, and by now: what comes later still is not known to be late.
    changed = known["dated_on"].cast(pl.Int32).to_numpy() + 63 + generator.integers(0, 200, known.height)
    slow &= changed <= as_of
    late, changed = known.filter(pl.Series(slow)), changed[slow]
    size = late.height
    name = facts(Result).source_name
    who = generator.integers(0, people.size, size)
    planted.add("exit_registered_late", "result", late["programme_id"])
    rows = pl.DataFrame(
        {
            "changed_table": [name] * size,
            "row_key_id": late["programme_id"].cast(pl.String),
            "field": [column(Result, "nir_exit").about.source_name] * size,
            "old_value": [model.NOT_REGISTERED] * size,
            "new_value": late["nir_exit"],
            "changed_on": dates(changed.astype(np.int64)),
            "changed_by_id": adviser_number(people.bydel[who], people.adviser[who]),
        }
    ).sort("changed_on", "row_key_id")
    return declared(ChangeLog, rows.with_columns(change_id=pl.int_range(1, size + 1, eager=True)))
