"""Files of Stata, SPSS and SAS: the same values in each, and every way such a file can be wrong."""

import base64
import zlib
from dataclasses import replace
from datetime import date, datetime

import polars as pl
import pyreadstat
import pytest

from pipeline.landing import land_deliveries, snapshot_batches
from pipeline.sources.deliveries import Delivered, check, known, read_raw
from pipeline.sources.statistical import StatisticalFile
from schemas.delivery import Layout
from schemas.registers.language_test import LANGUAGE_TEST_DELIVERY
from schemas.variable import polars_schema
from tests.delivery_files import CANARY, read, refused, rules
from tests.factories import settings_at

DAY = date(2012, 8, 20)


def stata(folder, frame, name="NUDB_2012.dta", **how):
    pyreadstat.write_dta(frame, str(folder / name), **how)
    return known(folder / name)


def spss(folder, frame, name="FDTRYGD_2012.sav", **how):
    pyreadstat.write_sav(frame, str(folder / name), **how)
    return known(folder / name)


def sas(folder, frame, name="NORSKPROVE_2012.xpt"):
    pyreadstat.write_xport(frame, str(folder / name), file_format_version=8)
    return known(folder / name)


def enrolments(rows=2, **changed):
    frame = pl.DataFrame(
        {
            "ident": [f"018190{number:05}" for number in range(rows)],
            "aar": [2012] * rows,
            "nus2000": ["401101"] * rows,
            "start": [DAY] * rows,
            "slutt": [None] * (rows - 1) + [date(2012, 12, 31)],
            "status": ["igang"] * rows,
            "heltid": [1] * (rows - 1) + [0],
        }
    )
    return frame.with_columns(**changed)


def benefits(**changed):
    frame = pl.DataFrame(
        {
            "ident": ["01819012345", "02819012345"],
            "aar": [2012, 2012],
            "ytelse": ["DAG", "UFO"],
            "hendelse": ["START", "STOPP"],
            "dato": [DAY, date(1850, 1, 1)],
            "grad": [None, 50],
        }
    )
    return frame.with_columns(**changed)


def language_tests(rows=2, **changed):
    frame = pl.DataFrame(
        {
            "ident": ["01819012345"] * rows,
            "aar": [2012] * rows,
            "regime": ["NP23"] * rows,
            "del": ["samlet"] * rows,
            "dato": [DAY] * rows,
            "oppmeldt": ["N2"] * (rows - 1) + [""],
            "resultat": ["B"] * rows,
            "kommune_oppl": ["0301"] * rows,
        }
    )
    return frame.with_columns(**changed)


EVERY_PACKAGE = [(stata, enrolments), (spss, benefits), (sas, language_tests)]
every_package = pytest.mark.parametrize(("write", "frame"), EVERY_PACKAGE, ids=["stata", "spss", "sas"])


# --- what is read ---------------------------------------------------------------------------------------


def test_a_stata_file_is_read(tmp_path):
    rows, failures = read(stata(tmp_path, enrolments()))
    assert failures.is_empty()
    assert rows.rows() == [
        (1, "01819000000", 2012, "401101", DAY, None, "igang", True),
        (2, "01819000001", 2012, "401101", DAY, date(2012, 12, 31), "igang", False),
    ]


def test_an_spss_file_is_read(tmp_path):
    rows, failures = read(spss(tmp_path, benefits()))
    assert failures.is_empty()
    assert rows.rows() == [
        (1, "01819012345", 2012, "DAG", "START", DAY, None),
        (2, "02819012345", 2012, "UFO", "STOPP", date(1850, 1, 1), 50),
    ]


def test_a_sas_transport_file_is_read(tmp_path):
    rows, failures = read(sas(tmp_path, language_tests()))
    assert failures.is_empty()
    assert rows.rows() == [
        (1, "01819012345", 2012, "NP23", "samlet", DAY, "N2", "B", "0301"),
        (2, "01819012345", 2012, "NP23", "samlet", DAY, None, "B", "0301"),
    ]


@every_package
def test_the_types_are_those_declared(tmp_path, write, frame):
    found = write(tmp_path, frame())
    assert dict(read(found)[0].schema) == {"line": pl.Int64()} | polars_schema(found.table)


@pytest.mark.parametrize("version", [8, 12, 13, 14, 15])
def test_every_version_of_stata_is_read(tmp_path, version):
    """Before version 14 a file says nothing of its encoding: the delivery's declaration does."""
    frame = enrolments(status=pl.lit("fullført"))
    rows, failures = read(stata(tmp_path, frame, version=version))
    assert failures.is_empty()
    assert rows["education_status"].to_list() == ["fullført"] * 2


