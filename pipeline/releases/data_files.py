"""The data files of a release as bytes: Parquet that carries its own codebook in the footer.

The same frame under the same schema gives the same bytes, so that a version can be told by its files.
Nothing of the night (as_of, code version, snapshot ids) stands in a data file; the manifest has that.
"""

from __future__ import annotations

import json

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.releases.build import Built
from pipeline.tables import COMPRESSION_LEVEL
from schemas.variable import Column, fingerprint, table_name

FOLDER = "data"
_ARROW = {
    pl.String(): pa.string(),
    pl.Int64(): pa.int64(),
    pl.Date(): pa.date32(),
    pl.Boolean(): pa.bool_(),
}


def path_of(built: Built) -> str:
    """Where the file stands in the release's folder."""
    return f"{FOLDER}/{built.name}.parquet"


def parquet(built: Built) -> bytes:
    """The file's bytes."""
    schema = pa.schema(
        [_field(column) for column in built.columns],
        metadata={"uttrekk.table": table_name(built.table), "uttrekk.schema": fingerprint(built.table)},
    )
    arrays = [
        built.frame.get_column(column.name).to_arrow().cast(schema.field(column.name).type)
        for column in built.columns
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(
        pa.Table.from_arrays(arrays, schema=schema),
        sink,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        row_group_size=1_000_000,
    )
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _field(column: Column) -> pa.Field:
    """The Arrow field, with the facts a reader needs so that they travel with the data."""
    about = column.about
    described = {
        "label.nb": about.nb,
        "label.en": about.en,
        "identifiability": about.identifiability.value,
        "special_category": json.dumps(about.special_category),
    }
    if about.unit:
        described["unit"] = about.unit
    if about.codes:
        described["codes.nb"] = json.dumps(about.codes.labels("nb"), ensure_ascii=False)
        described["codes.en"] = json.dumps(about.codes.labels("en"), ensure_ascii=False)
    return pa.field(column.name, _ARROW[column.dtype], metadata=described)
