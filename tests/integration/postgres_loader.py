"""Make a PostgreSQL database hold the case system of a DuckDB file, as another system would have made it.

Its columns have the types such a system uses: text in `varchar` and `char(n)`, whole numbers in `integer`,
`bigint` and `numeric(12,0)`, hours in `numeric`; a primary key where the rows allow one.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
from adbc_driver_postgresql import dbapi

from schemas import CASE_SYSTEM
from schemas.variable import Table, columns, facts

_BY_DUCKDB_TYPE = {
    "VARCHAR": "varchar(400)",
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "DOUBLE": "numeric(8,3)",
    "DATE": "date",
    "BOOLEAN": "boolean",
}
# Types an older system would have chosen for these; the landed content must not notice.
_ODD_TYPES = {
    ("person", "landkode"): "char(40)",
    ("sak", "kommunenr"): "char(40)",
    ("sak", "bydel"): "char(40)",
    ("tilskudd_krav", "belop"): "numeric(12,0)",
    ("tilskudd_krav", "ar_nr"): "smallint",
    ("tilskudd_krav", "kalenderar"): "integer",
    ("aktivitet", "timer_uke"): "double precision",
}


def load(world: Path, uri: str) -> None:
    """Create and fill every table of the case system in the empty database at `uri`."""
    with duckdb.connect(str(world), read_only=True) as source, dbapi.connect(uri) as target:
        for table in CASE_SYSTEM:
            _copy(source, target, table)
        target.commit()


def _copy(source: duckdb.DuckDBPyConnection, target: dbapi.Connection, table: type[Table]) -> None:
    name = facts(table).source_name
    types = dict(source.execute(f'select column_name, column_type from (describe "{name}")').fetchall())
    declared = ", ".join(
        f'"{c}" {_ODD_TYPES.get((name, c), _BY_DUCKDB_TYPE.get(kind, "numeric"))}'
        for c, kind in types.items()
    )
    with target.cursor() as cursor:
        cursor.execute(f'create table "{name}" ({declared})')
        # In another order than the file's: the order must come from the query.
        rows = source.sql(f'select * from "{name}" order by hash("{next(iter(types))}")').to_arrow_table()
        cursor.adbc_ingest(f"{name}_as_read", pa.table(rows), mode="create", temporary=True)
        picked = ", ".join(f'"{c}"' for c in types)
        cursor.execute(f'insert into "{name}" select {picked} from "{name}_as_read"')
        cursor.execute(f'drop table "{name}_as_read"')
        if _is_key(source, table):
            cursor.execute(f'alter table "{name}" add primary key ({_key(table)})')


def _key(table: type[Table]) -> str:
    names = {c.name: c.about.source_name for c in columns(table)}
    return ", ".join(f'"{names[part]}"' for part in facts(table).primary_key)


def _is_key(source: duckdb.DuckDBPyConnection, table: type[Table]) -> bool:
    """Dirty data may break a key that a real system would not have enforced either."""
    key = _key(table)
    nulls = " or ".join(f"{part} is null" for part in key.split(", "))
    query = f"select count(*) - count(distinct ({key})), count(*) filter ({nulls})"
    return source.execute(f'{query} from "{facts(table).source_name}"').fetchone() == (0, 0)
