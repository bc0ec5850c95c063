"""KOSTRA form 11F: each year's positions, what a line may say, and a file in another year's layout."""

import polars as pl
import pytest

from pipeline.sources.deliveries import check
from schemas.registers.welfare import SOCIAL_ASSISTANCE_DELIVERY
from tests.delivery_files import CANARY, delivered, read, refused, rules

# The first position and the width of each field, as Statistics Norway's file descriptions have them.
VERSIONS = {
    2022: {
        "length": 324, "KOMMUNE_NR": (1, 4), "VERSION": (5, 2), "BYDELSNR": (7, 2), "JOURNALNR": (11, 8),
        "FNR": (19, 11), "DUF": (30, 12), "VKLO": (47, 1), "TRYGDESIT": (48, 2), "ARBSIT": (50, 2),
        "STMND_1": (52, 2), "STMND_2": (54, 2), "STMND_11": (72, 2), "STMND_12": (74, 2),
        "BIDRAG": (76, 7), "LAAN": (83, 7), "BOSIT": (270, 1),
    },
    2024: {
        "length": 324, "KOMMUNE_NR": (1, 4), "VERSION": (5, 2), "BYDELSNR": (7, 2), "JOURNALNR": (9, 8),
        "FNR": (17, 11), "DUF": (28, 12), "VKLO": (45, 1), "TRYGDESIT": (46, 2), "ARBSIT": (48, 2),
        "STMND_1": (50, 2), "STMND_2": (52, 2), "STMND_11": (70, 2), "STMND_12": (72, 2),
        "BIDRAG": (74, 7), "LAAN": (81, 7), "BOSIT": (268, 1),
    },
    2025: {
        "length": 338, "KOMMUNE_NR": (1, 4), "VERSION": (5, 2), "BYDELSNR": (7, 2), "JOURNALNR": (17, 8),
        "FNR": (25, 11), "DUF": (36, 12), "VKLO": (53, 1), "TRYGDESIT": (54, 2), "ARBSIT": (56, 2),
        "STMND_1": (58, 2), "STMND_2": (60, 2), "STMND_11": (78, 2), "STMND_12": (80, 2),
        "BIDRAG": (82, 7), "LAAN": (89, 7), "BOSIT": (276, 1),
    },
}  # fmt: skip
every_version = pytest.mark.parametrize("year", VERSIONS)
USUAL = {
    "KOMMUNE_NR": "0301", "BYDELSNR": "04", "JOURNALNR": "J-77", "FNR": "01819012345", "VKLO": "6",
    "TRYGDESIT": "12", "ARBSIT": "09", "STMND_1": "01", "STMND_12": "12", "BIDRAG": "  41250",
    "BOSIT": "1",
}  # fmt: skip


def a_line(year, written_as=None, **changed):
    """A line as that year's form has it, noise wherever nobody asks; `written_as`: in another's positions."""
    version = VERSIONS[written_as or year]
    line = ["x"] * version["length"]
    for field, (first, width) in ((f, at) for f, at in version.items() if f != "length"):
        value = (USUAL | {"VERSION": str(year)[2:]} | changed).get(field, "")
        line[first - 1 : first - 1 + width] = value.ljust(width)
    for at in range(version["STMND_2"][0] + 1, version["STMND_11"][0] - 1):
        line[at] = " "
    return "".join(line)


def form(folder, year, *lines, encoding="latin-1"):
    return delivered(folder, f"KOSTRA_11F_{year}.txt", "".join(f"{x}\n" for x in lines).encode(encoding))


# --- what is read ---------------------------------------------------------------------------------------


@every_version
def test_each_versions_positions_give_the_same_row(tmp_path, year):
    rows, failures = read(form(tmp_path, year, a_line(year)))
    assert failures.is_empty()
    (row,) = rows.rows(named=True)
    months = [row.pop(f"month_{number:02}") for number in range(1, 13)]
    assert months == [True, *[False] * 10, True]
    assert row == {
        "line": 1,
        "year": year,
        "municipality": "0301",
        "bydel": "04",
        "journal_number": "J-77",
        "duf": None,
        "person_identifier": "01819012345",
        "main_income": "6",
        "benefit_situation": "12",
        "work_situation": "09",
        "contribution_kr": 41_250,
        "loan_kr": None,
        "housing_situation": "1",
    }


@pytest.mark.parametrize(
    ("year", "of"), [(2006, 2022), (2023, 2022), (2024, 2024), (2025, 2025), (2031, 2025)]
)
def test_a_version_holds_from_its_first_year_to_its_last(year, of):
    line = SOCIAL_ASSISTANCE_DELIVERY.line_of(year)
    assert line.line_length == VERSIONS[of]["length"]
    first, width = VERSIONS[of]["ARBSIT"]
    assert (line.spans["work_situation"].first, line.spans["work_situation"].last) == (
        first,
        first + width - 1,
    )


