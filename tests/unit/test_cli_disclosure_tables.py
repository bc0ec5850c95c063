"""`uttrekk anonymise` and `uttrekk risk` on tables that somebody else made: any names, any cells."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli import uttrekk
from pipeline.errors import RequestRefused

CANARY = "Ola Kanari"
QUASI = {"role": "quasi"}
SENSITIVE = {"role": "sensitive", "distinct": 2, "t": 0.9, "adverse": ["flu"]}
KEPT = {"role": "kept"}
# What the measures call columns of their own, and what Polars calls its arguments.
NAMES = (
    *("n", "k", "rows", "len", "outcome", "value", "change", "spread", "n_before", "n_after"),
    *("k_before", "k_after", "before", "after", "low", "factor", "overlap", "group", "by", "released"),
    *("0", "1", "self"),
)
MEASURED = ("shares in smaller groups", "pMSE")


def typed(*words: object) -> str:
    done = CliRunner().invoke(uttrekk, [str(word) for word in words], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.output


def people(quasi: str = "town", sensitive: str = "illness", **more: list[Any]) -> pl.DataFrame:
    towns, ill = ["Oslo", "Oslo", "Bergen", "Bergen"] * 3, ["flu", "none"] * 6
    return pl.DataFrame({quasi: towns, sensitive: ill, **more})


def roles(folder: Path, **columns: dict[str, Any]) -> Path:
    path = folder / "roles.yaml"
    own = {name: dict(role) for name, role in columns.items()}  # YAML would write the same one as an alias
    path.write_text(yaml.safe_dump({"k": 2, "suppression": 0, "columns": own}), encoding="utf-8")
    return path


def anonymise(folder: Path, table: str = "people.parquet", out: str = "out.parquet") -> str:
    return typed("anonymise", folder / table, "--roles", folder / "roles.yaml", "--out", folder / out)


def refused(folder: Path, table: str = "people.parquet", out: str = "out.parquet") -> str:
    with pytest.raises(RequestRefused) as caught:
        anonymise(folder, table, out)
    assert not (folder / out).exists() and not list(folder.glob(".staged*"))
    assert CANARY not in str(caught.value)
    return str(caught.value)


# --- names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("quasi", "sensitive"), [(True, False), (False, True)])
def test_a_column_may_have_any_name_and_changes_no_figure_by_it(
    tmp_path: Path, name: str, quasi: bool, sensitive: bool
) -> None:
    plain = measured(tmp_path, "town", "illness")
    assert [line.split(":")[0] for line in plain] == ["loss", *MEASURED, *MEASURED]
    found = measured(tmp_path, name if quasi else "town", name if sensitive else "illness")
    assert found == plain


def measured(folder: Path, quasi: str, sensitive: str) -> list[str]:
    people(quasi, sensitive).write_parquet(folder / "people.parquet")
    file = roles(folder, **{quasi: QUASI, sensitive: SENSITIVE})
    made = anonymise(folder)
    assert f"  {quasi}: loss " in made and f" for {sensitive}" in made
    risk = typed(
        *("risk", folder / "out.parquet", "--roles", file),
        *("--original", folder / "people.parquet", "--last", folder / "out.parquet"),
    )
    lines = [line.strip() for line in (made + risk).splitlines()]
    return [line for line in lines if line.startswith(("loss", *MEASURED))]


def test_what_fails_while_it_is_measured_has_written_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError

    monkeypatch.setattr("pipeline.disclosure.utility.measure.measure", fails)
    people().write_parquet(tmp_path / "people.parquet")
    roles(tmp_path, town=QUASI, illness=SENSITIVE)
    with pytest.raises(ValueError):
        anonymise(tmp_path)
    assert not (tmp_path / "out.parquet").exists()


# --- rules ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("adverse", "blank"), [(["Flu"], []), (["flu"], ["flu"]), ([CANARY, ""], [])])
def test_adverse_values_that_the_column_has_not_switch_no_rule_off(
    tmp_path: Path, adverse: list[str], blank: list[str]
) -> None:
    people().write_parquet(tmp_path / "people.parquet")
    file = roles(tmp_path, town=QUASI, illness=SENSITIVE | {"adverse": adverse, "distinct": 1})
    file.write_text(file.read_text("utf-8") + yaml.safe_dump({"blank": blank}), encoding="utf-8")
    assert "adverse values that the role file gives is in the table: illness." in refused(tmp_path)


def test_one_adverse_value_of_two_is_enough(tmp_path: Path) -> None:
    people().write_parquet(tmp_path / "people.parquet")
    roles(tmp_path, town=QUASI, illness=SENSITIVE | {"adverse": ["Flu", "flu"]})
    assert "meets" in anonymise(tmp_path)


# --- files ------------------------------------------------------------------------------------------------


def test_an_output_in_no_folder_is_refused_and_says_so(tmp_path: Path) -> None:
    people().write_parquet(tmp_path / "people.parquet")
    roles(tmp_path, town=QUASI, illness=KEPT)
    assert "Make the folder" in refused(tmp_path, out="nowhere/out.csv")


@pytest.mark.parametrize("cell", [[CANARY], {"name": CANARY}, CANARY.encode(), timedelta(days=1)])
def test_what_a_csv_cannot_hold_is_refused_by_column_and_a_parquet_holds_it(
    tmp_path: Path, cell: object
) -> None:
    people(note=[cell] * 12).write_parquet(tmp_path / "people.parquet")
    roles(tmp_path, town=QUASI, illness=KEPT, note=KEPT)
    assert "note. Nothing was written. Give an output whose name ends in .parquet" in refused(
        tmp_path, out="out.csv"
    )
    assert "meets" in anonymise(tmp_path)


@pytest.mark.parametrize("cell", [[CANARY], {"name": CANARY}, CANARY.encode() + b"\xff", timedelta(days=1)])
@pytest.mark.parametrize("role", [QUASI, {"role": "sensitive", "distinct": 1}])
def test_what_has_no_values_is_no_quasi_identifier_and_not_sensitive(
    tmp_path: Path, cell: object, role: dict[str, Any]
) -> None:
    people(note=[cell] * 12).write_parquet(tmp_path / "people.parquet")
    roles(tmp_path, town=QUASI, illness=KEPT, note=role)
    assert "they stand in: note." in refused(tmp_path)
    with pytest.raises(RequestRefused, match="they stand in: note") as caught:
        typed("risk", tmp_path / "people.parquet", "--roles", tmp_path / "roles.yaml")
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("option", ["--population", "--original", "--last"])
def test_what_a_risk_is_measured_against_must_have_values_too(tmp_path: Path, option: str) -> None:
    people().write_parquet(tmp_path / "people.parquet")
    people().with_columns(pl.col("town").cast(pl.Binary)).write_parquet(tmp_path / "other.parquet")
    roles(tmp_path, town=QUASI, illness=KEPT)
    given = (tmp_path / "people.parquet", "--roles", tmp_path / "roles.yaml")
    with pytest.raises(RequestRefused, match="they stand in: town"):
        typed("risk", *given, option, tmp_path / "other.parquet")


@pytest.mark.parametrize("table", ["people.csv", "people.parquet"])
def test_a_line_too_long_for_the_verifier_is_refused_without_a_word_of_it(tmp_path: Path, table: str) -> None:
    made = people(note=[CANARY * 300_000] + [""] * 11)
    made.write_parquet(tmp_path / "people.parquet")
    made.write_csv(tmp_path / "people.csv")
    roles(tmp_path, town=QUASI, illness=KEPT, note=KEPT)
    assert "as Parquet" in refused(tmp_path, table, "out.csv")
    if table == "people.parquet":
        assert "meets" in anonymise(tmp_path)
