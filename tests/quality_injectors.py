"""A small municipality without a fault, and for each check of quality one fault put into it.

Nothing is drawn but the values themselves, each from a generator of its own column, so that no two columns
have anything to do with each other until an injector makes them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl

from pipeline.quality.evidence import HELD
from pipeline.quality.refused import SCHEMA as REFUSED
from schemas import BY_NAME, CASE_SYSTEM
from schemas.case_system import Identifier, Person
from schemas.core import in_core
from schemas.linked import Outcome, ProgrammeFlag, Reconciliation
from schemas.variable import Entity, columns, facts, polars_schema, table_name
from tests.factories import an_identifier, frame_of

AS_OF = date(2025, 3, 1)
PERSONS = 2880
YEARS = 6
BYDELER = ("01", "02", "03", "04")
ADVISERS = 3  # in each bydel
NUMBERED = 100
EVENT = timedelta(days=10)  # after the end, the result is registered


@dataclass
class Municipality:
    """Core tables, linked tables, the source's own rows, and what was held back: as `Evidence` takes them."""

    core: dict[str, pl.DataFrame]
    linked: dict[str, pl.DataFrame]
    restricted: dict[str, pl.DataFrame]
    keys: pl.DataFrame
    refused: dict[str, pl.DataFrame] = field(default_factory=dict)
    held: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HELD))

    def store(self, folder: Path) -> dict[str, list[Path]]:
        """The core tables on disk."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self.core.items():
            frame.write_parquet(folder / f"{name}.parquet")
        return {name: [folder / f"{name}.parquet"] for name in self.core}

    def change(self, table: str, column: str, where: pl.Expr, value: Any = None) -> None:
        """Set `column` to `value` where `where` holds of the table joined with who its person is."""
        rows = self.core[table].join(self.who(), on=self._key(table), how="left", maintain_order="left")
        new = value if isinstance(value, pl.Expr) else pl.lit(value)
        dtype = rows.schema[column]
        told = rows.select(
            pl.when(where.fill_null(False)).then(new.cast(dtype)).otherwise(pl.col(column)).alias(column)
        )
        self.core[table] = self.core[table].with_columns(told[column])

    def who(self) -> pl.DataFrame:
        """place: 0, 1, ..; in_year, in_bydel, in_adviser: where the person is counted; lot: 0 to 999."""
        place = pl.col("place")
        return pl.DataFrame({"place": range(PERSONS)}).select(
            "place",
            person_key=place + 1,
            programme_key=place + 1,
            in_year=_year(place),
            in_bydel=_bydel_number(place),
            in_adviser=_adviser_number(place),
            lot=pl.Series(np.random.default_rng(77).integers(0, 1000, PERSONS)),
        )

    def _key(self, table: str) -> str:
        names = self.core[table].columns
        return "person_key" if "person_key" in names else "programme_key"


def _year(place: pl.Expr) -> pl.Expr:
    return 2019 + place % YEARS


def _bydel_number(place: pl.Expr) -> pl.Expr:
    return place // YEARS % len(BYDELER)


def _adviser_number(place: pl.Expr) -> pl.Expr:
    return place // (2 * YEARS * len(BYDELER)) % ADVISERS


def _takes_part(place: pl.Expr) -> pl.Expr:
    return place // (YEARS * len(BYDELER)) % 2 == 0


def faultless() -> Municipality:
    """Every value there, on time, alike everywhere, and nothing against anything."""
    base = _persons()
    core = {table_name(t): _table(t, base) for t in CASE_SYSTEM if facts(t).extracted}
    ended = core["programme"].drop_nulls("ended_on").select("programme_key", "ended_on")
    core["result"] = (
        core["result"]
        .join(ended, on="programme_key", maintain_order="left")
        .with_columns(dated_on=pl.col("ended_on") + EVENT, sent_to_nir_on=pl.col("ended_on") + EVENT)
        .drop("ended_on")
    )
    programmes = core["programme"].select("person_key", "programme_key")
    return Municipality(
        core=core,
        linked={
            "programme_flag": pl.DataFrame(schema=polars_schema(ProgrammeFlag)),
            "reconciliation": _agreed(programmes),
            "outcome": _outcomes(programmes),
        },
        restricted=_restricted(),
        keys=pl.DataFrame(
            [
                (entity.value, str(n), n)
                for entity in (Entity.PERSON, Entity.PROGRAMME)
                for n in range(1, PERSONS + 1)
            ],
            schema=["entity", "source_key", "key"],
            orient="row",
        ),
        held=pl.DataFrame(
            [(table_name(t), None, None, None, 1000) for t in CASE_SYSTEM], schema=HELD, orient="row"
        ),
    )


def _persons() -> pl.DataFrame:
    place = pl.col("place")
    started = pl.col("created") + pl.duration(days=40)
    return (
        pl.DataFrame({"place": range(PERSONS)})
        .with_columns(
            created=pl.date(_year(place), 1, 2) + pl.duration(days=place * 7919 % 317),
            bydel=pl.lit(pl.Series(BYDELER)).gather(_bydel_number(place)),
            takes_part=_takes_part(place),
        )
        .with_columns(started=started, ended=started + pl.duration(days=350 + place * 31 % 61))
        .with_columns(ended=pl.when(pl.col("ended") < date(2024, 12, 1)).then("ended"))
    )


def _table(table: Any, base: pl.DataFrame) -> pl.DataFrame:
    """One row of the table for each person, or for each programme, with every value there."""
    names = polars_schema(in_core(table))
    of_programme = "programme_key" in names
    rows = base.filter("takes_part") if of_programme else base
    if table_name(table) == "result":
        rows = rows.drop_nulls("ended")
    known = {
        "person_key": pl.col("place") + 1,
        "case_key": pl.col("place") + 1,
        "programme_key": pl.col("place") + 1,
        "adviser_key": _bydel_number(pl.col("place")) * ADVISERS + _adviser_number(pl.col("place")) + 1,
        "spouse_key": pl.col("place") + 2 - pl.col("place") % 2 * 2,
        "bydel": pl.col("bydel"),
        "created_on": pl.col("created"),
        "settled_on": pl.col("created"),
        "opened_on": pl.col("created"),
        "closed_on": pl.lit(None),
        "claimed_on": pl.col("created") + pl.duration(days=30),
        "calendar_year": _year(pl.col("place")),
        "registered_on": pl.col("created") + pl.duration(days=pl.col("place") * 37 % 53),
        "started_on": pl.col("started"),
        "decided_on": pl.col("started") - pl.duration(days=20),
        "planned_end_on": pl.col("started") + pl.duration(days=700),
        "ended_on": pl.col("ended") if of_programme else pl.lit(None),
        "law": pl.lit("2021"),
        "reference_person_key": pl.lit(None),
        "transferred_from_case_key": pl.lit(None),
    }
    filled = {
        c.core_name: known.get(str(c.core_name), _drawn(c, rows.height))
        for c in columns(table)
        if c.core_name
    }
    if table_name(table) in ("activity", "absence"):  # no promise rests on when a person's spell ended
        filled["ended_on"] = pl.col("started") + pl.duration(days=30)
    return rows.select(
        (v if isinstance(v, pl.Expr) else pl.lit(v)).cast(names[name]).alias(name)
        for name, v in filled.items()
    ).select(list(names))


def _drawn(column: Any, size: int) -> pl.Series | pl.Expr:
    about, generator = column.about, np.random.default_rng(crc32(column.path.encode()))
    if about.codes:
        values = sorted(set(about.codes.values()) - about.codes.unknown - about.codes.not_applicable)
        return pl.Series(values).gather(pl.Series(generator.integers(0, len(values), size)))
    if column.dtype == pl.Boolean:
        return pl.Series(generator.random(size) < 0.5)
    if column.dtype == pl.Date:
        return pl.lit(date(1980, 1, 2)) + pl.duration(days=pl.Series(generator.integers(0, 5000, size)))
    if column.dtype == pl.String:
        return pl.Series(["0301"] * size)
    if about.key:
        return pl.Series(range(1, size + 1))
    return pl.Series(generator.integers(0, 20, size))


def _agreed(programmes: pl.DataFrame) -> pl.DataFrame:
    return frame_of(
        Reconciliation,
        *(
            {"person_key": p, "programme_key": k, "kind": "agrees", "bydel": "01", "year": 2022}
            for p, k in programmes.rows()
        ),
    )


def _outcomes(programmes: pl.DataFrame) -> pl.DataFrame:
    working = np.random.default_rng(5).random(programmes.height) < 0.6
    return frame_of(
        Outcome,
        *(
            {"person_key": p, "outcome": "y1", "in_numerator": bool(w), "in_denominator": True}
            for p, w in zip(programmes["person_key"], working, strict=True)
        ),
    )


def _restricted() -> dict[str, pl.DataFrame]:
    numbers = [an_identifier(n) for n in range(NUMBERED)]
    persons = [
        {
            "person_id": n + 1, "sex": "1" if int(number[8]) % 2 else "2", "birth_date": date(1980, 1, 1),
            "first_name": f"Navn{n}", "last_name": "Prøvesen",
        }
        for n, number in enumerate(numbers)
    ]  # fmt: skip
    rows = [
        {"person_id": n + 1, "identifier": number, "valid_from": AS_OF} for n, number in enumerate(numbers)
    ]
    return {
        "person": frame_of(Person, *persons),
        "identifier": frame_of(Identifier, *(r | {"identifier_type": "FNR"} for r in rows)),
        "background": frame_of(
            BY_NAME["background"], *({"person_id": n + 1, "occupation": "kokk"} for n in range(NUMBERED))
        ),
        "health": frame_of(BY_NAME["health"], {"person_id": 1, "remark": "Se saken"}),
        "change_log": frame_of(BY_NAME["change_log"]).clear(),
    }


# --- one fault for each check ------------------------------------------------------------------------------

LOT = pl.col("lot")


def _programme_flag(flag: str) -> Callable[[Municipality], None]:
    def inject(world: Municipality) -> None:
        keys = world.core["programme"]["programme_key"].head(10).to_list()
        world.linked["programme_flag"] = frame_of(
            ProgrammeFlag, *({"person_key": k, "programme_key": k, "flag": flag, "year": 2022} for k in keys)
        )

    return inject


def _below_promise(world: Municipality) -> None:
    world.change("family", "civil_status", LOT < 600)


def _bydel_spread(world: Municipality) -> None:
    world.change("background", "information_source", pl.col("in_bydel") == 0)


def _adviser_spread(world: Municipality) -> None:
    world.change("background", "work_years", pl.col("in_adviser") == 0)


def _break(world: Municipality) -> None:
    world.change("person", "mother_tongue", (pl.col("in_year") < 2022) & (LOT < 400))


def _falling(world: Municipality) -> None:
    world.change("person", "needs_interpreter", (pl.col("in_year") - 2019) * 60 > LOT)


def _late(world: Municipality) -> None:
    world.change("result", "dated_on", LOT < 300, pl.col("dated_on") + timedelta(days=90))


def _one_moment(world: Municipality) -> None:
    world.change("background", "registered_on", LOT < 100, date(2024, 6, 3))


def _first_of_january(world: Municipality) -> None:
    world.change("person", "birth_date", LOT < 60, pl.date(pl.col("birth_date").dt.year(), 1, 1))


def _heaping(world: Municipality) -> None:
    world.change("background", "school_years", LOT < 700, (pl.col("school_years") / 5).round() * 5)


def _one_default(world: Municipality) -> None:
    world.change("background", "latin_alphabet", pl.col("in_bydel") == 1, "1")


def _batch_closed(world: Municipality) -> None:
    in_2022 = (pl.col("ended_on").dt.year() == 2022) & (pl.col("ended_on").dt.month() > 6)
    world.change("programme", "ended_on", in_2022 & (pl.col("in_bydel") == 2), date(2022, 12, 15))
    ends = dict(world.core["programme"].select("programme_key", "ended_on").rows())
    world.core["result"] = world.core["result"].with_columns(
        dated_on=pl.col("programme_key").replace_strict(ends, return_dtype=pl.Date) + EVENT
    )


def _missing_by_outcome(world: Municipality) -> None:
    without = world.linked["outcome"].filter(~pl.col("in_numerator"))["person_key"].to_list()
    world.change("person", "mother_tongue", pl.col("person_key").is_in(without) & (LOT < 300))


def _missing_by_background(world: Municipality) -> None:
    men = world.core["person"].filter(pl.col("sex") == "1")["person_key"].to_list()
    world.change("family", "civil_status", pl.col("person_key").is_in(men) & (LOT < 300))


def _end_before_start(world: Municipality) -> None:
    broken = ["ended_on_not_before_started_on"]
    rows = [(n, n, n, ["started_on", "ended_on"], broken) for n in range(1, 11)]
    world.refused["programme"] = pl.DataFrame(rows, schema=REFUSED, orient="row")


def _differs(world: Municipality) -> None:
    told = world.linked["reconciliation"]
    some = pl.int_range(pl.len()) < 20
    world.linked["reconciliation"] = told.with_columns(
        kind=pl.when(some).then(pl.lit("start_differs")).otherwise("kind")
    )


def _sex(world: Municipality) -> None:
    other = {"1": "2", "2": "1"}
    _numbered(world, sex=pl.col("sex").replace(other))


def _birth_date(world: Municipality) -> None:
    _numbered(world, birth_date=pl.col("birth_date") + timedelta(days=1))


def _numbered(world: Municipality, **changed: pl.Expr) -> None:
    first = pl.col("person_id") <= 5
    world.restricted["person"] = world.restricted["person"].with_columns(
        pl.when(first).then(new).otherwise(name).alias(name) for name, new in changed.items()
    )


def _spouse(world: Municipality) -> None:
    world.change("family", "spouse_key", pl.col("place") == 0, 7)
    world.change("family", "spouse_key", pl.col("place") == 40, 90)


def _duplicate(world: Municipality) -> None:
    again = world.core["case"].head(10).with_columns(
        case_key=pl.col("case_key") + 100_000, opened_on=pl.col("opened_on") + timedelta(days=30)
    )  # fmt: skip
    world.core["case"] = pl.concat([world.core["case"], again])


def _claim_without_settlement(world: Municipality) -> None:
    world.core["settlement"] = world.core["settlement"].slice(15)


def _participant_without_claim(world: Municipality) -> None:
    world.core["grant_claim"] = world.core["grant_claim"].filter(pl.col("person_key") > 10)


def _held(rule: str, column: str) -> Callable[[Municipality], None]:
    def inject(world: Municipality) -> None:
        rows = pl.DataFrame([("activity", rule, column, 20, 1000)], schema=HELD, orient="row")
        world.held = pl.concat([world.held.filter(pl.col("table") != "activity"), rows])

    return inject


def _person_in_text(world: Municipality) -> None:
    told = pl.when(pl.col("person_id") == 4).then(pl.lit("navn3 Prøvesen")).otherwise("occupation")
    world.restricted["background"] = world.restricted["background"].with_columns(occupation=told)


INJECTORS: dict[str, Callable[[Municipality], None]] = {
    "below_promise": _below_promise,
    "bydel_spread": _bydel_spread,
    "adviser_spread": _adviser_spread,
    "break_between_years": _break,
    "falling_trend": _falling,
    "registration_delay": _late,
    "one_moment": _one_moment,
    "first_of_january": _first_of_january,
    "heaping": _heaping,
    "one_default": _one_default,
    "batch_closed": _batch_closed,
    "missing_by_outcome": _missing_by_outcome,
    "missing_by_background": _missing_by_background,
    "overlapping_programmes": _programme_flag("overlap"),
    "end_before_start": _end_before_start,
    "too_long": _programme_flag("too_long"),
    "differs_from_nir": _differs,
    "sex_against_number": _sex,
    "birth_date_against_number": _birth_date,
    "one_sided_spouse": _spouse,
    "duplicate_case": _duplicate,
    "claim_without_settlement": _claim_without_settlement,
    "participant_without_claim": _participant_without_claim,
    "text_for_code": _held("code", "activity"),
    "person_in_text": _person_in_text,
    "held_back": _held("refers_to_programme", "programme_id"),
}
