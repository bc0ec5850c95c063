"""Who is whom, and what became of them, held against the truth behind invented worlds.

The truth is read from the world's own folder, which no part of the pipeline opens. What could be found out
is worked out here without the resolver: a record and a number belong together where a path of rows leads
from one to the other, each naming a true number of one true person.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.identity.keys import create_master
from pipeline.linkage.outcomes import WINDOWS, Among, Reading
from pipeline.synthetic import synthesise
from schemas import REGISTERS, codes
from schemas.variable import table_name
from tests.integration.conftest import PERSONS, House

pytestmark = pytest.mark.slow

WORLDS = [(seed, errors) for seed in (2006, 7, 41) for errors in (1.0, 2.0)]
Pair = tuple[object, object]


@dataclass
class Solved:
    """A night on an invented world, and that world's truth."""

    house: House

    def truth(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.house.data / "world" / "truth" / f"{name}.parquet")

    def stored(self, zone: str, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.house.data / zone / f"{name}.parquet", hive_partitioning=False)

    @cached_property
    def true_person(self) -> dict[int, int]:
        """Record -> person: a second record is the first's."""
        once = {pid: pid for pid in self.truth("person")["person_id"]}
        return once | dict(self.truth("registered_twice").select("second_person_id", "person_id").rows())

    @cached_property
    def owner(self) -> dict[str, int]:
        """Number -> whose it is."""
        return dict(self.truth("number").select("identifier", "person_id").rows())

    @cached_property
    def key_of_record(self) -> dict[int, int]:
        ledger = self.stored("restricted", "ledger").filter(entity="person")
        return {int(source): key for source, key in ledger.select("source_key", "key").rows()}

    @cached_property
    def key_of_number(self) -> dict[str, int]:
        spine = self.stored("restricted", "spine").filter(status="linked")
        return {
            number: self.key_of_record[pid] for number, pid in spine.select("identifier", "person_id").rows()
        }

    @cached_property
    def delivered(self) -> set[str]:
        """Every number that a register names somebody by."""
        found: set[str] = set()
        for table in REGISTERS:
            folder = self.house.data / "restricted" / "passed" / table_name(table)
            for path in sorted(folder.glob("*.parquet")):
                if "person_identifier" in pl.read_parquet_schema(path):
                    found |= set(pl.read_parquet(path, columns=["person_identifier"])["person_identifier"])
        return {plain(number) for number in found if number}


def plain(written: str) -> str:
    """The digits as they were before somebody wrote them with a space, a hyphen or without the first zero."""
    digits = "".join(c for c in written if c not in " -\u00a0.")
    return digits.zfill(11) if digits.isascii() and digits.isdigit() and len(digits) == 10 else digits


@pytest.fixture(scope="module", params=WORLDS, ids=[f"seed {s}, errors x {e:g}" for s, e in WORLDS])
def solved(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, small_request: Path
) -> Iterator[Solved]:
    seed, errors = request.param
    house = House(tmp_path_factory.mktemp("truth") / "data", {"UTTREKK_REQUESTS": str(small_request)})
    synthesise(house.data / "world", persons=PERSONS, seed=seed, errors=errors)
    for path in (house.data / "world" / "deliveries").glob("ameld_*"):
        if "_m11." not in path.name:
            path.unlink()
    create_master(house.data / "keys", demo=True)
    done = house.uttrekk("run")
    assert done.returncode == 0, done.stdout + done.stderr
    yield Solved(house)
    shutil.rmtree(house.data)


# --- who is whom ---------------------------------------------------------------------------------------


def records_of(solved: Solved) -> dict[int, list[int]]:
    found = defaultdict(list)
    for record, person in solved.true_person.items():
        found[person].append(record)
    return found


def true_pairs(solved: Solved) -> set[Pair]:
    """Record and delivered number, or two records, of one person."""
    records = records_of(solved)
    known = {n: solved.owner[n] for n in solved.delivered if n in solved.owner}
    pairs: set[Pair] = {(record, n) for n, person in known.items() for record in records[person]}
    return pairs | {(min(r), max(r)) for r in records.values() if len(r) == 2}


def resolved_pairs(solved: Solved) -> set[Pair]:
    by_key = defaultdict(list)
    for record, key in solved.key_of_record.items():
        by_key[key].append(record)
    pairs: set[Pair] = set()
    for number in solved.delivered & set(solved.key_of_number):
        pairs |= {(record, number) for record in by_key[solved.key_of_number[number]]}
    for records in by_key.values():
        pairs |= {(a, b) for a in records for b in records if a < b}
    return pairs


