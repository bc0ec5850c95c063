"""The case system's persons and their identifiers, as somebody wrote them down."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import Fill, Planted, declared, strings
from pipeline.synthetic.identifiers import dummies, text, with_wrong_check
from pipeline.synthetic.identity import (
    D_NUMBER,
    DUF,
    DUMMY,
    FNR,
    Identity,
    number_rows,
    recorded_d_number,
)
from pipeline.synthetic.mixups import (
    CHILD,
    OTHER_PERSON,
    SHARED_D_NUMBER,
    SPOUSE,
    MixUps,
    true_mix_ups,
)
from pipeline.synthetic.people import People
from pipeline.synthetic.streams import NEVER, Floats, Mask, Streams, dates, year_of
from schemas import codes
from schemas.case_system.person import Identifier, Person

MAN, WOMAN, SEX_UNKNOWN = codes.SEX.values()
DOCUMENTED, STATED, SET_TO_FIRST = codes.BIRTH_DATE_SOURCE.values()

FIRST_NAMES = ("Alvo", "Bente-Test", "Cirel", "Dorin", "Elvira", "Fabo", "Gunnel", "Hamo", "Idris", "Jorun",
               "Kalila", "Lemo", "Mirane", "Nadifo", "Omin", "Petra", "Qamil", "Runa", "Samo", "Tirzo",
               "Umar", "Velin", "Wali", "Yosan", "Zarino", "Åsel", "Ørjo")  # fmt: skip
LAST_NAMES = ("Prøvesen", "Testad", "Eksempeli", "Oppdiktet", "Syntesen", "Liksom", "Skinnemo", "Tenkt",
              "Fantasvik", "Påfunn", "Modellie", "Utkastø", "Kladdebø", "Fiksjonæs")  # fmt: skip


def names(streams: Streams, size: int) -> tuple[pl.Series, pl.Series]:
    """Invented first and last names from two short lists."""
    generator = streams.of("person/names")
    first = pl.Series(FIRST_NAMES).gather(pl.Series(generator.integers(0, len(FIRST_NAMES), size)))
    return first, pl.Series(LAST_NAMES).gather(pl.Series(generator.integers(0, len(LAST_NAMES), size)))


def person_table(
    streams: Streams, people: People, fill: Fill, planted: Planted, known: Identity
) -> pl.DataFrame:
    """The case system's person table; a sex is wrong only where there is a number to tell it by."""
    size, everyone = people.size, np.arange(people.size)
    year = year_of(people.created)
    against = streams.of("person/sex against number").random(size) < planted.rates.sex_against_number
    against &= ~known.only_duf
    planted.add("first_of_january", "person", people.person_id[people.birth_on_first_of_january])
    first, last = names(streams, size)
    luck = streams.of("person/details").random((5, size))

    def filled(column: str, field: str = "demanded") -> Mask:
        return fill.drawn(field, f"person.{column}", everyone, year)

    sex = np.where(people.male ^ against, MAN, WOMAN).astype(object)
    sex[luck[0] < 0.002] = SEX_UNKNOWN
    has_sex = filled("sex")
    planted.add("sex_against_number", "person", people.person_id[against & has_sex & (sex != SEX_UNKNOWN)])
    source = np.where(luck[1] < 0.6, DOCUMENTED, STATED).astype(object)
    source[people.birth_on_first_of_january & (luck[2] < 0.5)] = SET_TO_FIRST
    language = np.array([model.LANGUAGES[c] for c in people.country], dtype=object)
    return declared(
        Person,
        {
            "person_id": people.person_id,
            "created_on": dates(people.created),
            "first_name": first,
            "last_name": last,
            "sex": strings(sex, has_sex),
            "birth_date": dates(people.birth, filled("birth_date")),
            "birth_date_source": strings(source, luck[3] < 0.7),
            "country_of_birth": strings(people.country, filled("country_of_birth")),
            "citizenship": strings(people.country, filled("citizenship")),
            "mother_tongue": strings(language, filled("mother_tongue", "language")),
            "needs_interpreter": pl.Series(luck[4] < 0.7).set(
                ~pl.Series(filled("needs_interpreter", "language")), None
            ),
            "protection": strings(people.protection),
            "research_reservation": pl.Series(people.reserved),
        },
    )


# How often a row of the person's own says that the population register is its source.
TRUST = {DUF: 0.6, D_NUMBER: 0.9, FNR: 0.9, DUMMY: 0.0}
MARKED_VALID = 0.6


@dataclass(frozen=True)
class Recorded:
    """What of the true numbers stands in the case system, each a mask of the persons."""

    has_duf: Mask
    has_d_number: Mask
    has_fnr: Mask
    wrong_check: Mask
    luck: Floats

    def whole(self) -> dict[str, Mask]:
        """By kind: whose own number stands there and is the true one."""
        return {DUF: self.has_duf, D_NUMBER: self.has_d_number, FNR: self.has_fnr & ~self.wrong_check}


