"""The verifier catches every planted leak in a file, and imports nothing of what made it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import pipeline.disclosure.verify as verifier
from pipeline.disclosure.verify import verify
from pipeline.errors import NotVerified
from schemas.research import CoarsenedOutcome, ExtractOutcome, ExtractPerson
from schemas.variable import Table

Change = Callable[[pl.DataFrame], pl.DataFrame]
STATUS = ("status_y0", "status_y1", "status_y5")


def coarsened(*sizes: int) -> pl.DataFrame:
    """Classes of these sizes, told apart by sex and age band."""
    bands = ["00-24", "25-34", "35-44", "45-99"]
    rows = [
        ("1", bands[at], "AF", "IO", "2011-2014", "work" if n % 2 else "other", None, "not_known")
        for at, size in enumerate(sizes)
        for n in range(size)
    ]
    names = ["sex", "age_band", "world_region", "bydel_group", "exit_period", *STATUS]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def check(tmp_path: Path, frame: pl.DataFrame, **changed: Any) -> dict[str, Any]:
    path = tmp_path / "file.parquet"
    frame.write_parquet(path)
    asked: dict[str, Any] = {"table": CoarsenedOutcome, "coarsened": True, "rows": 11, "k": 5}
    asked |= changed
    table: type[Table] = asked.pop("table")
    return verify(path, table, **asked)


def test_a_sound_file_passes_and_is_measured(tmp_path: Path) -> None:
    found = check(tmp_path, coarsened(5, 6))
    assert (found["k_measured"], found["classes"], found["rows"]) == (5, 2, 11)
    assert found["fewest_distinct_outcomes_in_a_class"] == 2


def test_outcomes_are_no_part_of_a_class(tmp_path: Path) -> None:
    assert not set(STATUS) & set(check(tmp_path, coarsened(5, 6))["class_by"])


def one_class_of_k_less_one(frame: pl.DataFrame) -> pl.DataFrame:
    return coarsened(4, 7)


MUTATIONS: dict[str, tuple[Change, str]] = {
    "a class of k - 1": (one_class_of_k_less_one, "smallest class"),
    "a pseudonym": (lambda f: f.with_columns(pseudonym=pl.lit("0" * 32)), "pseudonym is not declared"),
    "a date": (lambda f: f.with_columns(ended_on=pl.lit(date(2012, 1, 1))), "ended_on is not declared"),
    "a date under a declared name": (
        lambda f: f.with_columns(exit_period=pl.lit(date(2012, 1, 1))),
        "exit_period is DATE",
    ),
    "a number under a declared name": (lambda f: f.with_columns(sex=pl.lit(1)), "sex is INTEGER"),
    "an unknown code": (lambda f: f.with_columns(world_region=pl.lit("ZZ")), "no code of world_region"),
    "a finer code": (lambda f: f.with_columns(bydel_group=pl.lit("01")), "no code of bydel_group"),
    "an outcome of another list": (lambda f: f.with_columns(status_y0=pl.lit("observed")), "no code"),
    "an extra row": (lambda f: pl.concat([f, f.head(1)]), "another number of rows"),
    "a missing row": (lambda f: f.head(10), "another number of rows"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_planted_leak_in_a_coarsened_file_is_caught(tmp_path: Path, name: str) -> None:
    change, message = MUTATIONS[name]
    with pytest.raises(NotVerified, match=message):
        check(tmp_path, change(coarsened(5, 6)))


def test_a_requests_stricter_k_is_measured_too(tmp_path: Path) -> None:
    with pytest.raises(NotVerified, match="fewer than 6"):
        check(tmp_path, coarsened(5, 6), k=6)


def test_nobody_can_ask_the_verifier_for_less_than_its_own_k(tmp_path: Path) -> None:
    with pytest.raises(NotVerified, match="fewer than 5"):
        check(tmp_path, coarsened(4, 7), k=1)


def test_fewer_columns_make_larger_classes(tmp_path: Path) -> None:
    assert check(tmp_path, coarsened(4, 7).drop("age_band"))["k_measured"] == 11


def test_a_message_quotes_no_value(tmp_path: Path) -> None:
    with pytest.raises(NotVerified) as refused:
        check(tmp_path, coarsened(5, 6).with_columns(world_region=pl.lit("01815512345")))
    assert "01815512345" not in str(refused.value)


def persons() -> pl.DataFrame:
    return pl.DataFrame({"pseudonym": [f"{n:032x}" for n in range(3)], "birth_year": [1980, 1990, None]})


def outcomes() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "pseudonym": [f"{n:032x}" for n in range(3)],
            "outcome": ["y0"] * 3,
            "due_on": [date(2012, 6, 1)] * 3,
        }
    )


PSEUDONYMISED: dict[str, tuple[pl.DataFrame, type[Table], str]] = {
    "the internal key": (persons().with_columns(person_key=pl.lit(1)), ExtractPerson, "person_key is not"),
    "an identifier in place of a pseudonym": (
        persons().with_columns(pseudonym=pl.lit("01815512345")),
        ExtractPerson,
        "another form",
    ),
    "no pseudonym": (persons().drop("pseudonym"), ExtractPerson, "primary key is not whole"),
    "a missing pseudonym": (
        persons().with_columns(pseudonym=pl.lit(None, dtype=pl.String)),
        ExtractPerson,
        "must have it",
    ),
    "a person twice": (
        persons().with_columns(pseudonym=pl.lit("0" * 32)),
        ExtractPerson,
        "primary key is not unique",
    ),
    "a year out of bounds": (
        persons().with_columns(birth_year=pl.lit(1, dtype=pl.Int64)),
        ExtractPerson,
        "outside its declared bounds",
    ),
    "an exact date": (
        outcomes().with_columns(due_on=pl.lit(date(2012, 6, 2))),
        ExtractOutcome,
        "exact dates",
    ),
}


@pytest.mark.parametrize("name", PSEUDONYMISED)
def test_every_planted_leak_in_a_pseudonymised_file_is_caught(tmp_path: Path, name: str) -> None:
    frame, table, message = PSEUDONYMISED[name]
    with pytest.raises(NotVerified, match=message):
        check(tmp_path, frame, table=table, coarsened=False, rows=3)


def test_sound_pseudonymised_files_pass(tmp_path: Path) -> None:
    assert check(tmp_path, persons(), table=ExtractPerson, coarsened=False, rows=3)["rows"] == 3
    assert check(tmp_path, outcomes(), table=ExtractOutcome, coarsened=False, rows=3)["rows"] == 3


def test_a_pseudonymised_file_cannot_pass_as_a_coarsened_one(tmp_path: Path) -> None:
    with pytest.raises(NotVerified, match="a coarsened file has none"):
        check(tmp_path, persons(), table=ExtractPerson, coarsened=True, rows=3)


def test_the_verifier_shares_no_code_with_what_made_the_file() -> None:
    tree = ast.parse(Path(str(verifier.__file__)).read_text("utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {module for module in imported if module and module.split(".")[0] in {"pipeline", "schemas"}}
    assert ours == {"pipeline.errors", "schemas.codes", "schemas.variable"}