def evidence(solved: Solved) -> dict[object, set[object]]:
    """The graph of true rows: a record with its own numbers, a number with its successor."""
    graph: dict[object, set[object]] = defaultdict(set)
    with duckdb.connect(str(solved.house.data / "world" / "case_system.duckdb"), read_only=True) as source:
        rows = source.execute("select pid, verdi from ident where verdi is not null").fetchall()
    for record, written in rows:
        number = plain(written)
        if number in solved.owner and solved.owner[number] == solved.true_person[record]:
            graph[record].add(number)
            graph[number].add(record)
    for old, new in solved.truth("identifier_link").select("identifier", "replaced_by").rows():
        graph[old].add(new)
        graph[new].add(old)
    return graph


def reached(graph: dict[object, set[object]], start: object) -> set[object]:
    seen, waiting = {start}, [start]
    while waiting:
        for node in graph[waiting.pop()] - seen:
            seen.add(node)
            waiting.append(node)
    return seen


def usable_pairs(solved: Solved) -> set[Pair]:
    """True pairs that the rows lead to, without those whose number or record stands in a planted mix-up."""
    graph = evidence(solved)
    conflict = solved.truth("conflict")
    mixed = {*conflict["identifier"], *conflict["person_id"]}
    return {
        (a, b) for a, b in true_pairs(solved) if b in reached(graph, a) and a not in mixed and b not in mixed
    }


def test_nobody_is_taken_for_another(solved: Solved) -> None:
    wrong = resolved_pairs(solved) - true_pairs(solved)
    assert not wrong, f"{len(wrong)} pairs"


def test_who_could_be_found_is_found(solved: Solved) -> None:
    usable = usable_pairs(solved)
    found = resolved_pairs(solved) & usable

    assert len(usable) > PERSONS
    assert len(found) / len(usable) >= 0.995, f"{len(found)} of {len(usable)}"


def test_persons_registered_twice_are_one(solved: Solved) -> None:
    twice = [pair for pair in usable_pairs(solved) if isinstance(pair[1], int)]
    assert twice
    assert {solved.key_of_record[a] == solved.key_of_record[b] for a, b in twice} == {True}


def test_every_planted_mix_up_is_on_the_review_list(solved: Solved) -> None:
    listed = set(solved.stored("restricted", "review").select("person_id", "identifier").rows())
    planted = set(solved.truth("conflict").select("person_id", "identifier").rows())

    assert planted
    assert not planted - listed


# --- what became of them -------------------------------------------------------------------------------


@dataclass
class Lives:
    """What is true of each person in each month."""

    flags: dict[tuple[int, date], set[str]]
    left: dict[int, tuple[date, str]]

    @classmethod
    def of(cls, solved: Solved) -> Lives:
        flags: dict[tuple[int, date], set[str]] = defaultdict(set)
        stage, group = codes.EDUCATION_LEVEL.parents(), codes.BENEFIT.parents()
        end_of_time = date(2030, 12, 31)
        for person, first, last in solved.truth("work").rows():
            add(flags, person, first, last, "work")
        for row in solved.truth("education").rows(named=True):
            level = stage[row["nus2000"][0]]
            word = {"L": "compulsory", "M": "education", "H": "education"}.get(level)
            if word:
                add(flags, row["person_id"], row["started_on"], row["ended_on"] or end_of_time, word)
        for row in solved.truth("benefit").rows(named=True):
            add(
                flags,
                row["person_id"],
                row["started_on"],
                row["ended_on"] or end_of_time,
                group[row["benefit"]],
            )
        for row in solved.truth("social_assistance").rows(named=True):
            add(flags, row["person_id"], row["first_month"], row["last_month"], "assistance")
        people = solved.truth("person").filter(pl.col("left_on").is_not_null())
        left = {
            p: (on, "dead" if died else "emigrated")
            for p, on, died in people.select("person_id", "left_on", "died").rows()
        }
        return cls(flags, left)

    def status(self, person: int, month: date, *, own: bool) -> str:
        """By Statistics Norway's priority, worked out here again."""
        said = self.flags.get((person, month), set())
        working = "work" in said
        studying = "education" in said and not (own and "assistance" in said)
        if working:
            return "work_education" if studying else "work"
        if studying:
            return "education"
        if UNEMPLOYED in said:
            return "unemployed_measure"
        return "other" if said else "unknown"


class NumbersInUse(dict[tuple[int, date], set[str]]):
    """The D-numbers and fødselsnummer a person truly had in a month, on any day of it."""

    def __init__(self, solved: Solved) -> None:
        self.rows = defaultdict(list)
        for row in solved.truth("number").filter(pl.col("identifier_type") != "DUF").rows(named=True):
            self.rows[row["person_id"]].append(row)

    def __missing__(self, asked: tuple[int, date]) -> set[str]:
        person, month = asked
        after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        return {
            row["identifier"]
            for row in self.rows[person]
            if row["valid_from"] < after and (row["valid_to"] is None or row["valid_to"] >= month)
        }


UNEMPLOYED = codes.BENEFIT.parents()["DAG"]


