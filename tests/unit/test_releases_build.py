"""What stands in the data files of a release: who, which columns, which row of several."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from pipeline.errors import TableRejected
from pipeline.identity.keys import pseudonyms
from pipeline.releases.build import Built, Chosen, Sources, build
from pipeline.releases.data_files import parquet
from pipeline.requests.request import Request
from schemas.variable import fingerprint
from tests.release_world import coarsened_request, demo_keys, demo_request, sources


def built(
    folder: Path, world: Sources, persons: pl.DataFrame | None = None, request: Request | None = None
) -> dict[str, Built]:
    everybody = world.person.select("person_key") if persons is None else persons
    asked = request or demo_request()
    chosen = [Chosen(everybody) for _ in asked.outputs]
    made = build(asked, world, chosen, demo_keys(folder).project_key("demo"))
    return {b.name: b for b in made}


def changed(world: Sources, table: str, *rows: dict[str, Any]) -> Sources:
    """The world with person 1's rows of that table exchanged for these."""
    frame: pl.DataFrame = getattr(world, table)
    others = frame.filter(pl.col("person_key") != 1)
    new = pl.DataFrame([{name: {"person_key": 1, **row}.get(name) for name in frame.columns} for row in rows])
    typed = new.cast(dict(frame.schema)) if rows else frame.clear()  # type: ignore[arg-type]
    return dataclasses.replace(world, **{table: pl.concat([others, typed])})


def first_person(folder: Path, world: Sources) -> dict[str, Any]:
    key = demo_keys(folder).project_key("demo")
    (mine,) = pseudonyms(pl.Series([1]), key)["pseudonym"]
    whole = demo_request().outputs[0]
    persons = whole.model_copy(update={"tables": {"person": whole.tables["person"]}})
    request = demo_request().model_copy(update={"outputs": [persons]})
    made = built(folder, world, request=request)["person"].frame
    return made.filter(pl.col("pseudonym") == mine).row(0, named=True)


def test_the_data_files_are_those_of_the_request(tmp_path: Path) -> None:
    made = built(tmp_path, sources())
    assert list(made) == ["person", "programme", "outcome", "coarsened_outcome"]
    assert all(b.frame.columns == [c.name for c in b.columns] for b in made.values())


def test_persons_who_may_not_be_used_are_in_no_file(tmp_path: Path) -> None:
    world = sources()
    key = demo_keys(tmp_path).project_key("demo")
    barred = pseudonyms(pl.Series([2, 4]), key)["pseudonym"]
    usable = world.person.select("person_key").filter(~pl.col("person_key").is_in([2, 4]))
    made, whole = built(tmp_path, world, usable), built(tmp_path, world)
    for name in ("person", "programme", "outcome"):
        assert not set(made[name].frame["pseudonym"]) & set(barred)
        assert set(whole[name].frame["pseudonym"]) >= set(barred)
    coarse = [b["coarsened_outcome"].frame.height + b["coarsened_outcome"].suppressed for b in (made, whole)]
    assert coarse[1] - coarse[0] == 2


def test_no_internal_key_stands_in_a_release(tmp_path: Path) -> None:
    for b in built(tmp_path, sources()).values():
        assert not [name for name in b.frame.columns if name.endswith("_key")]


def test_one_persons_rows_have_one_pseudonym_in_every_table(tmp_path: Path) -> None:
    made = built(tmp_path, sources())
    known = set(made["person"].frame["pseudonym"])
    assert set(made["programme"].frame["pseudonym"]) <= known
    assert set(made["outcome"].frame["pseudonym"]) <= known


def test_rows_are_sorted_by_pseudonym_so_that_order_tells_nothing(tmp_path: Path) -> None:
    made = built(tmp_path, sources())
    assert made["person"].frame["pseudonym"].is_sorted()
    shuffled = dataclasses.replace(sources(), person=sources().person.reverse())
    assert built(tmp_path, shuffled)["person"].frame.equals(made["person"].frame)


@pytest.mark.parametrize(
    ("level", "state"), [("1", "value"), ("9", "unknown"), (None, "not_asked"), ("0", "value")]
)
def test_a_codes_state_is_read_from_its_list(tmp_path: Path, level: str | None, state: str) -> None:
    world = changed(sources(), "background", {"registered_on": date(2010, 1, 1), "education_level": level})
    person = first_person(tmp_path, world)
    assert (person["education_level"], person["education_level_state"]) == (level, state)


@pytest.mark.parametrize(
    ("years", "told", "state"),
    [(0, 0, "value"), (25, 25, "value"), (99, None, "unknown"), (None, None, "not_asked")],
)
def test_a_number_that_means_unknown_is_never_released_as_a_number(
    tmp_path: Path, years: int | None, told: int | None, state: str
) -> None:
    world = changed(sources(), "background", {"registered_on": date(2010, 1, 1), "school_years": years})
    person = first_person(tmp_path, world)
    assert (person["school_years"], person["school_years_state"]) == (told, state)


