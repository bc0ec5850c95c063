"""`uttrekk protect-table` and `uttrekk protect-courses`, as they are typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from pipeline.cli import uttrekk
from pipeline.disclosure.trajectories import control
from pipeline.disclosure.verify_tables import verify as attacker
from pipeline.errors import NotVerified, PipelineError, RequestRefused, SettingWrong, TargetUnreachable

CANARY = "Ola Kanari"
# Bydel a: 3 work and 20 do not; b and c are large. Of women in c none works.
COUNTS = {
    ("a", "f", "work"): 3,
    ("a", "f", "other"): 12,
    ("a", "m", "other"): 8,
    ("b", "f", "work"): 20,
    ("b", "m", "work"): 20,
    ("b", "m", "other"): 30,
    ("c", "m", "work"): 15,
    ("c", "f", "other"): 25,
}
ROWS = pl.DataFrame(
    [(CANARY, *place) for place, n in COUNTS.items() for _ in range(n)],
    schema=["name", "bydel", "sex", "outcome"],
    orient="row",
)
ORDER = "tables:\n  by_bydel: [bydel, outcome]\n  by_sex: [sex, outcome]\n"


def typed(*words: object) -> str:
    done = CliRunner().invoke(uttrekk, [str(word) for word in words], standalone_mode=False)
    if done.exception:
        raise done.exception
    assert CANARY not in done.output
    return done.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ROWS.write_csv(tmp_path / "rows.csv", separator=";")
    ROWS.write_parquet(tmp_path / "rows.parquet")
    (tmp_path / "order.yaml").write_text(ORDER)
    return tmp_path


def protect(folder: Path, table: str = "rows.csv") -> str:
    return typed("protect-table", folder / table, "--order", folder / "order.yaml", "--out", folder / "out")


def told(path: Path) -> dict[tuple[str | None, ...], int | None]:
    frame = pl.read_csv(path, separator=";")
    assert (frame["shown"].is_null() == (frame["marker"] == "suppressed")).all()
    return {line[:-2]: line[-2] for line in frame.iter_rows()}


def test_linked_tables_stand_in_a_folder_of_their_owners(folder: Path) -> None:
    said = protect(folder)
    # 4 x 3 and 3 x 3 cells, of which the totals by outcome are the same 3.
    assert "2 tables, 18 cells" in said
    assert "proven" in said
    assert {path.name for path in (folder / "out").iterdir()} == {"by_bydel.csv", "by_sex.csv"}
    assert (folder / "out").stat().st_mode & 0o777 == 0o700
    assert not list(folder.glob(".staged*"))
    bydel, sex = (told(folder / "out" / f"{name}.csv") for name in ("by_bydel", "by_sex"))
    # 3 of bydel a work; with 20 others of it and the cheaper pair of c (15 and 25) a rectangle is hidden.
    hidden = {place for place, figure in bydel.items() if figure is None}
    assert hidden == {("a", "work"), ("a", "other"), ("c", "work"), ("c", "other")}
    assert bydel["b", "work"] == 40
    # Nobody is fewer than 5: of men 35 work and 38 do not, of women 23 and 37.
    assert None not in sex.values()
    assert (sex[None, "work"], bydel[None, "work"]) == (60, 60)


def test_parquet_gives_both_and_they_say_the_same(folder: Path) -> None:
    protect(folder, "rows.parquet")
    for name in ("by_bydel", "by_sex"):
        text = pl.read_csv(folder / "out" / f"{name}.csv", separator=";")
        binary = pl.read_parquet(folder / "out" / f"{name}.parquet")
        assert binary["marker"].dtype == pl.Enum(["shown", "suppressed"])
        assert text.rows() == binary.rows()


def test_the_same_order_again_puts_new_tables_in_the_place_of_the_old(folder: Path) -> None:
    protect(folder)
    ROWS.filter(pl.col("bydel") != "a").write_csv(folder / "rows.csv", separator=";")
    protect(folder)
    assert ("a", "work") not in told(folder / "out" / "by_bydel.csv")
    assert not list(folder.glob(".staged*"))


def test_a_folder_with_anything_else_in_it_is_left_alone(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "kept.txt").write_text("kept")
    with pytest.raises(SettingWrong, match="other files"):
        protect(folder)
    assert [path.name for path in (folder / "out").iterdir()] == ["kept.txt"]
    with pytest.raises(SettingWrong, match="is no folder"):
        typed("protect-table", folder / "rows.csv", "--order", folder / "order.yaml", "--out", folder / "a/b")


def test_what_does_not_stand_the_attack_is_not_put_in_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    protect(folder)
    before = (folder / "out" / "by_bydel.csv").read_bytes()

    def refuse(*_: object) -> None:
        raise NotVerified("no", instead="no", do="no")

    monkeypatch.setattr(attacker, "verify", refuse)
    ROWS.head(30).write_csv(folder / "rows.csv", separator=";")
    with pytest.raises(NotVerified):
        protect(folder)
    assert (folder / "out" / "by_bydel.csv").read_bytes() == before
    assert not list(folder.glob(".staged*"))


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "x" * 101, "end "])
def test_a_table_whose_name_is_no_file_name_is_refused(folder: Path, name: str) -> None:
    (folder / "order.yaml").write_text(f'tables: {{"{name}": [bydel]}}\n')
    with pytest.raises(RequestRefused, match=r"becomes a file's.*protect-table --help"):
        protect(folder)
    assert not (folder / "out").exists()


def test_a_refusal_quotes_nobody(folder: Path) -> None:
    (folder / "order.yaml").write_text("tables: {t: [name]}\nhierarchies: {name: h.csv}\n")
    (folder / "h.csv").write_text("somebody;*\nelse;*\n")
    with pytest.raises(PipelineError, match="no leaf") as refusal:
        protect(folder)
    assert CANARY not in str(refusal.value)


@pytest.mark.parametrize("name", ["bydel", "name"])
def test_bytes_are_no_dimension_and_nobody_who_counts(folder: Path, name: str) -> None:
    ROWS.with_columns(pl.col(name).cast(pl.Binary) + b"\xff").write_parquet(folder / "rows.parquet")
    (folder / "order.yaml").write_text(ORDER + "unit: name\n")
    with pytest.raises(RequestRefused, match=f"they stand in: {name}") as refusal:
        protect(folder, "rows.parquet")
    assert CANARY not in str(refusal.value) and not (folder / "out").exists()


def test_rounded_tables_hide_nothing(folder: Path) -> None:
    (folder / "order.yaml").write_text(ORDER + "rounded: true\n")
    assert "none hidden" in protect(folder)
    assert told(folder / "out" / "by_bydel.csv")["a", "work"] in (0, 5)


@pytest.mark.parametrize("command", ["protect-table", "protect-courses"])
def test_the_example_of_the_help_works_when_it_is_pasted(command: str, tmp_path: Path) -> None:
    said = typed(command, "--help")
    pasted = re.search(r"Example, to paste:\n(.*)", said, re.DOTALL)
    assert pasted
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-e"],
        input=pasted[1],
        text=True,
        capture_output=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "HiGHS" not in done.stdout, "the solver says nothing"
    assert {"protect-table": "01;other;10;shown", "protect-courses": "1;1;work"}[command] in done.stdout


# --- courses ------------------------------------------------------------------------------------------

EVENTS = pl.DataFrame(
    {
        "who": [f"{CANARY} {n}" for n in range(6) for _ in range(2)],
        "on": [day for n in range(1, 7) for day in (f"2020-0{n}-15", f"2021-0{n}-20")],
        "what": ["course", "job"] * 6,
        "began": ["2020-01-10"] * 12,
        "home": ["", ""] * 4 + ["h", "h"] * 2,
    }
)


def courses(folder: Path, *more: object, table: str = "events.csv", out: str = "out.csv") -> str:
    named = ("--person", "who", "--date", "on", "--event", "what", "--start", "began")
    return typed("protect-courses", folder / table, *named, "--out", folder / out, *more)


@pytest.fixture
def events(tmp_path: Path) -> Path:
    EVENTS.write_csv(tmp_path / "events.csv", separator=";")
    days = pl.col("on", "began").str.to_date()
    EVENTS.with_columns(days).write_parquet(tmp_path / "events.parquet")
    return tmp_path


def test_time_becomes_coarse_until_all_courses_are_alike(events: Path) -> None:
    said = courses(events, "-k", 5)
    assert "the year since the start; 0.00% of them are left out, and 6 of 6 persons" in said
    frame = pl.read_csv(events / "out.csv", separator=";")
    assert frame.columns == ["course", "year", "event"]
    assert frame.rows() == [(n, *event) for n in range(1, 7) for event in ((0, "course"), (1, "job"))]
    assert (events / "out.csv").stat().st_mode & 0o777 == 0o600


def test_parquet_in_and_out_says_the_same(events: Path) -> None:
    courses(events)
    courses(events, table="events.parquet", out="out.parquet")
    assert (
        pl.read_parquet(events / "out.parquet").rows()
        == pl.read_csv(events / "out.csv", separator=";").rows()
    )


def test_a_household_of_two_hides_nobody_more_than_one(events: Path) -> None:
    # 6 persons, but 5 households: four alone and one of two.
    courses(events, "-k", 5, "--household", "home")
    with pytest.raises(TargetUnreachable, match=r"100\.0% of the events"):
        courses(events, "-k", 6, "--household", "home", out="other.csv")
    assert not (events / "other.csv").exists()


def test_events_become_coarse_when_time_does_not_suffice(events: Path) -> None:
    EVENTS.with_columns(what=pl.when(pl.int_range(12) < 2).then(pl.lit("exam")).otherwise("what")).write_csv(
        events / "events.csv", separator=";"
    )
    (events / "what.csv").write_text("course;learning;*\nexam;learning;*\njob;work;*\n")
    assert "that they happened, not when, at level" in courses(
        events, "-k", 6, "-m", 1, "--suppression", 0, "--hierarchy", events / "what.csv"
    )
    assert pl.read_csv(events / "out.csv", separator=";").columns == ["course", "event"]


def test_without_a_start_the_first_event_is_it(events: Path) -> None:
    named = ("--person", "who", "--date", "on", "--event", "what")
    typed("protect-courses", events / "events.csv", *named, "--out", events / "out.csv", "-k", 6)
    # From the 15th of a month to the 20th of the same a year later: month 12 for everybody.
    frame = pl.read_csv(events / "out.csv", separator=";")
    assert frame.select("month", "event").unique().sort("month").rows() == [(0, "course"), (12, "job")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"on": pl.lit("15.01.2020")}, "on holds what is no day"),
        ({"began": pl.lit("soon")}, "began holds what is no day"),
        ({"who": pl.lit("")}, "who is blank"),
        ({"what": pl.lit(None, pl.String)}, "what is blank"),
        ({"began": pl.col("on")}, "more than one began"),
        ({"began": pl.lit("")}, "who has no began"),
    ],
)
def test_rows_that_cannot_be_read_are_refused_unquoted(
    events: Path, change: dict[str, pl.Expr], message: str
) -> None:
    EVENTS.with_columns(**change).write_csv(events / "events.csv", separator=";")
    with pytest.raises(RequestRefused, match=message) as refusal:
        courses(events)
    assert CANARY not in str(refusal.value) and "15.01.2020" not in str(refusal.value)
    assert not (events / "out.csv").exists()


@pytest.mark.parametrize("name", ["who", "what", "home", "on"])
def test_bytes_are_no_person_event_household_or_day(events: Path, name: str) -> None:
    odd = EVENTS.with_columns(pl.col(name).cast(pl.Binary) + b"\xff")
    odd.write_parquet(events / "events.parquet")
    with pytest.raises(RequestRefused, match=f"they stand in: {name}"):
        courses(events, "--household", "home", table="events.parquet")
    assert not (events / "out.csv").exists()


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_household_of_nearly_another_columns_name_is_the_one_that_was_named(
    events: Path, kind: str
) -> None:
    # 6 persons of 5 households; by the other column they are of one.
    both = EVENTS.select(pl.lit("all").alias("Home"), pl.all())
    both.write_csv(events / "events.csv")
    both.write_parquet(events / "events.parquet")
    assert "5 households" in courses(events, "--household", "home", table=f"events.{kind}")


def test_a_column_that_is_not_there_is_named(events: Path) -> None:
    with pytest.raises(RequestRefused, match="lacks home2"):
        courses(events, "--household", "home2")


def test_the_output_never_takes_the_inputs_place(events: Path) -> None:
    with pytest.raises(SettingWrong, match="take the place"):
        courses(events, out="events.csv")


def test_what_the_verifier_does_not_pass_is_not_written(
    events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A controller that forgets to look: nothing is rare to it.
    nothing = pl.DataFrame(
        schema={"person": pl.String, "size": pl.Int64, "item": pl.Int64, "units": pl.Int64}
    )
    monkeypatch.setattr(control, "rare", lambda *_, **__: nothing)
    with pytest.raises(NotVerified, match="shared by fewer than 5 households"):
        courses(events, "-k", 5)
    assert not (events / "out.csv").exists()
