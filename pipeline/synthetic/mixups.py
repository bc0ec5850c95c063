"""Numbers on the wrong person's record, and persons who were registered twice: with the truth of each.

A wrong number never carries the evidence «folkeregister», and its owner's own record holds it too: what
is planted can be seen, and nobody can say from the record alone whom the number means. Nobody takes part
in two mix-ups, and who does was not registered twice.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.case_tables import adviser_number, case_number
from pipeline.synthetic.fill import Planted, declared
from pipeline.synthetic.identity import D_NUMBER, DUF, FNR, Identity
from pipeline.synthetic.people import People
from pipeline.synthetic.streams import Floats, Ints, Mask, Streams, Strings, dates, day
from schemas import codes
from schemas.case_system.case import Case
from schemas.case_system.person import Identifier, Person
from schemas.case_system.programme import Programme

SPOUSE, CHILD, OTHER_PERSON = "spouse", "child", "other_person"
SHARED_D_NUMBER = "d_number"
IN_PLACE_OF_OWN = 0.2  # of the relatives' numbers: the record does not hold its own
BY_DUF = 0.4  # of the persons registered twice: the second record holds the DUF number alone
NAMES_SWAPPED = 0.3
OPEN = codes.CASE_STATUS.values()[0]


@dataclass(frozen=True)
class MixUps:
    """A row a wrong number: on whose record it stands, whose it is, and how it came there."""

    holder: Ints  # positions in People
    owner: Ints
    kind: Strings
    in_place_of_own: Mask

    def of(self, *kinds: str) -> Mask:
        """The rows of these kinds."""
        return np.isin(self.kind.astype(str), kinds)

    def persons(self) -> Ints:
        """Everybody in any of them."""
        return np.unique(np.concatenate([self.holder, self.owner]))


def mix_ups(
    streams: Streams,
    people: People,
    known: Identity,
    recorded: dict[str, Mask],
    spouse: Ints,
    planted: Planted,
) -> MixUps:
    """Who holds whose number. `recorded` says whose own number of a kind stands whole in the case system.

    `spouse` is the position of each person's registered spouse, -1 where there is none.
    """
    rates, size = planted.rates, people.size
    luck = streams.of("mix-up").random((5, size))
    child = _child(people)
    before = np.roll(np.arange(size), 1)
    offers = [
        (SPOUSE, FNR, spouse, luck[0], rates.relative_number / 2),
        (CHILD, FNR, child, luck[1], rates.relative_number / 2),
        (OTHER_PERSON, FNR, before, luck[2], rates.shared_identifier),
        (SHARED_D_NUMBER, D_NUMBER, _next_of(recorded[D_NUMBER]), luck[3], rates.shared_d_number),
    ]
    steady = recorded[FNR] & (known.changed == 0)
    holders, owners, kinds = [], [], []
    for kind, number, other, chance, rate in offers:
        fits = steady & (other >= 0) & steady[other] & recorded[number][other]
        fits &= (other != np.arange(size)) & ((number == FNR) | ~known.had_d_number)
        chosen = np.flatnonzero(fits)
        chosen = chosen[np.argsort(chance[chosen], kind="stable")][: round(rate * size)]
        holders.append(chosen)
        owners.append(other[chosen])
        kinds.append(np.full(chosen.size, kind, dtype=object))
    holder, owner, of_kind = np.concatenate(holders), np.concatenate(owners), np.concatenate(kinds)
    once = _once(holder, owner)
    relative = np.isin(of_kind.astype(str), (SPOUSE, CHILD))
    alone = relative & (luck[4][holder] < IN_PLACE_OF_OWN)
    return MixUps(holder[once], owner[once], of_kind[once], alone[once])


def _child(people: People) -> Ints:
    """For each adult a child of the same country settled about then; -1 where there is none."""
    age = people.age_at(people.created)
    found = np.full(people.size, -1, dtype=np.int64)
    for country in sorted(set(people.country.tolist())):
        here = people.country == country
        adults, children = np.flatnonzero(here & (age >= 20)), np.flatnonzero(here & (age < 16))
        if children.size:
            found[adults] = children[np.searchsorted(children, adults).clip(0, children.size - 1)]
    return found


def _next_of(those: Mask) -> Ints:
    """For each position the next one among `those`, after the last the first; -1 where there are none."""
    places = np.flatnonzero(those)
    if not places.size:
        return np.full(those.size, -1, dtype=np.int64)
    return np.asarray(places[np.searchsorted(places, np.arange(those.size)) % places.size])


def _once(holder: Ints, owner: Ints) -> Mask:
    """The rows both of whose persons are in no row before it."""
    row = np.tile(np.arange(holder.size), 2)
    persons = np.concatenate([holder, owner])
    order = np.lexsort((row, persons))
    _, firsts, which = np.unique(persons[order], return_index=True, return_inverse=True)
    first_row = np.empty(row.size, dtype=np.int64)
    first_row[order] = row[order][firsts][which]
    earliest: Mask = first_row == row
    return np.asarray(earliest[: holder.size] & earliest[holder.size :])


def true_mix_ups(people: People, known: Identity, mixed: MixUps) -> pl.DataFrame:
    """Truth: each wrong number, the record it stands on, and whose it is."""
    owner = pl.Series(mixed.owner)
    number = (
        pl.when(pl.Series(mixed.of(SHARED_D_NUMBER)))
        .then(known.d_number.gather(owner))
        .otherwise(known.fnr.gather(owner))
    )
    return pl.DataFrame(
        {
            "kind": mixed.kind.tolist(),
            "person_id": people.person_id[mixed.holder],
            "identifier": pl.select(number).to_series(),
            "of_person_id": people.person_id[mixed.owner],
            "in_place_of_own": mixed.in_place_of_own,
        },
        schema_overrides={"kind": pl.String, "identifier": pl.String},
    ).sort("kind", "person_id")


@dataclass(frozen=True)
class Twice:
    """The persons registered twice: position, and the second record's number, day and shared identifier."""

    person: Ints
    second_id: Ints
    created: Ints
    by_duf: Mask
    second_case: pl.Series


