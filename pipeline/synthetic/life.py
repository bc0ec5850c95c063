"""What became of the persons beside work: school places, benefits, social assistance, leave after birth.

All of it is decided year by year by rank within exit year and part in the programme, given whether the
person works in November: so that each exit cohort has the calibrated shares (facts §3.2), and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from pipeline.synthetic import model
from pipeline.synthetic.people import People
from pipeline.synthetic.programmes import Programmes, Work, rank_within, reference_day
from pipeline.synthetic.streams import NEVER, Floats, Ints, Mask, Streams, Strings, year_of, year_start

NOVEMBER = 10  # counted from January as 0
AUGUST_15, JUNE_10 = 226, 160  # days after New Year
ADULT = (18, 66)

# Share with a school place of those in work and of those not, by years from the exit (F: §3.2 at 1 and 5).
STUDIES_AND_WORKS = ((-2, 0.02), (-1, 0.03), (0, 0.15), (1, 0.295), (3, 0.20), (5, 0.12), (10, 0.05))
STUDIES_ONLY = ((-2, 0.03), (-1, 0.04), (0, 0.30), (1, 0.304), (3, 0.30), (5, 0.285), (10, 0.08))
OTHERS_STUDY = 0.08
UNEMPLOYED = ((-2, 0.02), (-1, 0.05), (0, 0.24), (1, 0.256), (3, 0.20), (5, 0.17), (10, 0.12))
OTHERS_UNEMPLOYED = 0.06
COMPULSORY = 0.10  # of adults with little schooling, around the programme
COMPULSORY_CHILDREN = 0.25
COMPULSORY_AGES = (6, 15)
LITTLE_SCHOOLING = ("0", "1")
ASSISTED = {"in_programme": 0.30, "nothing": 0.35, "studies": 0.12, "works": 0.05, "others": 0.08}

WORK_CODES, EDUCATION_CODES = tuple(model.WORK_EXITS), tuple(model.EDUCATION_EXITS)
COMPULSORY_CODE, MEASURE_CODE, UNEMPLOYED_CODE = "10", "20", "21"
ASSISTANCE_CODE, AAP_CODE, DISABILITY_CODE, CARE_CODE = "31", "40", "41", "51"
assert {COMPULSORY_CODE, MEASURE_CODE, UNEMPLOYED_CODE, ASSISTANCE_CODE, AAP_CODE, DISABILITY_CODE,
        CARE_CODE} <= set(model.OTHER_EXITS)  # fmt: skip


@dataclass(frozen=True)
class Years:
    """Each person's state in November of each year: persons down, years across."""

    first: int
    works: Mask
    studies: Mask  # ordinary education
    compulsory: Mask
    unemployed: Mask
    assisted: Mask
    present: Mask  # adult and resident
    since_exit: Ints  # years from the year of the last exit

    @property
    def years(self) -> range:
        """The years, in order."""
        return range(self.first, self.first + self.works.shape[1])


@dataclass
class _Drawn:
    """The columns as they are drawn."""

    columns: dict[str, list[Mask]] = field(default_factory=dict)

    def add(self, **year: Mask) -> None:
        for name, column in year.items():
            self.columns.setdefault(name, []).append(column)

    def matrix(self, name: str) -> Mask:
        return np.stack(self.columns[name], axis=1)


def exit_codes(people: People, programmes: Programmes) -> tuple[Strings, Ints]:
    """Each person's last reason of exit ("" where there is none) and the day of that exit."""
    code = np.full(people.size, "", dtype=object)
    end = np.full(people.size, NEVER, dtype=np.int64)
    order = np.argsort(programmes.start, kind="stable")
    code[programmes.person[order]] = programmes.exit_code[order]
    end[programmes.person[order]] = programmes.end[order]
    return code, end


