"""How well participants could be linked: who was sought in which register, who was found, who could not be.

What does not belong here: showing any of it (`disclosure` and `pages` protect the counts).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist

import polars as pl

from pipeline.config import Settings
from pipeline.identity.identifiers import Kind
from pipeline.linkage.engine import CORE_PREFIX, Source, run
from pipeline.linkage.outcomes import residence_frame
from pipeline.linkage.reconcile import NO_BYDEL
from pipeline.tables import Stored
from schemas import codes
from schemas.codes import lower_bounds
from schemas.codes.programme import RUNNING
from schemas.codes.quality import NO_IDENTIFIER
from schemas.linked.matching import LinkageBias, MatchRate
from schemas.registers.benefits import Benefit
from schemas.registers.education import Education
from schemas.registers.employment import EmploymentAnnual, EmploymentMonthly
from schemas.registers.language_test import LanguageTest
from schemas.registers.nir import NirParticipant
from schemas.registers.population import PopulationStatus
from schemas.registers.welfare import SocialAssistance
from schemas.variable import table_name

CONFIDENCE = 0.95
# The registers by the names of their tables, as the query asks for them.
_NAMED: dict[str, str] = {
    "nir": table_name(NirParticipant),
    "residents": table_name(PopulationStatus),
    "annual": table_name(EmploymentAnnual),
    "monthly": table_name(EmploymentMonthly),
    "education": table_name(Education),
    "assistance": table_name(SocialAssistance),
    "benefit": table_name(Benefit),
    "language_test": table_name(LanguageTest),
}
ANNUAL, MONTHLY = _NAMED["annual"], _NAMED["monthly"]
# The registers sought, and the best identifiers each knows a person by beside the population register's
# numbers, which every one of them knows (`identity.spine.best.linkable`). NIR is told DUF numbers by the
# municipality (K).
KNOWN_BY: dict[str, tuple[str, ...]] = dict.fromkeys(_NAMED.values(), ()) | {_NAMED["nir"]: (Kind.DUF.value,)}
# NIR holds a participant in the years of the programme; the others hold anybody for life.
WHILE_IN_PROGRAMME = (_NAMED["nir"],)


def match_rate(
    settings: Settings,
    *,
    spells: Source,
    work: Source,
    registers: Mapping[str, Sequence[Stored]],
    identified: pl.DataFrame,
    linkable: pl.DataFrame,
) -> pl.DataFrame:
    """Expected, linkable and with a record, by register, year, bydel and best identifier.

    `registers` has the stored parts of each core table of `KNOWN_BY`; one that is missing was not
    delivered and has no rows. Of the employment register only the names of the parts are read: who stands
    in it is told by `work` (WorkYear), of everybody in `spells` at least. `linkable` has the `person_key`
    of everybody who is linkable where outcomes are counted.
    """
    return run(
        settings,
        MatchRate,
        {
            "no_bydel": NO_BYDEL,
            "no_identifier": NO_IDENTIFIER,
            "running": list(RUNNING),
            "registers": list(KNOWN_BY),
            "annual_series": codes.EMPLOYMENT_SERIES.values()[0],
            **_NAMED,
        },
        programme_spell=spells,
        work_year=work,
        identified_person=identified.select("person_key", "best_identifier"),
        linkable_person=linkable.select("person_key").unique(),
        residence_code=residence_frame(),
        register_year=register_years({name: [p.name for p in registers.get(name, ())] for name in KNOWN_BY}),
        known_by=_pairs(("register", "best_identifier"), [(r, t) for r, ts in KNOWN_BY.items() for t in ts]),
        **{f"{CORE_PREFIX}{n}": registers.get(n, ()) for n in KNOWN_BY if n not in (ANNUAL, MONTHLY)},
    )


def register_years(parts: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """The years each register was delivered for, from the names of its parts (`2012`, `2015-01`)."""
    found = sorted({(name, int(part[:4])) for name, names in parts.items() for part in names})
    return pl.DataFrame(
        [(name, year, name in WHILE_IN_PROGRAMME) for name, year in found],
        schema={"register": pl.String, "year": pl.Int64, "while_in_programme": pl.Boolean},
        orient="row",
    )


def linkage_bias(
    settings: Settings, *, spells: Source, person: Source, linkable: pl.DataFrame
) -> pl.DataFrame:
    """Whether participants outside `linkable` differ in sex, age and world region, with intervals."""
    return run(
        settings,
        LinkageBias,
        {
            "no_sex": min(codes.SEX.unknown),
            "no_age": min(codes.AGE_BAND.unknown),
            "no_region": min(codes.WORLD_REGION.unknown),
            "z": NormalDist().inv_cdf((1 + CONFIDENCE) / 2),
        },
        programme_spell=spells,
        core_person=person,
        linkable_person=linkable.select("person_key").unique(),
        region_of_country=_pairs(("country", "world_region"), list(_regions().items())),
        age_band=_pairs(("code", "lowest"), list(lower_bounds(codes.AGE_BAND).items())),
    )


def _regions() -> dict[str, str]:
    group, region = codes.COUNTRY.parents(), codes.COUNTRY_GROUP.parents()
    return {country: region[group[country]] for country in codes.COUNTRY.values()}


def _pairs(names: tuple[str, str], rows: Sequence[tuple[str, str | int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=list(names), orient="row")
