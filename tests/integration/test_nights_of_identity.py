"""Three nights on which persons turn out to be one, to be two, and to want no part in it.

Between the nights the case system and the population register's history change, as they do. What the house
promises of a person key is held against the ledger by hand, and the same nights on another data root have
to leave the same bytes.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml

from pipeline import night, tables
from pipeline.errors import SettingWrong
from pipeline.identity.keys import Keys, create_master, pseudonyms
from pipeline.identity.spine.ledger import current
from pipeline.identity.spine.ledger_file import WITNESS, ledger_facts
from pipeline.identity.withdrawals import WITHDRAWALS_FILE, WITHDRAWALS_HEADER
from pipeline.releases.verify import verify
from pipeline.summary import releases
from pipeline.synthetic import synthesise
from tests.factories import an_identifier
from tests.integration.conftest import House

pytestmark = pytest.mark.slow

NIGHTS = date(2025, 3, 1), date(2025, 3, 2), date(2025, 3, 3)
PERSONS = 250
REQUEST = "nights"
# The records that come to stand beside a person's first one.
SECOND, TWICE = 990_001, 990_002
NEW_NUMBER = an_identifier(380)
HISTORY = "FREG_identhistorikk_2024.csv"
NEEDED = ("FREG_identhistorikk", "BEFOLKNING_2024", "NIR_deltaker_2024")


@dataclass(frozen=True)
class Cast:
    """Record and fødselsnummer of three plain persons of the world."""

    linked: tuple[int, str]  # whose second record a link of the register brings, and takes away
    twice: tuple[int, str]  # registered twice, until the second record's number is marked invalid
    gone: tuple[int, str]  # who withdraws, and is then erased from the source


@dataclass(frozen=True)
class Night:
    """What stood after a night: the ledger, the key of each record, and the version that was published."""

    ledger: pl.DataFrame
    keys: dict[int, int]
    extract: pl.DataFrame
    crosswalk: list[tuple[str, str, str]]


def world(data: Path) -> Cast:
    """A small world before its first night, with a second record for two of its persons."""
    synthesise(data / "world", persons=PERSONS)
    for path in (data / "world" / "deliveries").iterdir():
        if not path.name.startswith(NEEDED):
            path.unlink()
    create_master(data / "keys", demo=True)
    truth = data / "world" / "truth"
    taken = pl.concat(
        [
            pl.read_parquet(truth / "conflict.parquet").select(pl.col("person_id", "of_person_id")).unpivot(),
            pl.read_parquet(truth / "registered_twice.parquet").select("person_id").unpivot(),
        ]
    )["value"].to_list()
    with duckdb.connect(str(data / "world" / "case_system.duckdb")) as source:
        linked, twice, gone = source.execute(
            """select pid, any_value(verdi) from ident join person using (pid)
            where not list_contains($taken, pid) and pid in (select pid from program)
            and skjermet = '0' and reservert_forskning is false and kjonn in ('1', '2') and fdato is not null
            group by pid having count(*) = 1 and any_value(type) = 'FNR'
            and any_value(kilde) = 'folkeregister' and any_value(gyldig) and length(any_value(verdi)) = 11
            order by pid limit 3""",
            {"taken": taken},
        ).fetchall()
        for second, (first, number) in ((SECOND, linked), (TWICE, twice)):
            source.execute(
                "insert into person select * replace (? as pid) from person where pid = ?", [second, first]
            )
            source.execute(
                "insert into ident select * replace (? as pid, ? as verdi) from ident where pid = ?",
                [second, NEW_NUMBER if second == SECOND else number, first],
            )
    return Cast(linked, twice, gone)


def before_second_night(house: House, cast: Cast) -> None:
    """A link joins two records, another pair's shared number is put right, and somebody withdraws."""
    history = house.data / "world" / "deliveries" / HISTORY
    link = f"2024,{cast.linked[1]},{NEW_NUMBER},2024-11-01,tildelt_fnr\n"
    history.write_text(history.read_text("utf-8") + link, "utf-8")
    change(house, f"update ident set gyldig = false where pid = {TWICE}")


def before_third_night(house: House, cast: Cast) -> None:
    """The link is withdrawn, the number was right after all, and who withdrew is erased from the source."""
    history = house.data / "world" / "deliveries" / HISTORY
    lines = history.read_text("utf-8").splitlines(keepends=True)
    history.write_text("".join(line for line in lines if NEW_NUMBER not in line), "utf-8")
    change(house, f"update ident set gyldig = true where pid = {TWICE}")
    erase(house, cast.gone[0])


def withdraw(house: House, cast: Cast) -> None:
    listed = [";".join(WITHDRAWALS_HEADER), f"{cast.gone[1]};2025-03-01;"]
    (house.settings.restricted / WITHDRAWALS_FILE).write_text("\n".join(listed) + "\n", "utf-8")


def change(house: House, sql: str) -> None:
    with duckdb.connect(str(house.data / "world" / "case_system.duckdb")) as source:
        source.execute(sql)


