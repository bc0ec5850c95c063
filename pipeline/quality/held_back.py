"""What the rules of a table hold back, and text or codes where a code of a list belongs.

Both are counted over everybody's rows: that a row was received and refused is work done on it, whosever it
is. What does not belong here: the rules themselves (`validate`).
"""

from __future__ import annotations

import polars as pl

from pipeline.quality import thresholds
from pipeline.quality.evidence import Evidence
from pipeline.quality.results import PERMILLE, counted
from pipeline.quality.rules import HELD_BACK, TEXT_FOR_CODE
from schemas import BY_NAME, CASE_SYSTEM
from schemas.variable import Identifiability, columns, facts, table_name

CODE_RULE = "code"
IN_TEXT = "person_in_text"
# A run of digits as long as a telephone number or an identifier, spaces and hyphens aside.
_NUMBER = r"(?:[0-9][ -]?){8,}"


def held_back(evidence: Evidence) -> pl.DataFrame:
    """COUNTED rows: for each rule that some row broke, how many of the table's rows it held back."""
    held = evidence.held.drop_nulls("rule").with_columns(
        numerator="rows", denominator="rows_in", against="rule", effect=pl.col("rows") / pl.col("rows_in")
    )
    over = pl.col("rows") * PERMILLE >= thresholds.QUARANTINE_SHARE.value * pl.col("rows_in")
    return counted(HELD_BACK, held.with_columns(over=over))


def unknown_codes(evidence: Evidence) -> pl.DataFrame:
    """COUNTED rows: for each coded field of the case system, how many rows have something else there."""
    coded = pl.DataFrame(
        [
            (table_name(t), c.name)
            for t in CASE_SYSTEM
            for c in columns(t)
            if c.about.codes and facts(t).extracted
        ],
        schema=["table", "column"],
        orient="row",
    )
    rows_in = evidence.held.select("table", "rows_in").unique()
    broken = evidence.held.filter(pl.col("rule") == CODE_RULE).select("table", "column", "rows")
    found = (
        coded.join(broken, on=["table", "column"], how="left", maintain_order="left")
        .join(rows_in, on="table", how="left", maintain_order="left")
        .with_columns(numerator=pl.col("rows").fill_null(0), denominator="rows_in")
    )
    return counted(TEXT_FOR_CODE, _judged(found))


def persons_in_texts(evidence: Evidence) -> pl.DataFrame:
    """COUNTED rows: for each text field that is not a name's, how many have a name or a number in them."""
    found = []
    for table, name in text_fields():
        rows = evidence.restricted.get(table)
        number = None if rows is None else told_of_person(evidence, table, name).height
        filled = 0 if rows is None else rows[name].drop_nulls().len()
        found.append((table, name, number, filled))
    schema = {"table": pl.String, "column": pl.String, "numerator": pl.Int64, "denominator": pl.Int64}
    return counted(IN_TEXT, _judged(pl.DataFrame(found, schema=schema, orient="row")))


def text_fields() -> list[tuple[str, str]]:
    """(table, column) of every text field of the case system that is not a name's."""
    return [
        (c.table, c.name)
        for table in CASE_SYSTEM
        if facts(table).extracted and table_name(table) != "change_log"
        for c in columns(table)
        if c.about.free_text and c.about.identifiability is not Identifiability.DIRECT
    ]


def told_of_person(evidence: Evidence, table: str, name: str) -> pl.DataFrame:
    """(person_id): the rows whose text holds a long number, or a name of the person it is about."""
    rows = evidence.restricted[table].select("person_id", text=name).drop_nulls("text")
    persons = evidence.restricted["person"]
    names = persons.select("person_id", *_names()).unique("person_id", keep="first", maintain_order=True)
    words = pl.col("text").str.to_lowercase().str.extract_all(r"\w+")
    named = [
        words.list.contains(part).fill_null(False)
        for n in _names()
        for part in [pl.col(n).str.to_lowercase()]
    ]
    return (
        rows.join(names, on="person_id", how="left", maintain_order="left")
        .filter(pl.any_horizontal(pl.col("text").str.contains(_NUMBER), *named))
        .select("person_id")
    )


def _names() -> list[str]:
    """The columns of a person's names."""
    person = BY_NAME["person"]
    return [
        c.name
        for c in columns(person)
        if c.about.identifiability is Identifiability.DIRECT and not c.about.key
    ]


def _judged(found: pl.DataFrame) -> pl.DataFrame:
    some = pl.col("denominator") > 0
    return found.with_columns(
        effect=pl.when(some).then(pl.col("numerator") / pl.col("denominator")),
        over=some
        & (pl.col("numerator") * PERMILLE >= thresholds.FREE_TEXT_SHARE.value * pl.col("denominator")),
        reason=pl.when(pl.col("numerator").is_null() | pl.col("denominator").is_null())
        .then(pl.lit("source_not_delivered"))
        # Of nothing no share can be judged.
        .when(~some)
        .then(pl.lit("too_few")),
    )
