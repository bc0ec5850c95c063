"""Seeded mutants of the engine: whatever goes wrong in what it writes, the verifiers of the written file see.

Each mutant is what the engine would have written had it one fault. It is written as a release is, and held
against what was asked for and against the rows it was made from.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from pipeline.errors import NotVerified
from pipeline.releases.build import Built, Chosen, build
from pipeline.releases.coarsened import Recoded
from pipeline.releases.data_files import FOLDER, parquet, path_of
from pipeline.releases.households import HOUSEHOLD
from pipeline.releases.manifest import MANIFEST, as_bytes
from pipeline.releases.release import certify
from tests.release_world import coarsened_request, registered, sources

PERSONS = 2000  # 1000 of them have ended a programme
MOST_LEFT_OUT = 50
MODES = ("level", "class")
ASKED = ("sex", "country_of_birth", "start_month", "children")
TOLD = ("chronic_illness", "on_benefit", "status_y0", "status_y1")
Mutant = Callable[[pl.DataFrame], pl.DataFrame]


def made(mode: str) -> Built:
    world = registered(sources(PERSONS))
    request = coarsened_request(mode=mode, tables={"coarsened_outcome": [*ASKED, *TOLD]})
    (built,) = build(request, world, [Chosen(world.person.select("person_key"))], None)
    return built


@pytest.fixture(scope="module")
def whole() -> dict[str, Built]:
    return {mode: made(mode) for mode in MODES}


def recoded(built: Built) -> Recoded:
    assert built.recoded is not None
    return built.recoded


def housed(built: Built) -> pl.DataFrame:
    """The rows as they are written, and the household of each: what is left out takes its household along."""
    homes = recoded(built).made.homes
    assert homes is not None
    return built.frame.with_columns(homes)


def certified(folder: Path, built: Built, mutant: pl.DataFrame) -> bytes:
    """What the verifiers say of the mutant, written as its columns are, beside the rows it was made from."""
    (folder / FOLDER).mkdir()
    done = recoded(built)
    if HOUSEHOLD in mutant.columns:
        told = dataclasses.replace(done.made, homes=mutant[HOUSEHOLD])
        built = dataclasses.replace(built, recoded=dataclasses.replace(done, made=told))
        mutant = mutant.drop(HOUSEHOLD)
    path = folder / path_of(built)
    if mutant.schema == built.frame.schema:
        path.write_bytes(parquet(dataclasses.replace(built, frame=mutant)))
    else:
        pq.write_table(mutant.to_arrow(), path)
    # As of an earlier version: of this one, any row more or less would be told by the shares alone.
    described = {"path": path_of(built), "usual": recoded(built).made.usual, "usual_anew": []}
    (folder / MANIFEST).write_bytes(as_bytes({"outputs": [{"files": [described]}]}))
    return certify(folder, [dataclasses.replace(built, frame=mutant)])


def one_class(frame: pl.DataFrame, *, smallest: bool = True) -> pl.Expr:
    """The rows of the smallest class, or of the largest; of several as large, the first by its values."""
    sizes = frame.group_by(ASKED).len("size").sort("size", *ASKED)
    chosen = sizes.row(0 if smallest else -1, named=True)
    return pl.all_horizontal(pl.col(name) == chosen[name] for name in ASKED)


def test_what_the_engine_writes_passes_and_there_is_something_to_get_wrong(
    tmp_path: Path, whole: dict[str, Built]
) -> None:
    for mode, built in whole.items():
        (tmp_path / mode).mkdir()
        assert certified(tmp_path / mode, built, built.frame)
        assert built.frame.select(ASKED).n_unique() > 20
        assert recoded(built).before.height == 1000
        assert all(built.frame[name].drop_nulls().n_unique() > 1 for name in TOLD)
        assert built.frame["chronic_illness"].null_count() > 100
    levels = recoded(whole["level"]).made.levels
    assert levels is not None and levels["start_month"] == 2  # the year, so that a quarter is too fine


def cut_to(rows: int) -> Mutant:
    def mutant(frame: pl.DataFrame) -> pl.DataFrame:
        here = one_class(frame)
        return pl.concat([frame.filter(~here), frame.filter(here).head(rows)])

    return mutant


def of_one_class(name: str, value: str, *, smallest: bool = True) -> Mutant:
    """One class has that value alone."""

    def mutant(frame: pl.DataFrame) -> pl.DataFrame:
        here = one_class(frame, smallest=smallest)
        return frame.with_columns(pl.when(here).then(pl.lit(value)).otherwise(name).alias(name))

    return mutant


def shown_as(name: str, value: str | None, other: str) -> Mutant:
    """Wherever `value` stands, `other` does."""
    return lambda frame: frame.with_columns(
        pl.when(pl.col(name).eq_missing(pl.lit(value))).then(pl.lit(other)).otherwise(name).alias(name)
    )


def in_the_first_row(name: str, value: str) -> Mutant:
    first = pl.int_range(pl.len()) == 0
    return lambda frame: frame.with_columns(pl.when(first).then(pl.lit(value)).otherwise(name).alias(name))


SOURCE_HAS_NOT = "rows hold values that no row of the source has"
MUTANTS: dict[str, tuple[Mutant, str]] = {
    "a class of k - 1": (cut_to(4), "a class has fewer than 5 rows"),
    "a class of one": (cut_to(1), "a class has fewer than 5 rows"),
    "a column that was not asked for": (
        lambda f: f.with_columns(exit_year=pl.lit("2012")),
        "the column exit_year must not be there",
    ),
    "the internal key": (lambda f: f.with_row_index("person_key"), "the column person_key must not be there"),
    "a pseudonym": (
        lambda f: f.with_columns(pseudonym=pl.lit("0" * 32)),
        "the column pseudonym must not be there",
    ),
    "a column too few": (lambda f: f.drop("children"), "the column children is not there"),
    "health that nobody registered shown as none": (shown_as("chronic_illness", None, "N"), SOURCE_HAS_NOT),
    "an answer shown as another": (shown_as("on_benefit", "J", "N"), SOURCE_HAS_NOT),
    "a row twice": (lambda f: pl.concat([f, f.head(1)] * 2), SOURCE_HAS_NOT),
    "a row of nobody": (in_the_first_row("country_of_birth", "730"), "a class has fewer than 5 rows"),
    "everybody from elsewhere": (
        lambda f: f.with_columns(country_of_birth=pl.lit("730")),
        SOURCE_HAS_NOT,
    ),
    "a class of ill alone": (
        of_one_class("chronic_illness", "J"),
        "a class has only adverse values of chronic_illness",
    ),
    "a class on benefits alone": (
        of_one_class("on_benefit", "J"),
        "a class has only adverse values of on_benefit",
    ),
    "a class of neither work nor education": (
        of_one_class("status_y1", "something_else"),
        "a class has only adverse values of status_y1",
    ),
    "a class further than t": (
        of_one_class("status_y0", "other", smallest=False),
        "a class is further than t from the whole table in status_y0",
    ),
    "a day": (
        lambda f: f.with_columns(start_month=pl.lit("2010-02-01")),
        "start_month has values that stand in no level of its hierarchy",
    ),
    "a blank where a code stands": (
        lambda f: f.with_columns(children=pl.lit(None, pl.String)),
        "children has values that stand in no level of its hierarchy",
    ),
    "nobody": (lambda f: f.clear(), "more rows are left out than may be"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", MUTANTS)
def test_every_mutant_is_caught_for_what_it_is(
    tmp_path: Path, whole: dict[str, Built], name: str, mode: str
) -> None:
    mutant, said = MUTANTS[name]
    built = whole[mode]
    with pytest.raises(NotVerified) as caught:
        certified(tmp_path, built, mutant(housed(built)))
    assert said in caught.value.happened


def finer(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(start_month=pl.col("start_month") + "-Q1")


LEVEL_MUTANTS: dict[str, tuple[Mutant, str]] = {
    "one quarter among years": (in_the_first_row("start_month", "2010-Q1"), "values of more than one level"),
    "one month among years": (in_the_first_row("start_month", "2010-02"), "values of more than one level"),
    "quarters where years were told": (finer, "start_month has values of another level than told"),
    "all in one where years were told": (
        lambda f: f.with_columns(start_month=pl.lit("*")),
        "start_month has values of another level than told",
    ),
    # With levels by class somebody without registered children may stand in a class of all.
    "children that nobody registered shown as none": (shown_as("children", "X", "0"), SOURCE_HAS_NOT),
}


@pytest.mark.parametrize("name", LEVEL_MUTANTS)
def test_with_one_level_for_each_column_another_level_is_caught(
    tmp_path: Path, whole: dict[str, Built], name: str
) -> None:
    mutant, said = LEVEL_MUTANTS[name]
    with pytest.raises(NotVerified) as caught:
        certified(tmp_path, whole["level"], mutant(whole["level"].frame))
    assert said in caught.value.happened


@pytest.mark.parametrize("value", ["2010-Q1", "2010-02"])
def test_with_levels_by_class_a_value_of_one_persons_own_is_a_class_too_small(
    tmp_path: Path, whole: dict[str, Built], value: str
) -> None:
    mutant = in_the_first_row("start_month", value)
    with pytest.raises(NotVerified, match="a class has fewer than 5 rows"):
        certified(tmp_path, whole["class"], mutant(whole["class"].frame))


@pytest.mark.parametrize(
    ("name", "off"), [*((name, 1) for name in ASKED), ("start_month", -1), ("children", -1)]
)
def test_a_level_that_is_told_and_not_the_one_written_is_caught(
    tmp_path: Path, whole: dict[str, Built], name: str, off: int
) -> None:
    done = recoded(whole["level"])
    assert done.made.levels is not None
    told = done.made.levels | {name: done.made.levels[name] + off}
    lie = dataclasses.replace(done, made=dataclasses.replace(done.made, levels=told))
    with pytest.raises(NotVerified, match=f"{name} has values of another level than told"):
        certified(tmp_path, dataclasses.replace(whole["level"], recoded=lie), whole["level"].frame)


def without(frame: pl.DataFrame, rows: int) -> pl.DataFrame:
    """So many rows fewer, no class the worse: the smallest go whole, of the largest every other row."""
    sized = frame.with_columns(size=pl.len().over(ASKED)).sort("size", *ASKED, *TOLD)
    ends = sized.select("size", *ASKED).unique(maintain_order=True).select(pl.col("size").cum_sum())
    whole = ends.filter(pl.col("size") <= rows)["size"].max() or 0
    left = sized.slice(int(whole)).with_row_index("row")  # type: ignore[call-overload]
    some = left.filter(one_class(left, smallest=False)).gather_every(2).head(rows - int(whole))  # type: ignore[call-overload]
    return left.join(some, on="row", how="anti").select(frame.columns)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("more", [0, 1])
def test_a_row_more_than_may_be_left_out_is_caught(
    tmp_path: Path, whole: dict[str, Built], mode: str, more: int
) -> None:
    """As many as may be are left out and pass: nothing else is wrong with them."""
    built = whole[mode]
    kept = without(housed(built), MOST_LEFT_OUT + more - built.suppressed)
    assert kept.height == 1000 - MOST_LEFT_OUT - more
    if more:
        with pytest.raises(NotVerified, match=r"verifier: more rows are left out than may be\."):
            certified(tmp_path, built, kept)
    else:
        assert certified(tmp_path, built, kept)


@pytest.mark.parametrize("mode", MODES)
def test_a_coarser_value_than_was_asked_for_at_most_is_caught(
    tmp_path: Path, whole: dict[str, Built], mode: str
) -> None:
    """Told apart from what the engine may do where nobody asked: everybody's country told as a group."""
    done = recoded(whole[mode])
    columns = done.roles.columns
    asked = columns | {"country_of_birth": columns["country_of_birth"].model_copy(update={"coarsest": 0})}
    held = dataclasses.replace(done, roles=done.roles.model_copy(update={"columns": asked}))
    mutant = whole[mode].frame.with_columns(country_of_birth=pl.lit("HA"))
    with pytest.raises(NotVerified, match="country_of_birth"):
        certified(tmp_path, dataclasses.replace(whole[mode], recoded=held), mutant)
