"""Snapshots: content-addressed, whole or absent, never changed; and what each night saw."""

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline import landing, tables
from pipeline.config import Settings
from pipeline.errors import DeliveryWrong, PipelineError, SchemaChanged, SettingWrong, SourceUnreachable
from pipeline.landing import land_case_system, land_deliveries, observation, observe, snapshot_batches
from pipeline.sources import case_system, content
from pipeline.sources.source_map import default_map, load_map
from pipeline.validate import validate
from schemas import BY_NAME, CASE_SYSTEM
from schemas.variable import facts, polars_schema, table_name
from tests.case_system_files import execute, make_case_system

pytestmark = pytest.mark.slow

AS_OF = date(2025, 3, 1)
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "pipeline" / "sources" / "examples" / "socio.yaml"
POPULATION = (
    b"ident,aar,status,statusdato,bostedskommune\n01819012345,2012,bosatt,,0301\n1819012345,2012,,,\n"
)


@pytest.fixture(scope="module")
def socio(tmp_path_factory):
    return make_case_system(tmp_path_factory.mktemp("socio") / "socio.duckdb")


@pytest.fixture(autouse=True)
def _without_waiting_for_the_disk(monkeypatch):
    """What a crash leaves is tested in tests/integration/test_landing_killed.py."""
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture
def settings(tmp_path, socio):
    source, deliveries = Path(shutil.copy(socio, tmp_path)), tmp_path / "deliveries"
    deliveries.mkdir()
    return Settings(
        data=tmp_path / "data",
        case_system=f"duckdb://{source}",
        deliveries=deliveries,
        keys=tmp_path / "keys",
    )


def source_of(settings):
    return Path(settings.case_system.removeprefix("duckdb://"))


def modes(folder):
    return {
        (path.is_dir(), oct(path.stat().st_mode & 0o777))
        for path in [folder, *folder.rglob("*")]
        if "observations" not in path.parts
    }


# --- the case system ------------------------------------------------------------------------------------


def test_every_extracted_table_is_landed_under_our_names_and_types(settings):
    landed = land_case_system(settings, AS_OF)
    assert set(landed) == {table_name(t) for t in CASE_SYSTEM if facts(t).extracted}
    for name, snapshot in landed.items():
        frame = tables.read(snapshot.path)
        assert dict(frame.schema) == polars_schema(BY_NAME[name])
        assert (snapshot.name, snapshot.rows, frame.height) == (name, 60, 60)


def test_rows_are_landed_as_they_are_in_primary_key_order_by_bytes(settings):
    landed = land_case_system(settings, AS_OF)
    with duckdb.connect(str(source_of(settings)), read_only=True) as connection:
        rows = connection.execute("select saknr, pid, apnet, lukket, saksbehandler_id from sak").fetchall()
    rows.sort(key=lambda row: row[0].encode())
    frame = tables.read(landed["case"].path)
    names = ["case_id", "person_id", "opened_on", "closed_on", "case_worker_id"]
    assert [r[0] for r in rows] == frame["case_id"].to_list()
    assert sorted(frame.select(names).rows(), key=str) == sorted(rows, key=str)


def test_rows_that_share_a_key_are_ordered_by_their_other_columns(settings, tmp_path, socio):
    """Dirty rows too: two sources that hold the same rows give the same snapshot."""
    other = shutil.copy(socio, tmp_path / "other.duckdb")
    rows = ["(1, 'D', 'a', '2012-01-01', NULL, NULL, true)", "(1, 'D', 'a', '2012-01-01', NULL, 'x', NULL)"]
    execute(source_of(settings), *(f"insert into ident values {row}" for row in rows))
    execute(other, *(f"insert into ident values {row}" for row in reversed(rows)))
    first = land_case_system(settings, AS_OF)["identifier"]
    second = land_case_system(replace(settings, case_system=f"duckdb://{other}"), AS_OF)["identifier"]
    assert first == second


