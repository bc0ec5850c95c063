"""What nobody asks for: background, family, health, economy, housing - and how each bydel writes «ukjent»."""

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.fill import Fill, Planted, declared, strings
from pipeline.synthetic.people import People
from pipeline.synthetic.streams import Ints, Mask, Streams, Strings, dates, day, pick, year_of
from schemas import codes
from schemas.case_system.background import UNKNOWN_YEARS, Background, Economy, Family, Health, Housing

YES, NO, DONT_KNOW = codes.YES_NO.values()
EDUCATION_UNKNOWN = "9"
SKILL_UNKNOWN = "9"
CIVIL_UNKNOWN = "9"
for _list, _code in (
    (codes.EDUCATION_LEVEL, EDUCATION_UNKNOWN),
    (codes.SKILL, SKILL_UNKNOWN),
    (codes.CIVIL_STATUS, CIVIL_UNKNOWN),
):
    assert _code in _list.unknown
WROTE_UNASKED = 0.4
OCCUPATIONS = ("lærer", "bonde", "snekker", "sjåfør", "kokk", "sykepleier", "butikkmedarbeider", "skredder",
               "mekaniker", "renholder", "regnskapsfører", "frisør", "student", "hjemmeværende")  # fmt: skip


def registered(streams: Streams, people: People, table: str, as_of: int) -> Ints:
    """When a table's row was registered: a while after the person."""
    lag = streams.of(f"{table}/registered").integers(0, 240, people.size)
    return np.asarray(np.minimum(people.created + lag, as_of - 1))


def _practice(people: People, bydeler: tuple[str, ...]) -> Mask:
    return np.isin(people.bydel.astype(str), bydeler)


def _unknown(streams: Streams, people: People, column: str, asked: Mask) -> tuple[Mask, Mask]:
    """(written as «ukjent», left with nothing): by the local practice of the person's bydel."""
    luck = streams.of(f"unknown/{column}").random((2, people.size))
    answered = asked & (luck[0] < model.ANSWERED_UNKNOWN)
    unasked = ~asked & _practice(people, model.WRITES_CODE_9) & (luck[1] < WROTE_UNASKED)
    blank = answered & _practice(people, model.LEAVES_BLANK)
    return (answered & ~blank) | unasked, (~asked & ~unasked) | blank


def background_table(
    streams: Streams, people: People, fill: Fill, planted: Planted, names: tuple[pl.Series, pl.Series],
    fnr: pl.Series, as_of: int,
) -> pl.DataFrame:  # fmt: skip
    """Schooling, literacy, work experience; a row stands where any of the three was asked."""
    everyone, year = np.arange(people.size), year_of(people.created)
    level = np.array([int(e) for e in people.education])
    high = (level >= model.HIGHER_FROM) * 0.6 - 0.15  # filled more where there is something to tell
    asked = {
        "schooling": fill.drawn("schooling", "background.schooling", everyone, year, high),
        "literacy": fill.drawn("literacy", "background.literacy", everyone, year),
        "work_experience": fill.drawn("work_experience", "background.work", everyone, year, high),
    }
    row = asked["schooling"] | asked["literacy"] | asked["work_experience"]
    generator = streams.of("background")
    school = (level * 2.4 + generator.integers(0, 3, people.size)).clip(0, 20).astype(np.int64)
    age = people.age_at(people.created)
    worked = (generator.random(people.size) * (age - 17).clip(0, 40)).astype(np.int64)
    zero = _practice(people, model.WRITES_ZERO)
    literate = np.where(level == 0, "3", np.where(level == 1, "2", "1")).astype(object)
    latin = pick(generator, model.LATIN, people.size)
    rows = {
        "person_id": people.person_id,
        "registered_on": dates(registered(streams, people, "background", as_of)),
        "school_years": _years(streams, people, "school_years", school, asked["schooling"], zero),
        "education_level": _coded(
            streams, people, "education_level", people.education, asked["schooling"], EDUCATION_UNKNOWN, zero
        ),
        "reads_mother_tongue": _coded(streams, people, "reads", literate, asked["literacy"], SKILL_UNKNOWN),
        "writes_mother_tongue": _coded(streams, people, "writes", literate, asked["literacy"], SKILL_UNKNOWN),
        "latin_alphabet": _coded(streams, people, "latin", latin, asked["literacy"], SKILL_UNKNOWN),
        "work_years": _years(streams, people, "work_years", worked, asked["work_experience"], zero),
        "occupation": _occupation(streams, people, asked["work_experience"] & row, planted, names, fnr),
        "information_source": strings(
            pick(generator, model.SOURCES, people.size),
            generator.random(people.size) < 0.6,
        ),
    }
    return declared(Background, rows).filter(pl.Series(row))


