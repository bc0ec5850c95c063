"""Canaries: values of persons' rows, planted and real, are searched for in every file a night leaves."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.config import PRIVATE
from schemas import CASE_SYSTEM
from schemas.variable import InCore, columns, facts
from tests.integration.conftest import House

pytestmark = pytest.mark.slow

# Where direct identifiers may stand: the sources themselves, and the two zones that hold them.
MAY_HOLD = ("world", "landing", "restricted")
CANARY = "kanari-7f3e"
# Keys of cases and employees: short numbers in the invented world, so one of each is made recognisable.
KEYS = (("program", "radgiver_id"), ("program", "saknr"), ("sak", "saksbehandler_id"))


def planted(house: House) -> list[str]:
    """Put a canary into every text column that core drops and that is not a key: names, free text."""
    canaries = []
    with duckdb.connect(str(house.data / "world" / "case_system.duckdb")) as connection:
        for table in CASE_SYSTEM:
            for column in columns(table):
                about = column.about
                if about.in_core is not InCore.DROPPED or about.key or str(column.dtype) != "String":
                    continue
                source, name = facts(table).source_name, about.source_name
                canary = f"{CANARY}-{source}-{name}"
                connection.execute(
                    f'update "{source}" set "{name}" = ? where rowid in '
                    f'(select rowid from "{source}" order by rowid limit 50)',
                    [canary],
                )
                canaries.append(canary)
        for table, column in KEYS:
            connection.execute(f"update {table} set {column} = ? where saknr = '00000001'", [CANARY.upper()])
        connection.execute("update sak set saknr = ? where saknr = '00000001'", [CANARY.upper()])
    return canaries


def identifiers(house: House) -> set[str]:
    """Every identifier in any source, strangers' too: eleven digits or more, so that no hit is by chance."""
    with duckdb.connect(str(house.data / "world" / "case_system.duckdb"), read_only=True) as connection:
        found = {value for (value,) in connection.execute("select distinct verdi from ident").fetchall()}
    for path in (house.data / "world" / "deliveries").iterdir():
        if path.suffix == ".parquet":
            found |= set(pl.read_parquet(path)["ident"].to_list())
        else:
            found |= set(re.findall(r"(?<![0-9])[0-9]{11,12}(?![0-9])", path.read_text("latin-1")))
    return {str(value) for value in found if value and len(str(value)) >= 11}


def expired_request(folder: Path, house: House) -> None:
    """A request that has run out: the night fails at its very end, after everything has been linked."""
    text = (Path(house.environment["UTTREKK_REQUESTS"]) / "demo.yaml").read_text("utf-8")
    folder.mkdir()
    (folder / "demo.yaml").write_text(text.replace("2030-12-31", "2020-12-31"), "utf-8")
    house.environment = house.environment | {"UTTREKK_REQUESTS": str(folder)}


def left_behind(house: House) -> Iterator[Path]:
    """Every file outside the places that may hold identifiers."""
    for path in sorted(house.data.rglob("*")):
        if path.is_file() and path.relative_to(house.data).parts[0] not in MAY_HOLD:
            yield path


@pytest.mark.parametrize("fails", [False, True], ids=["a night that ends well", "a night that fails"])
def test_no_value_is_in_a_file_a_log_or_what_is_printed(fresh: House, tmp_path: Path, fails: bool) -> None:
    canaries = planted(fresh)
    assert len(canaries) >= 5
    if fails:
        expired_request(tmp_path / "expired", fresh)

    done = fresh.uttrekk("run")

    assert (done.returncode != 0) is fails
    searched = {str(path.relative_to(fresh.data)): path.read_bytes() for path in left_behind(fresh)}
    searched["what was printed"] = (done.stdout + done.stderr).encode()
    assert any(name.startswith("dagster") for name in searched)
    everything = {name: _plain(content) for name, content in searched.items()}
    needles = {CANARY.encode(), CANARY.upper().encode(), *(value.encode() for value in identifiers(fresh))}
    assert len(needles) > 1000
    for name, content in everything.items():
        hits = sum(1 for needle in needles if needle in content)
        assert hits == 0, f"{hits} values of persons are in {name}"


def _plain(content: bytes) -> bytes:
    """What can be read in a file: Parquet's pages are compressed, so its values are written out too."""
    if content[:4] != b"PAR1":
        return content
    import io

    return content + pl.read_parquet(io.BytesIO(content)).write_csv().encode()


def test_the_zones_that_hold_identifiers_are_their_owners_alone(a_night: House) -> None:
    for zone in ("landing", "restricted", "core", "linked"):
        for folder in [a_night.data / zone, *(a_night.data / zone).rglob("*")]:
            mode = folder.stat().st_mode & 0o777
            assert mode & 0o077 == 0, f"{folder.relative_to(a_night.data)} is open to others: {mode:o}"
            assert mode <= PRIVATE