@pytest.mark.parametrize("how", [{"compress": False, "row_compress": True}, {"compress": True}])
def test_a_compressed_spss_file_is_read(tmp_path, how):
    plain = read(spss(tmp_path, benefits()))[0]
    assert read(spss(tmp_path, benefits(), **how))[0].equals(plain)


@pytest.mark.parametrize("written_as", ["%td", "%tdCCYY-NN-DD", "%tdDD.NN.CCYY", "%d", "%-tdD_m_Y"])
def test_a_stata_date_is_a_date_however_it_is_shown(tmp_path, written_as):
    """Counted by hand: 20 August 2012 is day 19,225 from 1 January 1960."""
    found = stata(
        tmp_path, enrolments(start=pl.lit(19_225), slutt=pl.lit(19_225)),
        variable_format={"start": written_as, "slutt": written_as},
    )  # fmt: skip
    assert read(found)[0]["started_on"].to_list() == [DAY] * 2


@pytest.mark.parametrize("written_as", ["DATE11", "ADATE10", "EDATE10", "SDATE10", "JDATE7"])
def test_an_spss_date_is_a_date_however_it_is_shown(tmp_path, written_as):
    """Counted by hand: 20 August 2012 begins 13,564,800,000 seconds after 14 October 1582."""
    frame = benefits(dato=pl.lit(13_564_800_000))
    found = spss(tmp_path, frame, variable_format={"dato": written_as})
    assert read(found)[0]["event_on"].to_list() == [DAY] * 2


def test_value_labels_are_not_applied(tmp_path):
    labels = {"heltid": {0: "deltid", 1: "heltid"}}
    rows, failures = read(stata(tmp_path, enrolments(), variable_value_labels=labels))
    assert failures.is_empty()
    assert rows["full_time"].to_list() == [True, False]


def test_a_value_declared_missing_is_a_null(tmp_path):
    found = spss(tmp_path, benefits(grad=pl.Series([999, 50])), missing_ranges={"grad": [999]})
    assert read(found)[0]["grade"].to_list() == [None, 50]


def test_a_tagged_missing_of_stata_is_a_null(tmp_path):
    frame = enrolments(heltid=pl.Series([1, 0]))
    frame = frame.with_columns(pl.Series("slutt", ["a", "b"]))
    found = stata(
        tmp_path, frame, missing_user_values={"slutt": ["a", "b"]}, variable_format={"slutt": "%td"}
    )
    rows, failures = read(found)
    assert failures.is_empty()
    assert rows["ended_on"].to_list() == [None, None]


@every_package
@pytest.mark.parametrize("size", [1, 2, 1_000])
def test_the_size_of_batches_leaves_no_trace(tmp_path, write, frame, size):
    """A piece whose column is only nulls, or only whole numbers, has the types of the whole."""
    found = write(tmp_path, frame())
    rows, failures = read(found, size)
    assert rows.equals(read(found)[0])
    assert failures.is_empty()
    raw = list(read_raw(found, size))
    assert max(piece.height for piece in raw) <= size
    assert pl.concat(raw).equals(pl.concat(read_raw(found, 1_000)))


def test_a_row_set_aside_is_kept_as_it_was_received(tmp_path):
    _, failures = read(spss(tmp_path, benefits(grad=pl.Series([50.5, 50.0]))))
    assert failures["line"].to_list() == [1]
    assert failures["raw"][0].startswith('{"person_identifier":"01819012345"')
    assert '"event_on":"2012-08-20"' in failures["raw"][0]


@every_package
def test_a_landed_file_is_read_from_its_snapshot(tmp_path, monkeypatch, write, frame):
    monkeypatch.setattr("os.fsync", lambda _: None)
    deliveries = tmp_path / "deliveries"
    deliveries.mkdir()
    found = write(deliveries, frame())
    settings = settings_at(tmp_path, deliveries=deliveries)
    (snapshot,) = land_deliveries(settings, date(2025, 3, 1)).values()
    (rows, failures), *none = snapshot_batches(snapshot, found.table, 100)
    assert (snapshot.rows, rows.height, failures.height, none) == (2, 2, 0, [])


