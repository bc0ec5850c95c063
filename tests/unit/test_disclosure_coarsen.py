"""What the coarsened table must hold, read from its declarations: roles, rules, ladders, levels."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest

from pipeline.disclosure.anonymise import recoded
from pipeline.disclosure.coarsen import K, hierarchies, level_name, quasi_identifiers, roles_of
from pipeline.disclosure.roles import MOST_SUPPRESSED, Mode, Role
from pipeline.disclosure.tables import THRESHOLD
from pipeline.disclosure.verify import LEAST_K, class_columns
from schemas import codes
from schemas.codes import ANY, Code, CodeList
from schemas.research import CoarsenedOutcome
from schemas.variable import Column, column, columns

KNOWN = (
    "sex",
    "birth_year",
    "country_of_birth",
    "bydel",
    "start_month",
    "exit_year",
    "children",
    "education_level",
)
LISTS = {c.about.codes.name: c.about.codes for c in columns(CoarsenedOutcome) if c.about.codes}
LADDERS = {listed.name: listed for c in LISTS.values() for listed in c.ladder()}


def approved(*names: str) -> list[Column]:
    return [column(CoarsenedOutcome, name) for name in names]


# --- roles -----------------------------------------------------------------------------------------------


def test_the_quasi_identifiers_are_what_an_outsider_may_know() -> None:
    assert quasi_identifiers() == KNOWN


def test_of_some_columns_only_theirs_are_quasi_identifiers() -> None:
    assert quasi_identifiers(["status_y1", "bydel", "sex"]) == ("sex", "bydel")


def test_the_maker_and_the_verifier_agree_on_what_a_class_is() -> None:
    assert class_columns(list(columns(CoarsenedOutcome))) == list(quasi_identifiers())


def test_every_quasi_identifier_may_be_coarsened_and_nothing_else_may() -> None:
    coarsened = [c.name for c in columns(CoarsenedOutcome) if c.about.coarsened]
    assert coarsened == list(quasi_identifiers())


def test_health_benefits_and_statuses_are_sensitive_and_nothing_is_passed_on_unseen() -> None:
    roles = roles_of(columns(CoarsenedOutcome), {})
    others = [c.name for c in columns(CoarsenedOutcome) if c.name not in KNOWN]
    assert roles.named(Role.QUASI) == list(KNOWN)
    assert roles.named(Role.SENSITIVE) == others
    assert roles.named(Role.KEPT) == roles.named(Role.DIRECT) == []


@pytest.mark.parametrize(
    ("name", "adverse"),
    [
        ("chronic_illness", {"J"}),
        ("disability", {"J"}),
        ("on_benefit", {"J"}),
        ("status_y0", {"unemployed_measure", "other"}),
        ("status_y1", {"something_else"}),
    ],
)
def test_a_special_category_has_the_one_sided_rule_of_its_code_list(name: str, adverse: set[str]) -> None:
    (rule,) = roles_of(approved("sex", name), {}).targets().sensitive
    assert (rule.name, rule.adverse) == (name, adverse)


def test_unknown_is_no_registered_value_and_no_rule_counts_it() -> None:
    roles = roles_of(approved("sex", "chronic_illness", "status_y1"), {})
    assert roles.blank == ["9", "not_known"]
    assert roles_of(approved("sex", "status_y0"), {}).blank == ["not_registered", "unknown"]


def test_what_says_unknown_in_one_special_category_is_no_value_of_another() -> None:
    """Blanks are declared for a table: one column's «ukjent» must not hide another's answer."""
    listed = [c.about.codes for c in columns(CoarsenedOutcome) if c.about.special_category and c.about.codes]
    unknown = set().union(*(each.unknown for each in listed))
    assert all(unknown.isdisjoint(set(each.values()) - each.unknown) for each in listed)
    assert all(each.unknown for each in listed)


@pytest.mark.parametrize("hidden", ["not_known", None])
def test_a_class_of_whom_all_that_is_known_is_adverse_is_left_out(hidden: str | None) -> None:
    """Of 106 a class of six has two adverse values, and of four nothing is known: it may not be told."""
    frame = pl.DataFrame(
        {
            "sex": ["1"] * 100 + ["2"] * 6,
            "status_y1": ["work_or_education", "something_else"] * 50 + ["something_else"] * 2 + [hidden] * 4,
        }
    )
    roles = roles_of(approved("sex", "status_y1"), {}, {"sex": codes.SEX.name}, k=5, suppression=0.06)
    made = recoded(frame, roles, hierarchies(approved("sex", "status_y1"), frame))
    assert (made.rows.height, set(made.rows["sex"])) == (100, {"1"})
    # With one of whom something else is known it may.
    known = frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 105)
        .then(pl.lit("work_or_education"))
        .otherwise("status_y1")
        .alias("status_y1")
    )
    assert recoded(known, roles, hierarchies(approved("sex", "status_y1"), known)).rows.height == 106


def test_what_is_not_known_is_never_adverse() -> None:
    told = {"name": "x", "nb": "x", "en": "x", "source": "x", "codes": (Code(value="1", nb="1", en="1"),)}
    CodeList(**told, unknown=frozenset({"1"}))
    with pytest.raises(TypeError, match="what is not known is not adverse"):
        CodeList(**told, unknown=frozenset({"1"}), adverse=frozenset({"1"}))


def test_what_is_asked_for_reaches_every_special_category_and_the_rest_is_left_open() -> None:
    wanted = approved("sex", "chronic_illness", "status_y1")
    asked = roles_of(wanted, {}, k=7, suppression=0.01, t=0.1, mode=Mode.CLASS)
    targets = asked.targets()
    assert (targets.k, targets.suppression, asked.mode) == (7, Fraction(1, 100), Mode.CLASS)
    assert [rule.closeness for rule in targets.sensitive] == [Fraction(1, 10)] * 2
    open_ones = roles_of(wanted, {})
    assert open_ones.model_fields_set == {"columns", "blank"}
    assert (open_ones.k, open_ones.suppression, open_ones.least_t()) == (THRESHOLD, MOST_SUPPRESSED, 1.0)


def test_what_matters_weighs_and_what_is_not_named_weighs_one() -> None:
    weights = roles_of(approved("sex", "bydel", "status_y1"), {"sex": 10}).weights()
    assert weights == {"sex": 10, "bydel": 1}


def test_classes_and_counts_follow_one_policy_and_the_verifier_asks_for_no_less() -> None:
    """The verifier shares no code with what it verifies, so its own figure is held here."""
    assert K == THRESHOLD == LEAST_K


# --- ladders ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LADDERS)
def test_every_code_of_a_ladder_has_a_parent_that_exists(name: str) -> None:
    listed = LADDERS[name]
    if listed.parent is None:
        assert listed.parents() == {}
    else:
        assert list(listed.parents()) == list(listed.values())
        assert set(listed.parents().values()) == set(listed.parent.values())


@pytest.mark.parametrize("name", LISTS)
def test_every_line_of_a_ladder_goes_from_its_code_to_any(name: str) -> None:
    lines, ladder = LISTS[name].lines(), LISTS[name].ladder()
    assert [line[0] for line in lines] == list(LISTS[name].values())
    assert {len(line) for line in lines} == {len(ladder) + 1}
    assert {line[-1] for line in lines} == {ANY}


@pytest.mark.parametrize("name", [name for name, listed in LADDERS.items() if listed.parent])
def test_what_is_not_known_stands_under_what_is_not_known_and_nothing_else_does(name: str) -> None:
    """A person nobody knows the country of must not turn up in a region."""
    listed = LADDERS[name]
    assert listed.parent is not None
    under = {code for code, parent in listed.parents().items() if parent in listed.parent.unknown}
    stateless = frozenset({"980"} if name == "country" else ())
    assert under == listed.unknown | stateless


@pytest.mark.parametrize(
    ("ladder", "line"),
    [
        (codes.MONTH, ("2003-01", "2003-Q1", "2003", "2003-2006", ANY)),
        (codes.MONTH, ("2010-12", "2010-Q4", "2010", "2007-2010", ANY)),
        (codes.MONTH, ("2011-03", "2011-Q1", "2011", "2011-2014", ANY)),
        (codes.MONTH, ("2011-04", "2011-Q2", "2011", "2011-2014", ANY)),
        (codes.MONTH, ("2034-12", "2034-Q4", "2034", "2031-2034", ANY)),
        (codes.MONTH, ("X", "X", "X", "X", ANY)),
        (codes.YEAR, ("2014", "2011-2014", ANY)),
        (codes.YEAR, ("2015", "2015-2018", ANY)),
        (codes.BIRTH_YEAR, ("1984", "1980-1984", "1980-1989", ANY)),
        (codes.BIRTH_YEAR, ("1985", "1985-1989", "1980-1989", ANY)),
        (codes.BIRTH_YEAR, ("1990", "1990-1994", "1990-1999", ANY)),
        (codes.CHILDREN, ("0", "0", ANY)),
        (codes.CHILDREN, ("1", "1+", ANY)),
        (codes.CHILDREN, ("3+", "1+", ANY)),
        (codes.BYDEL, ("15", "SO", ANY)),
        (codes.COUNTRY, ("346", "HA", "AF", ANY)),
    ],
)
def test_a_code_climbs_the_declared_parents(ladder: CodeList, line: tuple[str, ...]) -> None:
    assert line in ladder.lines()


@pytest.mark.parametrize(
    ("listed", "first", "last", "number"),
    [
        (codes.MONTH, "2003-01", "2034-12", 32 * 12),
        (codes.QUARTER, "2003-Q1", "2034-Q4", 32 * 4),
        (codes.YEAR, "2003", "2034", 32),
        (codes.PERIOD, "2003-2006", "2031-2034", 8),
        (codes.BIRTH_YEAR, "1900", "2039", 140),
        (codes.BIRTH_HALF_DECADE, "1900-1904", "2035-2039", 28),
        (codes.BIRTH_DECADE, "1900-1909", "2030-2039", 14),
    ],
)
def test_the_ladders_of_time_have_no_hole(listed: CodeList, first: str, last: str, number: int) -> None:
    *stated, unknown = listed.values()
    assert (stated[0], stated[-1], len(stated), unknown) == (first, last, number, "X")
    assert stated == sorted(set(stated))


def test_a_code_without_a_parent_is_an_error_at_load() -> None:
    with pytest.raises(TypeError, match="without a parent"):
        CodeList(
            name="quarter",
            nb="Kvartal",
            en="Quarter",
            source="the calendar",
            parent=codes.YEAR,
            codes=(Code(value="2035-Q1", nb="2035-Q1", en="2035-Q1", parent="2035"),),
        )


def test_a_hierarchy_holds_the_codes_that_stand_in_the_table_alone() -> None:
    """Codes that nobody has would make every coarsening look small."""
    frame = pl.DataFrame({"start_month": ["2011-02", "2011-02", "X", "2012-05"], "status_y1": [None] * 4})
    made = hierarchies(approved("start_month", "status_y1"), frame)
    assert list(made) == ["start_month"]
    assert made["start_month"].labels == (
        ("2011-02", "2012-05", "X"),
        ("2011-Q1", "2012-Q2", "X"),
        ("2011", "2012", "X"),
        ("2011-2014", "X"),
        (ANY,),
    )


@pytest.mark.parametrize(
    ("name", "level", "called"),
    [
        ("start_month", 0, "month"),
        ("start_month", 3, "period"),
        ("start_month", 4, ANY),
        ("sex", 0, "sex"),
        ("sex", 1, ANY),
        ("birth_year", 1, "birth_half_decade"),
    ],
)
def test_a_level_is_called_by_its_code_list(name: str, level: int, called: str) -> None:
    assert level_name(column(CoarsenedOutcome, name), level) == called
