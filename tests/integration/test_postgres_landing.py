"""A real PostgreSQL plays the case system: the DuckDB file's content, one moment, nothing said aloud."""

import threading
from contextlib import closing
from dataclasses import replace
from datetime import date

import duckdb
import polars as pl
import pytest
from adbc_driver_postgresql import dbapi

from pipeline import landing, tables
from pipeline.config import Settings
from pipeline.errors import SchemaChanged, SourceUnreachable
from pipeline.landing import land_case_system, snapshot_batches
from pipeline.sources import case_system
from pipeline.sources.case_system import BATCH_BYTES, Family, connect
from pipeline.validate import validate
from schemas import BY_NAME, CASE_SYSTEM
from schemas.variable import facts
from tests.case_system_files import make_case_system
from tests.integration.postgres_loader import load

pytestmark = pytest.mark.postgres

AS_OF = date(2025, 3, 1)


@pytest.fixture(scope="module")
def socio(tmp_path_factory):
    """The case system as a DuckDB file. Dirty on purpose: two persons share a number."""
    path = make_case_system(tmp_path_factory.mktemp("socio") / "socio.duckdb", rows=95)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "insert into person select * replace ('Ødegård' as etternavn) from person where pid = 37"
        )
    return path


@pytest.fixture(scope="module")
def template(postgres, socio):
    load(socio, postgres.create_database("socio"))
    return "socio"


@pytest.fixture
def source(postgres, template):
    """A copy of the case system that a test may change."""
    execute(postgres.uri, f"create database changed template {template}")
    yield postgres.uri_of("changed")
    execute(postgres.uri, "drop database changed with (force)")


@pytest.fixture
def settings(tmp_path, source):
    return Settings(data=tmp_path / "data", case_system=source, deliveries=tmp_path, keys=tmp_path / "keys")


def execute(uri, *statements):
    with dbapi.connect(uri, autocommit=True) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def ids(landed):
    return {name: snapshot.id for name, snapshot in landed.items()}


# --- the same content -----------------------------------------------------------------------------------


def test_postgresql_and_duckdb_give_the_same_content(settings, socio, tmp_path):
    other = replace(settings, data=tmp_path / "other", case_system=f"duckdb://{socio}", batch_rows=17)
    landed, expected = land_case_system(settings, AS_OF), land_case_system(other, AS_OF)
    assert ids(landed) == ids(expected)
    for name, snapshot in landed.items():
        assert snapshot.path.read_bytes() == expected[name].path.read_bytes()


def test_the_database_is_one_that_an_older_system_would_have(source):
    """Otherwise the test above would compare like with like: padded text, exact numbers, several widths."""
    with dbapi.connect(source) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select distinct data_type::text from information_schema.columns where table_schema = 'public'"
        )
        types = {kind for (kind,) in cursor.fetchall()}
        cursor.execute(
            "select count(*) from pg_constraint where contype = 'p' and connamespace = 'public'::regnamespace"
        )
        (keys,) = cursor.fetchone()
    assert {"character", "character varying", "numeric", "smallint", "integer", "bigint"} <= types
    assert 0 < keys < len(CASE_SYSTEM)


def test_text_is_ordered_by_its_bytes_whatever_the_database_thinks(postgres, socio, settings, tmp_path):
    execute(postgres.uri, "create database norsk template template0 encoding 'UTF8' locale 'C.UTF-8'")
    uri = postgres.uri_of("norsk")
    load(socio, uri)
    execute(uri, "create collation turned (provider = icu, locale = 'nb-NO-u-kf-lower')")
    execute(uri, 'alter table sak alter saknr type varchar(400) collate "turned"')
    landed = land_case_system(replace(settings, case_system=uri), AS_OF)
    other = replace(settings, data=tmp_path / "other", case_system=f"duckdb://{socio}")
    assert ids(landed) == ids(land_case_system(other, AS_OF))


def test_small_batches_are_small(source):
    wanted = [case_system.Wanted("pid", "person_id", case_system.pl.Int64())]
    with connect(source, batch_rows=10) as system:
        heights = [frame.height for frame in system.read("person", wanted, ["person_id"])]
    assert sum(heights) == 96
    assert max(heights) <= 10


def test_a_large_table_comes_in_pieces(postgres):
    """What is in memory at a time is bounded by bytes, however many rows a batch may have."""
    uri = postgres.create_database("large")
    execute(uri, "create table wide as select i, repeat('x', 1000) as t from generate_series(1, 60000) i")
    wanted = [
        case_system.Wanted("i", "i", case_system.pl.Int64()),
        case_system.Wanted("t", "t", case_system.pl.String()),
    ]
    with connect(uri, batch_rows=1_000_000) as system:
        sizes = [frame.estimated_size() for frame in system.read("wide", wanted, ["i"])]
    assert len(sizes) > 1
    assert max(sizes) < 1.5 * BATCH_BYTES


