"""The invented municipality: deterministic, the seed's totals to the krone, every planted pattern there."""

import hashlib
import json
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.config import DemoWorld
from pipeline.synthetic import calibration, model, synthesise, world, write
from pipeline.synthetic.aggregates import SURVEY_YEARS
from pipeline.synthetic.dirt import Dirt
from schemas import CASE_SYSTEM, DELIVERIES, codes
from schemas.delivery import Layout
from schemas.registers.employment import EmploymentAnnual
from schemas.variable import columns, facts, polars_schema, table_name
from tests.invented import case_system as read
from tests.invented import planted, register_files, truth

pytestmark = pytest.mark.slow

PERSONS = 1_200
ELEVEN = re.compile(rb"(?<![0-9])[0-9]{11}(?![0-9])")
NUMBERS = ("fnr", "former_fnr", "d_number")
TWELVE = re.compile(rb"(?<![0-9])[0-9]{12}(?![0-9])")


@pytest.fixture(scope="module")
def folder(small_world: Path) -> Path:
    return small_world


@pytest.fixture(scope="module")
def tables(folder: Path) -> dict[str, pl.DataFrame]:
    return read(folder)


@pytest.fixture(scope="module")
def full(full_world: Path) -> tuple[Path, dict[str, pl.DataFrame]]:
    return full_world, read(full_world)


def share(folder: Path, pattern: str, table: str, of: int) -> float:
    return planted(folder, pattern, table).len() / of


# --- the same world again -----------------------------------------------------------------------------


def test_two_worlds_of_one_seed_have_equal_delivery_bytes_and_equal_tables(folder, tables, tmp_path):
    again = tmp_path / "again"
    synthesise(again, persons=PERSONS)
    for one, other in zip(register_files(folder), register_files(again), strict=True):
        assert one.name == other.name
        assert hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest(), (
            one.name
        )
    for name, frame in read(again).items():
        assert frame.equals(tables[name]), name


def test_another_seed_is_another_world(tables, tmp_path):
    synthesise(tmp_path / "other", persons=PERSONS, seed=2007, as_of=date(2013, 1, 1))
    assert not read(tmp_path / "other")["person"].head(100).equals(tables["person"].head(100))


def test_a_world_that_stands_is_left_alone(folder):
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    said: list[str] = []
    synthesise(folder, persons=PERSONS, progress=said.append)
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before
    assert said == ["the invented municipality stands already"]


def test_another_size_replaces_the_world_and_leaves_nothing_beside_it(tmp_path):
    synthesise(tmp_path / "world", persons=300, as_of=date(2013, 1, 1))
    made = synthesise(tmp_path / "world", persons=400, as_of=date(2013, 1, 1))
    assert DemoWorld.read(tmp_path / "world" / "demo.json") == made
    assert made.persons == 400
    assert [p.name for p in tmp_path.iterdir()] == ["world"]


