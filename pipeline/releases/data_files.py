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
from pipeline.releases.recoding_text import ALL_ALIKE
from pipeline.releases.words import LANGUAGES
from pipeline.tables import COMPRESSION_LEVEL
from schemas.codes import ANY
from schemas.variable import Column, fingerprint, table_name

FOLDER, CUTS_FOLDER = "data", "recoding"
_ARROW = {
    pl.String(): pa.string(),
    pl.Int64(): pa.int64(),
    pl.Date(): pa.date32(),
    pl.Boolean(): pa.bool_(),
}


def path_of(built: Built) -> str:
    """Where the file stands in the release's folder."""
    return f"{FOLDER}/{built.name}.parquet"


def cuts_path(built: Built) -> str:
    """Where the file's cuts stand in the release's folder, if its levels differ by class."""
    return f"{CUTS_FOLDER}/{built.name}.json"


def parquet(built: Built) -> bytes:
    """The file's bytes."""
    schema = pa.schema(
        [_field(built, column) for column in built.columns],
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


def _labels(built: Built, column: Column, language: str) -> dict[str, str]:
    """The codes that can stand in the column of this file, with their labels; none where it has no list."""
    if column.about.codes is None:
        return {}
    if not column.about.coarsened:
        return column.about.codes.labels(language)
    ladder = column.about.codes.ladder()
    there = _levels(built, column, len(ladder))
    labels = {code: label for each in ladder[there] for code, label in each.labels(language).items()}
    if there.stop > len(ladder):
        labels[ANY] = getattr(ALL_ALIKE, language)
    return labels


def _levels(built: Built, column: Column, top: int) -> slice:
    """The levels that a coarsened column can have in this file; `top` is that where all values are one."""
    levels = built.recoded.made.levels if built.recoded else None
    if levels is not None:
        return slice(levels[column.name], levels[column.name] + 1)
    limits = built.recoded.roles.coarsest() if built.recoded else {}
    return slice(0, limits.get(column.name, top) + 1)


def _field(built: Built, column: Column) -> pa.Field:
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
    for language in LANGUAGES:
        if labels := _labels(built, column, language):
            described[f"codes.{language}"] = json.dumps(labels, ensure_ascii=False)
    return pa.field(column.name, _ARROW[column.dtype], metadata=described)