@pytest.mark.parametrize(("batch_rows", "block_rows"), [(1, 25), (1_000, 25), (13, 65_536)])
def test_the_size_of_batches_leaves_no_trace(settings, tmp_path, monkeypatch, batch_rows, block_rows):
    monkeypatch.setattr(content, "BLOCK_ROWS", block_rows)
    expected = land_case_system(settings, AS_OF)
    other = replace(settings, data=tmp_path / "other", batch_rows=batch_rows)
    landed = land_case_system(other, AS_OF)
    assert {n: s.id for n, s in landed.items()} == {n: s.id for n, s in expected.items()}
    for name, snapshot in landed.items():
        assert snapshot.path.read_bytes() == expected[name].path.read_bytes()
        heights = [f.height for f, _ in snapshot_batches(snapshot, BY_NAME[name], batch_rows)]
        assert sum(heights) == 60
        assert max(heights) <= batch_rows


def test_unchanged_content_is_the_same_snapshot_and_nothing_is_written(settings):
    first = land_case_system(settings, AS_OF)
    written = {p: p.stat().st_mtime_ns for p in settings.landing.rglob("*") if p.is_file()}
    assert land_case_system(settings, date(2025, 3, 2)) == first
    assert {p: p.stat().st_mtime_ns for p in settings.landing.rglob("*") if p.is_file()} == written


@pytest.mark.parametrize(
    "change",
    [
        "update person set fornavn = fornavn || ' ' where pid = 37",
        "update person set tolkebehov = not tolkebehov where pid = 37",
        "update person set fdato = fdato + 1 where pid = 37",
        "update person set fornavn = '' where fornavn is null",
        "delete from person where pid = 37",
        "insert into person select * from person where pid = 37",
    ],
)
def test_any_changed_value_is_another_snapshot_beside_the_old(settings, change):
    first = land_case_system(settings, AS_OF)
    execute(source_of(settings), change)
    second = land_case_system(settings, AS_OF)
    assert {name for name in first if first[name] != second[name]} == {"person"}
    assert first["person"].path.exists()


def test_snapshots_are_read_only_and_private(settings):
    (settings.deliveries / "BEFOLKNING_2012.csv").write_bytes(POPULATION)
    land_case_system(settings, AS_OF)
    land_deliveries(settings, AS_OF)
    assert modes(settings.landing) == {(True, "0o700"), (False, "0o400")}


def test_a_table_that_is_never_extracted_is_never_read(settings, monkeypatch):
    """Reading the view would fail; and no query holds its name."""
    queries = []
    select = case_system._Sql.select
    monkeypatch.setattr(case_system._Sql, "select", lambda *a: queries.append(select(*a)) or queries[-1])
    closed = [facts(t).source_name for t in CASE_SYSTEM if not facts(t).extracted]
    for name in closed:
        execute(
            source_of(settings),
            f'alter table "{name}" rename to kept',
            f"create view \"{name}\" as select * from kept where error('it was read')",
        )
    landed = land_case_system(settings, AS_OF)
    assert closed == ["notat"]
    assert len(queries) == len(landed)
    assert not [query for query in queries if "notat" in query]


# --- the canonical hash ---------------------------------------------------------------------------------

SCHEMA = {"i": pl.Int64(), "s": pl.String(), "f": pl.Float64(), "d": pl.Date(), "b": pl.Boolean()}
row = st.tuples(
    st.none() | st.integers(-(2**62), 2**62),
    st.none() | st.text(max_size=4),
    st.none() | st.floats(),
    st.none() | st.dates(),
    st.none() | st.booleans(),
)


def hashed(rows, cuts=(), schema=SCHEMA):
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    edges = [0, *sorted(cut % (len(rows) + 1) for cut in cuts), len(rows)]
    pieces = [frame[a:b] for a, b in pairwise(edges)]
    digest = content.ContentHash(schema)
    for block in content.blocks(pieces, schema):
        digest.update(block)
    return digest.hexdigest()


@given(st.lists(row, max_size=12), st.lists(st.integers(0, 99), max_size=4))
def test_equal_rows_hash_alike_however_they_are_cut(rows, cuts):
    assert hashed(rows, cuts) == hashed(rows)


def plain(rows):
    """What counts as equal: -0.0 is 0.0, one NaN is another."""
    return [tuple(repr(v + 0.0) if isinstance(v, float) else repr(v) for v in r) for r in rows]


