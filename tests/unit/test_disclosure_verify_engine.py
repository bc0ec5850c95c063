"""The engine's verifier passes what the engine writes, and catches every seeded mutant of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipeline.disclosure.anonymise import anonymise
from pipeline.disclosure.roles import Roles, asked
from pipeline.disclosure.verify_engine import verify
from pipeline.disclosure.verify_rules import Rule
from pipeline.errors import NotVerified

CANARY = "Ola Kanari"
BIRTHS = "".join(
    f"2000-{month:02}-{day:02};2000-{month:02};2000-Q{(month + 2) // 3};2000;*\n"
    for month in range(1, 13)
    for day in range(1, 29)
)
ROLES = Roles.model_validate(
    {
        "k": 3,
        "suppression": 0.1,
        "columns": {
            "name": {"role": "direct"},
            "born": {"role": "quasi", "hierarchy": "born.csv"},
            "sex": {"role": "quasi"},
            "illness": {"role": "sensitive", "distinct": 2, "t": 0.6, "adverse": ["psychosis", "none"]},
            "income": {"role": "kept"},
        },
    }
)
# Two quarters with six persons each; and one alone, who is left out.
PEOPLE = pl.DataFrame(
    {
        "name": [CANARY, *"bcdefghijklm"],
        "born": [f"2000-{month:02}-{10 + day}" for month in (2, 5) for day in range(6)] + ["2000-12-24"],
        "sex": ["1"] * 6 + ["2"] * 6 + ["1"],
        "illness": ["flu", "none", "psychosis", "flu", None, "flu"] * 2 + ["flu"],
        "income": list(range(13)),
    }
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "born.csv").write_text(BIRTHS, encoding="utf-8")
    PEOPLE.write_parquet(tmp_path / "people.parquet")
    return tmp_path


def coarse(folder: Path) -> pl.DataFrame:
    return anonymise(PEOPLE, ROLES, folder).rows


def verified(folder: Path, written: pl.DataFrame, **changed: object) -> dict[str, object]:
    written.write_parquet(folder / "written.parquet")
    must_hold = replace(asked(ROLES, folder), **changed)  # type: ignore[arg-type]
    return verify(folder / "people.parquet", folder / "written.parquet", must_hold)


def test_what_the_engine_writes_passes_and_is_measured(folder: Path) -> None:
    measured = verified(folder, coarse(folder))
    assert measured == {"rows": 12, "left_out": 1, "classes": 2, "k_measured": 6, "uniques": 0}


def with_usual(**usual: int) -> dict[str, Rule]:
    return {"illness": replace(asked(ROLES, Path()).sensitive["illness"], t="0.2", usual=usual)}


def test_t_is_from_what_is_said_to_be_usual_and_exactly(folder: Path) -> None:
    """Of five registered in each class three have the flu, one has none, one a psychosis."""
    assert verified(folder, coarse(folder), sensitive=with_usual(flu=60, none=20, psychosis=20))
    assert verified(folder, coarse(folder), sensitive=with_usual(flu=40, none=30, psychosis=30))
    for beyond in ({"flu": 39, "none": 31, "psychosis": 30}, {"flu": 60, "none": 19, "other": 21}):
        with pytest.raises(NotVerified, match="a class is further than t from the whole table in illness"):
            verified(folder, coarse(folder), sensitive=with_usual(**beyond))


def test_a_value_that_is_usual_and_not_in_the_source_is_caught(folder: Path) -> None:
    written = coarse(folder).with_columns(pl.col("illness").replace("psychosis", "measles"))
    with pytest.raises(NotVerified, match="illness has values that the source has not"):
        verified(folder, written, sensitive=with_usual(flu=60, none=20, measles=20))


def finer(frame: pl.DataFrame) -> pl.DataFrame:
    """One date stands at the day, the others where they were put."""
    first = pl.int_range(pl.len()) == 0
    return frame.with_columns(pl.when(first).then(pl.lit("2000-02-10")).otherwise("born").alias("born"))


def without_sex_2(frame: pl.DataFrame, left: int) -> pl.DataFrame:
    return pl.concat([frame.filter(pl.col("sex") == "1"), frame.filter(pl.col("sex") == "2").head(left)])


def in_one_class(frame: pl.DataFrame, illness: list[str | None]) -> pl.DataFrame:
    """The class of sex 2 has these illnesses, the other stands."""
    kept = frame.filter(pl.col("sex") == "1")
    return pl.concat([kept, frame.filter(pl.col("sex") == "2").with_columns(pl.Series("illness", illness))])


MUTANTS: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], str]] = {
    "a class of k - 1": (lambda f: without_sex_2(f, 2), "fewer than 3 rows"),
    "a leaked column": (lambda f: f.with_columns(name=pl.lit(CANARY)), "the column name must not be there"),
    "a lost column": (lambda f: f.drop("income"), "the column income is not there"),
    "too many left out": (lambda f: f.filter(pl.col("sex") == "1"), "more rows are left out"),
    "nobody left": (lambda f: f.clear(), "more rows are left out"),
    "a value shown as 0": (
        lambda f: f.with_columns(pl.col("income").replace(5, 0)),
        "values that no row of the source has together",
    ),
    "a row twice": (lambda f: pl.concat([f, f.head(1)]), "values that no row of the source has together"),
    "a date at the day": (finer, "born has values of more than one level"),
    "a date of no level": (
        lambda f: f.with_columns(born=pl.lit("2000-H1")),
        "born has values that stand in no level",
    ),
    "everybody of the other sex": (
        lambda f: f.with_columns(pl.col("sex").replace({"1": "2", "2": "1"})),
        "values that no row of the source has, or comes to",
    ),
    "a sex not recoded": (
        lambda f: f.with_columns(pl.col("sex").replace("2", "*")),
        "sex has values of more than one level",
    ),
    "one value in a class": (
        lambda f: in_one_class(f, ["flu", "flu", "flu", None, None, None]),
        "fewer than 2 values of illness",
    ),
    "only adverse values": (
        lambda f: in_one_class(f, ["none", "psychosis", "none", None, None, None]),
        "only adverse values of illness",
    ),
    "another distribution": (
        lambda f: in_one_class(f, ["psychosis"] * 5 + ["flu"]),
        "further than t from the whole table in illness",
    ),
    "an unknown value": (
        lambda f: in_one_class(f, ["flu", "none", "psychosis", "flu", "plague", "flu"]),
        "illness has values that the source has not",
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_every_mutant_is_caught_for_what_it_is_and_never_quoted(folder: Path, mutant: str) -> None:
    change, told = MUTANTS[mutant]
    with pytest.raises(NotVerified) as caught:
        verified(folder, change(coarse(folder)))
    assert told in str(caught.value)
    assert not any(value in str(caught.value) for value in (CANARY, "plague", "2000-02-10"))


def test_t_holds_at_the_distance_itself_and_not_below_it(folder: Path) -> None:
    # Of 11 registered: flu 7, none 2, psychosis 2. The class of sex 2 has flu 3, none 1, psychosis 1 of 5:
    # flu is 7/11 - 3/5 = 2/55 below its share, about 0.0364.
    rule = asked(ROLES, folder).sensitive["illness"]
    made = coarse(folder)
    verified(folder, made, sensitive={"illness": replace(rule, t="0.0364")})
    with pytest.raises(NotVerified):
        verified(folder, made, sensitive={"illness": replace(rule, t="0.0363")})


def test_levels_may_differ_by_class_when_that_was_asked_for(folder: Path) -> None:
    mixed = coarse(folder).with_columns(
        pl.when(pl.col("sex") == "1").then(pl.lit("2000-Q1")).otherwise(pl.lit("2000-05")).alias("born")
    )
    verified(folder, mixed, one_level=False)
    with pytest.raises(NotVerified):
        verified(folder, mixed, one_level=True)


def test_by_class_too_every_row_needs_one_in_the_source_that_stands_under_it(folder: Path) -> None:
    starred = coarse(folder).with_columns(sex=pl.lit("*"))
    verified(folder, starred, one_level=False)
    # Nobody of sex 1 was born in the second quarter, though each value by itself is somebody's.
    swapped = coarse(folder).with_columns(pl.col("sex").replace({"1": "2", "2": "1"}))
    with pytest.raises(NotVerified, match="no row of the source has, or comes to"):
        verified(folder, swapped, one_level=False)


TYPED = {
    "time of a day": pl.Series([time(1, 2, 3), time(1, 2, 4)] * 3),
    "day and time": pl.Series([datetime(2000, 1, 1, 12, 0, 0, 120_000), datetime(2000, 1, 2)] * 3),
    "nanoseconds": pl.Series([datetime(2000, 1, 1), datetime(2000, 1, 2)] * 3, dtype=pl.Datetime("ns")),
    "zoned time": pl.Series([datetime(2000, 1, 1), datetime(2000, 7, 2)] * 3).dt.replace_time_zone(
        "Europe/Oslo"
    ),
    "short number": pl.Series([0.1, 1e-7] * 3, dtype=pl.Float32),
    "number": pl.Series([1e20, float("nan")] * 3),
    "nought": pl.Series([0.0, 1.0, -0.0, 1.0, 0.0, 1.0]),
    "decimal": pl.Series([Decimal("1.50"), Decimal("-2.00")] * 3),
    "truth": pl.Series([True, False] * 3),
    "blank": pl.Series([date(2000, 1, 1), None] * 3),
}


def typed_to_csv(
    tmp_path: Path, values: pl.Series, role: str, change: Callable[[pl.DataFrame], pl.DataFrame] = lambda f: f
) -> dict[str, object]:
    """A Parquet with a typed column that is sensitive or kept, verified in the CSV that was made of it."""
    frame = pl.DataFrame({"class": ["a"] * 6, "what": values})
    rule = {"role": "sensitive", "distinct": 1, "t": 0.5} if role == "sensitive" else {"role": role}
    roles = Roles.model_validate({"k": 3, "columns": {"class": {"role": "quasi"}, "what": rule}})
    frame.write_parquet(tmp_path / "source.parquet")
    made = pl.read_csv(
        anonymise(frame, roles, tmp_path).rows.write_csv(separator=";").encode(),
        separator=";",
        infer_schema=False,
    )
    change(made).write_csv(tmp_path / "written.csv", separator=";")
    return verify(tmp_path / "source.parquet", tmp_path / "written.csv", asked(roles, tmp_path))


@pytest.mark.parametrize("role", ["sensitive", "kept", "quasi"])
@pytest.mark.parametrize("kind", TYPED)
def test_a_csv_of_typed_values_is_compared_by_value(tmp_path: Path, kind: str, role: str) -> None:
    assert typed_to_csv(tmp_path, TYPED[kind], role)["rows"] == 6


@pytest.mark.parametrize("role", ["sensitive", "kept"])
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2000-01-03T00:00:00.000000", "no row of the source|the source has not"),
        ("soon", "the source has not"),
    ],
)
def test_a_csv_with_another_value_than_its_typed_source_is_caught(
    tmp_path: Path, role: str, value: str, told: str
) -> None:
    def changed(frame: pl.DataFrame) -> pl.DataFrame:
        first = pl.int_range(pl.len()) == 0
        return frame.with_columns(pl.when(first).then(pl.lit(value)).otherwise("what").alias("what"))

    with pytest.raises(NotVerified, match=told) as caught:
        typed_to_csv(tmp_path, TYPED["day and time"], role, changed)
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([datetime(2000, 1, 1, 12), datetime(2000, 1, 2)]),
        pl.Series([1.0, 1e20]),
        pl.Series([-0.0, 1.0]),
        pl.Series([date(2000, 1, 1), None]),
        pl.Series([True, False]),
        pl.Series([datetime(2000, 1, 1, 12), None]).dt.replace_time_zone("Europe/Oslo"),
    ],
    ids=["time", "number", "nought", "date", "truth", "zoned time"],
)
@pytest.mark.parametrize("mode", ["level", "class"])
def test_a_value_that_polars_and_the_verifier_spell_differently_passes(
    tmp_path: Path, values: pl.Series, mode: str
) -> None:
    frame = pl.DataFrame({"what": pl.concat([values] * 3)})
    roles = Roles.model_validate({"k": 3, "mode": mode, "columns": {"what": {"role": "quasi"}}})
    frame.write_parquet(tmp_path / "source.parquet")
    anonymise(frame, roles, tmp_path).rows.write_parquet(tmp_path / "written.parquet")
    measured = verify(tmp_path / "source.parquet", tmp_path / "written.parquet", asked(roles, tmp_path))
    assert measured["classes"] == 2
