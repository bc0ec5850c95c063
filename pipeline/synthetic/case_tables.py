"""Advisers, cases, permits, settlements and grant claims."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import Fill, Planted, blank, declared, strings
from pipeline.synthetic.people import People, advisers_per_bydel, by_year, permit_days, scale
from pipeline.synthetic.streams import (
    NEVER,
    Floats,
    Ints,
    Mask,
    Streams,
    Strings,
    dates,
    day,
    first_day,
    pick,
    year_of,
    year_start,
)
from schemas import codes
from schemas.case_system.case import Adviser, Case
from schemas.case_system.grant import GrantClaim
from schemas.case_system.settlement import ResidencePermit, Settlement

OPEN, CLOSED, TRANSFERRED = codes.CASE_STATUS.values()
AGREED, AGREED_SELF, SELF_SETTLED, SECONDARY, FORM_UNKNOWN = codes.SETTLEMENT_FORM.values()
ORDINARY, MINOR, ELDERLY, KINDERGARTEN, DISABLED_1, DISABLED_2, SCHOOL = codes.CLAIM_TYPE.values()
MOVED, TOO_LATE, NOT_MET = codes.REFUSAL.values()


def case_number(number: Ints) -> pl.Series:
    """Eight digits, with leading zeros."""
    return pl.Series(number).cast(pl.String).str.zfill(8)


def adviser_number(bydel: Strings, number: Ints) -> pl.Series:
    """The letter R, the bydel, and a running number."""
    return pl.select(
        pl.format(
            "R{}{}",
            pl.Series(bydel.tolist(), dtype=pl.String),
            pl.Series(number + 1).cast(pl.String).str.zfill(3),
        )
    ).to_series()


@dataclass(frozen=True)
class Cases:
    """The cases, and where each person's case went: a move closes one and opens another."""

    frame: pl.DataFrame
    moved: Ints  # the day of the move; NEVER where not
    new_bydel: Strings
    first_case: pl.Series
    second_case: pl.Series  # empty where there was no move
    duplicate: Mask
    duplicate_case: pl.Series


def adviser_table(streams: Streams, people: People) -> pl.DataFrame:
    """One row an adviser; one in four changed position once and has two."""
    counts = advisers_per_bydel(people.at_cut)
    bydel = np.array([b for b, n in counts.items() for _ in range(n)], dtype=object)
    number = np.concatenate([np.arange(n) for n in counts.values()])
    generator = streams.of("adviser")
    size = bydel.size
    begins = first_day(2004) + generator.integers(0, 900, size)
    twice = generator.random(size) < 0.25
    change = begins + generator.integers(700, 2500, size)
    percent = pick(generator, {"100": 6, "80": 2, "50": 2}, size)
    first = {"valid_from": dates(begins), "valid_to": dates(np.where(twice, change - 1, NEVER))}
    second = {"valid_from": dates(change), "valid_to": dates(np.full(size, NEVER))}
    common = {
        "adviser_id": adviser_number(bydel, number),
        "bydel": strings(bydel),
        "position_percent": strings(percent),
    }
    rows = pl.concat([pl.DataFrame(common | first), pl.DataFrame(common | second).filter(pl.Series(twice))])
    return declared(Adviser, rows).sort("adviser_id", "valid_from")


def cases(streams: Streams, people: People, fill: Fill, planted: Planted, as_of: int) -> Cases:
    """A case for each person; two for those who moved, and a few duplicates by mistake."""
    generator = streams.of("case")
    size = people.size
    names = np.array(list(model.BYDELER), dtype=object)
    step = generator.integers(1, names.size, size)
    new_bydel = names[(np.searchsorted(names.astype(str), people.bydel.astype(str)) + step) % names.size]
    moved = people.created + generator.integers(60, 1300, size)
    moves = (generator.random(size) < planted.rates.moves_bydel) & (moved < as_of - 60)
    moved = np.where(moves, moved, NEVER)
    duplicate = ~moves & (generator.random(size) < planted.rates.duplicate_case)
    closes = np.minimum(people.leaves, people.created + 1826 + generator.integers(0, 700, size))
    end = np.where(closes < as_of, closes, NEVER)
    again = np.minimum(people.created + generator.integers(3, 90, size), as_of)
    number = np.arange(size) + 1
    first, second, third = (case_number(turn * size + number) for turn in range(3))
    none = pl.Series([None] * size, dtype=pl.String)
    everyone = np.ones(size, dtype=bool)
    status = pl.when(pl.col("person_id").is_in(people.person_id[moves])).then(pl.lit(TRANSFERRED))
    parts = [
        _case_rows(people, first, people.bydel, people.created, np.minimum(end, moved), none, everyone)
        .with_columns(status.otherwise("case_status").alias("case_status")),
        _case_rows(people, second, new_bydel, moved + 1, np.maximum(end, moved + 30), first, moves),
        _case_rows(people, third, people.bydel, again, np.maximum(end, again), none, duplicate),
    ]  # fmt: skip
    planted.add("moved_bydel", "case", people.person_id[moves])
    planted.add("duplicate_case", "case", third.filter(pl.Series(duplicate)))
    return Cases(
        frame=_with_gaps(people, fill, pl.concat(parts).sort("case_id")),
        moved=moved,
        new_bydel=new_bydel,
        first_case=first,
        second_case=second.set(~pl.Series(moves), None),
        duplicate=duplicate,
        duplicate_case=third,
    )


