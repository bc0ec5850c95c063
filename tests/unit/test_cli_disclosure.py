"""`uttrekk anonymise` and `uttrekk risk` on small tables of their own."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli import uttrekk
from pipeline.disclosure.files import write_table
from pipeline.errors import (
    NotVerified,
    PipelineError,
    ReleaseDamaged,
    RequestRefused,
    SettingWrong,
    TargetUnreachable,
)
from tests.release_world import released

CANARY = "Ola Kanari"
AGES = "31;30-39;*\n32;30-39;*\n45;40-49;*\n46;40-49;*\n;unknown;*\n"
ROLES: dict[str, Any] = {
    "k": 2,
    "suppression": 0.2,
    "columns": {
        "name": {"role": "direct"},
        "age": {"role": "quasi", "hierarchy": "age.csv"},
        "town": {"role": "quasi"},
        "illness": {"role": "sensitive", "distinct": 1},
        "note": {"role": "kept"},
    },
}
PEOPLE = pl.DataFrame(
    {
        "name": [CANARY, "b", "c", "d", "e"],
        "age": [31, 32, 45, 46, None],
        "town": ["Oslo", "Oslo", "Bergen", "Bergen", "Oslo"],
        "illness": ["flu", "none", "flu", "none", "none"],
        "note": ["v", "w", "x", "y", "z"],
    }
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "age.csv").write_text(AGES, encoding="utf-8")
    (tmp_path / "roles.yaml").write_text(yaml.safe_dump(ROLES), encoding="utf-8")
    PEOPLE.write_parquet(tmp_path / "people.parquet")
    PEOPLE.write_csv(tmp_path / "people.csv", separator=";")
    return tmp_path


def typed(*words: object) -> str:
    done = CliRunner().invoke(uttrekk, [str(word) for word in words], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.output


def anonymise(folder: Path, table: str = "people.parquet", out: str = "out.parquet") -> str:
    return typed("anonymise", folder / table, "--roles", folder / "roles.yaml", "--out", folder / out)


def with_roles(folder: Path, **changed: Any) -> None:
    (folder / "roles.yaml").write_text(yaml.safe_dump(ROLES | changed), encoding="utf-8")


def with_column(folder: Path, name: str, **role: Any) -> None:
    with_roles(folder, columns=ROLES["columns"] | {name: role})


def test_pairs_become_classes_and_the_one_alone_is_left_out(folder: Path) -> None:
    assert "rows: 4 of 5 (20.00% left out)" in anonymise(folder)
    assert pl.read_parquet(folder / "out.parquet").rows() == [
        ("30-39", "Oslo", "flu", "v"),
        ("30-39", "Oslo", "none", "w"),
        ("40-49", "Bergen", "flu", "x"),
        ("40-49", "Bergen", "none", "y"),
    ]


def test_a_csv_gives_the_rows_a_parquet_gives(folder: Path) -> None:
    anonymise(folder)
    anonymise(folder, "people.csv", "out.csv")
    text = pl.read_csv(folder / "out.csv", separator=";", infer_schema=False)
    assert text.equals(pl.read_parquet(folder / "out.parquet"))


def test_the_order_of_the_rows_changes_no_byte(folder: Path) -> None:
    anonymise(folder)
    PEOPLE.reverse().write_parquet(folder / "people.parquet")
    anonymise(folder, out="again.parquet")
    assert (folder / "again.parquet").read_bytes() == (folder / "out.parquet").read_bytes()


def test_what_is_written_is_its_owners_alone_and_nothing_half_is_left(folder: Path) -> None:
    anonymise(folder)
    assert (folder / "out.parquet").stat().st_mode & 0o777 == 0o600
    assert not list(folder.glob(".staged*"))


def test_what_is_staged_has_a_name_nobody_could_prepare_and_is_gone_when_refused(folder: Path) -> None:
    victim = folder / "victim"
    victim.write_text("kept", "utf-8")
    prepared = folder / f".staged.{os.getpid()}.out.csv"
    prepared.symlink_to(victim)
    seen: list[Path] = []

    def refuse(staged: Path) -> None:
        seen.append(staged)
        assert staged.stat().st_mode & 0o777 == 0o600 and not staged.is_symlink()
        raise RequestRefused("no", instead="no", do="no")

    for _ in range(2):
        with pytest.raises(RequestRefused):
            write_table(folder / "out.csv", PEOPLE, refuse)
    assert victim.read_text("utf-8") == "kept" and prepared.is_symlink()
    assert seen[0] != seen[1] and {path.parent for path in seen} == {folder}
    assert list(folder.glob(".staged*")) == [prepared] and not (folder / "out.csv").exists()


def test_risk_counts_the_uniques_of_the_raw_table_and_none_in_the_coarse_one(folder: Path) -> None:
    raw = typed("risk", folder / "people.parquet", "--roles", folder / "roles.yaml")
    assert "k: 1" in raw and "uniques: 5 (100.00% of the rows)" in raw
    anonymise(folder)
    coarse = typed("risk", folder / "out.parquet", "--roles", folder / "roles.yaml")
    assert "k: 2" in coarse and "uniques: 0" in coarse
    assert "prosecutor risk: highest 0.5000, mean 0.5000" in coarse


def test_risk_with_a_population_counts_who_could_be_meant(folder: Path) -> None:
    anonymise(folder)
    coarse = pl.read_parquet(folder / "out.parquet")
    pl.concat([coarse, coarse.head(2)]).write_parquet(folder / "everybody.parquet")
    told = typed(
        *("risk", folder / "out.parquet", "--roles", folder / "roles.yaml"),
        *("--population", folder / "everybody.parquet"),
    )
    # Oslo: 2 rows among 4 persons; Bergen: 2 among 2. So (2 * 1/4 + 2 * 1/2) / 4.
    assert "journalist risk: highest 0.5000, mean 0.3750" in told


def test_anonymise_says_what_is_left_to_say(folder: Path) -> None:
    # One of five rows is gone, a whole group of one: it is what a new draw would not have.
    assert "pMSE: " in anonymise(folder)


def test_risk_attacks_and_says_which_limit_is_held(folder: Path) -> None:
    raw = typed("risk", folder / "people.parquet", "--roles", folder / "roles.yaml")
    # Everybody alone: each of five is found, where 1 / k = 0.5 is the most; of illness everybody is certain.
    assert "attack prosecutor: 1.0000 right" in raw and "highest at most 0.5: NOT HELD" in raw
    assert "attack homogeneity of illness: 1.0000 right" in raw
    anonymise(folder)
    coarse = typed("risk", folder / "out.parquet", "--roles", folder / "roles.yaml")
    assert "attack prosecutor: 0.5000 right" in coarse and "highest at most 0.5: held" in coarse


def test_two_versions_are_subtracted(folder: Path) -> None:
    anonymise(folder)
    pl.read_parquet(folder / "out.parquet").head(3).write_parquet(folder / "last.parquet")
    words = ("risk", folder / "out.parquet", "--roles", folder / "roles.yaml")
    told = typed(*words, "--last", folder / "last.parquet")
    assert "attack differencing: 1.0000 right" in told and "of 1 guesses" in told


@pytest.mark.parametrize(("name", "said"), [("c.nb.md", "Konklusjon"), ("c.en.html", "Conclusion")])
def test_a_certificate_is_written_as_its_name_says(folder: Path, name: str, said: str) -> None:
    anonymise(folder)
    told = typed(
        *("risk", folder / "out.parquet", "--roles", folder / "roles.yaml"),
        *("--original", folder / "people.parquet", "--certificate", folder / name),
    )
    assert "for a human to decide" in told
    assert said in (folder / name).read_text("utf-8")
    assert (folder / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["risk.md", "risk.html", "people.parquet"])
def test_a_certificate_of_no_language_or_in_a_files_place_is_refused(folder: Path, name: str) -> None:
    before = (folder / "people.parquet").read_bytes()
    words = ("risk", folder / "people.parquet", "--roles", folder / "roles.yaml")
    with pytest.raises(SettingWrong):
        typed(*words, "--certificate", folder / name)
    assert (folder / "people.parquet").read_bytes() == before
    assert not (folder / "risk.md").exists() and not (folder / "risk.html").exists()


def test_a_release_takes_no_certificate_of_a_file(folder: Path) -> None:
    with pytest.raises(SettingWrong, match="role file"):
        typed("risk", published(folder), "--certificate", folder / "c.nb.md")


@pytest.mark.parametrize("command", ["anonymise", "risk"])
def test_help_has_examples(command: str) -> None:
    assert f"uttrekk {command} " in typed(command, "--help").split("Examples:")[1]


def refused(folder: Path, kind: type[PipelineError] = RequestRefused) -> str:
    with pytest.raises(kind) as caught:
        anonymise(folder)
    assert not (folder / "out.parquet").exists()
    assert CANARY not in str(caught.value)
    return str(caught.value)


def test_a_target_out_of_reach_is_a_refusal_of_its_own_and_never_an_empty_file(folder: Path) -> None:
    with_column(folder, "illness", role="sensitive", distinct=3)
    told = refused(folder, TargetUnreachable)
    assert "1 of 1 classes" in told and "illness" in told


def test_leaving_everybody_out_is_no_answer(folder: Path) -> None:
    with_roles(folder, k=6, suppression=1.0)
    refused(folder, TargetUnreachable)


def test_a_column_nobody_gave_a_role_is_refused(folder: Path) -> None:
    PEOPLE.with_columns(pl.lit(CANARY).alias("extra")).write_parquet(folder / "people.parquet")
    assert "columns without a role: 1, in place 6" in refused(folder)


@pytest.mark.parametrize("command", ["anonymise", "risk"])
def test_a_csv_without_a_header_tells_nothing_of_its_first_person(folder: Path, command: str) -> None:
    PEOPLE.write_csv(folder / "people.csv", separator=";", include_header=False)
    words = [command, folder / "people.csv", "--roles", folder / "roles.yaml"]
    with pytest.raises(RequestRefused) as caught:
        typed(*words, *(["--out", folder / "out.csv"] if command == "anonymise" else []))
    told = str(caught.value)
    assert "columns without a role: 5, in place 1, 2, 3, 4, 5" in told
    assert not [value for value in (CANARY, "31", "Oslo", "flu") if value in told]


def test_a_column_that_is_not_there_is_refused(folder: Path) -> None:
    PEOPLE.drop("town").write_parquet(folder / "people.parquet")
    assert "not in the table: town" in refused(folder)


def test_a_value_without_a_line_in_the_hierarchy_is_refused_and_not_quoted(folder: Path) -> None:
    PEOPLE.with_columns(age=pl.lit(CANARY)).write_parquet(folder / "people.parquet")
    assert "age has 1 distinct values that its hierarchy does not know" in refused(folder)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", "no line"),
        ("31;*\n32;30-39;*\n", "without a parent"),
        ("31;30-39;*\n31;30-39;*\n", "more than one line"),
        ("31;30s;young\n32;30s;old\n", "two parents at level 2"),
    ],
)
def test_a_hierarchy_that_is_none_is_refused(folder: Path, lines: str, told: str) -> None:
    (folder / "age.csv").write_text(lines, encoding="utf-8")
    assert told in refused(folder)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"k": 0}, "k: "),
        ({"suppression": 1.1}, "suppression: "),
        ({"kk": 5}, "kk: "),
        ({"mode": "best"}, "mode: "),
        ({"columns": {}}, "columns: "),
        ({"columns": {"town": {"role": "sensitive"}}}, "needs a rule"),
        ({"columns": {"town": {"role": "kept", "t": 0.2}}}, "belong to a sensitive column"),
        ({"columns": {"town": {"role": "kept", "hierarchy": "age.csv"}}}, "belong to a quasi-identifier"),
    ],
)
def test_a_role_file_that_says_what_it_may_not_is_refused_by_field(
    folder: Path, changed: dict[str, Any], told: str
) -> None:
    with_roles(folder, **changed)
    assert told in refused(folder)


def test_the_output_never_takes_the_place_of_its_input(folder: Path) -> None:
    with pytest.raises(SettingWrong):
        anonymise(folder, out="people.parquet")
    assert pl.read_parquet(folder / "people.parquet").equals(PEOPLE)


@pytest.mark.parametrize("file", ["people.parquet", "roles.yaml", "age.csv", "policy.yaml"])
@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_no_input_is_overwritten_by_any_name(folder: Path, file: str, link: Callable[..., None]) -> None:
    (folder / "policy.yaml").write_text("k: 2\n", encoding="utf-8")
    before = (folder / file).read_bytes()
    link(folder / "other.csv", folder / file)
    words = ("anonymise", folder / "people.parquet", "--roles", folder / "roles.yaml")
    with pytest.raises(SettingWrong, match="take the place"):
        typed(*words, "--policy", folder / "policy.yaml", "--out", folder / "other.csv")
    assert (folder / file).read_bytes() == before and (folder / "other.csv").samefile(folder / file)


def anonymise_under(folder: Path, **policy: float) -> str:
    (folder / "policy.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    return typed(
        *("anonymise", folder / "people.parquet", "--roles", folder / "roles.yaml"),
        *("--out", folder / "out.parquet", "--policy", folder / "policy.yaml"),
    )


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ({"k": 3}, "k, where the policy has 3"),
        ({"suppression": 0.1}, "suppression, where the policy has 0.1"),
        ({"distinct": 2}, "illness: distinct, where the policy has 2"),
    ],
)
def test_a_role_file_may_not_ask_for_less_than_the_policy(
    folder: Path, policy: dict[str, float], told: str
) -> None:
    with pytest.raises(RequestRefused, match=told):
        anonymise_under(folder, **policy)
    assert not (folder / "out.parquet").exists()


def test_a_role_file_may_ask_for_as_much_or_more_than_the_policy(folder: Path) -> None:
    assert "k = 2" in anonymise_under(folder, k=2, suppression=0.2, distinct=1)
    assert "k = 2" in anonymise_under(folder, k=1, suppression=0.9)


def test_what_a_role_file_leaves_open_the_policy_fills_in(folder: Path) -> None:
    (folder / "roles.yaml").write_text(
        yaml.safe_dump({name: value for name, value in ROLES.items() if name != "k"}), encoding="utf-8"
    )
    told = anonymise_under(folder, k=4, t=0.5)
    assert "k = 4" in told and "t = 0.5 for illness" in told
    assert pl.read_parquet(folder / "out.parquet").group_by("age", "town").len()["len"].min() >= 4


def published(folder: Path) -> Path:
    """A release of both kinds."""
    return released(folder).published.folder


def test_the_risk_of_a_release_needs_no_role_file_for_the_schemas_say_what_singles_out(folder: Path) -> None:
    version = published(folder)
    told = typed("risk", version)
    personal, coarsened = told.split("data/coarsened_outcome.parquet:")
    assert personal.count("pseudonymised – personal data") == 3
    assert "highest at most 0.2: held" in coarsened and "inference of status_y0" in coarsened
    assert f"{version / 'certificate.en.html'}" in coarsened
    frame = pl.read_parquet(version / "data" / "coarsened_outcome.parquet")
    quasi = ["sex", "birth_year", "country_of_birth", "bydel", "start_month", "children", "education_level"]
    assert f"k: {frame.group_by(quasi).len()['len'].min()}\n" in coarsened


def test_the_risk_of_a_request_is_that_of_its_version_in_force(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UTTREKK_DATA", str(folder))
    version = published(folder)
    assert typed("risk", "demo").replace("verify demo", f"verify {version}") == typed("risk", version)


def test_a_release_that_cannot_be_read_or_is_of_other_declarations_says_what_to_type(folder: Path) -> None:
    version = published(folder)
    data, request = version / "data" / "coarsened_outcome.parquet", version / "request.yaml"
    for path, content, kind, said in (
        (data, b"PAR1", ReleaseDamaged, "uttrekk verify"),
        (request, b"id: demo", SettingWrong, "--roles"),
        (version / "manifest.json", b"[]", ReleaseDamaged, "uttrekk verify"),
    ):
        before = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(content)
        with pytest.raises(kind, match=said):
            typed("risk", version)
        path.write_bytes(before)
    with pytest.raises(SettingWrong, match="is not a release"):
        typed("risk", folder)


@pytest.mark.parametrize("what", ["nowhere", "people.parquet"])
def test_risk_of_nothing_known_says_what_to_type(
    folder: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("UTTREKK_DATA", str(folder / "data"))
    with pytest.raises(SettingWrong):
        typed("risk", what)


def test_what_is_passed_on_as_it_is_is_named_and_measured_beside(folder: Path) -> None:
    told = "in no other figure here: note; to whoever knows them too, k: 1, uniques: 4"
    assert told in anonymise(folder)
    assert told in typed("risk", folder / "out.parquet", "--roles", folder / "roles.yaml")


def test_an_attack_that_the_policy_limits_is_tried_before_anything_is_written(folder: Path) -> None:
    """In each class of two one has the flu and one has not: who knows that too finds everybody."""
    (folder / "policy.yaml").write_text("linkage: 0.9\n", encoding="utf-8")
    words = ["anonymise", folder / "people.parquet", "--roles", folder / "roles.yaml"]
    words += ["--out", folder / "out.parquet", "--policy", folder / "policy.yaml"]
    with pytest.raises(NotVerified, match=r"linkage: its rate is above 0\.9"):
        typed(*words)
    assert not (folder / "out.parquet").exists()
    (folder / "policy.yaml").write_text("linkage: 1.0\n", encoding="utf-8")
    assert "meets" in typed(*words)


@pytest.mark.parametrize("name", ["*", "^a$"])
def test_a_column_whose_name_would_be_read_as_a_pattern_is_refused(folder: Path, name: str) -> None:
    PEOPLE.rename({"town": name}).write_parquet(folder / "people.parquet")
    columns = {name if old == "town" else old: role for old, role in ROLES["columns"].items()}
    with_roles(folder, columns=columns)
    with pytest.raises(RequestRefused, match="rename it"):
        anonymise(folder)


def test_a_csv_is_measured_beside_the_typed_table_it_was_made_from(folder: Path) -> None:
    people = PEOPLE.with_columns(
        pl.Series("illness", [datetime(2020, 1, day, 3, 4, 5) for day in (1, 2, 1, 2, 2)])
    )
    people.write_parquet(folder / "people.parquet")
    anonymise(folder, out="out.csv")
    words = ["--roles", folder / "roles.yaml", "--original", folder / "people.parquet"]
    assert "pMSE" in typed("risk", folder / "out.csv", *words)
    people.tail(2).write_parquet(folder / "people.parquet")
    with pytest.raises(RequestRefused, match="not made from this original"):
        typed("risk", folder / "out.csv", *words)


@pytest.mark.parametrize("mode", ["level", "class"])
def test_a_hierarchy_may_call_an_age_and_the_years_from_it_alike(folder: Path, mode: str) -> None:
    lines = "31;30;*\n32;30;*\n45;40;*\n46;40;*\n;;*\n30;30;*\n40;40;*\n"
    (folder / "age.csv").write_text(lines, encoding="utf-8")
    with_roles(folder, mode=mode)
    assert "pMSE" in anonymise(folder)
    words = ["--roles", folder / "roles.yaml", "--original", folder / "people.parquet"]
    assert "pMSE" in typed("risk", folder / "out.parquet", *words)