def test_a_world_killed_on_the_way_has_no_folder_and_the_next_call_finishes(tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(world.write, "delivery", killed)
        with pytest.raises(Killed):
            synthesise(tmp_path / "world", persons=300, as_of=date(2013, 1, 1))
    assert not (tmp_path / "world").exists()
    synthesise(tmp_path / "world", persons=300, as_of=date(2013, 1, 1))
    assert [p.name for p in tmp_path.iterdir()] == ["world"]


def test_the_description_is_written_after_everything_else(folder):
    last = max(p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file() and p.name != "demo.json")
    assert (folder / "demo.json").stat().st_mtime_ns >= last
    assert json.loads((folder / "demo.json").read_text())["persons"] == PERSONS


@pytest.mark.parametrize(("persons", "as_of"), [(199, date(2025, 3, 1)), (300, date(2012, 1, 27))])
def test_a_world_too_small_or_too_short_is_refused(tmp_path, persons, as_of):
    with pytest.raises(ValueError, match="a world"):
        synthesise(tmp_path / "world", persons=persons, as_of=as_of)
    assert not list(tmp_path.iterdir())


# --- the seed's totals --------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_full_world_shows_the_seeds_totals(full):
    assert calibration(full[1]) == {
        "persons": 13_000,
        "participants": 2_318,
        "active_in_2011": 963,
        "paid_kr_2011": 399_900_000,
        "paid_kr_2006_2011": 1_977_700_000,
    }


@pytest.mark.slow
def test_after_the_cut_the_inflow_keeps_to_the_national_pattern(full):
    years = full[1]["person"].group_by(pl.col("created_on").dt.year().alias("year")).len()
    later = dict(years.filter(pl.col("year").is_between(2013, 2024)).rows())
    assert all(800 <= n <= 2_600 for n in later.values())
    assert max(later, key=later.__getitem__) in (2022, 2023)
    assert later[2016] > 1.5 * later[2013]
    starts = truth(full[0], "exit").group_by(pl.col("started_on").dt.year().alias("year")).len()
    assert all(
        300 <= n <= 950 for n in dict(starts.filter(pl.col("year").is_between(2012, 2024)).rows()).values()
    )


@pytest.mark.slow
def test_exits_of_2016_are_near_the_published_figures(full):
    exits = truth(full[0], "exit").filter(pl.col("ended_on").is_not_null()).sort("ended_on", "person_id")
    cohort = (
        exits.group_by("person_id", maintain_order=True).last()
        .filter(pl.col("ended_on").dt.year() == 2016)
        .join(truth(full[0], "person").select("person_id", "male"), on="person_id")
    )  # fmt: skip
    result = cohort["nir_exit"].replace_strict(codes.NIR_EXIT.parents())
    assert (result == "A").mean() == pytest.approx(0.24, abs=0.035)
    assert (result == "U").mean() == pytest.approx(0.22, abs=0.035)

    def in_work(year: int, sex: bool | None = None) -> float:
        month = date(year, 11, 1)
        working = truth(full[0], "work").filter(
            (pl.col("first_month") <= month) & (pl.col("last_month") >= month)
        )
        of = cohort if sex is None else cohort.filter(male=sex)
        return of["person_id"].is_in(working["person_id"].implode()).mean()

    assert in_work(2017) == pytest.approx(0.44, abs=0.03)
    assert in_work(2017, True) - in_work(2017, False) == pytest.approx(0.21, abs=0.04)
    assert in_work(2021) > in_work(2017) + 0.06


@pytest.mark.slow
def test_one_in_twenty_leaves_in_the_long_run(full):
    assert truth(full[0], "person")["left_on"].is_not_null().mean() == pytest.approx(0.05, abs=0.015)


def test_a_smaller_world_has_smaller_totals_in_proportion(tables):
    size = PERSONS / 13_000
    assert calibration(tables)["persons"] == PERSONS
    assert calibration(tables)["participants"] == round(2_318 * size)
    assert calibration(tables)["paid_kr_2011"] == round(399_900_000 * size)


def test_the_totals_count_what_stands_in_the_raw_tables(tables):
    one = tables["programme"].filter(pl.col("started_on").dt.year() == 2008)["person_id"][0]
    fewer = tables | {"programme": tables["programme"].filter(pl.col("person_id") != one)}
    assert calibration(fewer)["participants"] == calibration(tables)["participants"] - 1
    unpaid = tables | {"grant_claim": tables["grant_claim"].filter(pl.col("calendar_year") != 2011)}
    assert calibration(unpaid)["paid_kr_2011"] == 0


# --- nobody real --------------------------------------------------------------------------------------


def test_every_eleven_digits_in_every_text_file_carry_month_plus_eighty(folder):
    found = 0
    for path in (p for p in folder.rglob("*") if p.suffix in {".csv", ".json"}):
        for number in ELEVEN.findall(path.read_bytes()):
            found += 1
            assert 81 <= int(number[2:4]) <= 92, path.name
    assert found > 5_000


def test_every_number_in_fixed_width_lines_carries_month_plus_eighty(folder):
    """Fields that touch run together, so each is cut out by its position."""
    found = 0
    for about in (d for d in DELIVERIES if d.layout is Layout.FIXED_WIDTH):
        for path in (folder / "deliveries").glob(about.file_name.format(year="*")):
            line = about.line_of(int(path.stem[-4:]))
            for text in path.read_text(about.encoding).splitlines():
                for name in {"person_identifier", "duf"} & set(line.spans):
                    span = line.spans[name]
                    number = text[span.first - 1 : span.last].strip()
                    found += 1
                    is_duf = len(number) == 12
                    assert 50 <= int(number[10:]) <= 60 if is_duf else 81 <= int(number[2:4]) <= 92, path.name
    assert found > 5_000


def test_every_eleven_digits_in_every_column_carry_month_plus_eighty(folder, tables):
    """The database and Parquet run texts together, so their bytes prove nothing; their columns do."""
    frames = [*tables.values(), *(truth(folder, p.stem) for p in (folder / "truth").iterdir())]
    frames += [pl.read_parquet(p) for p in register_files(folder) if p.suffix == ".parquet"]
    found = 0
    for frame in frames:
        for name in frame.columns:
            if frame.schema[name] == pl.String:
                text = "\n".join(frame[name].drop_nulls().unique()).encode()
                numbers = ELEVEN.findall(text)
                found += len(numbers)
                assert all(81 <= int(n[2:4]) <= 92 for n in numbers), name
                assert all(50 <= int(n[10:]) <= 60 for n in TWELVE.findall(text)), name
    assert found > 5_000


def test_no_employer_is_a_real_organisation(folder, tables):
    for path in register_files(folder):
        if path.suffix == ".parquet":
            assert pl.read_parquet(path)["orgnr"].str.head(1).is_in(list("1234567")).all()
    assert tables["activity"]["organiser_id"].drop_nulls().str.head(1).is_in(list("1234567")).all()


# --- the shape ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", CASE_SYSTEM, ids=table_name)
def test_a_table_has_the_declared_types_a_unique_key_and_no_forbidden_gap(tables, table):
    frame = tables[table_name(table)]
    assert dict(frame.schema) == polars_schema(table)
    assert frame.height > 0
    assert frame.select(facts(table).primary_key).is_unique().all()
    assert [c.name for c in columns(table) if not c.nullable and frame[c.name].null_count()] == []


YEARLY_CSV = ("NIR_tiltak", "NIR_permisjon", "NIR_fravaer", "NIR_norsktimer", "FREG_identhistorikk",
              "KOMMUNE_indikator")  # fmt: skip


def test_every_year_and_month_is_delivered_under_its_declared_name(folder):
    names = {p.name for p in register_files(folder)}
    wanted = {f"NIR_deltaker_{y}.csv" for y in range(2006, 2025)}
    wanted |= {f"BEFOLKNING_{y}.csv" for y in range(2006, 2025)}
    wanted |= {f"{stem}_{y}.csv" for stem in YEARLY_CSV for y in range(2006, 2025)}
    wanted |= {f"NUDB_{y}.dta" for y in range(2006, 2025)} | {f"FDTRYGD_{y}.sav" for y in range(2006, 2025)}
    wanted |= {f"NORSKPROVE_{y}.xpt" for y in range(2007, 2025)}  # nobody sat a test at once
    wanted |= {f"KOSTRA_11F_{y}.txt" for y in range(2006, 2025)}
    wanted |= {f"KS_brukerundersokelse_{y}.csv" for y in SURVEY_YEARS} | {
        f"KS_nettverk_{y}.csv" for y in (2011, 2013, 2015, 2016)
    }
    wanted |= {f"atmlto{y}.txt" for y in range(2006, 2015)}
    wanted |= {f"ameld_statdata_{y}_m{m:02}.parquet" for y in range(2015, 2025) for m in range(1, 13)}
    assert names == wanted | {"ameld_statdata_2025_m01.parquet"}


def test_separated_files_have_the_declared_header_separator_dates_and_decimals(folder):
    nir = (folder / "deliveries" / "NIR_deltaker_2012.csv").read_bytes().decode("latin-1").splitlines()
    assert nir[0] == ";".join(
        c.about.source_name for c in columns(DELIVERIES[0].table) if c.about.source_name
    )
    assert all(re.fullmatch(r"[0-9]{10,12}(;[0-9.,]*){8}", line) for line in nir[1:])
    assert all(re.fullmatch(r"(\d\d\.\d\d\.\d{4})?", line.split(";")[5]) for line in nir[1:])
    assert any("," in line.split(";")[8] for line in nir[1:])
    population = (folder / "deliveries" / "BEFOLKNING_2012.csv").read_text("utf-8").splitlines()
    assert population[0] == "ident,aar,status,statusdato,bostedskommune"


def test_fixed_width_lines_have_the_declared_length_and_positions(folder):
    about = write.delivery_of(EmploymentAnnual)
    lines = (folder / "deliveries" / "atmlto2012.txt").read_bytes().split(b"\n")
    assert lines.pop() == b""
    assert {len(line) for line in lines} == {about.line_length}
    year = about.spans["year"]
    assert {line[year.first - 1 : year.last] for line in lines} == {b"2012"}
    assert all(re.fullmatch(rb" *[0-9]+,[0-9]", line[41:47]) for line in lines)


# --- what was planted ---------------------------------------------------------------------------------

DIRT = Dirt()
RATES = [
    ("d_number_then_fnr", "identifier", "person", DIRT.d_number_then_fnr),
    ("only_duf", "identifier", "person", DIRT.only_duf),
    ("wrong_check", "identifier", "person", DIRT.wrong_check),
    ("dummy_identifier", "identifier", "person", DIRT.dummy_identifier),
    ("first_of_january", "person", "person", model.FIRST_OF_JANUARY),
    ("sex_against_number", "person", "person", DIRT.sex_against_number),
    ("moved_bydel", "case", "person", 0.055),  # not those registered too late to have moved
    ("duplicate_case", "case", "person", DIRT.duplicate_case),
    ("overlapping_programme", "programme", "programme", DIRT.overlapping_programme),
    ("impossible_date", "programme", "programme", DIRT.impossible_date),
    ("longer_than_three_years", "programme", "programme", 0.01),
    ("claim_without_settlement", "settlement", "person", DIRT.claim_without_settlement),
    ("names_in_notes", "note", "note", DIRT.names_in_notes),
    ("number_changed", "identifier", "person", DIRT.number_changed * 0.9),  # not those it came too late for
    ("registered_twice", "person", "person", DIRT.registered_twice),
    ("relative_number", "identifier", "person", DIRT.relative_number),
    ("shared_identifier", "identifier", "person", DIRT.shared_identifier),
    ("shared_d_number", "identifier", "person", DIRT.shared_d_number),
    ("exit_registered_late", "result", "result", model.EXIT_MISSING_AT_CUT_OFF - model.EXIT_MISSING_FOR_GOOD),
    ("exit_never_registered", "result", "result", model.EXIT_MISSING_FOR_GOOD),
]


@pytest.mark.slow
@pytest.mark.parametrize(("pattern", "table", "of", "rate"), RATES, ids=[r[0] for r in RATES])
def test_a_pattern_is_planted_at_about_its_rate(full, pattern, table, of, rate):
    assert share(full[0], pattern, table, full[1][of].height) == pytest.approx(rate, rel=0.35)


def test_a_move_splits_a_programme_in_two_rows_the_first_with_status_6(folder, tables):
    split = truth(folder, "planted").filter(pattern="programme_split_by_move")["key"].cast(pl.Int64)
    programme = tables["programme"]
    first = programme.filter(pl.col("programme_id").is_in(split.implode()))
    assert first.height == split.len() > 0
    assert first["programme_status"].drop_nulls().unique().to_list() == ["6"]
    assert (
        programme.filter(pl.col("person_id").is_in(first["person_id"].implode())).height >= 2 * first.height
    )


def test_a_programme_is_under_the_act_of_the_day_the_permit_was_decided(tables):
    permit = tables["residence_permit"].select("person_id", decided="decided_on").drop_nulls()
    programme = tables["programme"].drop_nulls(["law", "started_on"]).join(permit, on="person_id")
    under_2021 = programme["decided"] >= date(2021, 1, 1)
    assert (programme["law"] == "2021").eq(under_2021).all()
    begun_since = programme["started_on"].dt.year().is_between(2021, 2025)
    assert set(programme.filter(begun_since)["law"]) == {"2003", "2021"}  # some permits are older


def test_impossible_dates_stand_in_the_table_and_nowhere_else_among_starts(full):
    planted = (
        truth(full[0], "planted").filter(pattern="impossible_date", table="programme")["key"].cast(pl.Int64)
    )
    years = full[1]["programme"].select("programme_id", year=pl.col("started_on").dt.year())
    odd = years.filter((pl.col("year") < 2003) | (pl.col("year") > 2025))["programme_id"]
    assert odd.len() > 0
    assert odd.is_in(planted.implode()).all()


test_impossible_dates_stand_in_the_table_and_nowhere_else_among_starts = pytest.mark.slow(
    test_impossible_dates_stand_in_the_table_and_nowhere_else_among_starts
)


def test_only_the_three_bydeler_write_codes_of_their_own(folder, tables):
    known = [*codes.ACTIVITY.values(), *model.ACTIVITY_CODES_OF_KOSTRA]
    own = tables["activity"].filter(~pl.col("activity").is_in(known))
    assert set(own["activity"]) == set(model.OWN_ACTIVITY_CODES.values())
    where = own.join(tables["programme"], on="programme_id").join(truth(folder, "person"), on="person_id")
    assert set(where["bydel"]) == set(model.OWN_ACTIVITY_CODES)


@pytest.mark.slow
def test_in_the_years_the_codes_changed_some_activities_carry_the_other_version(full):
    of_years = full[1]["activity"].filter(pl.col("started_on").dt.year().is_in(model.YEARS_CODES_CHANGED))
    mixed = of_years.filter(pl.col("activity").is_in(model.ACTIVITY_CODES_OF_KOSTRA))
    keys = planted(full[0], "mixed_activity_codes", "activity").cast(pl.Int64)
    assert mixed["activity_id"].is_in(keys.implode()).all()
    assert mixed.height / of_years.height == pytest.approx(DIRT.mixed_activity_codes, rel=0.3)


def test_persons_with_only_a_duf_have_no_other_number(folder, tables):
    only = truth(folder, "planted").filter(pattern="only_duf")["key"].cast(pl.Int64)
    kinds = tables["identifier"].filter(pl.col("person_id").is_in(only.implode()))["identifier_type"].unique()
    assert set(kinds) <= {"DUF", "DUMMY"}


def test_a_d_number_gives_way_to_the_fnr_on_one_day(folder, tables):
    mixed_up = truth(folder, "conflict")["person_id"].implode()
    own = tables["identifier"].filter(~pl.col("person_id").is_in(mixed_up))
    d = own.filter(identifier_type="DNR").select("person_id", "valid_to")
    f = own.filter(identifier_type="FNR").group_by("person_id").agg(pl.col("valid_from").min())
    both = d.join(f, on="person_id")
    assert both.height == d.height > 0
    assert (both["valid_to"] == both["valid_from"]).all()


def test_early_register_rows_carry_the_d_number(folder):
    chain = truth(folder, "identifier").filter(pl.col("d_number").is_not_null())
    seen = set()
    for path in register_files(folder):
        if path.name.startswith("BEFOLKNING"):
            seen |= set(pl.read_csv(path, infer_schema=False)["ident"])
    both = chain.filter(pl.col("d_number").is_in(list(seen)))
    assert both.height > 0
    assert both["fnr"].is_in(list(seen)).any()


def test_some_rows_of_every_delivery_are_of_persons_nobody_knows(folder):
    chain = truth(folder, "identifier")
    known = set(chain["fnr"]) | set(chain["d_number"].drop_nulls()) | set(chain["duf"])
    month = pl.read_parquet(folder / "deliveries" / "ameld_statdata_2019_m11.parquet")
    population = pl.read_csv(folder / "deliveries" / "BEFOLKNING_2019.csv", infer_schema=False)
    for frame in (month, population):
        assert 0.05 < 1 - frame["ident"].is_in(list(known)).mean() < 0.3


def test_hours_stand_without_pay_only_for_persons_not_in_work(folder):
    month = pl.read_parquet(folder / "deliveries" / "ameld_statdata_2019_m11.parquet")
    idle = month.filter((pl.col("timer") > 0) & (pl.col("lonn_kontant") == 0))
    paid = month.filter(pl.col("lonn_kontant") > 0)
    assert idle.height > 0
    assert not set(idle["ident"]) & set(paid["ident"])


def test_pay_in_a_month_means_true_work_in_that_month(folder):
    chain = truth(folder, "identifier")
    numbers = pl.concat([chain.select("person_id", ident=pl.col(n)).drop_nulls() for n in NUMBERS])
    for year, month in ((2015, 1), (2019, 11), (2024, 11)):
        file = pl.read_parquet(folder / "deliveries" / f"ameld_statdata_{year}_m{month:02}.parquet")
        paid = file.filter(pl.col("lonn_kontant") > 0).join(numbers, on="ident")["person_id"].unique()
        day = date(year, month, 1)
        true = truth(folder, "work").filter((pl.col("first_month") <= day) & (pl.col("last_month") >= day))
        assert set(paid) == set(true["person_id"])


def test_work_of_2014_stands_in_the_yearly_file(folder):
    about = write.delivery_of(EmploymentAnnual)
    span = about.spans["pay_kr"]
    lines = (folder / "deliveries" / "atmlto2014.txt").read_text("latin-1").splitlines()
    paid = {line[:12].strip() for line in lines if int(line[span.first - 1 : span.last]) > 0}
    chain = truth(folder, "identifier")
    numbers = pl.concat([chain.select("person_id", n=pl.col(n)).drop_nulls() for n in NUMBERS])
    mine = set(numbers.filter(pl.col("n").is_in(list(paid)))["person_id"])
    work = truth(folder, "work").filter(
        (pl.col("first_month") <= date(2014, 12, 1)) & (pl.col("last_month") >= date(2014, 1, 1))
    )
    assert mine == set(work["person_id"])


def test_a_reason_that_came_late_is_missing_in_its_year_and_corrected_in_the_next(folder):
    files = {
        y: pl.read_csv(folder / "deliveries" / f"NIR_deltaker_{y}.csv", separator=";", infer_schema=False)
        for y in range(2006, 2025)
    }
    keys = ["ident", "startdato"]
    corrected = 0
    for year in range(2007, 2025):
        missing = files[year - 1].filter(pl.col("avslutningsarsak") == model.NOT_REGISTERED)
        filled = files[year].filter(
            pl.col("avslutningsarsak").is_not_null() & (pl.col("sluttdato").str.tail(4) == str(year - 1))
        )
        corrected += filled.join(missing, on=keys, how="semi").height
    assert corrected > 0


def test_a_spreadsheet_has_eaten_some_leading_zeros(folder):
    short = sum(
        pl.read_csv(p, separator=";", infer_schema=False)["ident"].str.len_chars().eq(10).sum()
        for p in register_files(folder)
        if p.name.startswith("NIR")
    )
    assert short == truth(folder, "planted").filter(pattern="leading_zero_lost").height > 0


# --- the fill-rate model ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "field"),
    [("background", "schooling"), ("family", "family"), ("health", "health"), ("housing", "housing")],
)
def test_participants_rows_are_filled_near_the_model_and_grant_only_rows_less(full, table, field):
    persons = truth(full[0], "person").filter(pl.col("created_on").dt.year().is_between(2010, 2011))
    filled = full[1][table]
    if table == "background":
        filled = filled.filter(pl.col("school_years").is_not_null())
    shares = {
        taking_part: persons.filter(participant=taking_part)["person_id"]
        .is_in(filled["person_id"].implode())
        .mean()
        for taking_part in (True, False)
    }
    by_year, grant_only = model.FILL[field]
    assert shares[True] == pytest.approx(by_year[2], rel=0.30)
    assert shares[False] == pytest.approx(grant_only, rel=0.75, abs=0.03)
    assert shares[True] > shares[False]


