"""Which deliveries are there, and what stands in them: every mistake a register or a spreadsheet makes."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import DeliveryWrong
from pipeline.sources import lines
from pipeline.sources.deliveries import Delivered, check, find, known, read_raw, survey
from schemas import DELIVERIES
from schemas.delivery import Flag, Layout, YearLayout
from schemas.registers.education import EDUCATION_DELIVERY
from schemas.variable import columns, polars_schema
from tests.delivery_files import CANARY, delivered, read, refused, rules

AS_OF = date(2025, 3, 1)
NIR_HEADER = "ident;kommunenr;lov;rett_plikt;vedtaksdato;startdato;sluttdato;avslutningsarsak;timer_uke"
NIR_ROW = "01819012345;0301;introduksjonsloven;1;02.01.2012;01.02.2012;;;37,5"
POPULATION_HEADER = "ident,aar,status,statusdato,bostedskommune"
POPULATION_ROW = "01819012345,2012,bosatt,2012-05-17,0301"
ANNUAL_ROW = "01819012345 " + "987654321" + "2012" + "02012012" + "31122012" + " 37,50" + "     412000"


def nir(folder, *rows, header=NIR_HEADER, encoding="latin-1", end="\n", name="NIR_deltaker_2012.csv"):
    return delivered(folder, name, ("\n".join([header, *rows]) + end).encode(encoding))


def population(folder, *rows, header=POPULATION_HEADER, encoding="utf-8", end="\n"):
    return delivered(folder, "BEFOLKNING_2012.csv", ("\n".join([header, *rows]) + end).encode(encoding))


def annual(folder, *rows, end="\n", name="atmlto2012.txt"):
    return delivered(folder, name, ("\n".join(rows) + end).encode("latin-1"))


def monthly(folder, name="ameld_statdata_2015_m02.parquet", **changed):
    frame = pl.DataFrame(
        {
            "ident": ["01819012345", "02819012345"],
            "orgnr": ["987654321", "987654321"],
            "maaned": [date(2015, 2, 1), date(2015, 2, 1)],
            "timer": [37.5, None],
            "stillingspst": [100, None],
            "lonn_kontant": [35_000, 0],
        }
    )
    frame.with_columns(**changed).write_parquet(folder / name)
    return known(folder / name)


# --- which files ----------------------------------------------------------------------------------------


def test_every_declared_delivery_can_be_found_and_its_types_read(tmp_path):
    readable = {pl.String, pl.Int64, pl.Float64, pl.Date, pl.Boolean}
    for delivery in DELIVERIES:
        name = delivery.file_name.format(year=delivery.first_period[0], month="01")
        assert known(tmp_path / name).delivery is delivery
        assert delivery.period_column in {c.name for c in columns(delivery.table)}
        assert {d.base_type() for d in polars_schema(delivery.table).values()} <= readable
        if delivery.layout is Layout.FIXED_WIDTH:
            named = {c.name for c in columns(delivery.table) if c.about.source_name}
            for year in range(delivery.first_period[0], (delivery.last_period or (2030, 12))[0] + 1):
                line = delivery.line_of(year)
                assert set(line.spans) == named
                held = [*line.spans.values(), *([line.period] if line.period else [])]
                places = [place for span in held for place in range(span.first, span.last + 1)]
                assert len(set(places)) == len(places), "no two fields share a position"
                assert min(places) >= 1 and max(places) <= line.line_length


@pytest.mark.parametrize(
    "name",
    [
        "NIR_deltaker_12.csv",
        "nir_deltaker_2012.csv",
        "NIR_deltaker_2012.csv.bak",
        "NIR_deltakerX2012.csv",
        "ameld_statdata_2015_m13.parquet",
        "ameld_statdata_2015_m00.parquet",
        "ameld_statdata_2014_m12.parquet",  # before the register's first month
        "atmlto2015.txt",  # after the register's last year
        "NIR_deltaker_2005.csv",  # before the first year
    ],
)
def test_a_file_named_almost_as_a_delivery_is_refused_by_its_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(DeliveryWrong) as caught:
        survey(tmp_path, AS_OF)
    assert f"The file {name} is named almost as a delivery" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("delivery", DELIVERIES, ids=lambda d: d.file_name)
@pytest.mark.parametrize("spelt", [str.lower, str.upper, lambda name: f" {name}"])
def test_a_stem_is_known_however_it_is_spelt(tmp_path, delivery, spelt):
    (tmp_path / spelt(f"{delivery.stem}x")).write_bytes(b"")
    with pytest.raises(DeliveryWrong, match="almost"):
        survey(tmp_path, AS_OF)


@pytest.mark.parametrize("name", ["README.txt", "nir.csv", "kopi av NIR_deltaker_2012.csv"])
def test_a_file_of_another_kind_is_left_and_told(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    found = survey(tmp_path, AS_OF)
    assert found.delivered == ()
    assert [left.name for left in found.left] == [name]


def test_a_file_named_in_the_list_of_the_retired_is_left_and_told(tmp_path):
    for name in ("BEFOLKNING_2012.csv", "BEFOLKNING_2013.csv", "atmlto2016.txt"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "retired.txt").write_bytes(b"\r\n BEFOLKNING_2012.csv \r\natmlto2016.txt")
    found = survey(tmp_path, AS_OF)
    assert [d.path.name for d in found.delivered] == ["BEFOLKNING_2013.csv"]
    assert [left.name for left in found.left] == ["BEFOLKNING_2012.csv", "atmlto2016.txt"]


def test_a_list_of_the_retired_that_cannot_be_read_stops_the_landing(tmp_path):
    (tmp_path / "retired.txt").write_bytes("ø".encode("latin-1"))
    with pytest.raises(DeliveryWrong, match=r"retired\.txt") as caught:
        survey(tmp_path, AS_OF)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("name", "as_of", "taken"),
    [
        ("BEFOLKNING_2024.csv", date(2024, 12, 30), False),
        ("BEFOLKNING_2024.csv", date(2024, 12, 31), True),
        ("BEFOLKNING_2024.csv", date(2025, 1, 1), True),
        ("ameld_statdata_2024_m02.parquet", date(2024, 2, 28), False),  # a leap year
        ("ameld_statdata_2024_m02.parquet", date(2024, 2, 29), True),
        ("ameld_statdata_2024_m12.parquet", date(2024, 12, 30), False),
        ("ameld_statdata_2024_m12.parquet", date(2024, 12, 31), True),
    ],
)
def test_a_delivery_is_taken_once_its_period_is_over(tmp_path, name, as_of, taken):
    (tmp_path / name).write_bytes(b"x")
    assert [d.path.name for d in find(tmp_path, as_of)] == ([name] if taken else [])
    assert len(survey(tmp_path, as_of).left) == (not taken)


def test_links_and_folders_are_left_alone(tmp_path):
    outside, folder = tmp_path / "outside.csv", tmp_path / "deliveries"
    folder.mkdir()
    outside.write_bytes(b"x")
    (folder / "BEFOLKNING_2012.csv").symlink_to(outside)
    (folder / "BEFOLKNING_2013.csv").mkdir()
    assert find(folder, AS_OF) == []
    assert len(survey(folder, AS_OF).left) == 2


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(DeliveryWrong, match="UTTREKK_DELIVERIES"):
        find(tmp_path / "nowhere", AS_OF)


def test_deliveries_come_in_the_order_of_the_schemas_and_the_periods(tmp_path):
    names = ["BEFOLKNING_2012.csv", "BEFOLKNING_2007.csv", "NIR_deltaker_2013.csv", "atmlto2012.txt"]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    assert [d.name for d in find(tmp_path, AS_OF)] == [
        "nir_participant/2013",
        "population_status/2007",
        "population_status/2012",
        "employment_annual/2012",
    ]


# --- what is read ---------------------------------------------------------------------------------------


def test_a_latin_1_file_with_decimal_commas_is_read(tmp_path):
    other = "02819012345;0301;lov på øya;;;01.03.2012;;;0"
    rows, failures = read(nir(tmp_path, NIR_ROW, other))
    assert failures.is_empty()
    started = (date(2012, 2, 1), None, None)
    assert rows.rows() == [
        (2, "01819012345", "0301", "introduksjonsloven", "1", date(2012, 1, 2), *started, 37.5, 2012),
        (3, "02819012345", "0301", "lov på øya", None, None, date(2012, 3, 1), None, None, 0.0, 2012),
    ]


def test_a_utf_8_file_is_read(tmp_path):
    rows, failures = read(population(tmp_path, POPULATION_ROW, "02819012345,2012,død,,"))
    assert failures.is_empty()
    assert rows.rows() == [
        (2, "01819012345", 2012, "bosatt", date(2012, 5, 17), "0301"),
        (3, "02819012345", 2012, "død", None, None),
    ]


def test_a_fixed_width_file_is_read(tmp_path):
    duf = "201012345601" + "987654321" + "2012" + "02012012" + " " * 8 + "      " + "0" * 11
    rows, failures = read(annual(tmp_path, ANNUAL_ROW, duf))
    assert failures.is_empty()
    first = ("01819012345", "987654321", 2012, date(2012, 1, 2), date(2012, 12, 31), 37.5, 412_000)
    assert rows.rows() == [
        (1, *first),
        (2, "201012345601", "987654321", 2012, date(2012, 1, 2), None, None, 0),
    ]


def test_a_parquet_file_is_read(tmp_path):
    rows, failures = read(monthly(tmp_path))
    assert failures.is_empty()
    assert rows.rows() == [
        (1, "01819012345", "987654321", date(2015, 2, 1), 37.5, 100, 35_000),
        (2, "02819012345", "987654321", date(2015, 2, 1), None, None, 0),
    ]


def test_a_parquet_file_may_have_other_widths_and_texts_for_the_same_values(tmp_path):
    same = monthly(
        tmp_path,
        ident=pl.col("ident").cast(pl.Categorical),
        maaned=pl.col("maaned").cast(pl.Datetime),
        timer=pl.col("timer").cast(pl.Decimal(6, 2)),
        stillingspst=pl.col("stillingspst").cast(pl.Float32),
        lonn_kontant=pl.col("lonn_kontant").cast(pl.String),
    )
    rows, failures = read(same)
    plain = tmp_path / "plain"
    plain.mkdir()
    assert failures.is_empty()
    assert rows.equals(read(monthly(plain))[0])
    assert dict(rows.schema) == {"line": pl.Int64()} | polars_schema(same.table)


def test_the_order_of_the_columns_and_windows_line_ends_do_not_matter(tmp_path):
    turned = population(
        tmp_path,
        "0301,2012-05-17,bosatt,2012,01819012345",
        header=",".join(POPULATION_HEADER.split(",")[::-1]),
    )
    windows = f"{POPULATION_HEADER}\r\n{POPULATION_ROW}\r\n".encode()
    expected = read(turned)[0]
    assert read(delivered(tmp_path, "BEFOLKNING_2012.csv", windows))[0].equals(expected)


def test_a_quoted_field_may_hold_the_separator_and_a_quote(tmp_path):
    rows, failures = read(nir(tmp_path, '"01819012345";0301;"a;b ""c""";;;01.02.2012;;;""'))
    assert failures.is_empty()
    assert rows.select("person_identifier", "law", "hours_per_week").rows() == [
        ("01819012345", 'a;b "c"', None)
    ]


field = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=6)


@given(st.lists(st.tuples(field, field, field), min_size=1, max_size=8), st.integers(1, 5))
def test_what_a_csv_writer_writes_is_read_back(rows, size):
    target = io.StringIO()
    csv.writer(target, delimiter=";", lineterminator="\n").writerows(rows)
    raw = target.getvalue().split("\n")[:-1]
    frame = pl.DataFrame(
        {"line": range(len(raw)), "raw": raw, "rule": pl.Series([None] * len(raw), dtype=pl.String)}
    )
    cut = pl.concat([lines.separated(piece, ";", ["a", "b", "c"]) for piece in frame.iter_slices(size)])
    assert cut["rule"].null_count() == len(rows)
    assert cut.select("a", "b", "c").rows() == rows


@settings(max_examples=40)
@given(st.lists(st.text('a;"\n\u00e6', max_size=20), max_size=10), st.booleans(), st.integers(1, 9))
def test_rows_in_are_rows_read_and_rows_set_aside(tmp_path_factory, bodies, ended, size):
    text = "\n".join([NIR_HEADER, NIR_ROW, *bodies]) + ("\n" if ended else "")
    found = delivered(tmp_path_factory.mktemp("d"), "NIR_deltaker_2012.csv", text.encode("latin-1"))
    rows, failures = read(found, size)
    physical = text.count("\n") + (not text.endswith("\n")) - 1
    assert rows.height + failures["line"].n_unique() == physical
    assert not set(rows["line"]) & set(failures["line"])


