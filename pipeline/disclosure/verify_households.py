"""How the engine's verifier counts households: by what it was told of each written row, and the source.

It shares no code with the engine. What it was told is not believed: `verify_engine` holds each row with its
household against the rows of the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from pipeline.disclosure.verify_files import quoted, renamed

Frame = Any  # whatever DuckDB can read in memory


def housed(connection: duckdb.DuckDBPyConnection, household: str, homes: Frame | None) -> Iterator[str]:
    """Let the rows of `written` have their household beside them; a problem where it is not told of each."""
    if homes is None:
        yield "nothing says which household its rows are of"
        return
    connection.register("handed_homes", homes)
    named = renamed(connection, "handed_homes", [household])
    connection.execute(f"create table home as select * from {named}")
    counts = "select (select count(*) from home), (select count(*) from written)"
    ((told, rows),) = connection.execute(counts).fetchall()
    if told != rows:
        yield "it has another number of rows than households are told of"
        return
    # Both tables are numbered as they were read: in the order of the file.
    connection.execute(
        f"create or replace table written as select written.*, home.{quoted(household)} "
        "from written join home on written.rowid = home.rowid"
    )


def fewest(connection: duckdb.DuckDBPyConnection, household: str, class_by: Sequence[str]) -> int:
    """The fewest households in a class of `written`; a row whose household is blank is one alone."""
    by, home = ", ".join(map(quoted, class_by)), f"nullif(cast({quoted(household)} as varchar), '')"
    counted = f"count(distinct {home}) + count(*) filter ({home} is null)"
    query = f"select coalesce(min(n), 0) from (select {counted} as n from written group by {by})"
    ((found,),) = connection.execute(query).fetchall()
    return int(found)
