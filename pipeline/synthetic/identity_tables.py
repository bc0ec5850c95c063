"""The case system's persons and their identifiers, and the chain as it truly was."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import Fill, Planted, declared, strings
from pipeline.synthetic.identifiers import duf_numbers, dummies, numbers, text, with_wrong_check
from pipeline.synthetic.people import People
from pipeline.synthetic.streams import NEVER, Ints, Mask, Streams, dates, year_of
from schemas import codes
from schemas.case_system.person import Identifier, Person

MAN, WOMAN, SEX_UNKNOWN = codes.SEX.values()
DOCUMENTED, STATED, SET_TO_FIRST = codes.BIRTH_DATE_SOURCE.values()
DUF, D_NUMBER, FNR, DUMMY = codes.IDENTIFIER_TYPE.values()

FIRST_NAMES = ("Alvo", "Bente-Test", "Cirel", "Dorin", "Elvira", "Fabo", "Gunnel", "Hamo", "Idris", "Jorun",
               "Kalila", "Lemo", "Mirane", "Nadifo", "Omin", "Petra", "Qamil", "Runa", "Samo", "Tirzo",
               "Umar", "Velin", "Wali", "Yosan", "Zarino", "Åsel", "Ørjo")  # fmt: skip
LAST_NAMES = ("Prøvesen", "Testad", "Eksempeli", "Oppdiktet", "Syntesen", "Liksom", "Skinnemo", "Tenkt",
              "Fantasvik", "Påfunn", "Modellie", "Utkastø", "Kladdebø", "Fiksjonæs")  # fmt: skip


@dataclass(frozen=True)
class Identity:
    """Every person's true numbers, as text, and when the fnr replaced the D-number."""

    fnr: pl.Series
    d_number: pl.Series
    duf: pl.Series
    had_d_number: Mask
    switched: Ints  # the day fnr took over; the day of settlement where there was no D-number
    only_duf: Mask  # in the case system: registers know the others' fnr
    outsiders: pl.Series  # fnr of persons the case system does not know

    def at(self, days: Ints, rows: Ints | None = None) -> pl.Series:
        """The number the population register used on that day, for the persons at `rows`."""
        early = days < self.switched if rows is None else days < self.switched[rows]
        d, f = (
            (self.d_number, self.fnr)
            if rows is None
            else (self.d_number.gather(pl.Series(rows)), self.fnr.gather(pl.Series(rows)))
        )
        return pl.select(pl.when(pl.Series(early)).then(d).otherwise(f)).to_series()


def identity(streams: Streams, people: People, as_of: int) -> Identity:
    """Numbers for the persons, and for as many outsiders as the deliveries need."""
    generator = streams.of("identifier/kinds")
    size = people.size
    recorded = generator.random(size) < model.D_NUMBER_THEN_FNR
    unrecorded = ~recorded & (
        generator.random(size) < model.D_NUMBER_NOT_RECORDED / (1 - model.D_NUMBER_THEN_FNR)
    )
    had = recorded | unrecorded
    later = np.minimum(people.settled + 30 + (generator.random(size) * 510).astype(np.int64), as_of - 2)
    early = people.created < np.quantile(people.created, 0.5)
    only_duf = ~had & (
        generator.random(size) < model.ONLY_DUF / (1 - model.D_NUMBER_THEN_FNR) * np.where(early, 1.4, 0.6)
    )
    outside = round(size * model.OUTSIDERS)
    others = streams.of("identifier/outsiders")
    births = np.concatenate([people.birth, others.integers(-10_000, 13_000, outside)])
    male = np.concatenate([people.male, others.random(outside) < 0.5])
    fnr = text(numbers(streams.of("identifier/fnr"), births, male))
    return Identity(
        fnr=fnr[:size],
        d_number=text(numbers(streams.of("identifier/dnr"), people.birth, people.male, d_number=True)),
        duf=duf_numbers(streams.of("identifier/duf"), year_of(people.settled - 400)),
        had_d_number=had,
        switched=np.where(had, later, people.settled),
        only_duf=only_duf,
        outsiders=fnr[size:],
    )


def recorded_d_number(streams: Streams, people: People, identity: Identity) -> Mask:
    """Whose D-number stands in the case system: nearly all that had one in the time it covers."""
    share = model.D_NUMBER_THEN_FNR / (model.D_NUMBER_THEN_FNR + model.D_NUMBER_NOT_RECORDED)
    return identity.had_d_number & (streams.of("identifier/recorded").random(people.size) < share)