@pytest.mark.parametrize("size", [1, 2, 3, 1_000])
@pytest.mark.parametrize("piece", [70, 200, 1 << 20])
def test_the_size_of_pieces_and_batches_leaves_no_trace(tmp_path, monkeypatch, size, piece):
    bad = "02819012345;0301;æ;1;;32.01.2012;;;0"
    found = nir(tmp_path, NIR_ROW, bad, "one;field", *[NIR_ROW] * 5, bad)
    expected = read(found)
    monkeypatch.setattr(lines, "BLOCK_BYTES", piece)
    rows, failures = read(found, size)
    assert rows.equals(expected[0])
    assert failures.equals(expected[1])
    assert failures["line"].to_list() == [3, 4, 10]
    assert max(f.height for f in read_raw(found, size)) <= size


@pytest.mark.parametrize(
    ("flag", "text", "value", "set_aside"),
    [
        (Flag(), "1", True, 0),
        (Flag(), "0", False, 0),
        (Flag(), "", None, 0),
        (Flag(), "J", None, 1),
        (Flag(yes="J", no="N"), "J", True, 0),
        (Flag(yes="J", no="N"), "N", False, 0),
        (Flag(yes="J", no="N"), "1", None, 1),
        (Flag(yes="J", no="N", blank_is_no=True), "", False, 0),
        (Flag(yes="J", no="N", blank_is_no=True), "?", None, 1),
    ],
)
def test_a_yes_or_no_is_read_as_the_delivery_writes_it(tmp_path, flag, text, value, set_aside):
    delivery = replace(
        EDUCATION_DELIVERY, file_name="NUDB_{year}.csv", layout=Layout.SEPARATED, flags={"full_time": flag}
    )
    path = tmp_path / "NUDB_2012.csv"
    path.write_text(f"ident;aar;nus2000;start;slutt;status;heltid\n;2012;;;;;{text}\n")
    rows, failures = read(Delivered(delivery, path, 2012))
    assert rows["full_time"].to_list() == [value] * (1 - set_aside)
    assert failures["rule"].to_list() == ["parse_full_time"] * set_aside