def test_a_year_before_the_first_version_has_no_layout():
    with pytest.raises(LookupError):
        SOCIAL_ASSISTANCE_DELIVERY.line_of(2005)


@every_version
@pytest.mark.parametrize(("text", "month"), [("02", True), ("00", False), ("  ", False)])
def test_a_month_is_told_by_its_own_number(tmp_path, year, text, month):
    rows, failures = read(form(tmp_path, year, a_line(year, STMND_2=text)))
    assert failures.is_empty()
    assert rows["month_02"].to_list() == [month]


def test_what_nobody_asks_for_is_not_read(tmp_path):
    line = a_line(2025)
    with_birth_date = line[:8] + "20081988" + line[16:]
    (row,) = read(form(tmp_path, 2025, with_birth_date))[0].rows()
    assert "20081988" not in map(str, row)


@pytest.mark.parametrize("ending", ["00100", "00200", "99999"])
def test_a_number_that_stands_for_nobody_is_read_as_it_is(tmp_path, ending):
    """That it names nobody is for the spine to know; here the row is whole."""
    found = form(tmp_path, 2024, a_line(2024, FNR=f"010180{ending}", DUF="201012345601"))
    rows, failures = read(found)
    assert failures.is_empty()
    assert rows.select("person_identifier", "duf").rows() == [(f"010180{ending}", "201012345601")]


# --- what cannot be read --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"STMND_2": "03"}, "parse_month_02"),  # March's number in February's place
        ({"STMND_2": "x "}, "parse_month_02"),
        ({"BIDRAG": "41250,5"}, "parse_contribution_kr"),
        ({"LAAN": "-"}, "parse_loan_kr"),
        ({"FNR": " 1819012345"}, "leading_zero_lost"),
        ({"KOMMUNE_NR": " 301"}, "leading_zero_lost"),
        ({"VERSION": "23"}, "wrong_period"),
        ({"VERSION": "  "}, "wrong_period"),
    ],
)
def test_a_line_that_cannot_be_read_is_set_aside_whole(tmp_path, changed, rule):
    odd = a_line(2024, **changed)
    rows, failures = read(form(tmp_path, 2024, a_line(2024), odd, a_line(2024)))
    assert failures.select("line", "rule", "raw").rows() == [(2, rule, odd)]
    assert rows["line"].to_list() == [1, 3]


@every_version
def test_a_line_of_another_length_is_set_aside(tmp_path, year):
    found = form(tmp_path, year, a_line(year), a_line(year)[:-1], a_line(year) + " ")
    assert rules(found) == [(2, "line_length"), (3, "line_length")]


@every_version
def test_a_form_of_another_year_is_refused(tmp_path, year):
    other = {2022: 2023, 2024: 2023, 2025: 2026}[year]
    line = a_line(other, written_as=year, FNR=CANARY)
    assert "the period in its name" in refused(form(tmp_path, year, line))


@pytest.mark.parametrize(("year", "written_as"), [(2024, 2022), (2022, 2024)])
def test_a_form_in_another_years_positions_is_refused_though_its_lines_are_as_long(
    tmp_path, year, written_as
):
    """Every field would be another's: the months tell, because each has a number of its own."""
    line = a_line(year, written_as=written_as, FNR=CANARY)
    assert "cannot be read as agreed" in refused(form(tmp_path, year, *[line] * 3))


def test_a_form_in_a_longer_years_positions_is_refused(tmp_path):
    line = a_line(2024, written_as=2025, FNR=CANARY)
    assert "do not have the agreed layout" in refused(form(tmp_path, 2024, line))


def test_a_form_in_another_encoding_is_refused(tmp_path):
    line = a_line(2024, JOURNALNR="Æ-77", FNR=CANARY)
    assert "another encoding than latin-1" in refused(form(tmp_path, 2024, line, encoding="utf-8"))
    assert check(form(tmp_path, 2024, line), 10) == 1


def test_rows_in_are_rows_read_and_rows_set_aside(tmp_path):
    lines = [a_line(2024), a_line(2024, VERSION="22"), "", a_line(2024, STMND_2="??"), a_line(2024)]
    rows, failures = read(form(tmp_path, 2024, *lines), 2)
    assert rows.height + failures["line"].n_unique() == len(lines)
    assert rows.select(pl.col("line")).to_series().to_list() == [1, 5]