def names(streams: Streams, size: int) -> tuple[pl.Series, pl.Series]:
    """Invented first and last names from two short lists."""
    generator = streams.of("person/names")
    first = pl.Series(FIRST_NAMES).gather(pl.Series(generator.integers(0, len(FIRST_NAMES), size)))
    return first, pl.Series(LAST_NAMES).gather(pl.Series(generator.integers(0, len(LAST_NAMES), size)))


def person_table(streams: Streams, people: People, fill: Fill, planted: Planted) -> pl.DataFrame:
    """The case system's person table."""
    size, everyone = people.size, np.arange(people.size)
    year = year_of(people.created)
    against = streams.of("person/sex against number").random(size) < model.SEX_AGAINST_NUMBER
    planted.add("sex_against_number", "person", people.person_id[against])
    planted.add("first_of_january", "person", people.person_id[people.birth_on_first_of_january])
    first, last = names(streams, size)
    luck = streams.of("person/details").random((5, size))

    def filled(column: str, field: str = "demanded") -> Mask:
        return fill.drawn(field, f"person.{column}", everyone, year)

    sex = np.where(people.male ^ against, MAN, WOMAN).astype(object)
    sex[luck[0] < 0.002] = SEX_UNKNOWN
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
            "sex": strings(sex, filled("sex")),
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


def identifier_table(streams: Streams, people: People, known: Identity, planted: Planted) -> pl.DataFrame:
    """The case system's identifiers: DUF, then D-number, then fnr, with what goes wrong with them."""
    generator = streams.of("identifier/dirt")
    size = people.size
    luck = generator.random((4, size))
    has_fnr = ~known.only_duf
    with_d = recorded_d_number(streams, people, known) & has_fnr
    has_duf = known.only_duf | (luck[0] < 0.85)
    wrong = has_fnr & (luck[1] < model.WRONG_CHECK)
    dummy = luck[2] < model.DUMMY_IDENTIFIER
    shared = has_fnr & (luck[3] < model.SHARED_IDENTIFIER)
    number = known.fnr.cast(pl.Int64).to_numpy()
    fnr = text(np.where(wrong, with_wrong_check(number, generator), number))
    begun = people.settled - generator.integers(200, 900, size)
    other = text(np.roll(number, 1))
    kinds = [
        (DUF, known.duf, begun, np.full(size, NEVER), has_duf),
        (D_NUMBER, known.d_number, begun + 30, known.switched, with_d),
        (FNR, fnr, known.switched, np.full(size, NEVER), has_fnr),
        (FNR, other, known.switched + 1, np.full(size, NEVER), shared),
        (DUMMY, text(dummies(people.birth, generator)), people.settled, np.full(size, NEVER), dummy),
    ]
    rows = pl.concat(_identifier_rows(people, *kind) for kind in kinds)
    for pattern, mask in (
        ("d_number_then_fnr", with_d),
        ("only_duf", known.only_duf),
        ("wrong_check", wrong),
        ("dummy_identifier", dummy),
        ("shared_identifier", shared),
    ):
        planted.add(pattern, "identifier", people.person_id[mask])
    half = streams.of("identifier/evidence").random((2, rows.height))
    rows = rows.with_columns(
        evidence=pl.when(pl.Series(half[0] < 0.6)).then(pl.lit("folkeregister")),
        is_valid=pl.when(pl.Series(half[1] < 0.6)).then(pl.col("identifier_type") != DUMMY),
    )
    return declared(Identifier, rows).sort("person_id", "valid_from", "identifier_type", "identifier")


def _identifier_rows(
    people: People, kind: str, identifier: pl.Series, start: Ints, end: Ints, there: Mask
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "person_id": people.person_id,
            "identifier_type": kind,
            "identifier": identifier,
            "valid_from": dates(start),
            "valid_to": dates(end),
        }
    ).filter(pl.Series(there))


def true_identifiers(people: People, known: Identity) -> pl.DataFrame:
    """Truth: each person's numbers and when they were in use."""
    return pl.DataFrame(
        {
            "person_id": people.person_id,
            "duf": known.duf,
            "d_number": known.d_number.set(~pl.Series(known.had_d_number), None),
            "fnr": known.fnr,
            "fnr_from": dates(known.switched),
            "only_duf_in_case_system": known.only_duf,
        }
    )