@pytest.mark.parametrize("years", [[], [(2006, 2010)], [(2006, 2012), (2012, None)]])
def test_a_year_with_no_layout_or_two_has_none(years):
    layouts = tuple(
        YearLayout(first_year=first, last_year=last, line_length=1, spans={}) for first, last in years
    )
    delivery = replace(EDUCATION_DELIVERY, layouts=layouts, first_period=(2013, 1))
    with pytest.raises(LookupError):
        delivery.line_of(2012)


# --- rows that cannot be read ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (NIR_ROW.replace("01.02.2012", "1.2.2012"), "parse_started_on"),
        (NIR_ROW.replace("01.02.2012", "2012-02-01"), "parse_started_on"),
        (NIR_ROW.replace("01.02.2012", "30.02.2012"), "parse_started_on"),
        (NIR_ROW.replace("01.02.2012", "40940"), "parse_started_on"),
        (NIR_ROW.replace("01.02.2012", "høst 2012"), "parse_started_on"),
        (NIR_ROW.replace("37,5", "37.5"), "parse_hours_per_week"),
        (NIR_ROW.replace("37,5", "1.037,5"), "parse_hours_per_week"),
        (NIR_ROW.replace("37,5", "37,5 t"), "parse_hours_per_week"),
        (NIR_ROW.replace("37,5", "-"), "parse_hours_per_week"),
        (NIR_ROW.replace("37,5", "<5"), "parse_hours_per_week"),
        (NIR_ROW.replace("37,5", "NaN"), "parse_hours_per_week"),
        (NIR_ROW.replace("01819012345", "1819012345"), "leading_zero_lost"),
        (NIR_ROW.replace("0301", "301"), "leading_zero_lost"),
        (NIR_ROW.replace("01819012345", "1,82E+10"), "spreadsheet_number"),
        (NIR_ROW.rpartition(";")[0], "field_count"),
        (NIR_ROW + ";", "field_count"),
        ("", "field_count"),
        (NIR_ROW.replace("0301", '"0301'), "quotes"),
        (NIR_ROW.replace("0301", '03"01'), "quotes"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_whole(tmp_path, row, rule):
    rows, failures = read(nir(tmp_path, NIR_ROW, row, NIR_ROW))
    assert failures.select("line", "rule", "raw").rows() == [(3, rule, row)]
    assert rows["line"].to_list() == [2, 4]


@pytest.mark.parametrize(
    ("identifier", "is_read"),
    [("181901234", True), ("1819012345", False), ("01819012345", True), ("201012345601", True)],
)
def test_only_an_identifier_of_ten_digits_has_lost_a_zero(tmp_path, identifier, is_read):
    """Nine digits, or a word, are not a number without its zero; the spine will know them as invalid."""
    rows, failures = read(nir(tmp_path, NIR_ROW.replace("01819012345", identifier)))
    assert (rows.height, failures.height) == (is_read, not is_read)


def test_a_row_with_two_mistakes_has_both_rules(tmp_path):
    found = nir(tmp_path, NIR_ROW, NIR_ROW.replace("01.02.2012", "x").replace("37,5", "x"))
    assert rules(found) == [(3, "parse_hours_per_week"), (3, "parse_started_on")]
    assert check(found, 10) == 2


def test_a_fixed_width_line_of_another_length_is_set_aside(tmp_path):
    found = annual(tmp_path, ANNUAL_ROW, ANNUAL_ROW[:-1], ANNUAL_ROW + " ", ANNUAL_ROW)
    assert rules(found) == [(2, "line_length"), (3, "line_length")]


def test_a_fixed_width_identifier_without_its_zero_is_set_aside(tmp_path):
    assert rules(annual(tmp_path, ANNUAL_ROW, "1819012345  " + ANNUAL_ROW[12:])) == [(2, "leading_zero_lost")]


def test_a_separated_file_whose_last_line_does_not_end_may_have_lost_a_digit(tmp_path):
    assert rules(nir(tmp_path, NIR_ROW, NIR_ROW, end="")) == [(3, "line_end_missing")]
    assert rules(nir(tmp_path, NIR_ROW, NIR_ROW[:-20], end="")) == [(3, "field_count")]


def test_a_fixed_width_file_shows_by_its_length_whether_the_last_line_ended(tmp_path):
    assert rules(annual(tmp_path, ANNUAL_ROW, ANNUAL_ROW, end="")) == []
    assert rules(annual(tmp_path, ANNUAL_ROW, ANNUAL_ROW[:-1], end="")) == [(2, "line_length")]


def test_a_number_in_parquet_that_is_not_whole_is_set_aside(tmp_path):
    found = monthly(tmp_path, stillingspst=pl.Series([50.5, 100.0]))
    rows, failures = read(found)
    assert failures.select("line", "rule").rows() == [(1, "parse_position_percent")]
    assert "50.5" in failures["raw"][0]  # restricted keeps what was received
    assert rows["line"].to_list() == [2]


# --- files that cannot be used --------------------------------------------------------------------------


CANARY_ROW = NIR_ROW.replace("01819012345", CANARY)


@pytest.mark.parametrize(
    ("encoding", "law", "line"),
    [("utf-8", "på", 3), ("utf-8", "Åse", 3), ("cp1252", "ja – nei", 3), ("utf-8-sig", "x", 1)],
)
def test_a_latin_1_file_in_another_encoding_is_refused_by_line(tmp_path, encoding, law, line):
    row = CANARY_ROW.replace("introduksjonsloven", law)
    assert f"line {line} " in refused(nir(tmp_path, NIR_ROW, row, encoding=encoding))


def test_a_latin_1_file_may_hold_every_norwegian_letter_and_quotation_mark(tmp_path):
    row = NIR_ROW.replace("introduksjonsloven", "«BLÅ» ÆØÅ æøå é Ä ö ü § 2 °")
    assert check(nir(tmp_path, row), 10) == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("død".encode("latin-1"), 3),
        ("BÃ¦rum".encode(), 3),  # UTF-8 read as latin-1 and written again
        ("bÃ˜".encode(), 3),  # the same by way of Windows
        ("B\ufffdrum".encode(), 3),  # latin-1 read as UTF-8 and written again
        (b"a\0b", 3),
    ],
)
def test_a_utf_8_file_in_another_encoding_is_refused_by_line(tmp_path, text, line):
    row = POPULATION_ROW.replace("01819012345", CANARY).encode().replace(b"bosatt", text)
    data = b"\n".join([POPULATION_HEADER.encode(), POPULATION_ROW.encode(), row, b""])
    assert f"line {line} " in refused(delivered(tmp_path, "BEFOLKNING_2012.csv", data))


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_refused(tmp_path, mark):
    assert "line 1 begins with a byte-order mark" in refused(
        population(tmp_path, POPULATION_ROW, encoding=mark)
    )


