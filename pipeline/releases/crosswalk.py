"""The crosswalk of a project: pseudonyms of its earlier versions, and which one a person has now.

A project is told of its own pseudonyms alone, of persons who stand in the version at hand, and only what its
earlier versions make worth telling. It never names anybody who may not be used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.errors import ReleaseDamaged
from pipeline.identity.keys import ProjectKey, pseudonyms
from pipeline.identity.usable import OutputKind
from pipeline.releases.build import Built, checked
from pipeline.releases.data_files import FOLDER
from pipeline.releases.manifest import MANIFEST
from pipeline.releases.publish import published
from pipeline.requests.request import is_pseudonymised, released_name
from schemas.codes.crosswalk import MERGE
from schemas.research import Crosswalk
from schemas.variable import columns, facts

NAME = released_name(Crosswalk)
PSEUDONYM = "pseudonym"


@dataclass(frozen=True)
class _Earlier:
    """A published version: its as_of, and every pseudonym of a person who stands in it."""

    as_of: str
    pseudonyms: frozenset[str]


def crosswalk(
    succession: pl.DataFrame,
    usable: pl.DataFrame,
    held: pl.DataFrame,
    built: Sequence[Built],
    key: ProjectKey,
    releases: Path,
) -> Built | None:
    """The project's crosswalk as a data file; None where there is nothing to tell.

    `succession` is (former_key, person_key, reason, since); `usable` the persons of the pseudonymised
    outputs, `held` every key that some record has now, also one that is gone from the source, both by
    `person_key`. `built` are the version's other files. A row is there if the person stands in them; if the
    former key is no record's now, or a usable person's; and if an earlier version holds the former
    pseudonym - for a split, one of before it, without the new one.
    """
    mine = succession.join(usable, on="person_key", how="semi")
    barred = held.join(usable, on="person_key", how="anti")
    mine = mine.join(barred, left_on="former_key", right_on="person_key", how="anti")
    if mine.is_empty():
        return None
    rows = _under(mine, key).filter(pl.col(PSEUDONYM).is_in(sorted(_standing(built))))
    earlier = list(_earlier(releases, key.project)) if rows.height else []
    rows = rows.filter(pl.Series([_worth_telling(row, earlier) for row in rows.to_dicts()], dtype=pl.Boolean))
    if rows.is_empty():
        return None
    about = columns(Crosswalk)
    frame = rows.select(c.name for c in about).sort(facts(Crosswalk).primary_key)
    return Built(
        name=NAME,
        table=Crosswalk,
        columns=about,
        kind=OutputKind.PSEUDONYMISED,
        frame=checked(Crosswalk, about, frame),
    )


def _under(succession: pl.DataFrame, key: ProjectKey) -> pl.DataFrame:
    """The successions under the project's pseudonyms."""
    both = pl.concat([succession["former_key"], succession["person_key"].alias("former_key")])
    made = pseudonyms(both, key)
    return succession.join(made, on="person_key").join(
        made.rename({"person_key": "former_key", PSEUDONYM: f"former_{PSEUDONYM}"}), on="former_key"
    )


def _standing(built: Sequence[Built]) -> set[str]:
    """Every pseudonym in the version's data files."""
    return {p for b in built if is_pseudonymised(b.table) for p in b.frame[PSEUDONYM].to_list()}


def _worth_telling(row: Mapping[str, object], earlier: Sequence[_Earlier]) -> bool:
    """Whether a reader of an earlier version would look for the person under the former pseudonym."""
    held = [version for version in earlier if row[f"former_{PSEUDONYM}"] in version.pseudonyms]
    if row["reason"] == MERGE:
        return bool(held)
    since = str(row["since"]) if row["since"] is not None else ""
    return any(
        row[PSEUDONYM] not in version.pseudonyms and (not since or version.as_of <= since) for version in held
    )


def _earlier(releases: Path, project: str) -> Iterator[_Earlier]:
    """Every version that has been published for the project, under whatever request."""
    for request in sorted(path for path in releases.iterdir() if path.is_dir()):
        for standing in published(request):
            try:
                if json.loads((standing.folder / MANIFEST).read_bytes())["project"] != project:
                    continue
                files = sorted((standing.folder / FOLDER).glob("*.parquet"))
                found = [_pseudonyms_of(path) for path in files if path.stem != NAME]
            except (OSError, ValueError, LookupError, TypeError, pl.exceptions.PolarsError):
                raise ReleaseDamaged(
                    f"A published version of {request.name} cannot be read: {standing.folder.name}.",
                    instead="Nothing was published, for its crosswalk might miss persons.",
                    do=f"See what is wrong with: uttrekk verify {standing.folder}",
                ) from None
            yield _Earlier(standing.as_of, frozenset().union(*found))


def _pseudonyms_of(path: Path) -> set[str]:
    if PSEUDONYM not in pl.read_parquet_schema(path):
        return set()
    return set(pl.read_parquet(path, columns=[PSEUDONYM], hive_partitioning=False)[PSEUDONYM].to_list())