@pytest.mark.parametrize("kind", ["date", "timestamp"])
@pytest.mark.parametrize("day", ["infinity", "-infinity", "290000-01-01", "4000-01-01 BC"])
def test_a_day_without_a_name_is_landed_and_quarantined(settings, source, day, kind):
    execute(
        source,
        f"alter table person alter opprettet type {kind}",
        f"update person set opprettet = '{day}' where pid = 36",
    )
    snapshot = land_case_system(settings, AS_OF)["person"]
    for frame, _ in snapshot_batches(snapshot, BY_NAME["person"], 1_000):
        quarantined = validate(BY_NAME["person"], frame, AS_OF).quarantined
        told = quarantined.filter(pl.col("rules").list.contains("created_on:no_date"))
        assert told.select("person_id", "created_on").rows() == [(36, None)]


# --- one moment -----------------------------------------------------------------------------------------


def test_all_tables_show_one_moment_while_others_write(settings, source, monkeypatch):
    """Between any two tables everything changes; what is landed is as it was before the first."""
    before = land_case_system(settings, AS_OF)
    reading = landing.read_table

    def read_while_others_write(system, mapped, table):
        execute(source, "delete from sak", "delete from program", "update person set fornavn = 'x'")
        yield from reading(system, mapped, table)

    monkeypatch.setattr(landing, "read_table", read_while_others_write)
    during = land_case_system(settings, AS_OF)
    monkeypatch.undo()
    after = land_case_system(settings, AS_OF)
    assert during == before
    assert after["case"].rows == 0
    assert after["person"] != before["person"]


def test_two_tables_that_are_always_written_together_are_landed_together(settings, source):
    """A writer that never rests moves a row from one table to the other, both in one transaction."""
    execute(source, "delete from sak", "delete from bosetting", "insert into sak(saknr) values ('s')")
    stop = threading.Event()

    def write():
        with dbapi.connect(source, autocommit=True) as connection, connection.cursor() as cursor:
            while not stop.is_set():
                cursor.execute(
                    "do $$ begin if exists (select from sak) then delete from sak; "
                    "insert into bosetting(pid, dato) values (1, '2012-01-01'); else delete from bosetting; "
                    "insert into sak(saknr) values ('s'); end if; end $$"
                )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        landed = [land_case_system(settings, AS_OF) for _ in range(8)]
    finally:
        stop.set()
        writer.join()
    rows = [(each["case"].rows, each["settlement"].rows) for each in landed]
    assert set(rows) <= {(1, 0), (0, 1)}


def test_the_transaction_is_read_only_and_repeatable(source):
    with connect(source, batch_rows=10) as system, system._connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('transaction_isolation'), current_setting('transaction_read_only')"
        )
        assert cursor.fetchall() == [("repeatable read", "on")]
        with pytest.raises(dbapi.ProgrammingError):
            cursor.execute("delete from person")


# --- what may not be read -------------------------------------------------------------------------------


def test_landing_needs_no_right_to_the_tables_that_are_never_extracted(postgres, source, settings):
    """Proven by the database: the reader may read every table but those."""
    closed = [facts(t).source_name for t in CASE_SYSTEM if not facts(t).extracted]
    execute(
        source,
        "drop owned by reader; drop role reader" if _has_role(source, "reader") else "select 1",
        "create role reader login",
        "grant select on all tables in schema public to reader",
        *(f'revoke all on "{name}" from reader' for name in closed),
    )
    as_reader = replace(settings, case_system=source.replace("user=uttrekk", "user=reader"))
    assert ids(land_case_system(as_reader, AS_OF)) == ids(land_case_system(settings, AS_OF))
    execute(source, "revoke all on person from reader")
    with pytest.raises(SourceUnreachable):
        land_case_system(as_reader, AS_OF)
    execute(source, "drop owned by reader", "drop role reader")


def _has_role(uri, name):
    with dbapi.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute("select 1 from pg_roles where rolname = $1", (name,))
        return cursor.fetchone() is not None


# --- the shape ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "family"),
    [
        ("smallint", Family.INTEGER),
        ("bigint", Family.INTEGER),
        ("numeric(12,0)", Family.INTEGER),
        ("numeric(12)", Family.INTEGER),
        ("numeric(12,2)", Family.DECIMAL),
        ("numeric", Family.DECIMAL),
        ("real", Family.FLOAT),
        ("text", Family.TEXT),
        ("char(4)", Family.TEXT),
        ("varchar", Family.TEXT),
        ("varchar(7)", Family.TEXT),
        ("name_of_ours", Family.TEXT),
        ("date", Family.DATE),
        ("timestamp", Family.DATE),
        ("timestamp(3)", Family.DATE),
        ("timestamptz", Family.OTHER),
        ("boolean", Family.BOOLEAN),
        ("bytea", Family.OTHER),
        ("integer[]", Family.OTHER),
        ("json", Family.OTHER),
    ],
)
def test_a_type_belongs_to_a_family(postgres, families, declared, family):
    assert families[declared] == family