def recorded_numbers(streams: Streams, people: People, known: Identity, planted: Planted) -> Recorded:
    """Drawn once, before anybody's number lands on another's record."""
    luck = streams.of("identifier/dirt").random((4, people.size))
    has_fnr = ~known.only_duf
    return Recorded(
        has_duf=known.only_duf | (luck[0] < 0.85),
        has_d_number=recorded_d_number(streams, people, known, planted.rates) & has_fnr,
        has_fnr=has_fnr,
        wrong_check=has_fnr & (luck[1] < planted.rates.wrong_check) & (known.changed == 0),
        luck=luck,
    )


def identifier_table(
    streams: Streams, people: People, known: Identity, recorded: Recorded, mixed: MixUps, planted: Planted
) -> pl.DataFrame:
    """The case system's identifiers: DUF, then D-number, then fnr, with what goes wrong with them."""
    generator = streams.of("identifier/what was written")
    size = people.size
    never = np.full(size, NEVER)
    dummy = recorded.luck[2] < planted.rates.dummy_identifier
    number = known.fnr.cast(pl.Int64).to_numpy()
    fnr = text(np.where(recorded.wrong_check, with_wrong_check(number, generator), number))
    begun = people.settled - generator.integers(200, 900, size)
    changed = known.changed > 0
    met = changed & known.change_in_case_system
    replaced = np.zeros(size, dtype=bool)
    replaced[mixed.holder[mixed.in_place_of_own]] = True
    own_fnr = recorded.has_fnr & ~replaced & (~changed | met)
    wrong = recorded.wrong_check
    kinds = [
        (DUF, known.duf, begun, never, recorded.has_duf, TRUST[DUF]),
        (D_NUMBER, known.d_number, begun + 30, known.switched, recorded.has_d_number, TRUST[D_NUMBER]),
        (FNR, fnr, known.switched, never, own_fnr & ~changed & ~wrong, TRUST[FNR]),
        (FNR, fnr, known.switched, never, own_fnr & wrong, 0.0),
        (FNR, known.former_fnr, known.switched, known.changed, met, 1.0),
        (FNR, fnr, known.changed, never, met, 1.0),
        (FNR, known.former_fnr, known.switched, never, changed & ~met, TRUST[FNR]),
        (DUMMY, text(dummies(people.birth, generator)), people.settled, never, dummy, TRUST[DUMMY]),
    ]
    rows = pl.concat(
        [
            *(number_rows(people, *kind).with_columns(trust=trust) for *kind, trust in kinds),
            _wrong_rows(people, known, mixed),
        ]
    )
    for pattern, mask in (
        ("d_number_then_fnr", recorded.has_d_number),
        ("only_duf", known.only_duf),
        ("wrong_check", wrong),
        ("dummy_identifier", dummy),
        ("number_changed", changed),
    ):
        planted.add(pattern, "identifier", people.person_id[mask])
    for pattern, of in (
        ("relative_number", (SPOUSE, CHILD)),
        ("shared_identifier", (OTHER_PERSON,)),
        ("shared_d_number", (SHARED_D_NUMBER,)),
    ):
        planted.add(pattern, "identifier", people.person_id[mixed.holder[mixed.of(*of)]])
    half = streams.of("identifier/evidence").random((2, rows.height))
    rows = rows.with_columns(
        evidence=pl.when(pl.Series(half[0]) < pl.col("trust")).then(pl.lit("folkeregister")),
        is_valid=pl.when(pl.Series(half[1] < MARKED_VALID)).then(pl.col("identifier_type") != DUMMY),
    )
    return declared(Identifier, rows).sort("person_id", "valid_from", "identifier_type", "identifier")


def _wrong_rows(people: People, known: Identity, mixed: MixUps) -> pl.DataFrame:
    """The numbers on the wrong record: never with the population register as their source."""
    true = true_mix_ups(people, known, mixed)
    by_holder = pl.DataFrame(
        {
            "person_id": people.person_id[mixed.holder],
            "valid_from": dates(known.switched[mixed.holder] + 1),
        }
    )
    kind = pl.when(pl.col("kind") == SHARED_D_NUMBER).then(pl.lit(D_NUMBER)).otherwise(pl.lit(FNR))
    return true.join(by_holder, on="person_id").select(
        "person_id",
        kind.alias("identifier_type"),
        "identifier",
        "valid_from",
        pl.lit(None, pl.Date).alias("valid_to"),
        pl.lit(0.0).alias("trust"),
    )
