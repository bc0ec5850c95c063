"""Whether a missing value says something: of the outcome after the programme, or of the person's background.

Where it does, an analysis of only those with a value is wrong, and the effect says by how much. Persons are
compared with those of the same year: that practice and arrivals both change over the years is no association.
What does not belong here: how much is missing (`flags.py`), and treating it.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipeline.quality import thresholds
from pipeline.quality.evidence import Evidence
from pipeline.quality.populations import DATES_PROGRAMME, Populations, latest, scan
from pipeline.quality.profile import fields, holds_due, link, profiled_tables
from pipeline.quality.results import PERMILLE, counted
from pipeline.quality.states import in_state
from pipeline.quality.statistics import chi_square_above, cramers_v, difference_within, homogeneity_within
from schemas import codes
from schemas.quality.finding import PPM
from schemas.variable import Population, Table, ValueState, facts, table_name

# The window whose outcome a missing value is held against: the status a year after the exit.
OUTCOME = "y1"
_UNKNOWN_AGE = min(codes.AGE_BAND.unknown)
_MISSING, _N, _PERSON = "missing:", "n", "person."


def informative(evidence: Evidence) -> list[pl.DataFrame]:
    """COUNTED rows: each promised field against each characteristic and the outcome, by population."""
    who = evidence.who()
    known = _characteristics(evidence, who)
    outcome = _outcome(evidence)
    by_background, by_outcome = [], []
    for table in profiled_tables():
        for units in _units(evidence, table, who):
            for name in known.columns[1:]:
                groups = _groups(table, units.join(known.select("person_key", group=name), on="person_key"))
                by_background.append(_long(table, groups, f"{_PERSON}{name}"))
            if outcome is not None:
                mine = units.join(outcome, on="person_key")
                by_outcome.append(_long(table, _groups(table, mine), f"outcome.{OUTCOME}"))
    background = pl.concat(by_background)
    return [
        counted("missing_by_background", _judged(background, thresholds.INFORMATIVE_LEAST.value)),
        counted(
            "missing_by_outcome",
            _judged(pl.concat(by_outcome), thresholds.INFORMATIVE_LEAST.value, of_two=True)
            if by_outcome
            else background.select("table", "column", "population")
            .unique()
            .with_columns(against=pl.lit(f"outcome.{OUTCOME}"), reason=pl.lit("source_not_delivered")),
        ),
    ]


def _characteristics(evidence: Evidence, who: Populations) -> pl.DataFrame:
    """person_key and one column for each characteristic; null where it is not known."""
    parents = codes.COUNTRY.parents().items()
    region = {code: above for code, above in parents if code not in codes.COUNTRY.unknown}
    bands = [int(b.split("-")[0]) for b in codes.AGE_BAND.values() if b != _UNKNOWN_AGE]
    permits = (
        scan(evidence.cores, "residence_permit")
        .sort("person_key", "valid_from", "permit_ground", nulls_last=True)
        .unique("person_key", keep="first", maintain_order=True)
        .select("person_key", "permit_ground")
    )
    age = pl.col("year") - pl.col("birth_date").dt.year()
    band = pl.sum_horizontal((age >= low).cast(pl.Int64) for low in bands).cast(pl.String)
    return (
        scan(evidence.cores, "person")
        .unique("person_key", keep="first", maintain_order=True)
        .join(who.persons.lazy().select("person_key", "year"), on="person_key")
        .join(permits, on="person_key", how="left")
        .select(
            "person_key",
            sex=_known("sex", codes.SEX),
            country_of_birth=pl.col("country_of_birth").replace_strict(
                region, default=None, return_dtype=pl.String
            ),
            birth_date=pl.when(age.is_not_null()).then(band),
            permit_ground="permit_ground",
        )
        .collect()
    )


def _known(name: str, listed: codes.CodeList) -> pl.Expr:
    return pl.when(~pl.col(name).is_in(sorted(listed.unknown))).then(pl.col(name))


def _outcome(evidence: Evidence) -> pl.DataFrame | None:
    """(person_key, group) of everybody whose outcome is observed: whether they are in the numerator."""
    outcomes = evidence.linked.get("outcome")
    if outcomes is None:
        return None
    observed = outcomes.filter((pl.col("outcome") == OUTCOME) & pl.col("in_denominator"))
    return observed.select("person_key", group=pl.col("in_numerator").cast(pl.String)).unique("person_key")


def _units(evidence: Evidence, table: type[Table], who: Populations) -> list[pl.DataFrame]:
    """person_key, population, year, and for each promised field whether it is missing; none: no such units.

    The field that the year is taken of stands in a frame of its own, by the person's year: by its own year
    whoever lacks it would be compared with nobody.
    """
    key = str(link(table))
    own = facts(table).primary_key == (f"{key.removesuffix('_key')}_id",)
    if key == "case_key" or (facts(table).expected_per is None and not own):
        return []
    units = {"person_key": who.persons, "programme_key": who.programmes}[key].lazy()
    if due := facts(table).due:
        units = units.filter(holds_due(due, evidence.as_of))
    dated = str(facts(table).dated_by)
    rows = scan(evidence.cores, table_name(table)).select(
        key,
        pl.col(dated).alias("dated:"),
        *(pl.col(str(c.core_name)).alias(f"value:{c.name}") for c in fields(table)),
    )
    now = latest(rows.join(units.select(key), on=key, how="semi"), key, "dated:")
    missing = [
        (~in_state(c, f"value:{c.name}")[ValueState.VALUE]).fill_null(True).alias(_MISSING + c.name)
        for c in fields(table)
        if c.about.min_filled > 0 and not c.about.due and not c.about.acts
    ]
    keys = list(dict.fromkeys((key, "person_key")))
    found = units.join(now, on=key, how="left").select(*keys, "population", "year", *missing).collect()
    dates = _MISSING + DATES_PROGRAMME
    if not own or dates not in found.columns:
        return [found]
    of_person = found.select(*keys, "population", dates).join(
        who.persons.select("person_key", "year"), on="person_key"
    )
    return [found.drop(dates), of_person]


def _groups(table: type[Table], units: pl.DataFrame) -> pl.DataFrame:
    """By population, year and group, of groups with enough: how many, and how many lack each field."""
    return (
        units.drop_nulls("group")
        .group_by("population", "group", "year")
        .agg(pl.len().cast(pl.Int64).alias(_N), pl.col(f"^{_MISSING}.*$").sum().cast(pl.Int64))
        .filter(pl.col(_N).sum().over("population", "group") >= thresholds.FEWEST_TO_JUDGE.value)
        .sort("population", "group", "year")
    )


def _long(table: type[Table], groups: pl.DataFrame, against: str) -> pl.DataFrame:
    names = [name for name in groups.columns if name.startswith(_MISSING)]
    asked = {facts(table).applies_to} - {Population.EVERYONE}
    told = groups.filter([pl.col("population") == who.value for who in asked]) if asked else groups
    return (
        told.group_by("population", maintain_order=True)
        .agg("group", "year", _N, *names)
        .unpivot(
            names, index=["population", "group", "year", _N], variable_name="column", value_name="missing"
        )
        .with_columns(
            pl.col("column").str.strip_prefix(_MISSING),
            table=pl.lit(table_name(table)),
            against=pl.lit(against),
        )
        # A field is not held against itself, in whichever table the person's characteristic was found.
        .filter(pl.col("column") != against.removeprefix(_PERSON))
        .sort("population", "column")
    )


def _judged(found: pl.DataFrame, least: int, *, of_two: bool = False) -> pl.DataFrame:
    measured = [
        _association(*lists, of_two=of_two) for lists in found.select("group", "year", _N, "missing").rows()
    ]
    names = ("effect", "effect_low", "effect_high", "p")
    drawn = pl.DataFrame(
        [row[:4] for row in measured], schema=dict.fromkeys(names, pl.Float64), orient="row"
    ).with_columns(pl.Series("reason", [row[4] for row in measured], dtype=pl.String))
    return (
        pl.concat([found, drawn], how="horizontal")
        .with_columns(
            numerator=pl.col("missing").list.sum(),
            denominator=pl.col(_N).list.sum(),
            # Rounded as it is told: what is told to be at the limit is.
            over=((pl.col("effect").abs() * PPM).round() * PERMILLE >= least * PPM).fill_null(False),
        )
        .drop("group", "year", _N, "missing")
    )


def _association(
    groups: list[str], years: list[int | None], sizes: list[int], missing: list[int], *, of_two: bool
) -> tuple[float | None, float | None, float | None, float | None, str | None]:
    """Effect with its interval, p-value, and why there is none; each year is compared within itself.

    The effect is Cramér's V over all groups or, `of_two`, the share missing in the second less the first.
    """
    names, columns = (sorted(set(values), key=str) for values in (groups, years))
    n, k = (np.zeros((len(names), len(columns))) for _ in range(2))
    places = [names.index(g) for g in groups], [columns.index(y) for y in years]
    n[places], k[places] = sizes, missing
    if k.sum() == 0:
        return None, None, None, None, "nobody_missing"
    if k.sum() == n.sum():
        return None, None, None, None, "nobody_filled"
    chi_square, df = homogeneity_within(k, n)
    measured = None
    if df:
        measured = difference_within(k, n) if of_two else cramers_v(chi_square, df, float(n.sum()))
    if measured is None:
        return None, None, None, None, "not_comparable"
    return *measured, chi_square_above(chi_square, df), None