@given(st.lists(row, max_size=4), st.lists(row, max_size=4))
def test_unequal_rows_hash_apart(rows, others):
    assert (hashed(rows) == hashed(others)) == (plain(rows) == plain(others))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((0, "ab", 0.0, None, None), (0, "a", 0.0, None, None)),
        ((None, "", 0.0, None, None), (0, "", 0.0, None, None)),
        ((0, None, 0.0, None, None), (0, "", 0.0, None, None)),
        ((0, "", None, None, None), (0, "", 0.0, None, None)),
        ((0, "", 0.0, None, None), (0, "", 0.0, date(1970, 1, 1), None)),
        ((0, "", 0.0, None, None), (0, "", 0.0, None, False)),
    ],
)
def test_an_empty_value_is_not_a_zero(one, other):
    assert hashed([one]) != hashed([other])


def test_letters_do_not_move_between_rows_unseen():
    schema = {"s": pl.String()}
    assert hashed([("ab",), ("c",)], schema=schema) != hashed([("a",), ("bc",)], schema=schema)


def test_the_order_names_and_types_count():
    assert hashed([(1,), (2,)], schema={"a": pl.Int64()}) != hashed([(2,), (1,)], schema={"a": pl.Int64()})
    assert hashed([(1,)], schema={"a": pl.Int64()}) != hashed([(1,)], schema={"b": pl.Int64()})
    assert hashed([], schema={"a": pl.Int64()}) != hashed([], schema={"a": pl.Date()})


# --- the map --------------------------------------------------------------------------------------------


def test_the_example_map_is_the_default_spelt_out():
    assert load_map(EXAMPLE) == default_map() == load_map(None)
    written = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    assert {n: t["columns"] for n, t in written["tables"].items()} == {
        n: t.columns for n, t in default_map().tables.items()
    }


def write_map(tmp_path, text):
    path = tmp_path / "map.yaml"
    path.write_text(text, "utf-8")
    return path


def test_another_socio_is_described_without_code(settings, tmp_path):
    expected = land_case_system(settings, AS_OF)
    execute(
        source_of(settings),
        "create schema annen",
        *(f"create table annen.{t} as from main.{t}" for t in _sources() if t != "person"),
        'create table annen."T ""PERSON""" as select * rename (pid as "PERSON; NR") from main.person',
        'alter table annen."T ""PERSON""" add column endret varchar',
    )
    text = """
        schema: annen
        tables:
          person:
            source: 'T "PERSON"'
            columns: {person_id: "PERSON; NR"}
            ignore: [endret]
    """
    other = replace(settings, case_system_map=write_map(tmp_path, text), data=tmp_path / "other")
    landed = land_case_system(other, AS_OF)
    assert {n: s.id for n, s in landed.items()} == {n: s.id for n, s in expected.items()}


def _sources():
    return [facts(t).source_name for t in CASE_SYSTEM if facts(t).extracted]


def test_a_name_in_a_map_cannot_become_a_query(settings, tmp_path):
    name = 'person" UNION ALL SELECT * FROM "notat'
    text = yaml.safe_dump({"tables": {"person": {"source": name}}})
    with pytest.raises(SchemaChanged, match="is missing"):
        land_case_system(replace(settings, case_system_map=write_map(tmp_path, text)), AS_OF)
    with pytest.raises(SourceUnreachable), case_system.connect(settings.case_system, batch_rows=9) as system:
        list(system.read(name, [case_system.Wanted("pid", "person_id", pl.Int64())], ["person_id"]))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tables: {people: {source: x}}", "'people'"),
        ("tables: {note: {source: x}}", "'note'"),
        ("tables: {person: {columns: {name: x}}}", "'name'"),
        ("tables: {person: {columns: {person_id: 7}}}", "not a text"),
        ("tables: {person: {columns: {person_id: fornavn}}}", "'fornavn'"),
        ("tables: {person: {ignore: [fornavn]}}", "'fornavn'"),
        ("tables: {person: {source: sak}}", "'sak'"),
        ("tables: {person: {sourse: x}}", "'sourse'"),
        ("tables: {person: {ignore: x}}", "not a list"),
        ("table: {}", "'table'"),
        ("tables: [person]", "tables"),
        ("tables:\n  person: {source: a}\n  person: {source: b}", "line 2"),
        ("tables: {", "line 1"),
        ("schema: 2012-13-45", "not YAML"),
        ("tables: " + "[" * 5_000, "not YAML"),
        ("? {a: b}\n: x", "line 1"),
        ("schema: \x00", "not YAML"),
        ("", ""),
    ],
)
def test_a_map_that_says_something_wrong_is_refused_by_its_place(tmp_path, text, told):
    path = write_map(tmp_path, text)
    if text:
        with pytest.raises(SettingWrong, match=r"map\.yaml") as caught:
            load_map(path)
        assert told in str(caught.value)
    else:
        assert load_map(path) == default_map()