def _years(streams: Streams, people: People, column: str, value: Ints, asked: Mask, zero: Mask) -> pl.Series:
    unknown, blank = _unknown(streams, people, column, asked)
    written = np.where(unknown, np.where(zero, 0, UNKNOWN_YEARS), value)
    return pl.Series(written).set(pl.Series(blank), None)


def _coded(
    streams: Streams,
    people: People,
    column: str,
    value: Strings,
    asked: Mask,
    code: str,
    zero: Mask | None = None,
) -> pl.Series:
    unknown, blank = _unknown(streams, people, column, asked)
    said = np.where(unknown, code if zero is None else np.where(zero, "0", code), value)
    return strings(said.astype(object), ~blank)


def _occupation(
    streams: Streams,
    people: People,
    asked: Mask,
    planted: Planted,
    names: tuple[pl.Series, pl.Series],
    fnr: pl.Series,
) -> pl.Series:
    """An occupation, or by mistake the person's name or number in its place."""
    generator = streams.of("background/occupation")
    luck = generator.random(people.size)
    named = asked & (luck < planted.rates.person_in_occupation / 2)
    numbered = asked & ~named & (luck < planted.rates.person_in_occupation)
    planted.add("person_in_occupation", "background", people.person_id[named | numbered])
    usual = pl.Series(OCCUPATIONS).gather(pl.Series(generator.integers(0, len(OCCUPATIONS), people.size)))
    return pl.select(
        pl.when(pl.Series(named))
        .then(pl.format("{} {}", names[0], names[1]))
        .when(pl.Series(numbered))
        .then(pl.format("fnr {}", fnr))
        .when(pl.Series(asked))
        .then(usual)
    ).to_series()


def family_table(streams: Streams, people: People, fill: Fill, planted: Planted, as_of: int) -> pl.DataFrame:
    """Civil status, children, spouse; now and then a spouse does not point back."""
    everyone, year = np.arange(people.size), year_of(people.created)
    asked = fill.drawn("family", "family", everyone, year)
    generator = streams.of("family")
    adult = people.age_at(people.created) >= 18
    status = pick(generator, model.CIVIL_STATUSES, people.size)
    status = np.where(adult, status, "1").astype(object)
    spouse = _spouses(generator, people, adult & (status == model.MARRIED))
    wrong = (spouse > 0) & (generator.random(people.size) < planted.rates.spouse_mismatch)
    # Where the true spouse's record says nothing, nobody can see that two records disagree.
    wrong &= asked[np.where(spouse > 0, spouse - people.person_id[0], 0)]
    spouse = np.where(wrong, np.roll(people.person_id, 7), spouse)
    planted.add("spouse_mismatch", "family", people.person_id[wrong & asked])
    children = np.where(adult, generator.poisson(1.4, people.size), 0).clip(0, 12)
    return declared(
        Family,
        {
            "person_id": people.person_id,
            "registered_on": dates(registered(streams, people, "family", as_of)),
            "civil_status": _coded(streams, people, "civil_status", status, asked, CIVIL_UNKNOWN),
            "children_under_18": pl.Series(children).set(
                pl.Series(generator.random(people.size) > 0.95), None
            ),
            "spouse_id": pl.Series(spouse).set(pl.Series(spouse == 0), None),
            "children_abroad": pl.Series(generator.random(people.size) < 0.1).set(
                pl.Series((generator.random(people.size) > 0.4) | ~adult), None
            ),
        },
    ).filter(pl.Series(asked))