# --- rows that cannot be read ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"aar": pl.Series([2012.0, 2012.5])}, "parse_year"),
        ({"aar": pl.Series([2012, 2011])}, "wrong_period"),
        ({"grad": pl.Series([50.0, 50.5])}, "parse_grade"),
        ({"ident": pl.Series(["01819012345", "1819012345"])}, "leading_zero_lost"),
        ({"ident": pl.Series(["01819012345", "1,82E+10"])}, "spreadsheet_number"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_whole(tmp_path, changed, rule):
    found = spss(tmp_path, benefits(**changed))
    assert rules(found) == [(2, rule)]
    assert read(found)[0]["line"].to_list() == [1]
    assert check(found, 1) == 2


def test_a_number_that_is_no_yes_or_no_sets_its_row_aside(tmp_path):
    assert rules(stata(tmp_path, enrolments(heltid=pl.Series([1, 2])))) == [(2, "parse_full_time")]


@pytest.mark.parametrize("days", [19_225.5, 1e15, 2_932_897 + 3_653, -719_163 + 3_653])
def test_a_day_without_a_name_sets_its_row_aside_with_what_the_file_holds(tmp_path, days):
    """Beside half a day and the impossible: the days after 9999-12-31 and before 0001-01-01."""
    found = stata(tmp_path, enrolments(start=pl.Series([19_225.0, days])), variable_format={"start": "%td"})
    rows, failures = read(found)
    assert failures.select("line", "rule").rows() == [(2, "parse_started_on")]
    assert f'"started_on":"{days:.1f}"' in failures["raw"][0] or "e15" in failures["raw"][0]
    assert rows["started_on"].to_list() == [DAY]


# --- files that cannot be used --------------------------------------------------------------------------


@every_package
def test_a_missing_column_is_named(tmp_path, write, frame):
    assert "the column ident (person_identifier) is missing" in refused(
        write(tmp_path, frame().drop("ident"))
    )


@every_package
def test_a_file_with_none_of_the_columns_is_told_without_them(tmp_path, write, frame):
    found = write(tmp_path, frame(ident=pl.lit(CANARY)).rename(str.upper))
    assert "it has none of the agreed columns" in refused(found)


@every_package
def test_an_extra_column_is_named(tmp_path, write, frame):
    assert "the column kjonn " in refused(write(tmp_path, frame(kjonn=pl.lit(CANARY))))


@every_package
def test_an_identifier_stored_as_a_number_has_lost_its_zeros_and_refuses_the_file(tmp_path, write, frame):
    found = write(tmp_path, frame(ident=pl.lit(int(CANARY))))
    assert "the column ident (person_identifier) is of type Float64" in refused(found)


@pytest.mark.parametrize(
    "changed", [{"dato": pl.lit(20_120_820)}, {"dato": pl.lit(datetime(2012, 8, 20, 9))}]
)
def test_a_column_that_is_no_date_refuses_the_file(tmp_path, changed):
    assert "the column dato (event_on) is of type Float64" in refused(spss(tmp_path, benefits(**changed)))


@every_package
def test_a_file_of_another_year_is_refused(tmp_path, write, frame):
    assert "the period in its name" in refused(write(tmp_path, frame(aar=pl.lit(2013))))


@every_package
def test_a_file_without_rows_is_refused(tmp_path, write, frame):
    assert refused(write(tmp_path, frame().clear()))


@every_package
@pytest.mark.parametrize("left", [0.02, 0.5, 0.95])
def test_a_file_cut_off_is_refused(tmp_path, write, frame, left):
    found = write(tmp_path, pl.concat([frame(ident=pl.lit(CANARY))] * 40))
    data = found.path.read_bytes()
    found.path.write_bytes(data[: int(len(data) * left)])
    assert "is not a whole" in refused(found)


@every_package
@pytest.mark.parametrize("bytes_lost", [1, 8, 80])
def test_a_file_that_lost_its_end_is_refused(tmp_path, write, frame, bytes_lost):
    found = write(tmp_path, pl.concat([frame(ident=pl.lit(CANARY))] * 40))
    found.path.write_bytes(found.path.read_bytes()[:-bytes_lost])
    assert "is not a whole" in refused(found)


@every_package
def test_a_file_of_something_else_is_refused(tmp_path, write, frame):
    found = write(tmp_path, frame())
    for other in (b"", b"ident;aar\n" + CANARY.encode(), bytes(10_000)):
        found.path.write_bytes(other)
        assert "is not a whole" in refused(found)


@pytest.mark.parametrize(("write", "frame"), [(stata, enrolments), (sas, language_tests)])
def test_a_file_in_another_encoding_is_refused(tmp_path, write, frame):
    """Agreed is UTF-8, and æ alone is no letter there."""
    column = "status" if write is stata else "resultat"
    found = write(tmp_path, frame(**{column: pl.lit("#" * 8), "ident": pl.lit(CANARY)}))
    data = found.path.read_bytes()
    assert data.count(b"#" * 8) == 2
    found.path.write_bytes(data.replace(b"#" * 8, b"\xe6" * 8))
    assert "is not a whole" in refused(found)


@every_package
def test_letters_read_in_another_encoding_before_us_are_refused_by_row(tmp_path, write, frame):
    column = {stata: "status", spss: "ytelse", sas: "resultat"}[write]
    many = pl.concat([frame(ident=pl.lit(CANARY))] * 75)  # refused reads a hundred rows at a time
    spoilt = pl.Series(column, ["å"] * 119 + ["BÃ¦rum"] + ["å"] * 30)
    found = write(tmp_path, many.with_columns(spoilt))
    assert "row 120 holds letters of another encoding than utf-8" in refused(found)


def test_a_column_stored_as_a_date_holds_no_yes_or_no(tmp_path):
    assert "the column heltid (full_time) is of type Date" in refused(
        stata(tmp_path, enrolments(heltid=pl.col("start")))
    )


def test_a_file_that_gives_fewer_rows_than_it_says_is_refused(tmp_path, monkeypatch):
    found = stata(tmp_path, enrolments(rows=3, ident=pl.lit(CANARY)))
    whole = StatisticalFile._read

    def one_row_less(self, **how):
        frame, about = whole(self, **how)
        return frame.head(2 - how.get("row_offset", 0)), about

    monkeypatch.setattr(StatisticalFile, "_read", one_row_less)
    assert "fewer rows than it says" in refused(found)


SPSS_HOW = [{}, {"row_compress": True}, {"compress": True}]


@pytest.mark.parametrize("how", SPSS_HOW)
@pytest.mark.parametrize("change", [-80, -5, -1, 1, 5])
def test_an_spss_file_with_another_number_of_rows_than_it_says_is_refused(tmp_path, how, change):
    found = spss(tmp_path, pl.concat([benefits(ident=pl.lit(CANARY))] * 40), **how)
    data = bytearray(found.path.read_bytes())
    assert data[80:84] == (80).to_bytes(4, "little")
    data[80:84] = (80 + change).to_bytes(4, "little")
    found.path.write_bytes(data)
    assert "is not a whole" in refused(found)


@pytest.mark.parametrize("how", SPSS_HOW)
@pytest.mark.parametrize("more", [b"\0", b"\0" * 1_000, b"\1" * 48, None])
def test_an_spss_file_with_more_after_its_rows_is_refused(tmp_path, how, more):
    found = spss(tmp_path, pl.concat([benefits(ident=pl.lit(CANARY))] * 40), **how)
    data = found.path.read_bytes()
    assert len(read(found)[0]) == 80
    found.path.write_bytes(data + (data if more is None else more))
    assert "is not a whole" in refused(found)


@pytest.mark.parametrize("rows", [0, 2, 4])
def test_a_stata_file_with_another_number_of_rows_than_it_says_is_refused(tmp_path, rows):
    found = stata(tmp_path, enrolments(rows=3, ident=pl.lit(CANARY)))
    data = bytearray(found.path.read_bytes())
    at = data.index(b"<N>") + 3
    assert data[at] == 3
    data[at] = rows
    found.path.write_bytes(data)
    assert refused(found)


def test_a_stata_file_twice_in_one_is_refused(tmp_path):
    found = stata(tmp_path, enrolments(ident=pl.lit(CANARY)))
    found.path.write_bytes(found.path.read_bytes() * 2)
    assert "is not a whole" in refused(found)


def test_a_sas_transport_file_without_all_its_padding_is_refused(tmp_path):
    """Rows of 44 bytes: two leave 72 bytes to fill the second record of 80, so no row is touched."""
    found = sas(tmp_path, language_tests(ident=pl.lit(CANARY)))
    data = found.path.read_bytes()
    assert data.endswith(b" " * 72)
    found.path.write_bytes(data[:-8])
    assert "it is cut off" in refused(found)


def test_a_sas_transport_file_cut_off_in_blanks_is_refused(tmp_path):
    """The second row begins with two records of blanks, which are no padding: padding is less than one."""
    frame = language_tests(oppmeldt=pl.Series(["x" * 200, ""]), ident=pl.lit(CANARY))
    found = sas(tmp_path, frame.select("oppmeldt", pl.exclude("oppmeldt")))
    data = found.path.read_bytes()
    second = data.index(b"x" * 200) + 242
    assert data[second:].startswith(b" " * 200)
    end = second + 160 - (second + 160) % 80
    found.path.write_bytes(data[:end])
    assert "it is cut off" in refused(found)


def test_a_sas_transport_file_of_two_tables_is_refused(tmp_path):
    """Only the first would be read."""
    found = sas(tmp_path, language_tests(ident=pl.lit(CANARY)))
    data = found.path.read_bytes()
    member = data.index(b"HEADER RECORD*******MEMBV8")
    found.path.write_bytes(data + data[member:])
    assert "it has 2 tables" in refused(found)


# --- SAS's own format, which nothing here can write ------------------------------------------------------

# Three invented rows as ReadStat's writer in C writes them: zlib, base64.
SAS_FILE = (
    "eNrtmc9r02AYx9+0aZu6gq3LYaiwMBUGzpK36UoHHlpZRaGWQXvwIGyFBi32F10KAy/ztoMnTxME/wfdSRDEgx4Hnjx49eLJQ3Ho"
    "6mKaPGmTZw2tSEXd+4H0yfN9n/fJ+yZ5k/dtCBny5vPDjRdibP/VY4GE39FHc/PRmLJAFIXzUc4KEQnxcy5d4S4oRBSJ5OfsPMVs"
    "Ubp+M59bzZayxVxJ8oKMoV/fEbd9sP8867BuotbGIXklLidlems5X210thy6EqdyXL5CaUqOUxqnON1WOrWeSrqk7Xyh+cnecPzu"
    "y49HqJ0MBoPBYDAYDAaDwWD8NTwZrltdPOBhxzdrLq0/RCx30e+Oew36HKp/75Rlb/vcejdsWc0WYMG+C/odpPcEyz5F+h7oN5Cu"
    "gZ5B7Ul66N3QaH3PQ9c89KSH3g165B+jo25ZtJ6Z4Zm37zMyTdMVmSaU5HJhLaFslus1VSskpGuSJCsyPR6fGBEvSd7xygT5GQwG"
    "4w9zdKib/G/1wx7xGcKfiP5PXN+qrtt/zy+BFciM8b4UBnG63tODpn6oh4iPoKkL6UGeHfCjYGf6P/xw4mJm5DlyDnweyufBD4Iv"
    "oPhL4PuhfBH5l535BPdECZqmD+Y35CIJQG+tfsjWcUka/Ktwl6xCO/JgSySC+v0Dcm8MJRF/mzG/3ZRya9WK2ujP1crlNmmrd6t1"
    "lZCKWiOVstY0YnLNVquu1ipaW93s1LSydr9Zr3ca6rqh10ad7B1nnw1CU3pGRELua8w5r5VjXhVE54RD7cO+juICKC6A7lEO9RP7"
    "MBTGjoXvE8Z9039vbP1rfDUYjDkHBwZ9+wX8M6g8Ji/AKHKMyRHgvPazZjADjrrLz6L7RD9h12Na69FfxR5nPuSfRn4M+bPIF6bW"
    "U8HxVhcdx4mY++cnPDJvtJQ79oQvDfb83qfG5CdWXkWk"
)


@pytest.fixture
def own_sas(tmp_path):
    """A delivery of language tests in SAS's own format, as no register delivers it yet."""
    path = tmp_path / "NORSKPROVE_2012.sas7bdat"
    path.write_bytes(zlib.decompress(base64.b64decode(SAS_FILE)))
    delivery = replace(LANGUAGE_TEST_DELIVERY, file_name="NORSKPROVE_{year}.sas7bdat", layout=Layout.SAS)
    return Delivered(delivery, path, 2012)


@pytest.mark.parametrize("size", [1, 2, 1_000])
def test_a_file_in_sas_own_format_is_read(own_sas, size):
    rows, failures = read(own_sas, size)
    assert failures.is_empty()
    test = (2012, "NP23", "samlet", DAY)
    assert rows.rows() == [
        (1, "01819012345", *test, "N2", "B", "0301"),
        (2, "02819012345", *test, None, "B", "0301"),
        (3, "03819012345", *test, "N2", "B", "0301"),
    ]


@pytest.mark.parametrize("bytes_lost", [1, 100, 4_096, 8_000])
def test_a_file_in_sas_own_format_that_is_cut_off_is_refused(own_sas, bytes_lost):
    own_sas.path.write_bytes(own_sas.path.read_bytes()[:-bytes_lost])
    assert "is not a whole SAS file" in refused(own_sas)