def _with_gaps(people: People, fill: Fill, rows: pl.DataFrame) -> pl.DataFrame:
    """The case rows as declared, some without bydel or status."""
    persons = rows["person_id"].to_numpy() - people.person_id[0]
    year = year_of(people.created[persons])
    for name in ("bydel", "case_status"):
        rows = blank(rows, name, fill.drawn("demanded", f"case.{name}", persons, year))
    return declared(Case, rows)


def _case_rows(
    people: People, number: pl.Series, bydel: Strings, opened: Ints, closed: Ints, before: pl.Series,
    there: Mask,
) -> pl.DataFrame:  # fmt: skip
    closed = np.where(closed < NEVER, np.maximum(closed, opened), NEVER)
    return pl.DataFrame(
        {
            "case_id": number,
            "person_id": people.person_id,
            "municipality": model.OSLO,
            "bydel": strings(bydel),
            "opened_on": dates(opened),
            "closed_on": dates(closed),
            "case_status": np.where(closed < NEVER, CLOSED, OPEN).tolist(),
            "transferred_from_case_id": before,
            "case_worker_id": adviser_number(people.bydel, people.adviser),
        }
    ).filter(pl.Series(there))


def permit_table(streams: Streams, people: People, fill: Fill) -> pl.DataFrame:
    """One row a person; family immigrants point to a person settled before them."""
    size, everyone, year = people.size, np.arange(people.size), year_of(people.created)
    valid_from, decided_on = permit_days(streams, people)
    luck = streams.of("permit/reference").random(size)
    earlier = (luck * np.maximum(everyone, 1)).astype(np.int64)
    family = (people.permit == model.FAMILY_PERMIT) & (everyone > 0)
    decided = fill.drawn("demanded", "residence_permit.decided_on", everyone, year)
    return declared(
        ResidencePermit,
        {
            "person_id": people.person_id,
            "valid_from": dates(valid_from),
            "permit_ground": strings(
                people.permit, fill.drawn("demanded", "residence_permit.permit_ground", everyone, year)
            ),
            "decided_on": dates(decided_on, decided),
            "reference_person_id": pl.Series(people.person_id[earlier]).set(~pl.Series(family), None),
        },
    )


def settlement_table(
    streams: Streams, people: People, fill: Fill, planted: Planted, claims: pl.DataFrame
) -> pl.DataFrame:
    """One row a person, but for the few whose claims stand without a settlement."""
    generator = streams.of("settlement")
    size, everyone, year = people.size, np.arange(people.size), year_of(people.created)
    form = pick(generator, {AGREED: 76, AGREED_SELF: 11, SELF_SETTLED: 8, SECONDARY: 5}, size)
    form[generator.random(size) < 0.03] = FORM_UNKNOWN
    claimed = np.isin(people.person_id, claims["person_id"].unique().to_numpy())
    lost = claimed & (generator.random(size) < planted.rates.claim_without_settlement)
    impossible = ~lost & (generator.random(size) < planted.rates.impossible_date / 3)
    day_written = np.where(impossible, people.settled + 36_525, people.settled)
    planted.add("claim_without_settlement", "settlement", people.person_id[lost])
    planted.add("impossible_date", "settlement", people.person_id[impossible])
    rows = {
        "person_id": people.person_id,
        "settled_on": dates(day_written),
        "settlement_form": strings(
            form, fill.drawn("settlement_form", "settlement.settlement_form", everyone, year)
        ),
        "from_reception_centre": pl.Series(form == AGREED).set(
            ~pl.Series(fill.drawn("settlement_form", "settlement.from_centre", everyone, year)), None
        ),
        "municipality": model.OSLO,
        "bydel": strings(people.bydel, fill.drawn("demanded", "settlement.bydel", everyone, year)),
    }
    return declared(Settlement, pl.DataFrame(rows)).filter(~pl.Series(lost))


