"""The case system's programmes, activities and absence, with what goes wrong with them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.synthetic import model
from pipeline.synthetic.calibration import counted_programmes, flags
from pipeline.synthetic.case_tables import Cases, adviser_number
from pipeline.synthetic.fill import Fill, Planted, declared, strings
from pipeline.synthetic.identifiers import organisation_numbers
from pipeline.synthetic.people import People, advisers_per_bydel, permit_days
from pipeline.synthetic.programmes import Programmes
from pipeline.synthetic.streams import NEVER, Ints, Mask, Streams, Strings, dates, pick, year_of
from schemas import codes
from schemas.case_system.programme import Absence, Activity, Programme

ONGOING, ON_LEAVE, COMPLETED, ABSENT, LEFT_TOWN, LEFT_BYDEL, AFTER_BREAK = codes.PROGRAMME_STATUS.values()
ACT_2003, ACT_2021 = codes.LAW.values()
ENTITLED, MAY = codes.ENTITLEMENT.values()
CENTURY = 36_525
FIRST_PROGRAMME_NUMBER = 500_001


@dataclass(frozen=True)
class Rows:
    """Programme rows before they are written down: a move makes two of one programme."""

    programme: Ints  # position in Programmes
    start: Ints
    end: Ints
    status: Strings
    last: Mask  # carries the result
    moved_in: Mask  # belongs to the second case
    overlap: Mask  # entered twice by mistake

    @property
    def number(self) -> Ints:
        """The case system's number of each row."""
        return np.arange(self.programme.size) + FIRST_PROGRAMME_NUMBER


def programme_rows(
    streams: Streams, programmes: Programmes, cases: Cases, planted: Planted, as_of: int
) -> Rows:
    """The programmes as rows: whole, split by a move, or overlapping by mistake; ordered by start."""
    generator = streams.of("programme/rows")
    size = programmes.size
    everything = np.arange(size)
    moved = cases.moved[programmes.person]
    split = (moved > programmes.start + 30) & (moved < np.minimum(programmes.end, NEVER - 1000) - 30)
    twice = ~split & (generator.random(size) < planted.rates.overlapping_programme)
    status = _status(generator, programmes)
    latest = np.minimum(programmes.end, as_of) - 1
    shifted = np.minimum(programmes.start + generator.integers(20, 120, size), latest)
    after = np.concatenate([everything, everything[split], everything[twice]])
    start = np.concatenate([programmes.start, moved[split] + 1, shifted[twice]])
    end = np.concatenate(
        [np.where(split, moved, programmes.end), programmes.end[split], programmes.end[twice]]
    )
    n_split, n_twice = int(split.sum()), int(twice.sum())
    rows = Rows(
        programme=after,
        start=start,
        end=end,
        status=np.concatenate([np.where(split, LEFT_BYDEL, status), status[split], status[twice]]).astype(
            object
        ),
        last=np.concatenate([~split, np.ones(n_split, dtype=bool), np.zeros(n_twice, dtype=bool)]),
        moved_in=np.concatenate(
            [moved < programmes.start, np.ones(n_split, dtype=bool), np.zeros(n_twice, dtype=bool)]
        ),
        overlap=np.concatenate([np.zeros(size + n_split, dtype=bool), np.ones(n_twice, dtype=bool)]),
    )
    order = np.lexsort((rows.overlap, rows.programme, rows.start))
    return Rows(**{name: column[order] for name, column in rows.__dict__.items()})


def _status(generator: np.random.Generator, programmes: Programmes) -> Strings:
    luck = generator.random(programmes.size)
    ended = np.where(luck < 0.06, AFTER_BREAK, COMPLETED)
    ended = np.where(programmes.exit_code == model.MOVED_AWAY, LEFT_TOWN, ended)
    ended = np.where(programmes.exit_code == model.STAYED_AWAY, ABSENT, ended)
    running = np.where(luck < 0.08, ON_LEAVE, ONGOING)
    return np.asarray(np.where(programmes.end < NEVER, ended, running), dtype=object)


