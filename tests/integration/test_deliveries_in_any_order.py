"""The same ledger and deliveries, late, twice or in any order: the same linked tables, byte by byte."""

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
import pytest

from tests.integration.conftest import House

pytestmark = pytest.mark.slow

LATE = ("BEFOLKNING_2023", "NIR_deltaker_2019", "ameld_statdata_2018", "atmlto2010", "FREG_identhistorikk")


def linked(house: House) -> dict[str, bytes]:
    """Every linked table as it lies on the disk."""
    found = sorted((house.data / "linked").rglob("*.parquet"))
    return {str(path.relative_to(house.data)): path.read_bytes() for path in found}


def late_files(house: House, names: Iterable[str] = LATE) -> list[Path]:
    folder = house.data / "world" / "deliveries"
    return sorted(path for path in folder.iterdir() if path.name.startswith(tuple(names)))


def hold_back(files: Iterable[Path], aside: Path) -> list[tuple[Path, Path]]:
    """Move the files out of the folder; returns where each lay and where it lies now."""
    aside.mkdir()
    moved = [(path, aside / path.name) for path in files]
    for path, there in moved:
        path.rename(there)
    return moved


def night(house: House) -> None:
    done = house.uttrekk("run")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def begun(fresh: House, tmp_path: Path) -> tuple[House, list[tuple[Path, Path]]]:
    """A house after a night on which some deliveries had not come, and those deliveries."""
    moved = hold_back(late_files(fresh), tmp_path / "aside")
    night(fresh)
    return fresh, moved


def bring(moved: Iterable[tuple[Path, Path]]) -> None:
    for path, there in moved:
        shutil.copy(there, path)


def test_late_twice_and_in_any_order(
    begun: tuple[House, list[tuple[Path, Path]]], copied: Callable[[House], House], tmp_path: Path
) -> None:
    house, moved = begun
    assert len(moved) >= len(LATE)
    at_once = copied(house)
    shutil.rmtree(at_once.data / "linked")  # nothing of the first night is there to be reused
    one_by_one = House(tmp_path / "one by one", dict(house.environment))
    shutil.copytree(house.data, one_by_one.data, symlinks=True)

    bring((at_once.data / path.relative_to(house.data), there) for path, there in moved)
    night(at_once)
    half = len(moved) // 2
    for group in (moved[half:], moved[:half]):  # the later files first
        bring((one_by_one.data / path.relative_to(house.data), there) for path, there in group)
        night(one_by_one)
    again = late_files(one_by_one)
    for path in again:  # delivered a second time: the same bytes under a new date
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
        os.utime(path)
    night(one_by_one)

    assert linked(at_once)
    assert linked(one_by_one) == linked(at_once)


def test_from_an_empty_ledger_the_same_persons_stand_together(
    begun: tuple[House, list[tuple[Path, Path]]], a_night: House
) -> None:
    house, moved = begun
    bring(moved)
    night(house)

    ours, theirs = (persons_of_records(one) for one in (house, a_night))
    both = ours.join(theirs, on="source_key", suffix="_theirs")
    pairs = both.select("key", "key_theirs").unique()

    assert both.height == ours.height == theirs.height
    assert pairs["key"].is_unique().all()
    assert pairs["key_theirs"].is_unique().all()


def persons_of_records(house: House) -> pl.DataFrame:
    """The person key of each of the case system's person records."""
    ledger = pl.read_parquet(house.settings.restricted / "ledger.parquet").filter(entity="person")
    return ledger.unique("source_key", keep="last", maintain_order=True).select("source_key", "key")
