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
from pipeline.disclosure import verify_usual
from pipeline.disclosure.verify import verify
from pipeline.errors import NotVerified
from schemas.research import CoarsenedOutcome, ExtractOutcome, ExtractPerson
from schemas.variable import Table

Change = Callable[[pl.DataFrame], pl.DataFrame]
STATUS = ("status_y0", "status_y1", "status_y5")
NAMES = ("sex", "birth_year", "country_of_birth", "bydel", "start_month", "chronic_illness", *STATUS)
LEVELS = {"sex": 0, "birth_year": 1, "country_of_birth": 2, "bydel": 1, "start_month": 2}
HALF_DECADES = ("1970-1974", "1975-1979", "1980-1984", "1985-1989")


def coarsened(*sizes: int) -> pl.DataFrame:
    """Classes of these sizes, told apart by the years of birth; every third is ill, every second at work."""
    rows = [
        ("1", HALF_DECADES[at], "AF", "IO", "2011", ill(n), "work" if n % 2 else "other", None, "not_known")
        for at, size in enumerate(sizes)
        for n in range(size)
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(NAMES, pl.String), orient="row")


def ill(n: int) -> str | None:
    """Of every three: one is ill, one is not, of one nothing is registered."""
    return ("J", "N", None)[n % 3]


def check(tmp_path: Path, frame: pl.DataFrame, **changed: Any) -> dict[str, Any]:
    path = tmp_path / "file.parquet"
    frame.write_parquet(path)
    asked: dict[str, Any] = {"table": CoarsenedOutcome, "coarsened": True, "rows": 11, "k": 5}
    asked |= changed
    table: type[Table] = asked.pop("table")
    return verify(path, table, **asked)


def test_a_sound_file_passes_and_is_measured(tmp_path: Path) -> None:
    found = check(tmp_path, coarsened(5, 6), levels=LEVELS)
    assert (found["k_measured"], found["classes"], found["rows"]) == (5, 2, 11)
    # Of five: n = 0 ... 4 has ill and status JO, NW, -O, JW, NO. Of six: - W besides.
    assert found["fewest_distinct_outcomes_in_a_class"] == 5
    assert (found["k_required"], found["t_required"]) == (5, 0.2)


def test_outcomes_and_health_are_no_part_of_a_class(tmp_path: Path) -> None:
    assert check(tmp_path, coarsened(5, 6))["class_by"] == list(LEVELS)


def test_what_classes_tell_of_a_special_category_is_measured(tmp_path: Path) -> None:
    found = check(tmp_path, coarsened(5, 6))["special_categories"]
    assert list(found) == ["chronic_illness", *STATUS]
    # At work 2 of 5 and 3 of 6, in all 5 of 11: the further class is 5/11 - 2/5 = 3/55 from it.
    assert found["status_y0"] == {"t_measured": round(3 / 55, 6), "one_sided_classes": 0}
    # Ill are 2 of 4 registered and 2 of 4: a blank is no value.
    assert found["chronic_illness"] == {"t_measured": 0.0, "one_sided_classes": 0}
    assert found["status_y1"] == {"t_measured": 0.0, "one_sided_classes": 0}


def test_what_is_not_known_is_no_value_of_t(tmp_path: Path) -> None:
    """At work are 2 of 4 and 3 of 6 of whom anything is known: the fifth is no value."""
    found = check(
        tmp_path, first_class("status_y0", "work", "other", "unknown", "work", "other")(coarsened(5, 6))
    )
    assert found["special_categories"]["status_y0"] == {"t_measured": 0.0, "one_sided_classes": 0}


def first_class(name: str, *values: str | None) -> Change:
    """The class of five has these values in that column."""
    return lambda f: pl.concat([f.head(5).with_columns(pl.Series(name, values)), f.tail(6)])


def finer(name: str, value: str) -> Change:
    """One value stands at a finer level than the others: with levels told, that is caught in any row."""
    first = pl.int_range(pl.len()) == 0
    return lambda f: f.with_columns(pl.when(first).then(pl.lit(value)).otherwise(name).alias(name))