def test_a_map_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SettingWrong, match=r"nowhere.yaml cannot be used") as caught:
        load_map(tmp_path / "nowhere.yaml")
    assert str(tmp_path) in str(caught.value)


# --- fail closed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("drop table sak", "The table sak (case) is missing"),
        ("alter table sak drop column pid", "The column sak.pid (case.person_id) is missing"),
        ("alter table sak add column hemmelig varchar", "The column sak.hemmelig is not declared"),
        ("alter table sak alter pid type varchar", "The column sak.pid (case.person_id) is now of type text"),
        ("alter table sak alter pid type decimal(12, 2)", "of type decimal"),
        ("alter table sak alter apnet type timestamptz", "of type other"),
        ("alter table person alter tolkebehov type integer", "of type integer"),
    ],
)
def test_a_source_of_another_shape_stops_before_anything_is_read(settings, change, told):
    execute(source_of(settings), change)
    with pytest.raises(SchemaChanged) as caught:
        land_case_system(settings, AS_OF)
    assert told in str(caught.value)
    assert [p for p in settings.landing.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize(
    "change",
    [
        "alter table sak alter pid type decimal(12, 0)",
        "alter table sak alter pid type smallint",
        "alter table sak alter apnet type timestamp",
        "alter table aktivitet alter timer_uke type decimal(8, 3)",
        "create table something_else as select 1 as a",
    ],
)
def test_another_width_of_the_same_kind_gives_the_same_content(settings, change):
    expected = land_case_system(settings, AS_OF)
    execute(source_of(settings), change)
    assert land_case_system(settings, AS_OF) == expected


def told_without(settings, *secrets):
    with pytest.raises(PipelineError) as caught:
        land_case_system(settings, AS_OF)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    for secret in secrets:
        assert secret not in str(caught.value)
    assert list(settings.landing.glob("socio/*/*/*")) == []
    return caught.value


@pytest.mark.parametrize(
    "query", ["u:hunter2@h/d", "u:@h/d", "u@h/d?password=hunter2", "/d?PASSWORD=hunter2"]
)
def test_a_password_in_the_url_is_refused_with_advice(settings, query):
    error = told_without(replace(settings, case_system=f"postgresql://{query}"), "hunter2")
    assert isinstance(error, SettingWrong)
    assert "PGPASSFILE" in str(error)


def test_a_file_that_is_not_there_is_told_and_not_made(settings, tmp_path):
    error = told_without(replace(settings, case_system=f"duckdb://{tmp_path}/nowhere.duckdb"))
    assert isinstance(error, SourceUnreachable)
    assert not (tmp_path / "nowhere.duckdb").exists()


def test_a_file_that_is_not_a_database_is_told_without_its_content(settings):
    source_of(settings).write_bytes(b"13819912399" * 1_000)
    assert isinstance(told_without(settings, "13819912399"), SourceUnreachable)


def test_a_file_that_another_process_writes_is_told(settings):
    script = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", script, str(source_of(settings))], stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout.readline() == "open\n"
        assert isinstance(told_without(settings), SourceUnreachable)
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()


@pytest.mark.parametrize("day", ["infinity", "-infinity", "290000-01-01", "2000-01-01 (BC)"])
@pytest.mark.parametrize("kind", ["date", "timestamp"])
def test_a_day_without_a_name_is_landed_as_it_is_and_quarantined(settings, day, kind):
    execute(
        source_of(settings),
        f"alter table person alter opprettet type {kind}",
        f"update person set opprettet = {kind} '{day}' where pid = 37",
    )
    snapshot = land_case_system(settings, AS_OF)["person"]
    for frame, _ in snapshot_batches(snapshot, BY_NAME["person"], 1_000):
        result = validate(BY_NAME["person"], frame, AS_OF)
        told = result.quarantined.filter(pl.col("rules").list.contains("created_on:no_date"))
        assert told.select("person_id", "created_on").rows() == [(37, None)]


@pytest.mark.parametrize("url", ["oracle://u@h/d", "socio.duckdb", ""])
def test_an_unknown_kind_of_url_is_a_setting_to_put_right(settings, url):
    error = told_without(replace(settings, case_system=url))
    assert isinstance(error, SettingWrong)
    assert "postgresql://" in str(error)
    assert "duckdb:///" in str(error)


def test_where_no_municipality_is_invented_yet_the_next_step_is_told(settings):
    of_nothing_set = Settings.from_environment({"UTTREKK_DATA": str(settings.data)})
    error = told_without(of_nothing_set)
    assert isinstance(error, SourceUnreachable)
    assert "No invented municipality stands here" in str(error)
    assert "uttrekk synthesise" in str(error)
    of_nothing_set.world.mkdir(parents=True)
    shutil.copy(source_of(settings), of_nothing_set.world / "case_system.duckdb")
    assert len(land_case_system(of_nothing_set, AS_OF)) > 0


def test_the_source_cannot_be_written_to(settings):
    with case_system.connect(settings.case_system, batch_rows=9) as system, pytest.raises(duckdb.Error):
        system._connection.execute("delete from person")


def test_a_view_cannot_reach_outside_its_file(settings, tmp_path):
    """The source is somebody else's: a view in it must not make us read other files."""
    (tmp_path / "x.csv").write_text("a\n1\n")
    execute(
        source_of(settings),
        "alter table sak rename to kept",
        f"create view sak as select kept.* from kept, read_csv('{tmp_path}/x.csv')",
    )
    with pytest.raises(SourceUnreachable) as caught:
        land_case_system(settings, AS_OF)
    assert caught.value.__suppress_context__


# --- deliveries -----------------------------------------------------------------------------------------


def test_a_delivery_is_kept_byte_for_byte_under_its_hash(settings):
    (settings.deliveries / "BEFOLKNING_2012.csv").write_bytes(POPULATION)
    landed = land_deliveries(settings, AS_OF)
    snapshot = landed["population_status/2012"]
    assert set(landed) == {"population_status/2012"}
    assert snapshot.path.read_bytes() == POPULATION
    assert snapshot.id == hashlib.sha256(POPULATION).hexdigest() == snapshot.path.parent.name
    assert (snapshot.source, snapshot.rows) == ("Population register", 2)
    record = json.loads((snapshot.path.parent / "snapshot.json").read_text())
    assert (record["sha256"], record["first_seen"]) == (snapshot.id, "2025-03-01")


def test_a_landed_delivery_is_read_from_the_snapshot_alone(settings):
    path = settings.deliveries / "BEFOLKNING_2012.csv"
    path.write_bytes(POPULATION)
    snapshot = land_deliveries(settings, AS_OF)["population_status/2012"]
    path.unlink()
    ((rows, failures),) = snapshot_batches(snapshot, BY_NAME["population_status"], 1_000)
    assert rows.drop("line").rows() == [("01819012345", 2012, "bosatt", None, "0301")]
    assert failures.select("line", "rule").rows() == [(3, "leading_zero_lost")]


def test_a_corrected_delivery_is_another_snapshot_and_the_old_one_stays(settings):
    path = settings.deliveries / "BEFOLKNING_2012.csv"
    path.write_bytes(POPULATION)
    first = land_deliveries(settings, AS_OF)["population_status/2012"]
    again = land_deliveries(settings, AS_OF)["population_status/2012"]
    path.write_bytes(POPULATION.replace(b"bosatt", b"utvandret"))
    second = land_deliveries(settings, AS_OF)["population_status/2012"]
    assert first == again
    assert first.id != second.id
    assert first.path.exists()
    assert first.path.parent.parent == second.path.parent.parent


def test_a_delivery_that_cannot_be_used_leaves_nothing(settings):
    (settings.deliveries / "BEFOLKNING_2013.csv").write_bytes(POPULATION)
    with pytest.raises(DeliveryWrong, match=r"BEFOLKNING_2013.csv"):
        land_deliveries(settings, AS_OF)
    assert [p for p in settings.landing.rglob("*") if p.is_file()] == []


def test_a_file_that_becomes_a_link_is_not_followed(settings, tmp_path, monkeypatch):
    path = settings.deliveries / "BEFOLKNING_2012.csv"
    path.write_bytes(POPULATION)
    found = landing.find(settings.deliveries, AS_OF)
    path.unlink()
    path.symlink_to(tmp_path / "socio.duckdb")
    monkeypatch.setattr(landing, "find", lambda *_: found)
    with pytest.raises(DeliveryWrong, match="cannot be opened"):
        land_deliveries(settings, AS_OF)


def populations(settings, *years):
    for path in settings.deliveries.glob("BEFOLKNING_*"):
        path.unlink()
    for year in years:
        data = POPULATION.replace(b",2012,", f",{year},".encode())
        (settings.deliveries / f"BEFOLKNING_{year}.csv").write_bytes(data)


def test_a_period_the_last_night_had_may_not_be_gone(settings):
    populations(settings, 2011, 2012)
    observe(settings, AS_OF, land_deliveries(settings, AS_OF))
    populations(settings, 2011, 2013)
    before = sorted(settings.landing.rglob("*"))
    with pytest.raises(DeliveryWrong) as caught:
        land_deliveries(settings, date(2025, 3, 2))
    assert "lacks 1 period that the night of 2025-03-01 had: BEFOLKNING_2012.csv." in str(caught.value)
    assert str(settings.deliveries / "retired.txt") in str(caught.value)
    assert sorted(settings.landing.rglob("*")) == before


def test_an_empty_folder_is_no_delivery_and_the_number_is_told_without_a_long_list(settings):
    assert land_deliveries(settings, AS_OF) == {}  # on the first night there is nothing to miss
    populations(settings, 2009, 2010, 2011, 2012)
    observe(settings, AS_OF, land_deliveries(settings, AS_OF))
    populations(settings)
    with pytest.raises(DeliveryWrong) as caught:
        land_deliveries(settings, AS_OF)
    assert "lacks 4 periods that the night of 2025-03-01 had." in str(caught.value)
    populations(settings, 2012)
    with pytest.raises(DeliveryWrong, match=r"had: BEFOLKNING_2009.csv, .*2010.csv, .*2011.csv\."):
        land_deliveries(settings, AS_OF)


def test_a_period_that_is_retired_by_name_is_not_missed(settings):
    populations(settings, 2011, 2012)
    observe(settings, AS_OF, land_deliveries(settings, AS_OF))
    populations(settings, 2011)
    retired = settings.deliveries / "retired.txt"
    retired.write_text("BEFOLKNING_2010.csv\n")
    with pytest.raises(DeliveryWrong, match="1 period"):
        land_deliveries(settings, AS_OF)
    retired.write_text("BEFOLKNING_2010.csv\nBEFOLKNING_2012.csv\n")
    landed = land_deliveries(settings, AS_OF)
    assert set(landed) == {"population_status/2011"}
    observe(settings, AS_OF, landed)
    retired.unlink()
    assert land_deliveries(settings, date(2025, 3, 2)) == landed  # the newest observation has it no more


def test_a_backfill_misses_only_the_periods_that_were_over_by_then(settings):
    populations(settings, 2011, 2012)
    observe(settings, AS_OF, land_deliveries(settings, AS_OF))
    observe(settings, date(2012, 6, 1), land_deliveries(settings, date(2012, 6, 1)))
    populations(settings, 2011)
    assert set(land_deliveries(settings, date(2012, 12, 30))) == {"population_status/2011"}
    with pytest.raises(DeliveryWrong, match=r"the night of 2025-03-01 had: BEFOLKNING_2012\.csv"):
        land_deliveries(settings, date(2012, 12, 31))


def test_the_last_observation_of_the_latest_night_counts(settings):
    populations(settings, 2011)
    observe(settings, AS_OF, land_deliveries(settings, AS_OF))
    populations(settings, 2011, 2012)
    observe(settings, AS_OF, land_deliveries(settings, AS_OF))
    populations(settings, 2011)
    with pytest.raises(DeliveryWrong, match="1 period"):
        land_deliveries(settings, AS_OF)


# --- observations ---------------------------------------------------------------------------------------


def test_what_a_night_saw_can_be_read_back(settings):
    landed = land_case_system(settings, AS_OF)
    seen = observe(settings, AS_OF, landed)
    assert observation(settings, AS_OF) == seen
    assert (seen.number, seen.snapshots) == (1, landed)
    assert observation(settings, date(2025, 3, 2)) is None


def test_the_same_again_is_not_noted_twice(settings):
    landed = land_case_system(settings, AS_OF)
    observe(settings, AS_OF, landed)
    path = settings.landing / "observations" / "2025-03-01.json"
    before = path.read_bytes()
    assert observe(settings, AS_OF, dict(reversed(landed.items()))).number == 1
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_night_run_again_on_changed_sources_keeps_both_and_the_last_counts(settings):
    first = observe(settings, AS_OF, land_case_system(settings, AS_OF))
    execute(source_of(settings), "delete from person where pid = 37")
    second = observe(settings, AS_OF, land_case_system(settings, AS_OF))
    noted = json.loads((settings.landing / "observations" / "2025-03-01.json").read_text())
    assert [n["number"] for n in noted] == [first.number, second.number] == [1, 2]
    assert observation(settings, AS_OF) == second


def test_observations_survive_a_move_of_the_data_root(settings, tmp_path):
    observe(settings, AS_OF, land_case_system(settings, AS_OF))
    moved = replace(settings, data=tmp_path / "moved")
    settings.data.rename(moved.data)
    assert observation(moved, AS_OF).snapshots["person"].path.exists()


def test_an_observation_whose_snapshot_is_gone_says_so(settings):
    landed = land_case_system(settings, AS_OF)
    observe(settings, AS_OF, landed)
    landed["person"].path.unlink()
    with pytest.raises(SourceUnreachable, match="person"):
        observation(settings, AS_OF)


@pytest.mark.parametrize("name", ["person", "population_status/2012"])
def test_a_snapshot_that_is_not_as_it_was_landed_is_refused_where_it_is_asked(settings, name):
    populations(settings, 2012)
    landed = land_case_system(settings, AS_OF) | land_deliveries(settings, AS_OF)
    seen = observe(settings, AS_OF, landed)
    assert observation(settings, AS_OF, verify=True) == seen
    path = landed[name].path
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert observation(settings, AS_OF) == seen  # an ordinary night does not read everything twice
    with pytest.raises(SourceUnreachable, match="damaged") as caught:
        observation(settings, AS_OF, verify=True)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [None, "", "{}", "[]"])