def test_a_person_without_a_background_row_was_not_asked(tmp_path: Path) -> None:
    person = first_person(tmp_path, changed(sources(), "background"))
    assert person["education_level_state"] == person["school_years_state"] == "not_asked"


def test_the_latest_background_row_wins(tmp_path: Path) -> None:
    early = {"registered_on": date(2010, 1, 1), "education_level": "1"}
    late = {"registered_on": date(2012, 1, 1), "education_level": "4"}
    for rows in ([early, late], [late, early]):
        assert first_person(tmp_path, changed(sources(), "background", *rows))["education_level"] == "4"


def test_of_two_background_rows_on_one_day_the_same_wins_in_any_order(tmp_path: Path) -> None:
    rows = [{"registered_on": date(2010, 1, 1), "education_level": level} for level in ("4", None, "1")]
    for order in (rows, rows[::-1]):
        assert first_person(tmp_path, changed(sources(), "background", *order))["education_level"] == "1"


def test_the_first_settlement_is_the_one_told(tmp_path: Path) -> None:
    early = {"settled_on": date(2008, 5, 1), "settlement_form": "A", "bydel": "01"}
    late = {"settled_on": date(2010, 5, 1), "settlement_form": "F", "bydel": "02"}
    person = first_person(tmp_path, changed(sources(), "settlement", late, early))
    assert (person["settled_year"], person["settlement_form"], person["bydel"]) == (2008, "A", "01")


def test_a_participant_is_one_with_a_programme(tmp_path: Path) -> None:
    assert not first_person(tmp_path, sources())["is_participant"]
    participants = built(tmp_path, sources())["person"].frame["is_participant"].sum()
    assert participants == sources().programme_spell["person_key"].n_unique()


def test_every_date_is_the_first_of_its_month(tmp_path: Path) -> None:
    for b in built(tmp_path, sources()).values():
        for name, kind in b.frame.schema.items():
            assert kind != pl.Date or set(b.frame[name].drop_nulls().dt.day()) <= {1}, name


def test_a_frame_that_breaks_its_research_schema_stops_the_release(tmp_path: Path) -> None:
    world = sources()
    broken = dataclasses.replace(
        world, person=world.person.with_columns(country_of_birth=pl.lit("01815512345"))
    )
    with pytest.raises(TableRejected) as refused:
        built(tmp_path, broken)
    assert "country_of_birth" in str(refused.value) and "01815512345" not in str(refused.value)


def test_the_same_frame_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = built(tmp_path, sources()), built(tmp_path, sources())
    assert all(parquet(one[name]) == parquet(other[name]) for name in one)


def test_the_codebook_travels_in_the_footer(tmp_path: Path) -> None:
    person = built(tmp_path, sources())["person"]
    schema = pq.read_schema(io.BytesIO(parquet(person)))
    assert schema.metadata[b"uttrekk.schema"].decode() == fingerprint(person.table)
    sex = schema.field("sex").metadata
    assert sex[b"label.nb"].decode() == "Kjønn" and json.loads(sex[b"codes.en"])["2"] == "Female"
    assert schema.field("birth_year").metadata[b"unit"] == b"year"


@pytest.mark.parametrize("mode", ["level", "class"])
@pytest.mark.parametrize("language", ["nb", "en"])
def test_every_value_of_a_coarsened_file_has_its_label_in_the_footer(
    tmp_path: Path, mode: str, language: str
) -> None:
    """At whatever level it stands: nobody can look up a code of a level that is not told."""
    request = coarsened_request(mode=mode, coarsest={"children": "has_children"})
    made = built(tmp_path, sources(), request=request)["coarsened_outcome"]
    schema = pq.read_schema(io.BytesIO(parquet(made)))
    labels = {
        name: json.loads(schema.field(name).metadata[f"codes.{language}".encode()]) for name in schema.names
    }
    for name, told in labels.items():
        assert set(made.frame[name].drop_nulls()) <= set(told), name
    starred = {name for name, told in labels.items() if "*" in told}
    assert starred >= {name for name in made.frame.columns if "*" in made.frame[name]}
    assert not starred & {"children", "status_y1", "chronic_illness"}


def test_with_one_level_the_footer_has_the_codes_of_that_level_alone(tmp_path: Path) -> None:
    made = built(tmp_path, sources(), request=coarsened_request(mode="level"))["coarsened_outcome"]
    assert made.recoded is not None and made.recoded.made.levels is not None
    schema = pq.read_schema(io.BytesIO(parquet(made)))
    for name, level in made.recoded.made.levels.items():
        listed = next(c.about.codes for c in made.columns if c.name == name)
        assert listed is not None
        codes = [list(each.values()) for each in listed.ladder()] + [["*"]]
        assert list(json.loads(schema.field(name).metadata[b"codes.nb"])) == codes[level]


def test_a_data_file_reads_back_as_the_frame(tmp_path: Path) -> None:
    for b in built(tmp_path, sources()).values():
        assert pl.read_parquet(io.BytesIO(parquet(b))).equals(b.frame)