def claim_table(
    streams: Streams, people: People, participant: Mask, planted: Planted, as_of: int
) -> pl.DataFrame:
    """Claims for the year of settlement and the four after it, from the world's first year.

    What is paid is scaled so that the seed's totals hold to the krone: see `_paid`.
    """
    generator = streams.of("claim")
    settled_year = year_of(people.settled)
    person = np.repeat(np.arange(people.size), len(model.SHARE_BY_YEAR))
    number = np.tile(np.arange(len(model.SHARE_BY_YEAR)), people.size)
    year = settled_year[person] + number
    stops = generator.geometric(model.NO_LONGER_CLAIMED_A_YEAR, people.size)
    without = participant & (generator.random(people.size) < planted.rates.participant_without_claim)
    last_year = year_of(np.array([as_of]))[0] - 1
    there = (year >= model.WORLD_BEGINS.year) & (year <= last_year) & (number < stops[person])
    there &= year_start(year) < people.leaves[person]
    lacking = without & np.isin(np.arange(people.size), person[there])
    planted.add("participant_without_claim", "person", people.person_id[lacking])
    there &= ~without[person]
    person, number, year = person[there], number[there], year[there]
    age = year - year_of(people.birth)[person]
    raw = by_year(model.FIVE_YEAR_RATE, year) * np.array(model.SHARE_BY_YEAR)[number]
    raw = np.where(age < 18, raw * 0.96, np.where(age > 60, raw * 1.2, raw))
    raw = np.where(year == model.WORLD_BEGINS.year, raw * model.FIRST_YEAR_SHARE, raw)
    refused = generator.random(person.size) < model.REFUSED
    unpaid = ~refused & (generator.random(person.size) < 0.015)
    paid = _paid(raw, year, refused | unpaid, scale(people.at_cut))
    claimed = _claimed_on(generator, people, person, number, year, as_of)
    impossible = generator.random(person.size) < planted.rates.impossible_date / 3
    minor = (people.age_at(people.settled)[person] < 18) & (people.person_id[person] % 9 == 0)
    kind = np.where(age > 60, ELDERLY, np.where(minor, MINOR, ORDINARY)).astype(object)
    claim_id = np.arange(person.size) + 1
    planted.add("impossible_date", "grant_claim", claim_id[impossible])
    return declared(
        GrantClaim,
        {
            "claim_id": claim_id,
            "person_id": people.person_id[person],
            "year_number": number + 1,
            "calendar_year": year,
            "claim_type": strings(kind),
            "claimed_on": dates(np.where(impossible, claimed + 36_525, claimed)),
            "amount_kr": np.where(refused | unpaid, raw.astype(np.int64), paid),
            "paid_kr": pl.Series(np.where(refused, 0, paid)).set(pl.Series(unpaid), None),
            "refusal": strings(
                np.where(
                    refused, pick(generator, {MOVED: 4, TOO_LATE: 2, NOT_MET: 4}, person.size), ""
                ).astype(object)
            ),
        },
    )


def _claimed_on(
    generator: np.random.Generator, people: People, person: Ints, number: Ints, year: Ints, as_of: int
) -> Ints:
    """The first year's claim follows the settlement or the registration; the others come in their year."""
    in_year = year_start(year) + 20 + generator.integers(0, 320, person.size)
    first = np.maximum(people.settled[person], year_start(year)) + generator.integers(5, 200, person.size)
    claimed = np.maximum(np.where(number == 0, first, in_year), day(model.WORLD_BEGINS))
    return np.minimum(claimed, as_of - 1)


def _paid(raw: Floats, year: Ints, nothing: Mask, size: float) -> Ints:
    """Whole kroner that sum to the totals: largest remainders, ties to the lower claim number.

    The last year of the cut has its total; the years before it share one factor; later years keep the
    last year's factor.
    """
    last, whole = model.PAID_LAST_YEAR_KR, model.PAID_ALL_YEARS_KR
    paid = np.zeros(raw.size, dtype=np.int64)
    in_last = (year == model.LAST_YEAR) & ~nothing
    before = (year < model.LAST_YEAR) & ~nothing
    after = (year > model.LAST_YEAR) & ~nothing
    target = round(last * size)
    paid[in_last] = apportion(raw[in_last], target)
    paid[before] = apportion(raw[before], round(whole * size) - target)
    paid[after] = (raw[after] * (target / raw[in_last].sum())).astype(np.int64)
    return paid


def apportion(shares: Floats, total: int) -> Ints:
    """Whole numbers in proportion to `shares` whose sum is exactly `total` (largest remainder)."""
    exact = shares * (total / shares.sum())
    whole: Ints = np.floor(exact).astype(np.int64)
    left = total - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:left]] += 1
    return whole
