"""The server that other tests read from is a real one, and a driver of ours reaches it."""

import pytest
from adbc_driver_postgresql import dbapi

pytestmark = pytest.mark.postgres


def rows(uri, query):
    with dbapi.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_it_answers_through_its_socket(postgres):
    assert rows(postgres.uri, "select 1") == [(1,)]


def test_it_answers_over_tcp(postgres):
    assert rows(postgres.uri_over_tcp(), "select 1") == [(1,)]


def test_databases_are_apart(postgres):
    first, second = postgres.create_database("first"), postgres.create_database("second")
    with dbapi.connect(first, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("create table only_here as select 'æøå' as letters")
    assert rows(first, "select letters from only_here") == [("æøå",)]
    assert rows(second, "select count(*) from pg_tables where tablename = 'only_here'") == [(0,)]


def test_its_files_are_nobody_elses(postgres):
    assert postgres.folder.stat().st_mode & 0o077 == 0
