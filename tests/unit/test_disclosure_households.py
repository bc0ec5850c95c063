"""Households in `anonymise` and `risk`, and the verifier's own count of them, on tables counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli import uttrekk
from pipeline.disclosure import risk
from pipeline.disclosure.anonymise import Anonymised, anonymise
from pipeline.disclosure.roles import Roles, asked
from pipeline.disclosure.verify_engine import verify
from pipeline.errors import NotVerified, RequestRefused, SettingWrong

CANARY = "h-kanari"
COLUMNS = {"town": {"role": "quasi"}, "sex": {"role": "quasi"}, "note": {"role": "kept"}}
ASKED: dict[str, Any] = {"k": 3, "suppression": 0.4, "household": "home", "columns": COLUMNS}
# In Bergen five persons of two households; in Oslo four of four, two of whom have none written.
PEOPLE = pl.DataFrame(
    {
        "town": ["Bergen"] * 5 + ["Oslo"] * 4,
        "sex": ["1"] * 9,
        "note": list("abcdefghi"),
        "home": [CANARY] * 4 + ["h2", "h3", "h4", None, ""],
    }
)


def roles(**changed: Any) -> Roles:
    return Roles.model_validate(ASKED | changed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    PEOPLE.write_parquet(tmp_path / "people.parquet")
    PEOPLE.write_csv(tmp_path / "people.csv")
    (tmp_path / "roles.yaml").write_text(yaml.safe_dump(ASKED), encoding="utf-8")
    return tmp_path


def typed(*words: object) -> str:
    done = CliRunner().invoke(uttrekk, [str(word) for word in words], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.output


def test_a_town_of_two_families_is_merged_or_left_out_and_households_are_not_passed_on(folder: Path) -> None:
    # Without households both towns are classes of three or more.
    rows = anonymise(PEOPLE.drop("home"), roles(household=None), folder).rows
    assert rows["town"].unique().sort().to_list() == ["Bergen", "Oslo"]
    made = anonymise(PEOPLE, roles(), folder)
    assert made.rows.columns == ["town", "sex", "note"]
    assert made.rows["town"].unique().to_list() == ["*"]
    assert made.homes is not None
    assert dict(zip(made.rows["note"], made.homes, strict=True)) == dict(
        zip(PEOPLE["note"], PEOPLE["home"], strict=True)
    )


@pytest.mark.parametrize("mode", ["level", "class"])
def test_what_households_are_called_and_the_order_of_rows_decide_nothing(folder: Path, mode: str) -> None:
    one = anonymise(PEOPLE, roles(mode=mode), folder).rows
    called = {CANARY: "9", "h2": "8", "h3": "7", "h4": "6"}
    renamed = PEOPLE.with_columns(pl.col("home").replace(called))
    assert anonymise(renamed, roles(mode=mode), folder).rows.equals(one)
    assert anonymise(PEOPLE.reverse(), roles(mode=mode), folder).rows.equals(one)


def test_a_word_for_missing_values_may_be_the_number_of_a_household(folder: Path) -> None:
    made = anonymise(PEOPLE, roles(blank=[CANARY]), folder)
    assert made.rows["town"].unique().to_list() == ["*"]


# --- the verifier ----------------------------------------------------------------------------------------


def by_rows(folder: Path, mode: str = "level") -> Anonymised:
    """What an engine writes that counts rows: both towns are classes."""
    made = anonymise(PEOPLE, roles(k=1, mode=mode), folder)
    assert made.rows["town"].n_unique() == 2
    return made


def verified(folder: Path, rows: pl.DataFrame, homes: pl.Series | None, **changed: Any) -> dict[str, Any]:
    rows.write_parquet(folder / "written.parquet")
    must_hold = asked(roles(**changed), folder)
    told = None if homes is None else homes.to_frame()
    return verify(folder / "people.parquet", folder / "written.parquet", must_hold, told)


@pytest.mark.parametrize("mode", ["level", "class"])
def test_the_verifier_counts_households(folder: Path, mode: str) -> None:
    made = by_rows(folder, mode)
    assert verified(folder, made.rows, made.homes, mode=mode, k=2)["households"] == 2
    with pytest.raises(NotVerified, match="a class has rows of fewer than 3 households") as caught:
        verified(folder, made.rows, made.homes, mode=mode)
    assert CANARY not in str(caught.value)


MADE_UP = "values that no row of the source has"
LIES: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], str]] = {
    "each alone": (lambda f: f.with_columns(home=pl.lit("")), MADE_UP),
    "each of a household of its own": (lambda f: f.with_columns(home=pl.col("note")), MADE_UP),
    # Four households of the other town: each is there, and none of them is anybody's of Bergen.
    "another's household": (
        lambda f: f.with_columns(home=pl.Series([*PEOPLE["home"][5:], *PEOPLE["home"][:5]])),
        MADE_UP,
    ),
    "of fewer rows than there are": (lambda f: f.head(8), "another number of rows than households"),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("mode", ["level", "class"])
def test_what_it_is_told_of_households_is_not_believed(folder: Path, lie: str, mode: str) -> None:
    made = by_rows(folder, mode)
    assert made.homes is not None
    change, told = LIES[lie]
    homes = change(made.rows.with_columns(made.homes))["home"]
    with pytest.raises(NotVerified, match=told):
        verified(folder, made.rows, homes, mode=mode)


def test_nothing_told_of_households_and_a_household_written_are_caught(folder: Path) -> None:
    made = anonymise(PEOPLE, roles(), folder)
    assert made.homes is not None
    with pytest.raises(NotVerified, match="nothing says which household"):
        verified(folder, made.rows, None)
    with pytest.raises(NotVerified, match="the column home must not be there"):
        verified(folder, made.rows.with_columns(made.homes), made.homes)


# --- risk, and the commands ------------------------------------------------------------------------------


def test_k_is_the_fewest_households_of_a_class() -> None:
    quasi = ["town", "sex"]
    measured = risk.measure(PEOPLE, quasi, homes=PEOPLE["home"])
    assert (measured.k, measured.households) == (2, True)
    assert (risk.measure(PEOPLE, quasi).k, risk.measure(PEOPLE, quasi).households) == (4, False)
    assert risk.measure(PEOPLE[5:], quasi, homes=PEOPLE["home"][5:]).k == 4


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_the_commands_count_households_and_write_none(folder: Path, kind: str) -> None:
    table, out, role_file = folder / f"people.{kind}", folder / f"out.{kind}", folder / "roles.yaml"
    said = typed("anonymise", table, "--roles", role_file, "--out", out)
    assert "k = 3 households" in said
    assert b"h2" not in out.read_bytes() and CANARY not in said + out.read_bytes().decode("latin-1")
    # The source has the column, so k is counted in households; what was made of it has not.
    assert "k: 2 households" in typed("risk", table, "--roles", role_file)
    coarse = typed("risk", out, "--roles", role_file)
    assert "no column home: k counts rows here" in coarse and "k: 9\n" in coarse


def test_the_certificate_says_what_k_counts(folder: Path) -> None:
    table, role_file = folder / "people.parquet", folder / "roles.yaml"
    for language, said in (("nb", "minst 3 ulike husstander"), ("en", "at least 3 different households")):
        written = folder / f"risk.{language}.md"
        typed("risk", table, "--roles", role_file, "--certificate", written)
        assert said in written.read_text("utf-8") and "«home»" in written.read_text("utf-8")


def test_a_certificate_needs_a_folder_that_is_there(folder: Path) -> None:
    out = folder / "nodir" / "risk.en.html"
    with pytest.raises(SettingWrong, match=rf"no folder {out.parent} .* mkdir -p {out.parent}"):
        typed("risk", folder / "people.csv", "--roles", folder / "roles.yaml", "--certificate", out)


def test_a_household_has_no_other_role_and_must_be_there(folder: Path) -> None:
    doubled = ASKED | {"columns": COLUMNS | {"home": {"role": "kept"}}}
    (folder / "roles.yaml").write_text(yaml.safe_dump(doubled), encoding="utf-8")
    with pytest.raises(RequestRefused, match="take it out of columns"):
        typed("risk", folder / "people.csv", "--roles", folder / "roles.yaml")
    with pytest.raises(RequestRefused, match="not in the table: home"):
        anonymise(PEOPLE.drop("home"), roles(), folder)


@pytest.mark.parametrize("home", [pl.concat_list("home"), pl.col("home").cast(pl.Binary)])
def test_a_list_or_bytes_are_no_household(folder: Path, home: pl.Expr) -> None:
    odd = PEOPLE.with_columns(home=home)
    odd.write_parquet(folder / "people.parquet")
    refusal = "no values to be counted; they stand in: home"
    with pytest.raises(RequestRefused, match=refusal):
        anonymise(odd, roles(), folder)
    with pytest.raises(RequestRefused, match=refusal):
        typed("risk", folder / "people.parquet", "--roles", folder / "roles.yaml")


@pytest.mark.parametrize("command", ["anonymise", "risk"])
def test_a_household_without_a_name_is_refused_in_the_role_file(folder: Path, command: str) -> None:
    (folder / "roles.yaml").write_text(yaml.safe_dump(ASKED | {"household": ""}), encoding="utf-8")
    out = ["--out", folder / "out.csv"] if command == "anonymise" else []
    with pytest.raises(RequestRefused, match=r"household: .*at least 1 character"):
        typed(command, folder / "people.csv", "--roles", folder / "roles.yaml", *out)


# --- columns whose names differ by capitals alone: DuckDB takes one for the other -------------------------


@pytest.mark.parametrize("kept", ["Home", "HOME", "home_1", "rowid", "n"])
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_kept_column_of_nearly_the_name_is_not_counted_as_the_household(
    folder: Path, kept: str, kind: str
) -> None:
    source, written = folder / f"s.{kind}", folder / f"w.{kind}"
    family = pl.DataFrame(
        {"town": ["Bergen"] * 9, "sex": ["1"] * 9, kept: [*"abcdefghi"], "home": [CANARY] * 9}
    )
    columns = {"town": {"role": "quasi"}, "sex": {"role": "quasi"}, kept: {"role": "kept"}}
    write = pl.DataFrame.write_parquet if kind == "parquet" else pl.DataFrame.write_csv
    write(family, source)
    write(family.drop("home"), written)
    homes = family.select("home")
    assert verify(source, written, asked(roles(k=1, columns=columns), folder), homes)["households"] == 1
    with pytest.raises(NotVerified, match="a class has rows of fewer than 3 households"):
        verify(source, written, asked(roles(columns=columns), folder), homes)


def test_the_source_must_have_the_household_by_its_very_name(folder: Path) -> None:
    made = anonymise(PEOPLE, roles(), folder)
    assert made.homes is not None
    PEOPLE.rename({"home": "HOME"}).write_parquet(folder / "people.parquet")
    with pytest.raises(NotVerified, match="the source has no column home"):
        verified(folder, made.rows, made.homes)


@pytest.mark.parametrize("kind", ["parquet", "csv"])
@pytest.mark.parametrize("role", ["quasi", "kept", "direct"])
def test_columns_that_differ_by_capitals_alone_are_told_apart(folder: Path, kind: str, role: str) -> None:
    both = PEOPLE.with_columns(Home=pl.lit("x"), HOME=pl.col("note"))
    both.write_parquet(folder / "people.parquet")
    both.write_csv(folder / "people.csv")
    columns = COLUMNS | {"Home": {"role": role}, "HOME": {"role": "kept"}}
    (folder / "roles.yaml").write_text(yaml.safe_dump(ASKED | {"columns": columns}), encoding="utf-8")
    table, out, role_file = folder / f"people.{kind}", folder / f"out.{kind}", folder / "roles.yaml"
    assert "k = 3 households" in typed("anonymise", table, "--roles", role_file, "--out", out)
    assert "k: 2 households" in typed("risk", table, "--roles", role_file)