def test_a_missing_column_is_named(tmp_path):
    found = nir(tmp_path, CANARY_ROW, header=NIR_HEADER.replace("lov;", ""))
    assert "the column lov (law) is missing" in refused(found)


def test_an_extra_column_is_named(tmp_path):
    found = nir(tmp_path, CANARY_ROW + ";x", header=NIR_HEADER + ";kjonn")
    assert "the column kjonn (number 10) is extra" in refused(found)


def test_an_extra_column_whose_name_looks_like_a_value_is_told_by_number(tmp_path):
    found = nir(tmp_path, CANARY_ROW + ";x", header=f"{NIR_HEADER};{CANARY}")
    assert "the column (number 10) is extra" in refused(found)


def test_a_column_twice_is_named(tmp_path):
    found = nir(tmp_path, CANARY_ROW + ";x", header=NIR_HEADER + ";lov")
    assert "the column lov (law) stands there twice" in refused(found)


def test_a_file_without_a_header_is_told_without_its_first_row(tmp_path):
    assert "line 1 is not a header" in refused(nir(tmp_path, NIR_ROW, header=CANARY_ROW))


def test_a_parquet_file_with_another_column_is_refused(tmp_path):
    assert "yrke" in refused(monthly(tmp_path, yrke=pl.lit(CANARY)))