@pytest.fixture(scope="module")
def families(postgres):
    uri = postgres.create_database("families")
    names = [
        mark.args[1] for mark in test_a_type_belongs_to_a_family.pytestmark if mark.name == "parametrize"
    ]
    declared = [kind for kind, _ in names[0]]
    execute(
        uri,
        "create domain name_of_ours as varchar(20)",
        f"create table kinds ({', '.join(f'c{i} {kind}' for i, kind in enumerate(declared))})",
    )
    with connect(uri, batch_rows=10) as system:
        found = system.describe()["kinds"]
    return {kind: found[f"c{i}"] for i, kind in enumerate(declared)}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("drop table sak", "The table sak (case) is missing"),
        ("alter table sak drop column pid", "The column sak.pid (case.person_id) is missing"),
        ("alter table sak add column hemmelig text", "The column sak.hemmelig is not declared"),
        ("alter table sak alter pid type text", "The column sak.pid (case.person_id) is now of type text"),
        ("alter table sak alter pid type numeric(12,2)", "of type decimal"),
    ],
)
def test_a_database_changed_under_us_stops_before_anything_is_read(settings, source, change, told):
    execute(source, change)
    with pytest.raises(SchemaChanged) as caught:
        land_case_system(settings, AS_OF)
    assert told in str(caught.value)
    assert [path for path in settings.landing.rglob("*") if path.is_file()] == []


def test_a_table_of_the_same_name_in_another_schema_is_another_table(settings, source):
    expected = land_case_system(settings, AS_OF)
    execute(source, "create schema other", "create table other.sak (a int)", "create table extra (a int)")
    assert land_case_system(settings, AS_OF) == expected


def test_a_map_points_at_another_schema(settings, source, tmp_path):
    expected = land_case_system(settings, AS_OF)
    execute(source, 'alter schema public rename to "Fag ""System"""')
    path = tmp_path / "map.yaml"
    path.write_text("schema: 'Fag \"System\"'\n")
    assert land_case_system(replace(settings, case_system_map=path), AS_OF) == expected


# --- fail closed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda uri: uri.replace("port=", "port=1&ignored=").split("&ignored")[0] + "&user=uttrekk",
        lambda uri: uri.replace("user=uttrekk", "user=hemmelig"),
        lambda uri: uri.replace("postgresql:///", "postgresql:///hemmelig"),
    ],
    ids=["gone", "login refused", "no such database"],
)
def test_a_database_that_does_not_answer_is_told_in_a_line_without_the_drivers_text(settings, change):
    with pytest.raises(SourceUnreachable) as caught:
        land_case_system(replace(settings, case_system=change(settings.case_system)), AS_OF)
    error = caught.value
    assert "\n" not in str(error)
    assert "user" not in str(error)
    assert "FATAL" not in str(error)
    assert error.__suppress_context__
    assert error.exit_code == 12


def test_a_database_that_goes_away_in_the_middle_is_told(settings, source, postgres, monkeypatch):
    reading = landing.read_table

    def read_until_cut_off(system, mapped, table):
        if facts(table).source_name == "program":
            execute(
                postgres.uri,
                "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() "
                "and datname = " + _literal(_database(source)),
            )
        yield from reading(system, mapped, table)

    monkeypatch.setattr(landing, "read_table", read_until_cut_off)
    with pytest.raises(SourceUnreachable):
        land_case_system(settings, AS_OF)
    assert list(settings.landing.glob(".staged/*")) == []
    monkeypatch.undo()
    assert len(land_case_system(settings, AS_OF)) == len([t for t in CASE_SYSTEM if facts(t).extracted])


def _database(uri):
    with closing(dbapi.connect(uri)) as connection, connection.cursor() as cursor:
        cursor.execute("select current_database()::text")
        return cursor.fetchone()[0]


def _literal(text):
    return "'" + text.replace("'", "''") + "'"


def test_a_value_that_the_database_cannot_cast_is_not_told(settings, source):
    """A driver's message quotes it."""
    execute(source, "alter table sak alter pid type numeric(30,0)", "update sak set pid = 13819912399 * 1e18")
    with pytest.raises(SourceUnreachable) as caught:
        land_case_system(settings, AS_OF)
    assert "13819912399" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_tables_are_read_back_as_they_were(settings, source):
    landed = land_case_system(settings, AS_OF)
    with dbapi.connect(source) as connection, connection.cursor() as cursor:
        cursor.execute("select akt_id, timer_uke from aktivitet order by akt_id, timer_uke nulls first")
        expected = cursor.fetchall()
    frame = tables.read(landed["activity"].path).select("activity_id", "hours_per_week")
    assert sorted(frame.rows(), key=str) == sorted(expected, key=str)