def registered_twice(
    streams: Streams,
    people: People,
    recorded: dict[str, Mask],
    person: pl.DataFrame,
    taken: Ints,
    planted: Planted,
    as_of: int,
) -> Twice:
    """Chosen among those whose birth date, sex and number stand in the first record.

    The second record is made after the cut: the totals at the cut count records.
    """
    size = people.size
    luck = streams.of("registered twice").random((3, size))
    known_sex = person["sex"].is_in([codes.SEX.values()[0], codes.SEX.values()[1]]).fill_null(False)
    plain = (known_sex & person["birth_date"].is_not_null()).to_numpy()
    plain &= recorded[FNR] | recorded[DUF]
    earliest = np.maximum(people.created + 20, (day(model.CUT) + 1))
    latest = np.where(people.created + 20 > (day(model.CUT) + 1), people.created + 200, as_of - 1)
    latest = np.minimum(np.minimum(latest, as_of - 1), people.leaves)
    plain &= earliest < latest
    plain[taken] = False
    chosen = np.flatnonzero(plain)
    wanted = round(planted.rates.registered_twice * size)
    chosen = np.sort(chosen[np.argsort(luck[0][chosen], kind="stable")][:wanted])
    by_duf = recorded[DUF][chosen] & ((luck[1][chosen] < BY_DUF) | ~recorded[FNR][chosen])
    begun = earliest[chosen] + luck[2][chosen] * (latest[chosen] - earliest[chosen])
    return Twice(
        person=chosen,
        second_id=people.person_id[-1] + 1 + np.arange(chosen.size),
        created=begun.astype(np.int64),
        by_duf=by_duf,
        second_case=case_number(3 * size + 1 + np.arange(chosen.size)),
    )