def erase(house: House, record: int) -> None:
    """Take every row of a person out of the source: those that name the person, and theirs below them."""
    with duckdb.connect(str(house.data / "world" / "case_system.duckdb")) as source:
        named = source.execute(
            "select table_name, list(column_name) from information_schema.columns group by all"
        )
        has = dict(named.fetchall())
        theirs = {
            key: f"select {key} from {table} where pid = {record}"
            for key, table in (("prog_id", "program"), ("saknr", "sak"))
        }
        for key, rows in theirs.items():
            for table in (t for t in has if key in has[t] and "pid" not in has[t]):
                source.execute(f"delete from {table} where {key} in ({rows})")
        for table in (t for t in has if "pid" in has[t]):
            source.execute(f"delete from {table} where pid = {record}")


def one_night(house: House, as_of: date, *, from_observation: bool = False) -> Night:
    """Everything a night does up to a published version, without the pages."""
    settings = house.settings
    night.land(settings, as_of, from_observation=from_observation)
    for table in night.EXTRACTED:
        night.validate_table(settings, table, as_of)
    night.check_key(settings)
    night.make_spine(settings)
    ledger = tables.read(night.make_ledger(settings, as_of))
    for table in night.EXTRACTED:
        night.make_core(settings, table)
    night.make_unusable(settings, as_of)
    for make in (night.make_succession, night.make_linkable, night.make_identified, night.make_changes):
        make(settings)
    night.make_linked(settings, as_of)
    night.make_findings(settings, as_of)
    published = night.make_release(settings, REQUEST, as_of).published
    assert published.new
    data = published.folder / "data"
    told = data / "crosswalk.parquet"
    persons = current(ledger.filter(entity="person")).select(pl.col("source_key").cast(pl.Int64), "key")
    return Night(
        ledger=ledger,
        keys=dict(persons.rows()),
        extract=pl.read_parquet(data / "person.parquet"),
        crosswalk=pl.read_parquet(told).rows() if told.exists() else [],
    )


@dataclass(frozen=True)
class Lived:
    """The house after its three nights."""

    house: House
    cast: Cast
    nights: tuple[Night, Night, Night]


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one request: a pseudonymised extract of persons."""
    demo = files("pipeline.requests").joinpath("examples/demo.yaml").read_text("utf-8")
    request = yaml.safe_load(demo) | {"id": REQUEST}
    request["outputs"] = [{"kind": "pseudonymised", "tables": {"person": ["sex", "birth_year", "bydel"]}}]
    folder = tmp_path_factory.mktemp("requests of nights")
    (folder / f"{REQUEST}.yaml").write_text(yaml.safe_dump(request, allow_unicode=True), "utf-8")
    return folder


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, requests: Path) -> Lived:
    house = House(tmp_path_factory.mktemp("nights") / "data", {"UTTREKK_REQUESTS": str(requests)})
    cast = world(house.data)
    first = one_night(house, NIGHTS[0])
    before_second_night(house, cast)
    withdraw(house, cast)
    second = one_night(house, NIGHTS[1])
    before_third_night(house, cast)
    return Lived(house, cast, (first, second, one_night(house, NIGHTS[2])))


def named(lived: Lived, *keys: int) -> tuple[str, ...]:
    """The project's pseudonyms of these person keys."""
    project = Keys(lived.house.settings.keys).project_key("demo")
    made = dict(pseudonyms(pl.Series(keys), project).rows())
    return tuple(made[key] for key in keys)


# --- keys ----------------------------------------------------------------------------------------------


def test_of_two_records_that_a_link_makes_one_the_older_key_survives(lived: Lived) -> None:
    first, second, _ = lived.nights
    record = lived.cast.linked[0]
    assert first.keys[record] < first.keys[SECOND]
    assert second.keys[record] == second.keys[SECOND] == first.keys[record]


def test_when_the_link_is_withdrawn_each_has_the_key_it_was_minted_with(lived: Lived) -> None:
    first, _, third = lived.nights
    record = lived.cast.linked[0]
    assert (third.keys[record], third.keys[SECOND]) == (first.keys[record], first.keys[SECOND])


def test_of_a_person_who_turns_out_to_be_two_one_keeps_the_key_and_the_other_gets_a_new_one(
    lived: Lived,
) -> None:
    first, second, third = lived.nights
    record = lived.cast.twice[0]
    assert first.keys[TWICE] == first.keys[record]
    assert second.keys[record] == first.keys[record]
    assert second.keys[TWICE] == max(first.keys.values()) + 1  # nobody has had it before
    assert third.keys[TWICE] == third.keys[record] == first.keys[record]