MUTATIONS: dict[str, tuple[Change, str]] = {
    "a class of k - 1": (lambda _: coarsened(4, 7), "smallest class"),
    "a pseudonym": (lambda f: f.with_columns(pseudonym=pl.lit("0" * 32)), "pseudonym is not declared"),
    "a date": (lambda f: f.with_columns(ended_on=pl.lit(date(2012, 1, 1))), "ended_on is not declared"),
    "a date under a declared name": (
        lambda f: f.with_columns(start_month=pl.lit(date(2012, 1, 1))),
        "start_month is DATE",
    ),
    "a number under a declared name": (lambda f: f.with_columns(sex=pl.lit(1)), "sex is INTEGER"),
    "an unknown code": (lambda f: f.with_columns(country_of_birth=pl.lit("ZZ")), "no code of country"),
    "a day, which is no level": (finer("start_month", "2011-02-01"), "no code of month"),
    "a blank": (lambda f: f.with_columns(bydel=pl.lit(None, pl.String)), "bydel is missing in rows"),
    "an outcome of another list": (lambda f: f.with_columns(status_y0=pl.lit("observed")), "no code"),
    "an extra row": (lambda f: pl.concat([f, f.head(1)]), "another number of rows"),
    "a missing row": (lambda f: f.head(10), "another number of rows"),
    "a class of ill alone": (
        first_class("chronic_illness", "J", "J", "9", None, "J"),
        "only adverse values of chronic_illness",
    ),
    "a class of whom all that is known is adverse": (
        first_class("status_y1", "something_else", "not_known", "not_known", None, "something_else"),
        "only adverse values of status_y1",
    ),
    "a class of neither work nor education": (
        first_class("status_y0", "other", "unemployed_measure", "other", "other", None),
        "only adverse values of status_y0",
    ),
    "a class in which the unknown hide the adverse": (
        first_class("status_y0", "other", "unknown", "not_registered", "unknown", None),
        "only adverse values of status_y0",
    ),
    # At work 4 of 5 and none of 6, in all 4 of 11: 4/5 - 4/11 = 0.436.
    "a class unlike the file": (
        lambda f: first_class("status_y0", "work", "work", "work", "work", "other")(
            f.with_columns(status_y0=pl.Series(["other"] * 5 + ["education"] * 6))
        ),
        "further than t from the whole file in status_y0",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("levels", [LEVELS, None], ids=["level", "class"])
def test_every_planted_leak_in_a_coarsened_file_is_caught(
    tmp_path: Path, name: str, levels: dict[str, int] | None
) -> None:
    change, message = MUTATIONS[name]
    with pytest.raises(NotVerified, match=message):
        check(tmp_path, change(coarsened(5, 6)), levels=levels)


FINER: dict[str, tuple[Change, str]] = {
    "a month among years": (finer("start_month", "2011-02"), "start_month"),
    "a year of birth among five": (finer("birth_year", "1973"), "birth_year"),
    "a country among regions": (finer("country_of_birth", "346"), "country_of_birth"),
    "a bydel among groups": (finer("bydel", "15"), "bydel"),
    "everybody's sex told as none": (lambda f: f.with_columns(sex=pl.lit("*")), "sex"),
}


@pytest.mark.parametrize("name", FINER)
def test_a_value_of_another_level_than_told_is_caught(tmp_path: Path, name: str) -> None:
    change, column = FINER[name]
    # Five of each row and nothing told of anybody, so that nothing but the level is wrong.
    frame = pl.concat([change(coarsened(5, 6)).select(list(LEVELS))] * 5)
    check(tmp_path, frame, rows=55)
    with pytest.raises(NotVerified, match=f": {column} has values of another level than told"):
        check(tmp_path, frame, rows=55, levels=LEVELS)


@pytest.mark.parametrize("level", [-1, 5])
def test_a_level_that_the_ladder_has_not_is_no_level(tmp_path: Path, level: int) -> None:
    with pytest.raises(NotVerified, match="start_month has no level"):
        check(tmp_path, coarsened(5, 6), levels=LEVELS | {"start_month": level})
    with pytest.raises(NotVerified, match="start_month has no level"):
        told = {name: at for name, at in LEVELS.items() if name != "start_month"}
        check(tmp_path, coarsened(5, 6), levels=told)


def test_all_values_in_one_is_a_level_of_every_ladder(tmp_path: Path) -> None:
    top = {"sex": 1, "birth_year": 3, "country_of_birth": 3, "bydel": 2, "start_month": 4}
    starred = coarsened(5, 6).with_columns(pl.lit("*").alias(name) for name in top)
    assert check(tmp_path, starred, levels=top)["classes"] == 1


@pytest.mark.parametrize(
    ("bydel", "caught"), [("15", False), ("SO", False), ("*", False), ("Y", True), ("2011", True)]
)
def test_where_levels_differ_by_class_a_value_may_stand_at_any_level_of_its_own_ladder(
    tmp_path: Path, bydel: str, caught: bool
) -> None:
    frame = pl.concat([coarsened(5, 6).head(5).with_columns(bydel=pl.lit(bydel)), coarsened(5, 6).tail(6)])
    if caught:
        with pytest.raises(NotVerified, match="no code of bydel"):
            check(tmp_path, frame, levels=None)
    else:
        assert check(tmp_path, frame, levels=None)["classes"] == 2


@pytest.mark.parametrize(("limit", "caught"), [({"bydel": 1}, False), ({"bydel": 0}, True)])
def test_a_value_coarser_than_was_asked_for_is_caught(
    tmp_path: Path, limit: dict[str, int], caught: bool
) -> None:
    if caught:
        with pytest.raises(NotVerified, match="bydel has values coarser than was asked for"):
            check(tmp_path, coarsened(5, 6), coarsest=limit)
    else:
        check(tmp_path, coarsened(5, 6), coarsest=limit)


def test_a_requests_stricter_k_is_measured_too(tmp_path: Path) -> None:
    with pytest.raises(NotVerified, match="fewer than 6"):
        check(tmp_path, coarsened(5, 6), k=6)


def test_a_requests_stricter_t_is_measured_too(tmp_path: Path) -> None:
    """4 of 5 at work and 2 of 5, in all 6 of 10: each is 0.2 from the whole, where as much may be left out
    as 0.05 besides."""
    frame = coarsened(5, 5).with_columns(
        status_y0=pl.Series(["work"] * 4 + ["other"] + ["work"] * 2 + ["other"] * 3)
    )
    assert check(tmp_path, frame, rows=10)["special_categories"]["status_y0"]["t_measured"] == 0.2
    check(tmp_path, frame, rows=10, t=0.15)
    with pytest.raises(NotVerified, match="further than t from the whole file in status_y0"):
        check(tmp_path, frame, rows=10, t=0.14)


def five_and_five(first: int, second: int) -> pl.DataFrame:
    """Two classes of five, of whom so many are at work."""
    jobs = [job for n in (first, second) for job in ["work"] * n + ["other"] * (5 - n)]
    return coarsened(5, 5).with_columns(status_y0=pl.Series(jobs))


def many(frame: pl.DataFrame, times: int) -> pl.DataFrame:
    """The same classes, each row so many times: shares are told of fifty registered rows and more."""
    return pl.concat([frame] * times)


def wrong_with(tmp_path: Path, frame: pl.DataFrame, **said: Any) -> str:
    """What the verifier refuses it for; nothing where it does not."""
    try:
        check(tmp_path, frame, rows=frame.height, **said)
    except NotVerified as refused:
        return refused.happened
    return ""


@pytest.mark.parametrize(
    ("usual", "caught"),
    [
        # 4 of 5 and 2 of 5 are at work. From 60 %: 0.2 each, and no rounding makes it more.
        ({"work": 60, "other": 40}, False),
        ({"work": 59, "other": 41}, True),
        ({"work": 61, "other": 39}, True),
        ({"work": 6, "other": 4}, False),
    ],
)
def test_t_is_measured_exactly_from_what_is_said_to_be_usual(
    tmp_path: Path, usual: dict[str, int], caught: bool
) -> None:
    told, frame = {"status_y0": usual}, many(five_and_five(4, 2), 50)
    if caught:
        with pytest.raises(NotVerified, match="further than t from what is usual in status_y0"):
            check(tmp_path, frame, rows=500, usual=told)
    else:
        found = check(tmp_path, frame, rows=500, usual=told)["special_categories"]
        assert found["status_y0"]["t_from_usual"] <= 0.2


EVEN = {"work": 50, "other": 50}
SAID: dict[str, tuple[Any, str]] = {
    "as it stands there": ({"status_y0": EVEN}, ""),
    "a quasi-identifier": ({"status_y0": EVEN, "sex": {"1": 100}}, "of what is no special category"),
    "a column of nobody's declaration": ({"Ola Nordmann": EVEN}, "of what is no special category"),
    "a special category that is not in the file": ({"status_y3": EVEN}, "of what is no special category"),
    "no columns": ([1], "of what is no special category"),
    "no shares": ({"status_y0": 7}, "not told in whole parts"),
    "no values": ({"status_y0": {}}, "not told in whole parts"),
    "a decimal": ({"status_y0": {"work": 50.0, "other": 50}}, "not told in whole parts"),
    "without an end": ({"status_y0": {"work": float("inf"), "other": 50}}, "not told in whole parts"),
    "no number": ({"status_y0": {"work": float("nan"), "other": 50}}, "not told in whole parts"),
    "text": ({"status_y0": {"work": "50", "other": 50}}, "not told in whole parts"),
    "yes": ({"status_y0": {"work": True, "other": 50}}, "not told in whole parts"),
    "nothing of anything": ({"status_y0": {"work": 0, "other": 0}}, "not told in whole parts"),
    "less than nothing": ({"status_y0": {"work": -50, "other": 50}}, "not told in whole parts"),
    "more than all": ({"status_y0": {"work": 10**50, "other": 50}}, "not told in whole parts"),
    "a value with no share": (
        {"status_y0": EVEN | {"01815512345": 0}},
        "not told in whole parts",
    ),
    "what is no code": ({"status_y0": EVEN | {"01815512345": 5}}, "names what nobody has registered"),
    "a code nobody has": ({"status_y0": EVEN | {"education": 5}}, "names what nobody has registered"),
    "what is not known": ({"status_y0": EVEN | {"unknown": 10}}, "names what nobody has registered"),
    "finer than a hundred are told in": ({"status_y0": {"work": 52, "other": 48}}, "in finer steps"),
    "further than it may have moved": ({"status_y0": {"work": 65, "other": 35}}, "is too far from the file"),
    "as far as it may have moved": ({"status_y0": {"work": 60, "other": 40}}, ""),
}


@pytest.mark.parametrize("what", SAID)
def test_only_what_may_be_said_to_be_usual_is_verified_and_no_value_is_quoted(
    tmp_path: Path, what: str
) -> None:
    """A hundred are registered, half of them at work, and ten are not known."""
    usual, problem = SAID[what]
    frame = pl.concat(
        [many(five_and_five(3, 2), 10), five_and_five(0, 0).with_columns(status_y0=pl.lit("unknown"))]
    )
    found = wrong_with(tmp_path, frame, usual=usual)
    assert (problem in found) if problem else not found
    assert "01815512345" not in found and "Ola" not in found and found.count("; ") == 0


@pytest.mark.parametrize(("times", "problem"), [(4, "is told of too few"), (5, "")])
def test_of_fewer_than_fifty_nothing_may_be_said_to_be_usual(
    tmp_path: Path, times: int, problem: str
) -> None:
    found = wrong_with(tmp_path, many(five_and_five(3, 2), times), usual={"status_y0": EVEN})
    assert (problem in found) if problem else not found


@pytest.mark.parametrize(
    ("times", "usual", "problem"),
    [
        # Of a hundred 55 are at work, told in steps of five; of fifty 28, told in tens.
        (10, {"work": 55, "other": 45}, ""),
        (10, {"work": 50, "other": 50}, "is not what stands in the file"),
        (5, {"work": 60, "other": 40}, ""),
        (5, {"work": 50, "other": 50}, "is not what stands in the file"),
    ],
)
def test_what_is_counted_anew_must_be_what_stands_in_the_file(
    tmp_path: Path, times: int, usual: dict[str, int], problem: str
) -> None:
    work = (11 * times + 1) // 2
    jobs = ["work"] * work + ["other"] * (10 * times - work)
    frame = coarsened(10 * times).with_columns(status_y0=pl.Series(jobs))
    said: dict[str, Any] = {"usual": {"status_y0": usual}}
    assert not wrong_with(tmp_path, frame, **said)
    found = wrong_with(tmp_path, frame, **said, anew=["status_y0"])
    assert (problem in found) if problem else not found


def test_what_is_said_to_be_usual_is_not_believed(tmp_path: Path) -> None:
    """5 of 5 and 4 of 15 at work, in all 9 of 20: the first is 0.55 from the file, whatever is said."""
    frame = pl.concat([five_and_five(5, 3), five_and_five(1, 0)]).with_columns(
        birth_year=pl.Series([HALF_DECADES[0]] * 5 + [HALF_DECADES[1]] * 15)
    )
    found = wrong_with(tmp_path, many(frame, 5), usual={"status_y0": {"work": 80, "other": 20}})
    assert "further than t from the whole file in status_y0" in found


def test_where_what_is_usual_is_of_an_earlier_version_the_file_may_have_moved_so_far(tmp_path: Path) -> None:
    """20 of 25 and 5 of 10 at work: the smaller is 0.214 from the file's 25 of 35, and 0.2 from 70 %."""
    frame = pl.concat([five_and_five(4, 4), five_and_five(4, 4), five_and_five(4, 4).head(5)]).with_columns(
        birth_year=pl.lit(HALF_DECADES[0])
    )
    beside = five_and_five(3, 2).with_columns(birth_year=pl.lit(HALF_DECADES[1]))
    whole = many(pl.concat([frame, beside]), 20)
    said: dict[str, Any] = {"usual": {"status_y0": {"work": 70, "other": 30}}}
    told = check(tmp_path, whole, rows=700, **said)["special_categories"]["status_y0"]
    assert told["t_measured"] == round(25 / 35 - 1 / 2, 6)
    assert told["t_from_usual"] == 0.2
    # Asked for less, it is 0.014 beyond t and what may be left out, but not beyond what may have moved.
    far = "further than t from the whole file"
    assert far not in wrong_with(tmp_path, whole, **said, t=0.15)
    assert far in wrong_with(tmp_path, whole, **said, t=0.15, anew=["status_y0"])


def test_unknown_is_no_value_of_t_from_what_is_usual(tmp_path: Path) -> None:
    frame = first_class("status_y0", "work", "other", "unknown", "work", "other")(coarsened(5, 6))
    said = {"status_y0": {"work": 50, "other": 50}}
    found = check(tmp_path, many(frame, 10), rows=110, usual=said)["special_categories"]
    assert found["status_y0"] == {"t_measured": 0.0, "t_from_usual": 0.0, "one_sided_classes": 0}


def test_nobody_can_ask_the_verifier_for_less_than_its_own_k(tmp_path: Path) -> None:
    with pytest.raises(NotVerified, match="fewer than 5"):
        check(tmp_path, coarsened(4, 7), k=1)


def test_nobody_can_ask_the_verifier_for_a_larger_t_than_its_own(tmp_path: Path) -> None:
    change, message = MUTATIONS["a class unlike the file"]
    with pytest.raises(NotVerified, match=message):
        check(tmp_path, change(coarsened(5, 6)), t=1.0)


def test_fewer_columns_make_larger_classes(tmp_path: Path) -> None:
    assert check(tmp_path, coarsened(4, 7).drop("birth_year"))["k_measured"] == 11


def test_a_message_quotes_no_value(tmp_path: Path) -> None:
    with pytest.raises(NotVerified) as refused:
        check(tmp_path, coarsened(5, 6).with_columns(country_of_birth=pl.lit("01815512345")))
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
    ours = set()
    for module in (verifier, verify_usual):
        tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        ours |= {name for name in imported if name.split(".")[0] in {"pipeline", "schemas"}}
    others = {module for module in ours if not module.startswith("pipeline.disclosure.verify_")}
    assert others == {"pipeline.errors", "schemas.codes", "schemas.variable"}


def test_a_column_of_nearly_a_declared_name_is_undeclared_by_its_very_name(tmp_path: Path) -> None:
    """DuckDB does not tell capitals apart, and would call the second of two as it likes."""
    for names in (("Sex", *NAMES), (*NAMES, "Sex")):
        frame = coarsened(5, 6).with_columns(Sex=pl.lit("1")).select(names)
        with pytest.raises(NotVerified, match=r"verifier: Sex is not declared in coarsened_outcome\."):
            check(tmp_path, frame)
