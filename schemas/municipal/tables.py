"""The aggregates we are given: KS's anonymous user survey, municipal indicators, and KS's networks."""

from functools import partial
from typing import ClassVar

import polars as pl

from schemas import codes
from schemas.municipal.base import (
    MunicipalTable,
    agrees_with_state,
    figure,
    municipal,
    municipal_delivery,
    municipal_table,
    municipality,
    state,
    year,
)
from schemas.variable import RowRule, TableFacts

LOWEST_MEAN, HIGHEST_MEAN = 1.0, 6.0

survey = partial(municipal, source="KS user survey")
indicator = partial(municipal, source="Municipal indicators")
network = partial(municipal, source="KS networks")


class UserSurvey(MunicipalTable):
    """One row for each municipality, year and dimension of KS's survey of participants.

    The survey is anonymous: there is nobody to link. Items with the answers yes, no and do not know have
    no mean, for their codes 1, 2 and 0 are no scale (F34).
    """

    __facts__: ClassVar[TableFacts] = municipal_table(
        source="KS user survey",
        source_name="KS_brukerundersokelse",
        nb="Brukerundersøkelse",
        en="User survey",
        primary_key=("municipality", "year", "dimension"),
        rules=(
            agrees_with_state("respondents"),
            agrees_with_state("mean_score"),
            RowRule(
                name="a_mean_needs_a_scale",
                nb="bare svar på en skala har gjennomsnitt",
                en="only answers on a scale have a mean",
                columns=("survey_scale", "mean_score"),
                holds=lambda _: (pl.col("survey_scale") == "1-6") | pl.col("mean_score").is_null(),
            ),
        ),
    )

    municipality: str = municipality(survey)
    year: int = year(survey)
    dimension: str = survey(
        nb="Dimensjon", en="Dimension", source_name="dimensjon", codes=codes.SURVEY_DIMENSION
    )
    survey_scale: str = survey(nb="Svarskala", en="Scale", source_name="skala", codes=codes.SURVEY_SCALE)
    respondents: int = figure(
        survey, nb="Svar", en="Respondents", source_name="antall_svar", ge=0, unit="persons"
    )
    respondents_state: str = state(survey, of_nb="Svar", of_en="Respondents")
    mean_score: float = figure(
        survey,
        nb="Gjennomsnitt",
        en="Mean",
        source_name="snitt",
        ge=LOWEST_MEAN,
        le=HIGHEST_MEAN,
        unit="points",
    )
    mean_score_state: str = state(survey, of_nb="Gjennomsnitt", of_en="Mean")
    integration_index: float = survey(
        nb="Kommunal integreringsindeks",
        en="Municipal integration index",
        source_name="indeks",
        ge=0,
        le=100,
        unit="points",
        min_filled=0.0,
    )


class MunicipalIndicator(MunicipalTable):
    """One row for each municipality and year: settlement, participants, unemployment and cost."""

    __facts__: ClassVar[TableFacts] = municipal_table(
        source="Municipal indicators",
        source_name="KOMMUNE_indikator",
        nb="Kommuneindikator",
        en="Municipal indicator",
        primary_key=("municipality", "year"),
        rules=tuple(
            agrees_with_state(name)
            for name in ("requested", "decided", "settled", "intro_participants", "unemployment_percent")
        ),
    )

    municipality: str = municipality(indicator)
    year: int = year(indicator)
    requested: int = figure(
        indicator,
        nb="Anmodet bosatt",
        en="Requested to settle",
        source_name="anmodet",
        ge=0,
        unit="persons",
    )
    requested_state: str = state(indicator, of_nb="Anmodet bosatt", of_en="Requested to settle")
    decided: int = figure(
        indicator, nb="Vedtatt bosatt", en="Decided to settle", source_name="vedtatt", ge=0, unit="persons"
    )
    decided_state: str = state(indicator, of_nb="Vedtatt bosatt", of_en="Decided to settle")
    settled: int = figure(indicator, nb="Bosatt", en="Settled", source_name="bosatt", ge=0, unit="persons")
    settled_state: str = state(indicator, of_nb="Bosatt", of_en="Settled")
    intro_participants: int = figure(
        indicator,
        nb="Deltakere i introduksjonsprogram",
        en="Participants in the introduction programme",
        source_name="introdeltakere",
        ge=0,
        unit="persons",
    )
    intro_participants_state: str = state(
        indicator,
        of_nb="Deltakere i introduksjonsprogram",
        of_en="Participants in the introduction programme",
    )
    unemployment_percent: float = figure(
        indicator,
        nb="Registrerte ledige",
        en="Registered unemployed",
        source_name="ledige_pst",
        ge=0,
        le=100,
        unit="percent",
    )
    unemployment_percent_state: str = state(
        indicator, of_nb="Registrerte ledige", of_en="Registered unemployed"
    )
    cost_per_refugee_kr: int = indicator(
        nb="Kostnad per flyktning, fem år",
        en="Cost for each refugee, five years",
        source_name="kostnad_kr",
        ge=0,
        unit="kr",
        min_filled=0.0,
    )


class NetworkRound(MunicipalTable):
    """One row for each municipality that joined one of KS's networks, and the year it joined.

    Municipalities joined in different years: there is no one «after» for all of them (S1, S2).
    """

    __facts__: ClassVar[TableFacts] = municipal_table(
        source="KS networks",
        source_name="KS_nettverk",
        nb="Nettverksdeltakelse",
        en="Network round",
        primary_key=("municipality", "year"),
    )

    municipality: str = municipality(network)
    year: int = year(network, nb="Året kommunen ble med", en="Year of joining")
    network_round: int = network(
        nb="Nettverksrunde", en="Round", source_name="runde", ge=1, le=30, unit="number"
    )


USER_SURVEY_DELIVERY = municipal_delivery(UserSurvey, "respondents", "mean_score", encoding="utf-8")
INDICATOR_DELIVERY = municipal_delivery(
    MunicipalIndicator,
    "requested",
    "decided",
    "settled",
    "intro_participants",
    "unemployment_percent",
    encoding="latin-1",
)
NETWORK_DELIVERY = municipal_delivery(NetworkRound, encoding="utf-8")