def programme_table(
    streams: Streams, people: People, programmes: Programmes, rows: Rows, cases: Cases, fill: Fill,
    planted: Planted, results: pl.DataFrame, as_of: int,
) -> pl.DataFrame:  # fmt: skip
    """The programme table; what is planted in its dates never moves the totals at the cut."""
    generator = streams.of("programme")
    person = programmes.person[rows.programme]
    year, size = year_of(rows.start), person.size
    bydel = np.where(rows.moved_in, cases.new_bydel[person], people.bydel[person]).astype(object)
    own_case = cases.first_case.gather(pl.Series(person))
    case = pl.select(
        pl.when(pl.Series(rows.overlap & cases.duplicate[person]))
        .then(cases.duplicate_case.gather(pl.Series(person)))
        .when(pl.Series(rows.moved_in))
        .then(pl.coalesce(cases.second_case.gather(pl.Series(person)), own_case))
        .otherwise(own_case)
    ).to_series()
    luck = generator.random((4, size))
    length = rows.end - rows.start
    decided = rows.start - generator.integers(0, 45, size)

    act = law_of(permit_days(streams, people)[1][person])

    def filled(column: str, field: str = "programme") -> Mask:
        return fill.drawn(field, f"programme.{column}", person, year)

    clean = pl.DataFrame(
        {
            "programme_id": rows.number,
            "person_id": people.person_id[person],
            "case_id": case.set(~pl.Series(filled("case", "demanded")), None),
            "law": strings(act, filled("law")),
            "entitlement": strings(
                np.where(luck[0] < 0.9, ENTITLED, MAY).astype(object), filled("entitlement")
            ),
            "decided_on": dates(decided),
            "started_on": dates(rows.start),
            "planned_end_on": dates(programmes.planned[rows.programme], filled("planned")),
            "ended_on": dates(rows.end),
            "extended_third_year": pl.Series((length > 800) & (rows.end < NEVER)).set(
                ~pl.Series(filled("third")), None
            ),
            "programme_status": strings(rows.status, filled("status")),
            "adviser_id": adviser_number(bydel, _adviser(people, person, bydel)).set(
                pl.Series(luck[1] > 0.9), None
            ),
            "programme_goal": strings(
                pick(generator, model.GOALS, size), filled("goal", "goal") & (act == ACT_2021)
            ),
        }
    )
    dirty = _dirty_dates(streams, clean, rows, filled, planted, as_of)
    kept, touched = _keep_totals(clean, dirty, results)
    planted.add("impossible_date", "programme", rows.number[touched & _impossible(streams, size, planted)])
    planted.add("overlapping_programme", "programme", rows.number[rows.overlap])
    planted.add("programme_split_by_move", "programme", rows.number[rows.status == LEFT_BYDEL])
    # By the rules of the act of 2003; what a move split is too long where it ended.
    too_long = _three_years(rows) & (act == ACT_2003) & rows.last
    planted.add("longer_than_three_years", "programme", rows.number[too_long])
    return declared(Programme, kept)


def law_of(decided_on: Ints) -> Strings:
    """The act a programme is under, by the day the permit was decided: not by the day it began."""
    under_2021 = year_of(decided_on) >= model.FIRST_YEAR_2021_ACT
    return np.asarray(np.where(under_2021, ACT_2021, ACT_2003), dtype=object)


def _adviser(people: People, person: Ints, bydel: Strings) -> Ints:
    """The person's adviser, or after a move the one with the same turn in the new bydel."""
    counts = advisers_per_bydel(people.at_cut)
    return np.asarray(people.adviser[person] % np.array([counts[b] for b in bydel]))


def _three_years(rows: Rows) -> Mask:
    """Programmes that ran for more than three years."""
    return np.asarray((rows.end < NEVER) & (rows.end - rows.start > 3 * 366))


def _impossible(streams: Streams, size: int, planted: Planted) -> Mask:
    luck = streams.of("programme/impossible").random(size)
    return np.asarray(luck < planted.rates.impossible_date)


def _dirty_dates(
    streams: Streams,
    clean: pl.DataFrame,
    rows: Rows,
    filled: Callable[[str], Mask],
    planted: Planted,
    as_of: int,
) -> pl.DataFrame:
    """Blank dates by the fill model, and impossible ones: reversed, in the future, 2102, 0012."""
    size = rows.start.size
    generator = streams.of("programme/kind of impossible")
    impossible = _impossible(streams, size, planted)
    kind = generator.integers(0, 4, size)
    gap = generator.integers(10, 300, size)
    end = np.where(impossible & (kind == 0), rows.start - gap, rows.end)
    end = np.where(impossible & (kind == 1), as_of + gap, end)
    end = np.where(impossible & (kind == 2) & (rows.end < NEVER), rows.end + CENTURY, end)
    year = year_of(rows.start)
    back = (year - year % 100) * 365.2425
    start = np.where(impossible & (kind == 3), rows.start - back.astype(np.int64), rows.start)
    has_start, has_decision, has_end = filled("started_on"), filled("decided_on"), filled("ended_on")
    # Programmes overlap, and are too long, by their dates: without these there would be nothing wrong.
    kept = impossible | np.isin(rows.programme, rows.programme[rows.overlap]) | _three_years(rows)
    return clean.with_columns(
        started_on=dates(start, has_start | kept),
        ended_on=dates(end, has_end | kept),
        decided_on=dates(day_or_never(clean["decided_on"]), has_decision),
    )


def day_or_never(column: pl.Series) -> Ints:
    """Dates as days; NEVER where empty."""
    return np.asarray(column.cast(pl.Int32).fill_null(NEVER).to_numpy().astype(np.int64))


