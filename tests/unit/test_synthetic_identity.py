"""Who is whom in the invented world: numbers that change, two records of one person, and numbers mixed up."""

from dataclasses import fields
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.synthetic import model, synthesise
from pipeline.synthetic.dirt import Dirt
from schemas import codes
from schemas.registers.identity import IdentifierLink
from tests.invented import case_system, delivered, planted, truth

pytestmark = pytest.mark.slow

GIVEN, BIRTH_DATE_CHANGED, SEX_CHANGED, DUF_KNOWN = codes.LINK_CAUSE.values()
REGISTER = "folkeregister"


@pytest.fixture(scope="module")
def tables(full_world: Path) -> dict[str, pl.DataFrame]:
    return case_system(full_world)


@pytest.fixture(scope="module")
def links(full_world: Path) -> pl.DataFrame:
    read, failed = delivered(full_world, IdentifierLink)
    assert failed.is_empty()
    return read


def changed(folder: Path) -> pl.DataFrame:
    return truth(folder, "identifier").filter(pl.col("former_fnr").is_not_null())


# --- a number that changed -----------------------------------------------------------------------------


def test_where_the_case_system_knows_both_numbers_its_rows_meet_and_name_the_register(full_world, tables):
    rows = tables["identifier"]
    both = changed(full_world).join(rows, on="person_id")
    both = both.filter(pl.col("identifier") == pl.col("former_fnr"))
    met = both.join(
        rows.select("person_id", now="identifier", since="valid_from", source="evidence"), on="person_id"
    ).filter(pl.col("now") == pl.col("fnr"))
    assert met.height > 20
    assert (met["valid_to"] == met["since"]).all()
    assert (met["valid_to"] == met["changed_on"]).all()
    assert set(met["evidence"]) == set(met["source"]) == {REGISTER}


def test_a_changed_number_is_known_in_the_register_or_in_the_case_system(full_world, tables, links):
    them = changed(full_world)
    linked = them.join(
        links, left_on=["former_fnr", "fnr"], right_on=["identifier", "replaced_by"], how="semi"
    )
    rows = tables["identifier"]
    recorded = them.join(rows, left_on=["person_id", "fnr"], right_on=["person_id", "identifier"], how="semi")
    known = {*linked["person_id"], *recorded["person_id"]}
    undelivered = them.filter(pl.col("changed_on").dt.year() > 2024)["person_id"]
    assert set(them["person_id"]) - set(undelivered) <= known
    assert linked.height < them.height
    assert recorded.height < them.height


def test_a_number_changes_for_another_sex_or_another_birth_date(full_world, links):
    rows = links.filter(pl.col("link_cause").is_in([SEX_CHANGED, BIRTH_DATE_CHANGED])).select(
        "link_cause",
        same_date=pl.col("identifier").str.head(6) == pl.col("replaced_by").str.head(6),
        same_sex=pl.col("identifier").str.slice(8, 1).cast(pl.Int64) % 2
        == pl.col("replaced_by").str.slice(8, 1).cast(pl.Int64) % 2,
    )
    by_sex, by_date = (rows.filter(link_cause=cause) for cause in (SEX_CHANGED, BIRTH_DATE_CHANGED))
    assert by_sex.height > 5
    assert by_date.height > 5
    assert not by_sex["same_sex"].any()
    assert by_date["same_sex"].all()
    assert not by_date["same_date"].any()


def test_no_two_numbers_of_the_truth_are_alike(full_world):
    assert truth(full_world, "number")["identifier"].is_unique().all()


# --- the register's history ----------------------------------------------------------------------------


def test_a_link_joins_two_numbers_of_one_person_on_a_day_of_its_file(full_world, links):
    owner = truth(full_world, "number").select("identifier", "person_id")
    both = links.join(owner, on="identifier").join(
        owner.rename({"person_id": "new_owner"}), left_on="replaced_by", right_on="identifier"
    )
    assert both.height == links.height > 2_000
    assert (both["person_id"] == both["new_owner"]).all()
    assert (links["linked_on"].dt.year().clip(2006) == links["year"]).all()


def test_no_number_has_two_successors(links):
    assert links["identifier"].is_unique().all()


def test_every_d_number_given_up_before_the_last_file_is_linked(full_world, links):
    chain = truth(full_world, "identifier").filter(
        pl.col("d_number").is_not_null() & (pl.col("fnr_from") <= date(2024, 12, 31))
    )
    first = pl.coalesce("former_fnr", "fnr")
    told = chain.select("d_number", first=first).join(
        links.filter(link_cause=GIVEN),
        left_on=["d_number", "first"],
        right_on=["identifier", "replaced_by"],
        how="semi",
    )
    assert told.height == chain.height > 2_000


def test_most_of_those_known_by_duf_alone_are_linked_from_it(full_world, links):
    only = truth(full_world, "identifier").filter("only_duf_in_case_system")
    linked = only.join(links.filter(link_cause=DUF_KNOWN), left_on="duf", right_on="identifier", how="semi")
    assert 0.6 < linked.height / only.height < 0.85


# --- registered twice ----------------------------------------------------------------------------------