def test_a_snapshot_whose_record_is_spoilt_is_refused_where_it_is_asked(settings, text):
    landed = land_case_system(settings, AS_OF)
    observe(settings, AS_OF, landed)
    record = landed["case"].path.parent / "snapshot.json"
    record.unlink()
    if text is not None:
        record.write_text(text)
    with pytest.raises(SourceUnreachable, match="case") as caught:
        observation(settings, AS_OF, verify=True)
    assert caught.value.__context__ is None


def test_a_delivery_put_in_anothers_place_with_its_record_is_refused(settings):
    populations(settings, 2012)
    landed = land_deliveries(settings, AS_OF)
    observe(settings, AS_OF, landed)
    path = landed["population_status/2012"].path
    record = path.parent / "snapshot.json"
    for file in (path, record):
        file.chmod(0o600)
    path.write_bytes(POPULATION + b"x")
    told = json.loads(record.read_text()) | {"sha256": hashlib.sha256(POPULATION + b"x").hexdigest()}
    record.write_text(json.dumps(told))
    with pytest.raises(SourceUnreachable, match="damaged"):
        observation(settings, AS_OF, verify=True)


def test_a_snapshot_of_another_schema_is_refused_not_guessed_at(settings):
    snapshot = land_case_system(settings, AS_OF)["person"]
    with pytest.raises(SchemaChanged):
        list(snapshot_batches(snapshot, BY_NAME["case"], 100))
