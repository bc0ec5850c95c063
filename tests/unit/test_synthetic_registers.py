"""What the registers deliver: through our own door it is the truth, and only what was planted is refused."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.synthetic.dirt import Dirt
from pipeline.synthetic.places import number_in
from schemas import DELIVERIES, codes
from schemas.registers.benefits import Benefit
from schemas.registers.education import Education
from schemas.registers.language_test import LanguageTest
from schemas.registers.nir import NirParticipant
from schemas.registers.nir_spells import NirLanguageHours, NirLeave, NirMeasure
from schemas.registers.population import PopulationStatus
from schemas.registers.welfare import SocialAssistance
from schemas.variable import Table, facts, table_name
from tests.invented import delivered, planted, truth

pytestmark = pytest.mark.slow

DIRT = Dirt()
UNEMPLOYED = [c for c, group in codes.BENEFIT.parents().items() if group == "LEDIG"]
COUNTED_LEVELS = [c for c, stage in codes.EDUCATION_LEVEL.parents().items() if stage in ("M", "H")]
REFUSED = ("leading_zero_lost", "spreadsheet_number", "short_municipality", "damaged_hours")


def numbers(folder: Path) -> pl.DataFrame:
    """Every true number and whose it is."""
    return truth(folder, "number").select("person_id", person_identifier="identifier")


def of_persons(folder: Path, table: type[Table], *years: int) -> pl.DataFrame:
    """The delivered rows of those the case system knows, by person."""
    return delivered(folder, table, *years)[0].join(numbers(folder), on="person_identifier")


@pytest.mark.parametrize("table", [d.table for d in DELIVERIES], ids=table_name)
def test_what_is_refused_was_planted_and_the_key_is_unique(small_world, table):
    read, failed = delivered(small_world, table)
    refused = sum(planted(small_world, pattern, table_name(table)).len() for pattern in REFUSED)
    assert failed["line"].len() == refused
    assert read.height > 0
    assert read.select(facts(table).primary_key).is_unique().all()


@pytest.mark.parametrize(
    ("pattern", "table", "rate"),
    [
        ("leading_zero_lost", NirParticipant, DIRT.leading_zero_lost),
        ("spreadsheet_number", NirMeasure, DIRT.spreadsheet_number),
        ("short_municipality", NirMeasure, DIRT.short_municipality),
        ("damaged_hours", NirLanguageHours, DIRT.damaged_hours * 0.97),  # where there are hours yet
        ("separated_number", PopulationStatus, DIRT.separated_number),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_delivery_is_damaged_at_about_its_rate(full_world, pattern, table, rate):
    read, failed = delivered(full_world, table)
    assert planted(full_world, pattern, table_name(table)).len() / (
        read.height + failed.height
    ) == pytest.approx(rate, rel=0.35)


def test_old_numbers_stand_in_the_rows_of_renumbered_municipalities_alone(full_world):
    read, _ = delivered(full_world, PopulationStatus, 2021)
    old = read.filter(pl.col("municipality").is_in(["0219", "1201"]))
    new = read.filter(pl.col("municipality").is_in([number_in("0219", 2021), number_in("1201", 2021)]))
    assert old.height / (old.height + new.height) == pytest.approx(DIRT.old_municipality, rel=0.3)
    assert delivered(full_world, PopulationStatus, 2012)[0].filter(
        pl.col("municipality").is_in(["3024", "4601", "5001"])
    ).is_empty()  # fmt: skip


# --- the registers tell the truth ----------------------------------------------------------------------


def test_every_enrolment_of_the_truth_is_delivered_in_each_year_it_touches(small_world):
    rows = of_persons(small_world, Education)
    told = set(rows.select("person_id", "nus2000", "started_on", "year").rows())
    wanted = {
        (person, code, start, year)
        for person, code, start, end, _ in truth(small_world, "education").rows()
        for year in range(start.year, min((end or date(2024, 1, 1)).year, 2024) + 1)
    }
    assert told == wanted
    open_ended = rows.filter(pl.col("ended_on").is_null())
    assert set(open_ended["education_status"]) == {"igang"}
    assert "igang" not in set(rows.filter(pl.col("ended_on").is_not_null())["education_status"])
    assert {"fullfort", "avbrutt"} <= set(rows["education_status"])
    assert {code[0] for code in rows["nus2000"]} >= {"1", "2", "3", "4", "5", "6", "7", "9"}


def test_starts_and_stops_of_benefits_are_those_of_the_truth(small_world):
    rows = of_persons(small_world, Benefit)
    spells = truth(small_world, "benefit").filter(pl.col("started_on") < date(2025, 1, 1))
    for event, column in (("START", "started_on"), ("STOPP", "ended_on")):
        there = spells.filter(pl.col(column) < date(2025, 1, 1))
        told = rows.filter(event=event).select("person_id", "benefit", "event_on").rows()
        assert sorted(told) == sorted(there.select("person_id", "benefit", column).rows())
    assert spells["ended_on"].is_null().sum() > 10  # open: they have a start and no stop
    assert set(rows["benefit"]) == set(codes.BENEFIT.values())


def test_rehabilitation_became_the_work_assessment_allowance_on_one_day(full_world):
    spells = truth(full_world, "benefit")
    change = date(2010, 3, 1)
    assert spells.filter(pl.col("benefit") == "ATT")["ended_on"].max() < change
    assert spells.filter(pl.col("benefit") == "AAP")["started_on"].min() == change


def test_the_months_of_social_assistance_are_those_of_the_truth_in_every_layout(small_world):
    spells = truth(small_world, "social_assistance")
    for year in (2010, 2023, 2024):
        rows = delivered(small_world, SocialAssistance, year)[0]
        known = rows.join(numbers(small_world), on="person_identifier")
        told = {
            (row["person_id"], month)
            for row in known.rows(named=True)
            for month in range(1, 13)
            if row[f"month_{month:02}"]
        }
        true = {
            (person, month)
            for person, _, first, last in spells.filter(year=year).rows()
            for month in range(first.month, last.month + 1)
        }
        stand_ins = rows.filter(pl.col("person_identifier").str.contains("(00100|00200|99999)$"))
        assert told <= true
        assert len({p for p, _ in true} - {p for p, _ in told}) <= stand_ins.height
        assert rows["work_situation"].is_in(list(codes.WORK_SITUATION.values())).all()
        on_benefit = rows.filter(main_income="6")
        assert on_benefit.height > 0
        assert set(on_benefit["work_situation"]) == {"09"}


def test_a_test_belongs_to_the_regime_of_its_day(full_world):
    rows, _ = delivered(full_world, LanguageTest)
    old = rows.filter(pl.col("tested_on") < date(2014, 1, 1))
    new = rows.filter(pl.col("tested_on") >= date(2014, 1, 1))
    assert set(old["result"]) == {"B", "I"}
    assert set(old["regime"]) == {"NP23"}
    assert set(old["part"]) == {"samlet"}
    assert set(new["regime"]) == {"NP14"}
    assert set(new["part"]) == {"lese", "lytte", "skrive", "muntlig"}
    assert set(new["result"]) == {"UA1", "A1", "A2", "B1", "B2", "C1"}
    assert new.filter(result="C1")["tested_on"].min() >= date(2020, 8, 1)


def test_a_test_the_case_system_knows_stands_in_the_register(small_world):
    from tests.invented import case_system

    told = case_system(small_world)["partial_result"].filter(
        pl.col("partial_result").is_in(["NP2", "NP3", "NP14"]), pl.col("test_result").is_not_null()
    )
    told = told.filter(pl.col("dated_on") < date(2025, 1, 1))
    person = truth(small_world, "person").select("person_id", gone="left_on")
    told = told.join(person, on="person_id").filter(
        pl.col("gone").is_null() | (pl.col("dated_on") < pl.col("gone"))
    )
    rows = of_persons(small_world, LanguageTest).select("person_id", dated_on="tested_on")
    assert told.height > 100
    assert told.join(rows, on=["person_id", "dated_on"], how="anti").is_empty()


# --- lives that hang together --------------------------------------------------------------------------


def test_who_left_for_school_has_a_school_place_that_autumn(full_world):
    exits = truth(full_world, "exit").filter(
        pl.col("nir_exit").is_in(["11", "12", "13"]), pl.col("ended_on").dt.year() < 2024
    )
    last = exits.sort("ended_on").group_by("person_id").last()
    person = truth(full_world, "person").select("person_id", gone="left_on")
    stayed = last.join(person, on="person_id").filter(
        pl.col("gone").is_null() | (pl.col("gone").dt.year() > pl.col("ended_on").dt.year() + 1)
    )
    again = truth(full_world, "exit").group_by("person_id").agg(pl.col("started_on").max().alias("newest"))
    stayed = stayed.join(again, on="person_id").filter(pl.col("newest") == pl.col("started_on"))
    school = truth(full_world, "education").filter(pl.col("nus2000").str.head(1).is_in(COUNTED_LEVELS))
    both = stayed.join(school, on="person_id").filter(
        pl.col("started_on_right").dt.year() <= pl.col("ended_on").dt.year(),
        pl.col("ended_on_right").is_null() | (pl.col("ended_on_right") > pl.col("ended_on")),
    )
    missing = set(stayed["person_id"]) - set(both["person_id"])
    december = stayed.filter(pl.col("ended_on").dt.month() == 12)["person_id"]
    assert stayed.height > 800
    assert missing <= set(december)  # their place begins in the new year


def test_nobody_studies_works_or_draws_a_benefit_after_leaving(full_world):
    gone = truth(full_world, "person").filter(pl.col("left_on").is_not_null())
    gone = gone.select("person_id", gone="left_on")
    for name, column in (("education", "ended_on"), ("benefit", "ended_on"), ("work", "last_month")):
        spells = truth(full_world, name).join(gone, on="person_id")
        assert spells.height > 0
        assert (spells[column] <= spells["gone"]).all(), name


def test_leave_after_birth_is_womens_and_moves_the_day_somebody_left(full_world):
    exits = truth(full_world, "exit").join(
        truth(full_world, "person").select("person_id", "male"), on="person_id"
    )
    on_leave = exits.filter(pl.col("leave_started_on").is_not_null())
    assert on_leave.height > 40
    assert not on_leave["male"].any()
    assert (on_leave["leave_started_on"] <= on_leave["ended_on"]).all()
    assert (on_leave["leave_ended_on"] > on_leave["ended_on"]).all()
    moved = exits.filter(pl.col("left_on") != pl.col("ended_on"))
    assert (moved["left_on"] == moved["leave_ended_on"]).all()
    still = on_leave.filter(pl.col("left_on").is_null())
    assert (still["leave_ended_on"] > date(2025, 3, 1)).all()
    newest = truth(full_world, "exit").group_by("person_id").agg(pl.col("started_on").max())
    assert moved.join(newest, on=["person_id", "started_on"], how="anti").is_empty()  # nobody returned


def test_leave_after_birth_is_delivered_as_it_was(small_world):
    rows = of_persons(small_world, NirLeave).filter(leave_cause="OMS")
    newest = rows.sort("delivery_year").group_by("person_id", "started_on").last()
    true = truth(small_world, "exit").filter(
        pl.col("leave_started_on").is_not_null(), pl.col("leave_ended_on") < date(2025, 1, 1)
    )
    told = true.join(
        newest, left_on=["person_id", "leave_started_on"], right_on=["person_id", "started_on"], how="left"
    )
    written_with_a_mark = planted(small_world, "separated_number", "nir_leave").len()
    assert told.height > 2
    assert told.filter(pl.col("ended_on_right").is_null()).height <= written_with_a_mark
    known = told.filter(pl.col("ended_on_right").is_not_null())
    assert (known["ended_on_right"] == known["leave_ended_on"]).all()
    assert newest.height > told.height  # some took leave and came back


# --- published figures ---------------------------------------------------------------------------------


def statuses(folder: Path, exit_year: int, years_after: int) -> dict[str, float]:
    """Share of the cohort's residents in each status in November, by Statistics Norway's priority."""
    exits = truth(folder, "exit").filter(pl.col("left_on").is_not_null()).sort("left_on", "person_id")
    cohort = exits.group_by("person_id", maintain_order=True).last()
    cohort = cohort.filter(pl.col("left_on").dt.year() == exit_year).select("person_id")
    first, last = date(exit_year + years_after, 11, 1), date(exit_year + years_after, 11, 30)
    gone = truth(folder, "person").filter(pl.col("left_on") <= last)["person_id"]
    cohort = cohort.filter(~pl.col("person_id").is_in(gone.implode()))

    def any_in(name: str, start: str, end: str, keep: pl.Expr) -> pl.Expr:
        rows = truth(folder, name).filter(
            keep, pl.col(start) <= last, pl.col(end).is_null() | (pl.col(end) >= first)
        )
        return pl.col("person_id").is_in(rows["person_id"].implode())

    works = any_in("work", "first_month", "last_month", pl.lit(True))
    studies = any_in(
        "education", "started_on", "ended_on", pl.col("nus2000").str.head(1).is_in(COUNTED_LEVELS)
    )
    jobless = any_in("benefit", "started_on", "ended_on", pl.col("benefit").is_in(UNEMPLOYED))
    said = cohort.select(
        pl.when(works & studies).then(pl.lit("both")).when(works).then(pl.lit("work"))
        .when(studies).then(pl.lit("education")).when(jobless).then(pl.lit("unemployed"))
        .otherwise(pl.lit("rest")).alias("status")
    )  # fmt: skip
    return dict(said.group_by("status").agg(pl.len() / said.height).rows())


def test_the_exits_of_2016_are_as_published_one_year_after(full_world):
    wanted = {"work": 0.31, "both": 0.13, "education": 0.17, "unemployed": 0.10, "rest": 0.28}
    assert statuses(full_world, 2016, 1) == pytest.approx(wanted, abs=0.03)


def test_two_thirds_of_the_exits_of_2013_work_or_study_five_years_after(full_world):
    found = statuses(full_world, 2013, 5)
    assert found["work"] + found["both"] + found["education"] == pytest.approx(0.67, abs=0.03)
