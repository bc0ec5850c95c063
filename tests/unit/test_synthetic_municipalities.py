"""Several municipalities: in the registers alone, by each year's numbers, with a planted effect or none."""

from datetime import date

import polars as pl
import pytest

from pipeline import cli
from pipeline.config import DEMO_FILE, DemoWorld
from pipeline.synthetic import places, synthesise
from schemas.municipal import MunicipalIndicator, NetworkRound, UserSurvey
from schemas.municipal.correspondence import in_use
from schemas.registers.education import Education
from schemas.registers.employment import EmploymentMonthly
from schemas.registers.nir import NirParticipant
from schemas.registers.population import PopulationStatus
from tests.invented import case_system, delivered, truth

pytestmark = pytest.mark.slow

BAERUM, STAVANGER = "0219", "1103"


def test_the_case_system_and_the_truth_of_oslo_are_those_of_oslo_alone(small_world, three_places):
    alone, beside = case_system(small_world), case_system(three_places)
    assert {name: frame.equals(beside[name]) for name, frame in alone.items()} == dict.fromkeys(alone, True)
    for name in ("person", "number", "exit", "education", "benefit", "work"):
        assert truth(small_world, name).equals(truth(three_places, name)), name


def test_the_others_stand_in_the_registers_and_nowhere_in_the_case_system(small_world, three_places):
    exits = truth(three_places, "exit_by_municipality").filter(pl.col("municipality") != "0301")
    theirs = set(exits["fnr"])
    assert set(exits["municipality"]) == {BAERUM, STAVANGER}
    assert not theirs & set(truth(three_places, "number")["identifier"])
    assert not theirs & set(case_system(three_places)["identifier"]["identifier"])
    for table, year in (
        (NirParticipant, 2016), (PopulationStatus, 2016), (EmploymentMonthly, 2016), (Education, 2016),
    ):  # fmt: skip
        rows = delivered(three_places, table, year)[0]
        assert rows["person_identifier"].is_in(list(theirs)).sum() > 5, table
        assert rows.height > delivered(small_world, table, year)[0].height


def test_no_number_is_given_twice(three_places):
    exits = truth(three_places, "exit_by_municipality")
    owners = exits.group_by("fnr").agg(pl.col("person_id").n_unique())
    assert (owners["person_id"] == 1).all()


def test_a_municipality_goes_by_the_number_of_the_year_but_for_the_rows_planted(three_places):
    for year in (2012, 2018, 2019, 2020, 2023, 2024):
        for table in (NirParticipant, PopulationStatus):
            found = delivered(three_places, table, year)[0]["municipality"].drop_nulls()
            wrong = [n for n in found.unique() if not in_use(n, year)]
            former = set(places_with_a_number_before(year))
            assert set(wrong) <= former
            assert found.is_in(wrong).mean() < 0.03
    nir = {y: set(delivered(three_places, NirParticipant, y)[0]["municipality"]) for y in (2019, 2020, 2024)}
    assert "0219" in nir[2019]
    assert "3024" in nir[2020]
    assert "3201" in nir[2024]


def places_with_a_number_before(year: int) -> list[str]:
    return [
        number
        for place in places.NETWORK_ROUNDS
        for y in range(2006, year)
        if (number := places.number_in(place, y)) != places.number_in(place, year)
    ]


def test_people_move_between_municipalities(three_places):
    before, after = (delivered(three_places, PopulationStatus, y)[0] for y in (2012, 2018))
    both = before.join(after, on="person_identifier").drop_nulls(["municipality", "municipality_right"])
    known = both.join(
        truth(three_places, "number").select(person_identifier="identifier"), on="person_identifier"
    )
    share = (known["municipality"] != known["municipality_right"]).mean()
    assert 0.01 < share < 0.10


def test_a_wider_world_has_every_municipalitys_aggregates(three_places):
    indicators = delivered(three_places, MunicipalIndicator)[0]
    assert indicators.group_by("year").len()["len"].unique().to_list() == [places.MOST_PLACES]
    assert {"below_5", "withheld", "stated"} <= set(indicators["settled_state"])
    assert indicators["settled"].drop_nulls().min() >= 5
    oslo = indicators.filter(municipality="0301", year=2016, settled_state="stated")
    settled = truth(three_places, "person")["settled_on"].dt.year().eq(2016).sum()
    assert oslo["settled"].to_list() == [settled]
    rounds = dict(delivered(three_places, NetworkRound)[0].select("municipality", "year").rows())
    assert (rounds["0301"], rounds["0219"], rounds["1103"]) == (2015, 2016, 2011)
    assert not set(rounds) & {"1201", "0105", "1504"}
    survey = delivered(three_places, UserSurvey)[0]
    assert survey.filter(dimension="IPL")["mean_score"].is_null().all()
    told = survey.filter(pl.col("survey_scale") == "1-6", respondents_state="stated")
    assert told["mean_score"].is_between(1, 6).all()


# --- the network's effect ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def effects(tmp_path_factory):
    """The same municipalities without and with a planted effect."""
    found = {}
    for effect in (0.0, 0.2):
        folder = tmp_path_factory.mktemp("effect") / "world"
        synthesise(folder, persons=4_000, municipalities=5, network_effect=effect, as_of=date(2022, 3, 1))
        found[effect] = truth(folder, "exit_by_municipality").drop_nulls("worked_after_one_year")
    return found


def share_in_work(rows: pl.DataFrame, *, joined: bool) -> float:
    after = (pl.col("exit_year") >= pl.col("joined_network")).fill_null(False)
    return rows.filter(after == joined)["worked_after_one_year"].mean()


def test_a_planted_effect_is_what_the_municipalities_that_joined_gain_and_no_more(effects):
    gain = {
        joined: share_in_work(effects[0.2], joined=joined) - share_in_work(effects[0.0], joined=joined)
        for joined in (True, False)
    }
    assert gain[True] == pytest.approx(0.2, abs=0.03)
    assert gain[False] == pytest.approx(0.0, abs=0.015)


def test_some_municipalities_never_join_and_the_others_join_in_different_years():
    years = [places.joined_in(place) for place in places.NETWORK_ROUNDS]
    assert None in years
    assert len({y for y in years if y}) > 2


# --- what is asked for ---------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [{"municipalities": 0}, {"municipalities": 12}, {"errors": -1}])
def test_what_cannot_be_invented_is_refused(tmp_path, asked):
    with pytest.raises(ValueError, match="a world"):
        synthesise(tmp_path / "world", persons=300, **asked)
    assert not list(tmp_path.iterdir())


def test_the_description_says_what_was_asked_for(three_places):
    about = DemoWorld.read(three_places / DEMO_FILE)
    assert (about.municipalities, about.errors, about.network_effect) == (3, 1.0, 0.0)


def test_the_command_line_offers_as_many_municipalities_as_there_are():
    assert cli.MOST_MUNICIPALITIES == places.MOST_PLACES
