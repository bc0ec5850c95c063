"""What is told of a municipality and a year, and of nobody: indicators, a user survey, network rounds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from pipeline.synthetic.fill import Planted, declared
from pipeline.synthetic.municipality import Municipality
from pipeline.synthetic.places import NETWORK_ROUNDS, joined_in, number_in
from pipeline.synthetic.programmes import active_in
from pipeline.synthetic.streams import Ints, Streams, year_of
from schemas import codes
from schemas.municipal import MunicipalIndicator, NetworkRound, UserSurvey
from schemas.municipal.base import STATED, state_of
from schemas.variable import Table

SURVEY_YEARS = (2015, 2017)
ANSWERED = 0.4
ON_A_SCALE, YES_OR_NO = codes.SURVEY_SCALE.values()
INDIVIDUAL_PLAN = "IPL"
SMALL = 5  # a count below it is not stated
WITHHELD_SHARE = 0.02
BELOW, WITHHELD = "below_5", "withheld"
# Registered unemployed, per cent, straight lines between (P); cost for each refugee over five years, kr.
UNEMPLOYMENT = ((2006, 2.6), (2008, 1.8), (2010, 2.9), (2016, 3.0), (2019, 2.2), (2020, 5.0), (2023, 1.8))
COST = ((2006, 520_000), (2016, 795_800), (2024, 1_050_000))
# Settled in a year, on average, where no municipality is invented (P); and how long a programme lasts.
SETTLED_ELSEWHERE = {
    "0219": 60, "1103": 70, "1201": 120, "1601": 90, "0602": 40, "0105": 30, "0805": 20, "1902": 25,
    "1504": 18, "1519": 4,
}  # fmt: skip
YEARS_IN_PROGRAMME = 2
COUNTS = ("requested", "decided", "settled", "intro_participants")


def municipal_years(
    places: list[Municipality], planted: Planted
) -> Iterator[tuple[type[Table], tuple[int, int], pl.DataFrame]]:
    """Each aggregate delivery in turn: indicators and rounds of all municipalities, surveys of `places`."""
    living = {place.place: place for place in places}
    for year in places[0].years():
        rows = []
        for place in NETWORK_ROUNDS:
            streams = (
                living[place].streams if place in living else Streams(places[0].streams.seed, f"{place}/")
            )
            generator = streams.of(f"indicator/{year}")
            counted = _counted(living.get(place), place, year, generator)
            rows.append(_indicators(place, year, counted, generator, planted))
        yield MunicipalIndicator, (year, 1), _sorted(rows)
        if year in SURVEY_YEARS:
            yield UserSurvey, (year, 1), _sorted([_survey(place, year) for place in places])
        joined = [place for place in NETWORK_ROUNDS if joined_in(place) == year]
        if joined:
            yield NetworkRound, (year, 1), _sorted([_joined(place, year) for place in joined])


def _counted(
    living: Municipality | None, place: str, year: int, generator: np.random.Generator
) -> tuple[int, int]:
    """(settled, participants) of the year: counted where the municipality is invented, else drawn."""
    if living is not None:
        settled = int((year_of(living.people.settled) == year).sum())
        return settled, int(active_in(living.programmes, year).sum())
    mean = SETTLED_ELSEWHERE[place]
    return int(generator.poisson(mean)), int(generator.poisson(mean * YEARS_IN_PROGRAMME))


def _sorted(frames: list[pl.DataFrame]) -> pl.DataFrame:
    whole = pl.concat(frames)
    return whole.sort([n for n in ("municipality", "dimension") if n in whole.columns])


def _indicators(
    place: str, year: int, counted: tuple[int, int], generator: np.random.Generator, planted: Planted
) -> pl.DataFrame:
    """Counts below five are marked so, and now and then one is withheld."""
    settled, active = counted
    requested = round(settled * generator.uniform(1.0, 1.2))
    counts = dict(zip(COUNTS, (requested, (requested + settled) // 2, settled, active), strict=True))
    number = number_in(place, year)
    row: dict[str, object] = {"municipality": number, "year": year}
    for name, count in counts.items():
        kept_back = generator.random() < WITHHELD_SHARE
        state = WITHHELD if kept_back else BELOW if count < SMALL else STATED
        row |= {name: count if state == STATED else None, state_of(name): state}
        if state != STATED:
            planted.add(f"figure_{state}", "municipal_indicator", pl.Series([f"{number}|{year}|{name}"]))
    row |= {
        "unemployment_percent": round(_line(UNEMPLOYMENT, year) + generator.normal(0, 0.3), 1),
        state_of("unemployment_percent"): STATED,
        "cost_per_refugee_kr": int(_line(COST, year) * generator.uniform(0.9, 1.1)),
    }
    return declared(MunicipalIndicator, pl.DataFrame({name: [value] for name, value in row.items()}))


def _line(knots: tuple[tuple[int, float], ...], year: int) -> float:
    return float(np.interp(year, [k for k, _ in knots], [v for _, v in knots]))


def _survey(place: Municipality, year: int) -> pl.DataFrame:
    """One row a dimension: too few answers are not told, and yes-or-no items have no mean."""
    generator = place.streams.of(f"survey/{year}")
    answers = generator.binomial(int(active_in(place.programmes, year).sum()), ANSWERED)
    index = round(float(generator.uniform(45, 75)), 1)
    rows = []
    for dimension in codes.SURVEY_DIMENSION.values():
        scale = YES_OR_NO if dimension == INDIVIDUAL_PLAN else ON_A_SCALE
        mean = round(float(generator.uniform(3.4, 5.2)), 1)
        told = answers >= SMALL
        state = "blank" if scale == YES_OR_NO else STATED if told else BELOW
        rows.append(
            {
                "municipality": number_in(place.place, year),
                "year": year,
                "dimension": dimension,
                "survey_scale": scale,
                "respondents": answers if told else None,
                "respondents_state": STATED if told else BELOW,
                "mean_score": mean if state == STATED else None,
                "mean_score_state": state,
                "integration_index": index if told else None,
            }
        )
    return declared(UserSurvey, pl.DataFrame(rows))


def _joined(place: str, year: int) -> pl.DataFrame:
    joined = NETWORK_ROUNDS[place]
    assert joined is not None
    return declared(
        NetworkRound,
        pl.DataFrame(
            {"municipality": [number_in(place, year)], "year": [year], "network_round": [joined[0]]}
        ),
    )


def true_exits_by_place(places: list[Municipality], effect: float) -> pl.DataFrame:
    """Truth, a row a programme that ended: where, when, and whether the person worked in November after."""
    return pl.concat(_exits_of(place, effect) for place in places)


def _exits_of(place: Municipality, effect: float) -> pl.DataFrame:
    programmes = place.programmes
    rows = np.flatnonzero(programmes.end < place.as_of)
    year = year_of(programmes.end[rows])
    person = programmes.person[rows]
    joined = joined_in(place.place)
    return pl.DataFrame(
        {
            "municipality": [place.place] * rows.size,
            "joined_network": pl.Series([joined] * rows.size, dtype=pl.Int64),
            "network_effect": [effect] * rows.size,
            "person_id": place.people.person_id[person],
            "fnr": place.known.fnr.gather(pl.Series(person)),
            "exit_year": year,
            "male": place.people.male[person],
            "worked_after_one_year": _works_in_november(place, person, year + 1),
        }
    )


def _works_in_november(place: Municipality, person: Ints, year: Ints) -> pl.Series:
    """Empty where the world does not go on so long."""
    month = (year - 1970) * 12 + 10 - place.work.first_month
    there = month < place.work.months
    works = place.work.in_work[person, np.where(there, month, 0)]
    return pl.Series(works).set(~pl.Series(there), None)
