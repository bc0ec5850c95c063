"""Nothing a library says reaches Dagster: its errors quote values, and Dagster writes them down."""

import traceback
from collections.abc import Callable

import dagster as dg
import duckdb
import polars as pl
import pytest

from assets.table import EXIT_CODE, withheld
from pipeline.errors import KeyUnusable, StepFailed

CANARY = "01818012345"


class Panic(BaseException):
    """As the panics of Rust libraries are: no Exception."""


def polars_cast() -> None:
    pl.Series([CANARY]).cast(pl.Int8, strict=True)


def duckdb_cast() -> None:
    duckdb.sql(f"select cast('{CANARY}x' as integer)").fetchall()


def chained() -> None:
    try:
        duckdb_cast()
    except duckdb.Error as error:
        raise ValueError(CANARY) from error


def panic() -> None:
    raise Panic(CANARY)


@pytest.mark.parametrize("work", [polars_cast, duckdb_cast, chained, panic])
def test_what_a_library_quotes_is_withheld_and_the_place_is_told(work: Callable[[], None]) -> None:
    with pytest.raises(BaseException, match=CANARY):  # the danger is real
        work()

    with pytest.raises(dg.Failure) as failure:
        withheld("a step", work)()

    told = "".join(traceback.format_exception(failure.value))
    assert CANARY not in told
    assert failure.value.__context__ is None and failure.value.__cause__ is None
    assert failure.value.metadata[EXIT_CODE].value == StepFailed.exit_code
    assert "a step failed with" in str(failure.value.description)


def test_our_own_words_and_exit_code_pass() -> None:
    def work() -> None:
        raise KeyUnusable("No key.", instead="Nothing.", do="Make one.")

    with pytest.raises(dg.Failure) as failure:
        withheld("a step", work)()

    assert failure.value.description == "No key. Nothing. Make one."
    assert failure.value.metadata[EXIT_CODE].value == KeyUnusable.exit_code


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_stop_from_the_keyboard_is_no_failure(stop: type[BaseException]) -> None:
    def work() -> None:
        raise stop

    with pytest.raises(stop):
        withheld("a step", work)()
