"""What goes wrong stops the night with one line, its own exit code, and nothing published."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipeline import errors
from tests.integration.conftest import House

pytestmark = pytest.mark.slow


def no_key(house: House) -> None:
    shutil.rmtree(house.data / "keys")


def a_key_others_can_read(house: House) -> None:
    (house.data / "keys" / "master.key").chmod(0o644)


def a_database_that_is_gone(house: House) -> None:
    (house.data / "world" / "case_system.duckdb").unlink()


def a_column_that_is_gone(house: House) -> None:
    with duckdb.connect(str(house.data / "world" / "case_system.duckdb")) as connection:
        connection.execute("alter table bakgrunn drop column skole_aar")


def a_column_of_another_type(house: House) -> None:
    with duckdb.connect(str(house.data / "world" / "case_system.duckdb")) as connection:
        connection.execute("alter table bakgrunn alter skole_aar type varchar")


def a_delivery_of_the_wrong_year(house: House) -> None:
    deliveries = house.data / "world" / "deliveries"
    shutil.copyfile(deliveries / "BEFOLKNING_2012.csv", deliveries / "BEFOLKNING_2013.csv")


def a_delivery_in_the_wrong_encoding(house: House) -> None:
    path = house.data / "world" / "deliveries" / "BEFOLKNING_2012.csv"
    path.write_bytes("år;ø\n".encode("latin-1") + path.read_bytes())


def a_real_person_under_the_demo_key(house: House) -> None:
    # A number whose check digits hold and whose month is no test series' - and that belongs to nobody:
    # an individual number of 1854-1899 on a day in a year when nobody was given one.
    with duckdb.connect(str(house.data / "world" / "case_system.duckdb")) as connection:
        connection.execute(
            "update ident set verdi = ? where rowid = (select min(rowid) from ident where type = 'FNR')",
            [a_valid_ordinary_number()],
        )


def a_valid_ordinary_number() -> str:
    """The lowest valid number of 1 January 1899 with a check digit by the rule of 1964."""
    first, second = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    for individual in range(500, 750):
        digits = [int(c) for c in f"010199{individual}"]
        k1 = -sum(d * w for d, w in zip(digits, first, strict=True)) % 11
        k2 = -sum(d * w for d, w in zip([*digits, k1], second, strict=True)) % 11
        if k1 < 10 and k2 < 10:
            return "".join(map(str, [*digits, k1, k2]))
    raise AssertionError


WRONG: dict[Callable[[House], None], type[errors.PipelineError]] = {
    no_key: errors.KeyUnusable,
    a_key_others_can_read: errors.KeyUnusable,
    a_database_that_is_gone: errors.SourceUnreachable,
    a_column_that_is_gone: errors.SchemaChanged,
    a_column_of_another_type: errors.SchemaChanged,
    a_delivery_of_the_wrong_year: errors.DeliveryWrong,
    a_delivery_in_the_wrong_encoding: errors.DeliveryWrong,
    a_real_person_under_the_demo_key: errors.KeyUnusable,
}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_one_line_its_own_exit_code_and_nothing_published(
    fresh: House, wrong: Callable[[House], None]
) -> None:
    wrong(fresh)

    failed = fresh.uttrekk("run")

    assert failed.returncode == WRONG[wrong].exit_code, failed.stderr
    (line,) = failed.stderr.strip().splitlines()
    assert line.startswith("uttrekk: ")
    assert "Traceback" not in failed.stdout + failed.stderr
    assert fresh.released() == {}
    assert not list(Path(fresh.data / "releases").rglob("*.parquet"))


def test_a_broken_night_leaves_yesterdays_release_as_it_was(
    a_night: House, copied: Callable[[House], House]
) -> None:
    house = copied(a_night)
    before = house.released()
    a_database_that_is_gone(house)

    assert house.uttrekk("run", "--as-of", "2025-03-02").returncode == errors.SourceUnreachable.exit_code
    assert house.released() == before