def _keep_totals(
    clean: pl.DataFrame, dirty: pl.DataFrame, results: pl.DataFrame
) -> tuple[pl.DataFrame, Mask]:
    """The dirty rows where they are counted as the clean ones are, else the clean rows' dates."""
    truly = clean.select("programme_id", "person_id", start="started_on", end="ended_on")
    before = flags(truly, model.CUT, model.LAST_YEAR)
    after = flags(counted_programmes(dirty, results), model.CUT, model.LAST_YEAR)
    same = (before["participant"] == after["participant"]) & (before["active"] == after["active"])
    kept = dirty.with_columns(
        pl.when(same).then(pl.col(name)).otherwise(clean[name]).alias(name)
        for name in ("started_on", "ended_on", "decided_on", "planned_end_on")
    )
    return kept, same.to_numpy()


def activity_table(
    streams: Streams,
    people: People,
    programmes: Programmes,
    rows: Rows,
    fill: Fill,
    planted: Planted,
    as_of: int,
) -> pl.DataFrame:
    """Activities of the programmes that have any, with the codes three bydeler made for themselves."""
    generator = streams.of("activity")
    base = programmes.person[rows.programme]
    has = np.flatnonzero(fill.drawn("activity", "activity", base, year_of(rows.start)))
    row = np.repeat(has, generator.integers(1, 6, has.size))
    size = row.size
    other = streams.of("activity/other version").random((2, size))
    until = np.minimum(rows.end[row], as_of)
    start = rows.start[row] + (generator.random(size) * 0.7 * (until - rows.start[row])).astype(np.int64)
    end = np.minimum(start + generator.integers(20, 300, size), until)
    person = base[row]
    bydel = people.bydel[person]
    own = np.array([model.OWN_ACTIVITY_CODES.get(b, "") for b in bydel], dtype=object)
    local = (own != "") & (generator.random(size) < model.OWN_ACTIVITY_SHARE)
    kind = pick(generator, model.ACTIVITIES, size)
    orphan = generator.random(size) < planted.rates.activity_without_programme
    employers = organisation_numbers(streams.of("activity/organisers"), 200)
    chosen = employers.gather(pl.Series(generator.integers(0, 200, size)))
    year = year_of(start)
    changing = np.isin(year, model.YEARS_CODES_CHANGED)
    mixed = ~local & changing & (other[0] < planted.rates.mixed_activity_codes)
    ten = np.array(model.ACTIVITY_CODES_OF_KOSTRA, dtype=object)
    kind = np.where(mixed, ten[(other[1] * ten.size).astype(np.int64)], kind)
    number = np.arange(size) + 1
    planted.add("mixed_activity_codes", "activity", number[mixed])
    planted.add("own_activity_code", "activity", number[local])
    planted.add("activity_without_programme", "activity", number[orphan])
    return declared(
        Activity,
        {
            "activity_id": number,
            "programme_id": np.where(orphan, 9_000_000 + number, rows.number[row]),
            "activity": strings(
                np.where(local, own, kind).astype(object), mixed | (generator.random(size) < 0.97)
            ),
            "started_on": dates(start, generator.random(size) < 0.97),
            "ended_on": dates(end, (generator.random(size) < 0.85) & (end < as_of)),
            "hours_per_week": pl.Series(generator.integers(8, 75, size) / 2).set(
                pl.Series(generator.random(size) > 0.7), None
            ),
            "organiser_id": chosen.set(
                ~pl.Series(fill.drawn("organiser", "activity.organiser", person, year)), None
            ),
        },
    )


def absence_table(
    streams: Streams, programmes: Programmes, rows: Rows, fill: Fill, as_of: int
) -> pl.DataFrame:
    """Absence of the programmes where any is registered; no two begin on the same day."""
    generator = streams.of("absence")
    base = programmes.person[rows.programme]
    has = np.flatnonzero(fill.drawn("absence", "absence", base, year_of(rows.start)))
    row = np.repeat(has, generator.integers(1, 5, has.size))
    size = row.size
    until = np.minimum(rows.end[row], as_of)
    start = rows.start[row] + (generator.random(size) * (until - rows.start[row])).astype(np.int64)
    cause = pick(generator, model.ABSENCES, size)
    birth = cause == model.CARE_LEAVE
    days = np.where(birth, generator.integers(20, 300, size), generator.integers(1, 15, size))
    without_reason = cause == model.NO_REASON
    there = generator.random((3, size)) < 0.95
    rows_of_absence = declared(
        Absence,
        {
            "programme_id": rows.number[row],
            "started_on": dates(start),
            "ended_on": dates(start + days - 1, there[0]),
            "absence_cause": strings(cause, there[1]),
            "days": pl.Series(days).set(~pl.Series(there[2]), None),
            "deduction_kr": np.where(without_reason, days * 700, 0),
        },
    )
    once = rows_of_absence.unique(["programme_id", "started_on"], keep="first", maintain_order=True)
    return once.sort("programme_id", "started_on")