def years_of_life(streams: Streams, people: People, programmes: Programmes, work: Work, as_of: int) -> Years:
    """The states of every November the world has behind it."""
    participant = np.isin(np.arange(people.size), programmes.person)
    code, _ = exit_codes(people, programmes)
    exit_year = year_of(reference_day(people, programmes))
    group = exit_year * 2 + participant
    own = {n: streams.of(f"life/{n}").normal(size=people.size) for n in ("study", "jobless", "assisted")}
    pupil = streams.of("life/compulsory").random(people.size)
    drawn, years_since = _Drawn(), []
    first = model.WORLD_BEGINS.year
    last = int(year_of(np.array([as_of]))[0]) - 1
    for year in range(first, last + 1):
        luck = streams.of(f"life/{year}").normal(size=(3, people.size))
        since = np.where(exit_year < 3000, year - exit_year, -9)
        at = int(year_start(np.array([year]))[0])
        here = (people.settled + 30 <= at + 270) & (people.leaves > at + 334)
        age = people.age_at(np.full(people.size, at + 300))
        adult = here & (age >= ADULT[0]) & (age <= ADULT[1])
        works = work.in_work[:, (year - 1970) * 12 + NOVEMBER - work.first_month]
        young = own["study"] - 0.5 * luck[0] + 0.05 * (age - 30)
        chosen = np.where((since >= 0) & (since <= 1) & np.isin(code, EDUCATION_CODES), young - 6, young)
        share = _share(since, participant, np.where(works, 1, 0))
        studies = adult & (rank_within(group * 2 + works, np.where(adult, chosen, 99)) < share)
        studies |= adult & (since == 0) & np.isin(code, EDUCATION_CODES)
        idle = adult & ~works & ~studies
        wants = own["jobless"] + 0.7 * luck[1]
        wants = np.where((since == 0) & np.isin(code, (MEASURE_CODE, UNEMPLOYED_CODE)), wants - 9, wants)
        share = np.where(participant, _line(since, UNEMPLOYED), OTHERS_UNEMPLOYED)
        unemployed = idle & (rank_within(group * 2 + idle, wants) < share)
        drawn.add(
            works=works,
            studies=studies,
            compulsory=_compulsory(people, here & ~studies, age, since, code, pupil),
            unemployed=unemployed,
            assisted=adult & _assisted(code, participant, since, works, studies, own, luck[2]),
            present=adult,
        )
        years_since.append(since)
    return Years(
        first=first,
        works=drawn.matrix("works"),
        studies=drawn.matrix("studies"),
        compulsory=drawn.matrix("compulsory"),
        unemployed=drawn.matrix("unemployed"),
        assisted=drawn.matrix("assisted"),
        present=drawn.matrix("present"),
        since_exit=np.stack(years_since, axis=1),
    )


def _line(since: Ints, knots: tuple[tuple[float, float], ...]) -> Floats:
    return np.interp(since, [k for k, _ in knots], [v for _, v in knots])


def _share(since: Ints, participant: Mask, works: Ints) -> Floats:
    taking_part = np.where(works == 1, _line(since, STUDIES_AND_WORKS), _line(since, STUDIES_ONLY))
    return np.where(participant, taking_part, OTHERS_STUDY)


def _compulsory(
    people: People, free: Mask, age: Ints, since: Ints, code: Strings, luck: Floats
) -> Mask:  # fmt: skip
    """Children of school age, some of them; adults with little schooling around the programme."""
    child = (age >= COMPULSORY_AGES[0]) & (age <= COMPULSORY_AGES[1]) & (luck < COMPULSORY_CHILDREN)
    little = np.isin(people.education.astype(str), LITTLE_SCHOOLING) & (age >= ADULT[0]) & (age <= 40)
    adult = little & (since >= -2) & (since <= 1) & (luck < COMPULSORY)
    told = (code == COMPULSORY_CODE) & (since >= 0) & (since <= 1)
    return np.asarray(free & (child | adult | told))


def _assisted(
    code: Strings,
    participant: Mask,
    since: Ints,
    works: Mask,
    studies: Mask,
    own: Mapping[str, Floats],
    luck: Floats,
) -> Mask:
    """Whether the person had social assistance in the year: mostly who neither works nor studies."""
    share = np.where(works, ASSISTED["works"], np.where(studies, ASSISTED["studies"], ASSISTED["nothing"]))
    share = np.where(since < 0, ASSISTED["in_programme"], share)
    share = np.where(participant, share, ASSISTED["others"])
    told = (code == ASSISTANCE_CODE) & (since == 0)
    need = (own["assisted"] + 0.6 * luck) / np.sqrt(1.36)
    return np.asarray(told | (_normal(need) < share))


def _normal(value: Floats) -> Floats:
    """The distribution function of the standard normal, by its logistic approximation (error < 0.01)."""
    return np.asarray(1 / (1 + np.exp(-1.702 * value)))
