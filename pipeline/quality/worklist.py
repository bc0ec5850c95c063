"""What each bydel has to correct in its own cases: one list for each, and one for the city itself.

A list holds case numbers, so it stays in `restricted` and is for the bydel that owns the cases alone; no
report reads it. Whose a row is, is told by its case; a row of a person without one, by the person's newest
case; where that cannot be told, or the case has no bydel, the line is the city's. Persons who may not stand
behind the quality report are in no list. What does not belong here: finding what is wrong (`validate`,
`linkage` and the other files of this room), words (the caller's), and counts for anybody to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.config import private_folder
from pipeline.durable import put, sync
from pipeline.remembered import night_named
from schemas import codes
from schemas.variable import Entity, KeyKind, Table, columns, facts, table_name

WORKLISTS = "worklists"
CITY = "city"
NIGHTS_KEPT = 7  # whoever works through a list finds it for a week; older ones are personal data for nothing
PLACED = ("case_id", "programme_id", "bydel")
FOUND = ("table", "column", "rule")

# A spreadsheet takes a cell that begins like this for a formula, or makes a number or a date of it. What
# cannot be seen before it is passed over, and wide signs are taken for the narrow ones.
_READ_AS_ELSE = r"^[\s\p{Cc}\p{Cf}]*[=+\-@|%＝＋－＠｜％﹢﹣﹦﹫]|^[\t\r\n]|^[0-9]"
_PLAIN_NUMBER = r"^[1-9][0-9]{0,10}$"


@dataclass(frozen=True)
class Book:
    """Who owns what. `person` is one name for all records of a person: the key where there is one.

    `persons`: person_id, person. `cases`: case_id, person, bydel (null: nobody's), opened_on.
    `programmes`: programme_id, case_id, person. `barred`: person, of those who are in no list.
    """

    persons: pl.DataFrame
    cases: pl.DataFrame
    programmes: pl.DataFrame
    barred: pl.DataFrame


def name_of(key: pl.Expr) -> pl.Expr:
    """The name in the book of the person with that internal key."""
    return pl.format("key {}", key)  # null of a null


def book(
    person_keys: pl.DataFrame, cases: pl.DataFrame, programmes: pl.DataFrame, barred_ids: pl.DataFrame
) -> Book:
    """The book over all rows of the source, passed and quarantined.

    `person_keys` (person_id, person_key) is the ledger's; `cases` (case_id, person_id, bydel, opened_on) and
    `programmes` (programme_id, case_id, person_id) may name a number several times: where they then disagree,
    nobody owns it. `barred_ids` (person_id) are the records of those who are in no list, each of them or any
    of a person's.
    """
    ids = pl.concat(f.select("person_id") for f in (cases, programmes, barred_ids, person_keys)).drop_nulls()
    persons = (
        ids.unique()
        .join(person_keys, on="person_id", how="left")
        .select(
            "person_id",
            person=pl.coalesce(name_of(pl.col("person_key")), pl.format("record {}", "person_id")),
        )
        .sort("person_id")
    )
    known = [code for code in codes.BYDEL.values() if code not in codes.BYDEL.unknown]
    of_bydel = cases.with_columns(bydel=pl.when(pl.col("bydel").is_in(known)).then("bydel"))
    return Book(
        persons=persons,
        cases=_agreed(of_bydel.join(persons, on="person_id", how="left"), "case_id", "person", "bydel"),
        programmes=_agreed(
            programmes.join(persons, on="person_id", how="left"), "programme_id", "case_id", "person"
        ),
        barred=persons.join(barred_ids, on="person_id", how="semi").select("person").unique(),
    )


def _agreed(rows: pl.DataFrame, key: str, *names: str) -> pl.DataFrame:
    """One row for each `key`; a column in which its rows disagree is null, and a day is the latest."""
    one = [pl.when(pl.col(n).n_unique() == 1).then(pl.col(n).first()).alias(n) for n in names]
    days = [pl.col("opened_on").max()] if "opened_on" in rows.columns else []
    return rows.drop_nulls(key).group_by(key).agg(*one, *days).sort(key)


def keys_of(table: type[Table]) -> dict[str, str]:
    """The columns by which a row of the table finds its case: what they are called here -> there."""
    called = {Entity.CASE: "case_id", Entity.PROGRAMME: "programme_id", Entity.PERSON: "person_id"}
    return {
        called[c.about.key.entity]: c.name
        for c in reversed(columns(table))  # of two to the same kind the first is the row's own
        if c.about.key and c.about.key.kind is KeyKind.OWN and c.about.key.entity in called
    }


def held_back(table: type[Table], quarantined: pl.DataFrame, rules: str) -> pl.DataFrame:
    """FOUND and the row's keys for every rule that a quarantined row broke; `rules` is the list's column.

    A rule stands there as `column:rule`, or alone where it is one over several columns.
    """
    told = pl.col("told").str.split_exact(":", 1)
    several = {rule.name: rule.columns[0] for rule in facts(table).rules}
    return (
        quarantined.select(
            *(pl.col(there).cast(pl.String).alias(here) for here, there in keys_of(table).items()),
            told=pl.col(rules),
        )
        .explode("told")
        .drop_nulls("told")
        .with_columns(first=told.struct[0], second=told.struct[1])
        .with_columns(
            table=pl.lit(table_name(table)),
            rule=pl.coalesce("second", "first"),
            column=pl.when(pl.col("second").is_not_null())
            .then("first")
            .otherwise(pl.col("first").replace_strict(several, default="", return_dtype=pl.String)),
        )
        .drop("first", "second", "told")
    )


def of_keys(found: pl.DataFrame, case_ids: pl.DataFrame, programme_ids: pl.DataFrame) -> pl.DataFrame:
    """FOUND, case_id, programme_id and person of lines that are told by internal keys.

    `found` has FOUND, person_key, case_key, programme_key (null where the line is of no such thing);
    `case_ids` (case_key, case_id) and `programme_ids` (programme_key, programme_id) are the ledger's.
    """
    return (
        found.join(case_ids, on="case_key", how="left")
        .join(programme_ids, on="programme_key", how="left")
        .select(*FOUND, "case_id", "programme_id", person=name_of(pl.col("person_key")))
    )


def placed(found: Iterable[pl.DataFrame], whose: Book) -> pl.DataFrame:
    """FOUND and PLACED, each line once: in which case it is, and whose list it belongs on.

    A frame has FOUND and any of case_id, programme_id, person_id, person. Lines of the barred are left out,
    by the row's own word, by its programme's or by its case's.
    """
    lines = [_located(frame, whose) for frame in found]
    columns_ = [*FOUND, *PLACED]
    none = pl.DataFrame(schema=dict.fromkeys(columns_, pl.String()))
    return pl.concat([none, *(line.select(columns_) for line in lines)]).unique().sort(columns_)


def _located(frame: pl.DataFrame, whose: Book) -> pl.DataFrame:
    absent = [n for n in ("case_id", "programme_id", "person_id", "person") if n not in frame.columns]
    rows = frame.with_columns(pl.lit(None, pl.String).alias(n) for n in absent)
    own = pl.coalesce("person", "person_of_id")
    newest = whose.cases.drop_nulls("person").sort("opened_on", "case_id", nulls_last=False)
    newest = newest.unique("person", keep="last", maintain_order=True).select("person", newest="case_id")
    of_case = whose.cases.select("case_id", bydel="bydel", person_of_case="person")
    of_programme = whose.programmes.select(
        "programme_id", case_of_programme="case_id", person_of_programme="person"
    )
    told = (
        rows.join(whose.persons.rename({"person": "person_of_id"}), on="person_id", how="left")
        .join(of_programme, on="programme_id", how="left")
        .join(whose.cases.select("case_id", known=pl.lit(True)), on="case_id", how="left")
        .with_columns(person=pl.coalesce(own, "person_of_programme"))
        .join(newest, on="person", how="left")
        .with_columns(case_id=pl.coalesce(pl.when("known").then("case_id"), "case_of_programme", "newest"))
        .join(of_case, on="case_id", how="left")
        # The row names a programme in another's case: that number is for the bydel of that case alone.
        .with_columns(
            programme_id=pl.when((pl.col("case_of_programme") == pl.col("case_id")).fill_null(True)).then(
                "programme_id"
            )
        )
    )
    anybody = [
        pl.col(n).is_in(whose.barred["person"].implode()).fill_null(False)
        for n in ("person", "person_of_id", "person_of_programme", "person_of_case")
    ]
    return told.filter(~pl.any_horizontal(anybody))


def lists(lines: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Name of the list -> its lines: one for every bydel there is, with or without lines, and the city's."""
    named = lines.with_columns(pl.col("bydel").fill_null(CITY))
    every = [*(code for code in codes.BYDEL.values() if code not in codes.BYDEL.unknown), CITY]
    return {name: named.filter(pl.col("bydel") == name).drop("bydel") for name in every}


def sheet(lines: pl.DataFrame, words: pl.DataFrame, headings: Mapping[str, str]) -> pl.DataFrame:
    """The list as it is read, in order: a column of text for each of `headings`, under what it is called.

    `words` has FOUND and a column for each heading that is not among the lines' own; `headings` says which
    columns come, in their order.
    """
    told = lines.join(words, on=list(FOUND), how="left", maintain_order="left")
    cells = told.select(pl.col(name).alias(heading) for name, heading in headings.items())
    return cells.sort(cells.columns, nulls_last=True)


def as_csv(cells: pl.DataFrame) -> bytes:
    """The sheet as text: UTF-8 with a mark, semicolons, and no cell that a spreadsheet runs or rewrites."""
    safe = cells.select(defused(pl.col(name)) for name in cells.columns)
    return safe.write_csv(separator=";", include_bom=True, line_terminator="\r\n").encode("utf-8")


def defused(cell: pl.Expr) -> pl.Expr:
    """The cell with ' before it where a spreadsheet would run it, or make a number or a date of it.

    A case number with leading zeros is one of them: it would lose them.
    """
    harmless = cell.str.contains(_PLAIN_NUMBER) | ~cell.str.contains(_READ_AS_ELSE)
    return pl.when(harmless).then(cell).otherwise(pl.format("'{}", cell))


def write(folder: Path, as_of: date, files: Mapping[str, bytes]) -> list[Path]:
    """The night's files, by name, under `folder/<as_of>`, each appearing whole; what else is there is gone.

    The newest `NIGHTS_KEPT` nights are kept; of an older night nothing is written.
    """
    nights = _nights(private_folder(folder))
    kept = sorted({*nights, as_of.isoformat()})[-NIGHTS_KEPT:]
    written: list[Path] = []
    if as_of.isoformat() in kept:
        there = private_folder(folder / as_of.isoformat())
        written = [put(there / name, content) for name, content in sorted(files.items())]
        _remove(path for path in there.iterdir() if path not in written)
        sync(there)
    for night in nights:
        if night not in kept:
            _remove((folder / night).iterdir())
            (folder / night).rmdir()
    return written


def _nights(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and night_named(path.name))


def _remove(paths: Iterable[Path]) -> None:
    for path in sorted(paths):
        path.unlink()