def test_nobody_else_has_another_key_and_nothing_is_ever_taken_out_of_the_ledger(lived: Lived) -> None:
    first, second, third = lived.nights
    changing = {SECOND, TWICE}
    for before, after in ((first, second), (second, third)):
        assert after.ledger.head(before.ledger.height).equals(before.ledger)
        assert {r: k for r, k in after.keys.items() if r not in changing} == {
            r: k for r, k in before.keys.items() if r not in changing
        }
    events = second.ledger.tail(-first.ledger.height).select("source_key", "event").rows()
    assert sorted(events) == [(str(SECOND), "merge"), (str(TWICE), "split")]
    events = third.ledger.tail(-second.ledger.height).select("source_key", "event").rows()
    assert sorted(events) == [(str(SECOND), "split"), (str(TWICE), "merge")]


def test_the_witness_and_every_release_vouch_for_the_ledger_and_refuse_an_older_one(
    lived: Lived, tmp_path: Path
) -> None:
    house = House(tmp_path / "data", dict(lived.house.environment))
    shutil.copytree(lived.house.data, house.data, symlinks=True)
    settings = house.settings
    whole = night.only(settings.restricted, "ledger")
    witness = tables.read(night.only(settings.core, WITNESS)).row(0, named=True)
    facts = ledger_facts(whole)
    assert (witness["rows"], witness["sha256"]) == (whole.rows, facts["sha256"])
    latest = max(releases(settings), key=lambda release: release.folder.name.split("+")[1])
    assert json.loads((latest.folder / "manifest.json").read_bytes())["ledger"] == facts
    assert facts["rows"] % 5 == 0

    tables.write(settings.restricted, "ledger", lived.nights[1].ledger, key="k")
    with pytest.raises(SettingWrong, match="Nobody was given a key"):
        night.make_ledger(settings, NIGHTS[2])


# --- what a project is told ----------------------------------------------------------------------------


def test_each_version_tells_the_project_whose_pseudonym_has_changed(lived: Lived) -> None:
    first, second, third = lived.nights
    one, other, both, parted = named(
        lived,
        first.keys[lived.cast.linked[0]],
        first.keys[SECOND],
        first.keys[TWICE],
        second.keys[TWICE],
    )
    assert first.crosswalk == []
    assert sorted(second.crosswalk) == sorted([(other, one, "merge"), (both, parted, "split")])
    assert sorted(third.crosswalk) == sorted([(one, other, "split"), (parted, both, "merge")])


def test_every_version_verifies(lived: Lived) -> None:
    found = releases(lived.house.settings)
    assert len(found) == len(NIGHTS)
    assert [verify(release.folder).problems for release in found] == [()] * len(NIGHTS)


# --- who withdraws, and is erased ----------------------------------------------------------------------


def test_who_withdrew_is_in_no_version_made_after(lived: Lived) -> None:
    first, second, third = lived.nights
    (gone,) = named(lived, first.keys[lived.cast.gone[0]])
    assert gone in first.extract["pseudonym"]
    assert gone not in second.extract["pseudonym"]
    assert gone not in third.extract["pseudonym"]
    assert second.extract.height == first.extract.height - 1  # one merged, one split, one gone


def test_who_was_erased_is_in_no_table_of_core_or_linked(lived: Lived) -> None:
    """The list of who may not be used keeps the key: were the person to come back, it would still bind."""
    settings = lived.house.settings
    key, number = lived.nights[0].keys[lived.cast.gone[0]], lived.cast.gone[1]
    holding, searched = set(), 0
    for zone in (settings.core, settings.linked):
        for path in sorted(zone.rglob("*.parquet")):
            frame = pl.read_parquet(path, hive_partitioning=False)
            searched += 1
            if "person_key" in frame.columns and key in frame["person_key"].to_list():
                holding.add(path.relative_to(settings.data).as_posix())
            texts = [
                frame[c].cast(pl.String) for c in frame.columns if frame[c].dtype in (pl.String, pl.Int64)
            ]
            assert not any(number in text.drop_nulls().to_list() for text in texts)
    assert searched > 20
    assert holding == {"core/unusable.parquet"}


# --- again ---------------------------------------------------------------------------------------------


def test_the_same_nights_on_another_data_root_leave_the_same_bytes(lived: Lived, tmp_path: Path) -> None:
    house = House(tmp_path / "data", dict(lived.house.environment))
    for zone in ("landing", "keys"):
        shutil.copytree(lived.house.data / zone, house.data / zone)
    for at, as_of in enumerate(NIGHTS):
        if at == 1:
            withdraw(house, lived.cast)
        one_night(house, as_of, from_observation=True)

    for zone in ("core", "linked", "releases"):
        assert all_bytes(house, zone) == all_bytes(lived.house, zone)
    ours, theirs = (night.only(h.settings.restricted, "ledger").path for h in (house, lived.house))
    assert ours.read_bytes() == theirs.read_bytes()


def all_bytes(house: House, zone: str) -> dict[str, bytes]:
    found = sorted(path for path in (house.data / zone).rglob("*") if path.is_file())
    assert found
    return {path.relative_to(house.data).as_posix(): path.read_bytes() for path in found}
