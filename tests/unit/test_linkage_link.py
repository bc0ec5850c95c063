"""`link`: what is stored, what is made again, what a query may read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline import tables
from pipeline.errors import SchemaChanged, TableRejected
from pipeline.linkage import engine, link, queries
from pipeline.tables import Stored
from schemas.linked import KEPT, LINKED, WorkYear
from schemas.variable import fingerprint, table_name
from tests.linkage_world import AS_OF, World, frame_of, settings_at, store

pytestmark = pytest.mark.slow

LINKABLE = pl.DataFrame({"person_key": [1, 2]})
IDENTIFIED = LINKABLE.with_columns(best_identifier=pl.lit("FNR"))
LEFT = {"ended_on": date(2014, 6, 30), "started_on": date(2012, 6, 1), "programme_status": "3"}
PROGRAMMES = [
    {"programme_key": 11, "person_key": 1, **LEFT},
    {"programme_key": 21, "person_key": 2, **LEFT},
]
NOVEMBER = {"month": date(2015, 11, 1), "hours_per_week": 37.5, "pay_month_kr": 30_000}


def world() -> World:
    return World(
        parts={
            "programme": {"programme": PROGRAMMES},
            "case": {"case": []},
            "result": {"result": []},
            "nir_participant": {"2014": []},
            "employment_annual": {"2014": []},
            "employment_monthly": {"2015-10": [], "2015-11": [{"person_key": 1, **NOVEMBER}]},
            "population_status": {"2015": []},
        },
        linkable=[1, 2],
    )


def run(folder: Path, cores: dict[str, list[Stored]], **changed: object) -> dict[str, Stored]:
    return link(settings_at(folder), cores, **({"as_of": AS_OF, "linkable": LINKABLE} | changed))  # type: ignore[arg-type]


def made_again(before: dict[str, Stored], after: dict[str, Stored]) -> set[str]:
    return {name for name in before if before[name].key != after[name].key}


def test_every_linked_table_is_stored_under_its_name(tmp_path: Path) -> None:
    made = run(tmp_path, world().stored(tmp_path))
    assert sorted(made) == sorted(table_name(table) for table in LINKED)
    kept = {tmp_path / "linked" / table_name(table) for table in KEPT}
    assert {stored.path for stored in made.values()} | kept == set((tmp_path / "linked").iterdir())
    for table in LINKED:
        assert made[table_name(table)].schema == fingerprint(table)


def test_without_any_core_table_the_linked_ones_are_empty(tmp_path: Path) -> None:
    assert {stored.rows for stored in run(tmp_path, {}).values()} == {0}


# --- what is made again ------------------------------------------------------------------------------


def test_the_same_inputs_make_nothing_again(tmp_path: Path) -> None:
    cores = world().stored(tmp_path)
    before = run(tmp_path, cores)
    stamps = {name: stored.path.stat().st_mtime_ns for name, stored in before.items()}
    after = run(tmp_path, cores)
    assert {name: stored.path.stat().st_mtime_ns for name, stored in after.items()} == stamps


def test_a_new_night_does_not_read_the_registers_again(tmp_path: Path) -> None:
    cores = world().stored(tmp_path)
    before = run(tmp_path, cores)
    after = run(tmp_path, cores, as_of=date(2025, 3, 2))
    assert made_again(before, after) == {
        "exit_cohort",
        "cohort_exclusion",
        "outcome",
        "panel",
        "outcome_summary",
        "programme_flag",  # a programme that runs grows by a day
    }


def test_a_new_month_of_work_leaves_the_spells(tmp_path: Path) -> None:
    cores = world().stored(tmp_path)
    before = run(tmp_path, cores)
    month = store(settings_at(tmp_path), "employment_monthly", "2015-12", [])
    after = run(tmp_path, cores | {"employment_monthly": [*cores["employment_monthly"], month]})
    assert made_again(before, after) == {
        "work_month",
        "year_status",
        "month_status",
        "outcome",
        "panel",
        "outcome_summary",
        "match_rate",
    }


def years_kept(folder: Path) -> dict[str, str]:
    """Year -> the step key of what is kept of the employment register."""
    return {part.name: part.key for part in tables.parts(folder / "linked" / table_name(WorkYear))}


def test_a_new_month_of_work_reads_its_year_again_and_no_other(tmp_path: Path) -> None:
    cores = world().stored(tmp_path)
    run(tmp_path, cores)
    before = years_kept(tmp_path)
    month = store(settings_at(tmp_path), "employment_monthly", "2016-01", [])
    later = cores | {"employment_monthly": [*cores["employment_monthly"], month]}
    run(tmp_path, later)
    assert years_kept(tmp_path).items() - before.items() == {("2016", years_kept(tmp_path)["2016"])}
    corrected = store(settings_at(tmp_path), "employment_monthly", "2015-11", [])
    run(tmp_path, later | {"employment_monthly": [later["employment_monthly"][0], corrected, month]})
    after = years_kept(tmp_path)
    assert after["2014"] == before["2014"]
    assert after["2015"] != before["2015"]


def test_a_new_participant_is_looked_for_in_every_year(tmp_path: Path) -> None:
    night = world()
    night.parts["employment_monthly"]["2015-11"].append({"person_key": 3, **NOVEMBER})
    run(tmp_path, night.stored(tmp_path))
    before = years_kept(tmp_path)
    night.parts["programme"]["programme"] = [*PROGRAMMES, {"programme_key": 31, "person_key": 3, **LEFT}]
    made = run(tmp_path, night.stored(tmp_path))
    assert {year for year, key in years_kept(tmp_path).items() if key == before[year]} == set()
    assert tables.read(made["work_month"])["person_key"].to_list() == [1, 3]


def test_a_year_that_is_no_longer_delivered_is_not_kept(tmp_path: Path) -> None:
    cores = world().stored(tmp_path)
    run(tmp_path, cores)
    made = run(tmp_path, cores | {"employment_monthly": []})
    assert list(years_kept(tmp_path)) == ["2014"]
    assert made["work_month"].rows == 0


def test_who_is_linkable_decides_the_outcomes_and_the_match_rates_alone(tmp_path: Path) -> None:
    cores = world().stored(tmp_path)
    before = run(tmp_path, cores)
    after = run(tmp_path, cores, linkable=LINKABLE.head(1), identified=IDENTIFIED)
    assert made_again(before, after) == {"outcome", "panel", "outcome_summary", "match_rate", "linkage_bias"}


def test_who_has_which_identifier_decides_the_checks_alone(tmp_path: Path) -> None:
    cores = world().stored(tmp_path)
    before = run(tmp_path, cores)
    after = run(tmp_path, cores, identified=IDENTIFIED.head(1))
    assert made_again(before, after) == {"reconciliation", "reconciliation_summary", "match_rate"}


def test_a_change_in_the_log_decides_the_reconciliation_alone(tmp_path: Path) -> None:
    cores = world().stored(tmp_path)
    before = run(tmp_path, cores)
    log = pl.DataFrame({"programme_key": [11], "changed_on": [date(2014, 9, 1)]})
    after = run(tmp_path, cores, changes=log)
    assert made_again(before, after) == {"reconciliation", "reconciliation_summary"}


def test_the_order_and_repetition_of_linkable_persons_change_nothing(tmp_path: Path) -> None:
    cores = world().stored(tmp_path)
    before = run(tmp_path, cores)
    after = run(tmp_path, cores, linkable=pl.DataFrame({"person_key": [2, 1, 2]}))
    assert made_again(before, after) == set()


# --- the same bytes ----------------------------------------------------------------------------------


def test_the_order_of_rows_and_parts_and_the_number_of_threads_change_nothing(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    rows = [
        {
            "person_key": 1 + n % 2,
            "month": date(2015, 1 + n % 12, 1),
            "hours_per_week": 10.0,
            "pay_month_kr": 1,
        }
        for n in range(400)
    ]
    forward, backward = world(), world()
    forward.parts["employment_monthly"] = {"2015-01": rows[:100], "2015-02": rows[100:]}
    backward.parts["employment_monthly"] = {"2015-01": rows[::-2], "2015-02": rows[-2::-2]}
    backward.parts["programme"] = {"programme": PROGRAMMES[::-1]}
    first = run(one, forward.stored(one))
    cores = {name: parts[::-1] for name, parts in backward.stored(other).items()}
    second = link(replace(settings_at(other), threads=1), cores, as_of=AS_OF, linkable=LINKABLE)
    for name in first:
        assert tables.read(first[name]).equals(tables.read(second[name])), name


# --- what a query may read ---------------------------------------------------------------------------


def test_a_query_reads_the_tables_it_is_handed_and_no_other_file(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    programme = store(settings, "programme", "programme", PROGRAMMES)
    secret = tables.write(settings.restricted, "spine", pl.DataFrame({"identifier": [1]}), key="k")
    sibling = store(settings, "case", "case", [])
    text = tmp_path / "secret.csv"
    text.write_text("a\n1\n")
    with engine.connected(settings, {"core_programme": [programme]}) as connection:
        assert connection.execute("select count(*) from core_programme").fetchone() == (2,)
        for path in (secret.path, sibling.path, text, Path("/etc/passwd")):
            for query in (
                f"from read_parquet('{path}')",
                f"from read_csv('{path}')",
                f"from read_text('{path}')",
            ):
                with pytest.raises(duckdb.PermissionException):
                    connection.execute(query)


def test_a_query_writes_no_file_and_cannot_unlock_itself(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    with engine.connected(settings, {}) as connection:
        with pytest.raises(duckdb.PermissionException):
            connection.execute(f"copy (select 1) to '{tmp_path / 'out.csv'}'")
        with pytest.raises(duckdb.PermissionException):
            connection.execute(f"attach '{tmp_path / 'out.duckdb'}'")
        for setting in ("enable_external_access = true", "lock_configuration = false"):
            with pytest.raises(duckdb.InvalidInputException):
                connection.execute(f"set {setting}")


def test_a_query_sees_no_variable_of_ours(tmp_path: Path) -> None:
    bystander = pl.DataFrame({"a": [1]})
    with (
        engine.connected(settings_at(tmp_path), {}) as connection,
        pytest.raises(duckdb.CatalogException),
    ):
        connection.execute("from bystander")
    assert bystander.height == 1


def test_memory_and_threads_are_the_settings(tmp_path: Path) -> None:
    settings = replace(settings_at(tmp_path), memory_limit="123MiB", threads=1)
    with engine.connected(settings, {}) as connection:
        found = connection.execute(
            "select current_setting('memory_limit'), current_setting('threads'), "
            "current_setting('temp_directory')"
        ).fetchone()
    assert found is not None
    assert found[:2] == ("123.0 MiB", 1)
    assert Path(found[2]).is_relative_to(tmp_path)


def test_no_progress_bar_is_drawn_into_what_people_read(tmp_path: Path) -> None:
    with engine.connected(settings_at(tmp_path), {}) as connection:
        assert connection.execute("select current_setting('enable_progress_bar')").fetchone() == (False,)


def test_a_folder_with_a_quote_in_its_name_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    assert run(folder, world().stored(folder))["exit_cohort"].rows == 2


# --- what is refused ---------------------------------------------------------------------------------


def test_a_table_stored_under_another_schema_is_refused(tmp_path: Path) -> None:
    cores = world().stored(tmp_path)
    cores["programme"] = [replace(cores["programme"][0], schema="of another day")]
    with pytest.raises(SchemaChanged, match="core_programme"):
        run(tmp_path, cores)
    assert list((tmp_path / "linked").glob("*.parquet")) == []


def test_a_result_that_breaks_its_schema_is_refused_without_its_value(tmp_path: Path) -> None:
    odd = frame_of("programme", [{"programme_key": 1, "person_key": 1, "law": "1999-canary"}])
    empty = {name: frame_of(table, []) for name, table in QUERY_INPUTS.items()}
    with pytest.raises(TableRejected, match="programme_spell") as caught:
        queries.programme_spell(settings_at(tmp_path), programme=odd, **empty)
    assert "law: " in str(caught.value)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_a_result_that_is_not_unique_by_key_is_refused(tmp_path: Path) -> None:
    twice = frame_of("programme", [PROGRAMMES[0], PROGRAMMES[0]])
    empty = {name: frame_of(table, []) for name, table in QUERY_INPUTS.items()}
    with pytest.raises(TableRejected, match="not unique"):
        queries.programme_spell(settings_at(tmp_path), programme=twice, **empty)


QUERY_INPUTS = {"case": "case", "result": "result", "nir": "nir_participant"}