def add_second_records(
    streams: Streams,
    people: People,
    twice: Twice,
    tables: dict[str, pl.DataFrame],
    started: Ints,
    planted: Planted,
) -> dict[str, pl.DataFrame]:
    """The tables with the second records, and with the programmes that began after them moved there.

    `started` is the true start of each programme row.
    """
    planted.add("registered_twice", "person", twice.second_id)
    luck = streams.of("second record").random((2, twice.person.size))
    return tables | {
        "person": pl.concat([tables["person"], _second_persons(twice, tables["person"], luck[0])]),
        "identifier": pl.concat(
            [tables["identifier"], _second_identifiers(people, twice, tables["identifier"])]
        ).sort("person_id", "valid_from", "identifier_type", "identifier"),
        "case": pl.concat([tables["case"], _second_cases(people, twice)]),
        "programme": _moved_programmes(people, twice, tables["programme"], started),
    }


def _second_persons(twice: Twice, person: pl.DataFrame, luck: Floats) -> pl.DataFrame:
    swapped = pl.Series(luck < NAMES_SWAPPED)
    second = person[twice.person].with_columns(
        person_id=pl.Series(twice.second_id),
        created_on=dates(twice.created),
        first_name=pl.when(swapped).then("last_name").otherwise("first_name"),
        last_name=pl.when(swapped).then("first_name").otherwise("last_name"),
        mother_tongue=pl.lit(None, pl.String),
    )
    return declared(Person, second)


def _second_identifiers(people: People, twice: Twice, identifier: pl.DataFrame) -> pl.DataFrame:
    """The first record's newest number of the kind that is shared."""
    shared = pl.DataFrame(
        {
            "person_id": people.person_id[twice.person],
            "second_id": twice.second_id,
            "identifier_type": np.where(twice.by_duf, DUF, FNR).tolist(),
        },
        schema_overrides={"identifier_type": pl.String},
    )
    rows = shared.join(identifier, on=["person_id", "identifier_type"]).sort("second_id", "valid_from")
    newest = rows.group_by("second_id", maintain_order=True).last()
    return declared(Identifier, newest.with_columns(person_id=pl.col("second_id")))


def _second_cases(people: People, twice: Twice) -> pl.DataFrame:
    bydeler = sorted(set(people.bydel.tolist()))
    own = np.searchsorted(bydeler, people.bydel[twice.person].astype(str))
    bydel = np.array(bydeler, dtype=object)[(own + 1) % len(bydeler)]
    size = twice.person.size
    return declared(
        Case,
        pl.DataFrame(
            {
                "case_id": twice.second_case,
                "person_id": twice.second_id,
                "municipality": model.OSLO,
                "bydel": pl.Series(bydel.tolist(), dtype=pl.String),
                "opened_on": dates(twice.created),
                "closed_on": pl.Series([None] * size, dtype=pl.Date),
                "case_status": OPEN,
                "transferred_from_case_id": pl.Series([None] * size, dtype=pl.String),
                "case_worker_id": adviser_number(bydel, np.zeros(size, dtype=np.int64)),
            }
        ),
    )


def _moved_programmes(people: People, twice: Twice, programme: pl.DataFrame, started: Ints) -> pl.DataFrame:
    second = pl.DataFrame(
        {
            "person_id": people.person_id[twice.person],
            "second_id": twice.second_id,
            "second_case": twice.second_case,
            "since": twice.created,
        }
    )
    later = pl.col("second_id").is_not_null() & (pl.Series(started) > pl.col("since"))
    moved = programme.join(second, on="person_id", how="left", maintain_order="left").with_columns(
        person_id=pl.when(later).then("second_id").otherwise("person_id"),
        case_id=pl.when(later & pl.col("case_id").is_not_null()).then("second_case").otherwise("case_id"),
    )
    return declared(Programme, moved)


def true_pairs(people: People, twice: Twice) -> pl.DataFrame:
    """Truth: which two records are one person, and by which kind of number."""
    return pl.DataFrame(
        {
            "person_id": people.person_id[twice.person],
            "second_person_id": twice.second_id,
            "shared": np.where(twice.by_duf, DUF, FNR).tolist(),
            "created_on": dates(twice.created),
        },
        schema_overrides={"shared": pl.String},
    )