def add(flags: dict[tuple[int, date], set[str]], person: int, first: date, last: date, word: str) -> None:
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        flags[person, date(year, month, 1)].add(word)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def person_of_key(solved: Solved) -> dict[int, int]:
    return {key: solved.true_person[record] for record, key in solved.key_of_record.items()}


def test_every_outcome_of_a_linked_person_is_the_true_one(solved: Solved) -> None:
    lives, persons = Lives.of(solved), person_of_key(solved)
    by_month = {w.id: w for w in WINDOWS if w.reading is not Reading.REASON}
    wrong, right, unlinked = defaultdict(int), 0, 0
    in_use, linked = NumbersInUse(solved), set(solved.key_of_number)
    for row in solved.stored("linked", "outcome").rows(named=True):
        if row["censoring"] != "observed" or row["outcome"] not in by_month:
            continue
        person, month = persons[row["person_key"]], row["due_on"].replace(day=1)
        if not in_use[person, month] <= linked:
            unlinked += 1  # registers used a number then that nothing leads to: such rows are counted apart
            continue
        gone_on, how = lives.left.get(person, (None, ""))
        gone = gone_on is not None and gone_on <= row["due_on"]
        expected = lives.status(person, month, own=row["outcome"].endswith("_own"))
        if gone:
            expected = how if by_month[row["outcome"]].among is Among.ALL else "not observed"
        if row["status"] == expected:
            right += 1
        else:
            wrong[row["outcome"], expected, row["status"]] += 1
    assert right > 100
    assert not wrong, f"{dict(wrong)} beside {right}"
    assert unlinked / (right + unlinked) < 0.02


# What the result of the programme is called in y0: by hand, from Statistics Norway's groups.
STATUS_OF_RESULT = {"A": "work", "U": "education", "N": "not_registered"}


def test_the_status_at_exit_is_the_true_one(solved: Solved) -> None:
    persons, result = person_of_key(solved), codes.NIR_EXIT.parents()
    true = defaultdict(set)  # of two programmes that truly ended on one day either may be told
    for row in solved.truth("exit").drop_nulls(["ended_on", "nir_exit"]).rows(named=True):
        status = STATUS_OF_RESULT.get(result[row["nir_exit"]], "other")
        true[row["person_id"], row["ended_on"]].add(status)
    cohort = solved.stored("linked", "exit_cohort").select("person_key", "ended_on")
    at_exit = solved.stored("linked", "outcome").filter(outcome="y0", censoring="observed")
    rows = at_exit.join(cohort, on="person_key").select("person_key", "ended_on", "status").rows()
    told = [(true[persons[k], day], s) for k, day, s in rows if (persons[k], day) in true]
    known = [(expected, status) for expected, status in told if status != "not_registered"]

    assert len(known) > 100
    assert [pair for pair in known if pair[1] not in pair[0]] == []
    assert len(known) > 0.8 * sum(expected != {"not_registered"} for expected, _ in told)


def test_everybody_else_is_counted(solved: Solved) -> None:
    cohort, outcome = solved.stored("linked", "exit_cohort"), solved.stored("linked", "outcome")
    summary, excluded = (solved.stored("linked", name) for name in ("outcome_summary", "cohort_exclusion"))

    everybody = solved.stored("linked", "programme_spell")["person_key"].unique().sort().to_list()
    assert sorted([*cohort["person_key"], *excluded["person_key"]]) == everybody
    assert set(excluded["exclusion"]) <= set(codes.COHORT_EXCLUSION.values())
    assert outcome.height == cohort.height * len(WINDOWS)
    assert set(outcome["censoring"]) <= set(codes.CENSORING.values())
    assert (outcome["status"].is_null() == (outcome["censoring"] != "observed")).all()
    counted = summary.select(pl.sum_horizontal(pl.col(pl.Int64).exclude("exit_year", "numerator")))
    assert counted.to_series().sum() == outcome.height


def test_a_cohort_is_of_the_day_the_person_truly_left(solved: Solved) -> None:
    persons = person_of_key(solved)
    true = {
        (row["person_id"], row["ended_on"]): row["left_on"]
        for row in solved.truth("exit").filter(pl.col("ended_on").is_not_null()).rows(named=True)
    }
    # Of the others NIR cannot be asked, and NIR is who tells of leave.
    linkable = solved.stored("core", "linkable")
    cohort = solved.stored("linked", "exit_cohort").join(linkable, on="person_key", how="semi")
    rows = cohort.select("person_key", "ended_on", "left_on").rows()
    both = [(left, true[persons[k], ended]) for k, ended, left in rows if (persons[k], ended) in true]

    assert len(both) > 100
    assert [pair for pair in both if pair[0] != pair[1]] == []
    assert any(left != ended for _, ended, left in rows)  # somebody was on leave after a birth