def test_an_identifier_stored_as_a_number_has_lost_its_zeros_and_refuses_the_file(tmp_path):
    found = monthly(tmp_path, ident=pl.lit(int(CANARY)))
    assert "the column ident (person_identifier) is of type Int64" in refused(found)


@pytest.mark.parametrize(
    "changed",
    [
        {"maaned": pl.lit(201502)},
        {"maaned": pl.col("maaned").cast(pl.Datetime("us", "UTC"))},
        {"timer": pl.lit(True)},
        {"orgnr": pl.lit(1.5)},
    ],
)
def test_a_parquet_column_of_another_type_refuses_the_file(tmp_path, changed):
    assert "is of type" in refused(monthly(tmp_path, **changed))


def test_a_parquet_file_cut_off_is_refused(tmp_path):
    found = monthly(tmp_path)
    found.path.write_bytes(found.path.read_bytes()[:-100])
    assert "not a whole Parquet file" in refused(found)


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: population(folder, POPULATION_ROW.replace("2012,b", "2013,b")),
        lambda folder: annual(folder, ANNUAL_ROW, name="atmlto2011.txt"),
        lambda folder: monthly(folder, name="ameld_statdata_2015_m03.parquet"),
        lambda folder: monthly(folder, name="ameld_statdata_2016_m02.parquet"),
    ],
)
def test_a_file_of_another_period_than_its_name_says_is_refused(tmp_path, make):
    assert "the period in its name" in refused(make(tmp_path))


@pytest.mark.parametrize(("right", "wrong", "usable"), [(2, 1, True), (2, 2, True), (2, 3, False)])
def test_a_file_is_of_another_year_when_most_of_its_rows_are(tmp_path, right, wrong, usable):
    other = POPULATION_ROW.replace("2012,b", "2011,b")
    found = population(tmp_path, *[POPULATION_ROW] * right, *[other] * wrong)
    if usable:
        assert check(found, 2) == right + wrong
        assert read(found)[1]["rule"].to_list() == ["wrong_period"] * wrong
        assert read(found)[0]["year"].to_list() == [2012] * right
    else:
        assert "most of its rows are not of 2012" in refused(found)


@pytest.mark.parametrize(("right", "wrong", "usable"), [(2, 1, True), (2, 2, True), (2, 3, False)])
def test_a_file_has_another_layout_when_most_of_its_lines_have(tmp_path, right, wrong, usable):
    found = annual(tmp_path, *[ANNUAL_ROW] * right, *[ANNUAL_ROW + "0"] * wrong)
    if usable:
        assert check(found, 2) == right + wrong
    else:
        assert "agreed layout" in refused(found)


@pytest.mark.parametrize("text", ["", NIR_HEADER, NIR_HEADER + "\n"])
def test_a_file_without_rows_is_refused(tmp_path, text):
    """Taken for loaded, an empty month would put everybody out of work."""
    assert "holds no rows" in refused(delivered(tmp_path, "NIR_deltaker_2012.csv", text.encode()))