def test_two_records_of_one_person_agree_on_birth_date_sex_and_one_number(full_world, tables):
    pairs = truth(full_world, "registered_twice")
    first = tables["person"].select("person_id", "birth_date", "sex", made="created_on")
    second = first.rename({"person_id": "second_person_id", "made": "made_again"})
    both = pairs.join(first, on="person_id").join(second, on="second_person_id")
    assert both.height == pairs.height > 100
    assert (both["birth_date"] == both["birth_date_right"]).all()
    assert (both["sex"] == both["sex_right"]).all()
    assert (both["made_again"] > both["made"]).all()
    assert (both["made_again"] > model.CUT).all()
    rows = tables["identifier"].select("person_id", "identifier_type", "identifier")
    shared = both.join(rows, on="person_id").join(
        rows.rename({"person_id": "second_person_id"}), on=["second_person_id", "identifier"]
    )
    assert (shared["identifier_type"] == shared["shared"]).all()
    assert set(shared["second_person_id"]) == set(pairs["second_person_id"])
    assert set(pairs["shared"]) == {"FNR", "DUF"}


def test_what_began_after_the_second_record_stands_there(full_world, tables):
    pairs = truth(full_world, "registered_twice")
    at_second = tables["programme"].join(pairs, left_on="person_id", right_on="second_person_id")
    exits = truth(full_world, "exit").join(pairs, on="person_id")
    later = exits.filter(pl.col("started_on") > pl.col("created_on"))
    assert later.height > 5
    assert set(later["person_id"]) <= set(at_second["person_id_right"])
    plausible = at_second.filter(pl.col("started_on").dt.year() > 2000)
    assert (plausible["started_on"] > plausible["created_on"]).all()
    cases = tables["case"].select("case_id", owner="person_id")
    told = at_second.join(cases, on="case_id")
    assert (told["owner"] == told["person_id"]).all()


# --- numbers on the wrong record -----------------------------------------------------------------------


def test_a_wrong_number_is_on_its_owners_record_too_and_never_names_the_register(full_world, tables):
    mixed = truth(full_world, "conflict")
    rows = tables["identifier"].select("person_id", "identifier", "evidence")
    wrong = mixed.join(rows, on=["person_id", "identifier"])
    assert wrong.height == mixed.height > 200
    assert wrong["evidence"].is_null().all()
    own = mixed.join(rows, left_on=["of_person_id", "identifier"], right_on=["person_id", "identifier"])
    assert set(own["identifier"]) == set(
        mixed.filter(~pl.col("of_person_id").is_in(replaced(mixed)))["identifier"]
    )
    owner = truth(full_world, "number").select("identifier", true="person_id")
    assert (
        mixed.join(owner, on="identifier")["true"] == mixed.join(owner, on="identifier")["of_person_id"]
    ).all()


def replaced(mixed: pl.DataFrame) -> pl.Expr:
    """Whose own number does not stand on their record."""
    return mixed.filter("in_place_of_own")["person_id"].implode()


def test_nobody_is_in_two_mix_ups_or_registered_twice_besides(full_world):
    mixed = truth(full_world, "conflict")
    everybody = [*mixed["person_id"], *mixed["of_person_id"]]
    assert len(set(everybody)) == len(everybody)
    assert not set(everybody) & set(truth(full_world, "registered_twice")["person_id"])


def test_every_kind_of_mix_up_is_there_and_a_childs_number_is_a_childs(full_world):
    mixed = truth(full_world, "conflict").join(
        truth(full_world, "person").select("person_id", born="birth_date"), on="person_id"
    )
    assert set(mixed["kind"]) == {"spouse", "child", "other_person", "d_number"}
    child = mixed.filter(kind="child").join(
        truth(full_world, "person").select(of_person_id="person_id", child_born="birth_date"),
        on="of_person_id",
    )
    assert (child["child_born"] > child["born"]).all()


# --- how often -----------------------------------------------------------------------------------------


def test_without_errors_nothing_of_the_kind_is_planted(tmp_path):
    synthesise(tmp_path / "clean", persons=600, as_of=date(2016, 3, 1), errors=0)
    found = set(truth(tmp_path / "clean", "planted")["pattern"])
    assert found & {field.name for field in fields(Dirt)} == set()
    assert truth(tmp_path / "clean", "conflict").is_empty()
    assert truth(tmp_path / "clean", "registered_twice").is_empty()


def test_errors_can_be_doubled_and_the_totals_at_the_cut_stay(small_world, tmp_path):
    from pipeline.synthetic import calibration

    synthesise(tmp_path / "twice", persons=1_200, errors=2)
    for pattern, table in (
        ("only_duf", "identifier"),
        ("relative_number", "identifier"),
        ("overlapping_programme", "programme"),
        ("separated_number", "population_status"),
        ("old_municipality", "population_status"),
    ):
        once, doubled = (planted(w, pattern, table).len() for w in (small_world, tmp_path / "twice"))
        assert 1.4 * once < doubled < 2.7 * once, pattern
    counted = {k: v for k, v in calibration(case_system(small_world)).items() if not k.startswith("paid")}
    assert counted.items() <= calibration(case_system(tmp_path / "twice")).items()


def test_a_rate_is_never_above_one():
    assert max(getattr(Dirt().times(1_000), field.name) for field in fields(Dirt)) == 1