def _spouses(generator: np.random.Generator, people: People, married: Mask) -> Ints:
    """Married men and women of one country, paired at random; 0 where nobody was left to pair with."""
    spouse = np.zeros(people.size, dtype=np.int64)
    luck = generator.random(people.size)
    for country in sorted(set(people.country.tolist())):
        here = married & (people.country == country)
        men, women = (np.flatnonzero(here & sex) for sex in (people.male, ~people.male))
        men, women = men[np.argsort(luck[men])], women[np.argsort(luck[women])]
        pairs = min(men.size, women.size)
        spouse[men[:pairs]] = people.person_id[women[:pairs]]
        spouse[women[:pairs]] = people.person_id[men[:pairs]]
    return spouse


def health_table(streams: Streams, people: People, fill: Fill, as_of: int) -> pl.DataFrame:
    """Hardly ever registered, and more often where there is something: blank is not «nei»."""
    everyone, year = np.arange(people.size), year_of(people.created)
    generator = streams.of("health")
    ill = generator.random((3, people.size)) < np.array([[0.07], [0.12], [0.15]])
    heavy = np.where(ill.any(axis=0), 0.9, -0.6)  # the field's level stays
    asked = fill.drawn("health", "health", everyone, year, heavy)
    columns = {
        name: _coded(streams, people, name, np.where(ill[i], YES, NO).astype(object), asked, DONT_KNOW)
        for i, name in enumerate(("disability", "chronic_illness", "mental_illness"))
    }
    remark = pl.Series(np.where(generator.random(people.size) < 0.2, "Se legeerklæring i saken", "").tolist())
    return declared(
        Health,
        {
            "person_id": people.person_id,
            "registered_on": dates(registered(streams, people, "health", as_of)),
            **columns,
            "remark": remark.set(remark == "", None),
        },
    ).filter(pl.Series(asked))


def economy_table(streams: Streams, people: People, fill: Fill, as_of: int) -> pl.DataFrame:
    """One to three months of economy for the few where anybody wrote it down."""
    everyone, year = np.arange(people.size), year_of(people.created)
    generator = streams.of("economy")
    has = np.flatnonzero(fill.drawn("economy", "economy", everyone, year))
    count = generator.integers(1, 4, has.size)
    person = np.repeat(has, count)
    turn = np.arange(person.size) - np.repeat(np.cumsum(count) - count, count)
    month = (
        (people.created[person].astype("datetime64[D]").astype("datetime64[M]") + turn + 1)
        .astype("datetime64[D]")
        .astype(np.int64)
    )
    amounts = {
        "income_kr": generator.integers(8_000, 30_000, person.size),
        "expense_kr": generator.integers(6_000, 26_000, person.size),
        "rent_kr": generator.integers(3_000, 14_000, person.size),
        "debt_kr": generator.integers(0, 200_000, person.size),
    }
    filled = {
        name: pl.Series(value // 10 * 10).set(pl.Series(generator.random(person.size) > 0.9), None)
        for name, value in amounts.items()
    }
    rows = {"person_id": people.person_id[person], "month": dates(month), **filled}
    return declared(Economy, pl.DataFrame(rows).filter(pl.Series(month < as_of)))


def housing_table(streams: Streams, people: People, fill: Fill, as_of: int) -> pl.DataFrame:
    """The first dwelling, for some."""
    everyone, year = np.arange(people.size), year_of(people.created)
    generator = streams.of("housing")
    asked = fill.drawn("housing", "housing", everyone, year)
    kind = pick(generator, model.HOUSING, people.size)
    rooms = pl.Series(generator.integers(1, 6, people.size))
    start = np.minimum(np.maximum(people.settled, day(model.WORLD_BEGINS) - 900), as_of - 1)
    return declared(
        Housing,
        {
            "person_id": people.person_id,
            "valid_from": dates(start),
            "housing_type": strings(kind, generator.random(people.size) < 0.95),
            "rooms": rooms.set(pl.Series(generator.random(people.size) > 0.7), None),
            "occupants": pl.Series(generator.integers(1, 9, people.size)).set(
                pl.Series(generator.random(people.size) > 0.65), None
            ),
        },
    ).filter(pl.Series(asked))