@pytest.mark.parametrize(
    ("identifier", "rule"),
    [("1,82E+10", "spreadsheet_number"), ("1819012345", "leading_zero_lost")],
)
@pytest.mark.parametrize(("right", "wrong", "usable"), [(2, 1, True), (2, 2, True), (2, 3, False)])
def test_a_file_most_of_whose_rows_a_spreadsheet_has_spoilt_is_refused(
    tmp_path, identifier, rule, right, wrong, usable
):
    """Taken for loaded, it would put everybody it cannot name out of work."""
    found = monthly(tmp_path)
    row = pl.read_parquet(found.path).head(1)
    spoilt = row.with_columns(ident=pl.lit(identifier))
    pl.concat([row] * right + [spoilt] * wrong).write_parquet(found.path)
    if usable:
        assert check(found, 2) == right + wrong
        assert read(found)[1]["rule"].to_list() == [rule] * wrong
    else:
        assert "most of its rows hold something that cannot be read" in refused(found)


def test_rows_unreadable_for_different_reasons_count_together_and_each_once(tmp_path):
    several = NIR_ROW.replace("37,5", "x").replace("01.02.2012", "x")
    bad = [several, NIR_ROW.replace("0301", "301"), "one;field"]
    assert check(nir(tmp_path, *bad, *[NIR_ROW] * 3), 2) == 6
    assert "cannot be read as agreed" in refused(nir(tmp_path, *bad, *[NIR_ROW] * 2))


def test_a_date_most_of_whose_rows_cannot_be_read_refuses_the_file(tmp_path):
    assert "cannot be read as agreed" in refused(
        nir(tmp_path, *[CANARY_ROW.replace("01.02.2012", "2012-02-01")] * 2, NIR_ROW)
    )


# --- days and types that Polars cannot tell -------------------------------------------------------------

EXTREMES = [2**31 - 1, -(2**31), 2_932_897, -719_163]  # beside 9999-12-31 and 0001-01-01


def written(folder, **changed):
    """A month's Parquet file with other Arrow columns."""
    found = monthly(folder)
    table = pq.read_table(found.path)
    table = pa.concat_tables([table] * 2)
    for name, column in changed.items():
        table = table.set_column(table.column_names.index(name), name, column)
    pq.write_table(table, found.path)
    return found


@pytest.mark.parametrize("day", EXTREMES)
def test_a_day_that_has_no_name_sets_its_row_aside_with_what_the_file_holds(tmp_path, day):
    days = pa.array([16_467, 16_467, 16_467, day], pa.int32()).cast(pa.date32())
    found = written(tmp_path, maaned=days)
    assert check(found, 3) == 4
    rows, failures = read(found, 3)
    assert rows["month"].to_list() == [date(2015, 2, 1)] * 3
    assert failures.select("line", "rule").rows() == [(4, "parse_month")]
    assert f'"month":"{day}"' in failures["raw"][0]


def test_a_moment_that_has_no_name_sets_its_row_aside(tmp_path):
    for unit, a_second in (("ms", 10**3), ("us", 10**6)):
        february = 16_467 * 86_400 * a_second
        moments = pa.array([february] * 3 + [2**63 - 1], pa.timestamp(unit))
        found = written(tmp_path, maaned=moments)
        assert check(found, 3) == 4
        assert read(found)[1]["line"].to_list() == [4]


def test_a_day_of_the_year_nought_in_text_sets_its_row_aside(tmp_path):
    found = nir(tmp_path, NIR_ROW, NIR_ROW.replace("01.02.2012", "01.02.0000"))
    assert rules(found) == [(3, "parse_started_on")]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([Decimal(37)] * 4, pa.decimal256(50, 2)),
        pa.array([[37.5]] * 4, pa.list_(pa.float64())),
        pa.array([{"a": 37.5}] * 4),
        pa.array([b"37.5"] * 4, pa.binary()),
        pa.array([None] * 4, pa.null()),
        pa.array([37] * 4, pa.time64("us")),
        pa.array([37] * 4, pa.duration("us")),
    ],
    ids=lambda column: str(column.type),
)
def test_an_arrow_type_that_no_value_has_refuses_the_file(tmp_path, column):
    assert "the column timer (hours_per_week) is of type" in refused(written(tmp_path, timer=column))


def test_text_in_parquet_that_is_not_utf_8_refuses_the_file(tmp_path):
    spoilt = pa.array([b"\xf8"] * 4, pa.binary()).view(pa.string())
    assert "Parquet" in refused(written(tmp_path, orgnr=spoilt))