@pytest.mark.slow
def test_what_the_grant_demands_is_filled_everywhere(full):
    person = full[1]["person"]
    for name in ("sex", "birth_date", "country_of_birth"):
        assert person[name].is_not_null().mean() > 0.96


@pytest.mark.slow
def test_each_bydel_writes_unknown_in_its_own_way(full):
    rows = full[1]["background"].join(truth(full[0], "person").select("person_id", "bydel"), on="person_id")

    def unknown(bydeler: tuple[str, ...]) -> float:
        level = rows.filter(pl.col("bydel").is_in(list(bydeler)))["education_level"]
        return (level == "9").sum() / level.len()

    others = tuple(
        b for b in model.BYDELER if b not in (*model.WRITES_CODE_9, *model.LEAVES_BLANK, *model.WRITES_ZERO)
    )
    assert unknown(model.LEAVES_BLANK) == 0
    assert unknown(model.WRITES_ZERO) == 0
    assert unknown(model.WRITES_CODE_9) > 2 * unknown(others) > 0
    assert rows.filter(pl.col("bydel").is_in(list(model.LEAVES_BLANK)))["school_years"].eq(99).sum() == 0


@pytest.mark.slow
def test_bydeler_differ_in_how_much_they_fill(full):
    persons = truth(full[0], "person").filter("participant")
    filled = full[1]["background"].filter(pl.col("school_years").is_not_null())["person_id"]
    shares = persons.group_by("bydel").agg(pl.col("person_id").is_in(filled.implode()).mean().alias("share"))[
        "share"
    ]
    assert shares.max() - shares.min() > 0.2


@pytest.mark.slow
def test_few_are_protected_or_reserved(full):
    person = full[1]["person"]
    assert (person["protection"] != "0").mean() == pytest.approx(0.005, abs=0.002)
    assert person["research_reservation"].mean() == pytest.approx(0.01, abs=0.003)
