"""What a researcher is told of the fields behind a request: before it, and beside each version."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml

from pipeline.errors import RequestRefused
from pipeline.pages.effects import effect_of
from pipeline.pages.field_facts import (
    findings_in_words,
    markdown,
    paragraph,
)
from pipeline.pages.grade_words import grade_in_words, why_no_grade, years_in_words
from pipeline.quality.stewardship import Unfit
from pipeline.releases.release import release
from pipeline.releases.verify import verify
from pipeline.requests.preview import (
    QualityFacts,
    fields_behind,
    quality_facts,
    refuse_unfit,
    unfit_variables,
)
from pipeline.requests.request import Request, load, request_files
from schemas.demands import DEADLINES
from schemas.variable import Demand
from tests import published_world
from tests.published_world import AS_OF
from tests.release_world import INPUTS, NOBODY, demo_keys, demo_request, sources

MARK = Unfit("background", "education_level", None, "Fagsystemavdelingen", AS_OF, "Tomt.", "Empty.")
OTHER = Unfit("housing", "rooms", None, "Fagsystemavdelingen", AS_OF, "Tomt.", "Empty.")
UNFIT = [
    "coarsened_outcome.education_level",
    "person.education_level",
    "person.education_level_state",
]


def told(*unfit: Unfit, request: Request | None = None) -> QualityFacts:
    elsewhere = {"result_id": "f" * 16, "table": "housing", "column": "rooms"}
    return quality_facts(
        request or demo_request(),
        published_world.results({}, elsewhere),
        published_world.fields({}, {"table": "housing", "column": "rooms"}),
        unfit,
    )


def changed(folder: Path, **changes: object) -> Request:
    """The built-in request with other words."""
    content = yaml.safe_load(request_files(None)[0].read_text("utf-8")) | changes
    path = folder / "request.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return load(path)


# --- which fields ----------------------------------------------------------------------------------------


def test_a_variable_rests_on_source_fields_through_whatever_it_is_derived_from() -> None:
    behind = fields_behind(demo_request())
    found: dict[str, set[str]] = {}
    for variable, table, column in behind.rows():
        found.setdefault(variable, set()).add(f"{table}.{column}")
    assert found["person.education_level"] == {"background.education_level"}
    assert found["person.education_level_state"] == {"background.education_level"}
    assert found["coarsened_outcome.birth_year"] == {"person.birth_date"}
    assert found["coarsened_outcome.education_level"] == {"background.education_level"}
    assert found["coarsened_outcome.children"] == {"family.children_under_18"}
    assert found["programme.nir_exit"] == {"result.nir_exit"}
    assert "result.nir_exit" in found["coarsened_outcome.status_y0"]
    assert not any(column.endswith(("_id", "_key", "identifier")) for _, _, column in behind.rows())


def test_only_what_concerns_the_request_is_told() -> None:
    facts = told(MARK, OTHER)
    assert facts.results["column"].to_list() == facts.fields["column"].to_list() == ["education_level"]
    assert facts.unfit == (MARK,)


# --- unfit -----------------------------------------------------------------------------------------------


def test_a_request_for_an_unfit_field_is_refused_until_it_accepts_it(tmp_path: Path) -> None:
    assert [u["variable"] for u in unfit_variables(told(MARK))] == UNFIT
    refuse_unfit(demo_request(), told(OTHER))
    with pytest.raises(RequestRefused) as refused:
        refuse_unfit(demo_request(), told(MARK))
    assert all(name in refused.value.happened for name in (*UNFIT, "Fagsystemavdelingen", "Empty."))
    assert f"accepts_unfit: [{', '.join(UNFIT)}]" in refused.value.do
    half = changed(tmp_path, accepts_unfit=UNFIT[:1])
    with pytest.raises(RequestRefused, match="accepts_unfit"):
        refuse_unfit(half, told(MARK))
    refuse_unfit(changed(tmp_path, accepts_unfit=UNFIT), told(MARK))
    refuse_unfit(demo_request(), told(MARK), UNFIT)


def test_only_what_is_asked_for_can_be_accepted(tmp_path: Path) -> None:
    with pytest.raises(RequestRefused, match=r"did you mean person\.education_level\?"):
        changed(tmp_path, accepts_unfit=["person.education_levels"])


def test_accepting_nothing_is_the_request_it_was(tmp_path: Path) -> None:
    assert changed(tmp_path, accepts_unfit=[]).canonical == demo_request().canonical
    assert changed(tmp_path, accepts_unfit=UNFIT).canonical != demo_request().canonical


# --- a release -------------------------------------------------------------------------------------------


def publish(
    folder: Path, facts: QualityFacts | None, *, request: Request | None = None, as_of: date = AS_OF
) -> Path:
    (folder / "releases").mkdir(exist_ok=True)
    done = release(
        request or demo_request(),
        sources(),
        NOBODY,
        demo_keys(folder / "keys"),
        INPUTS,
        folder / "releases",
        as_of,
        quality=facts,
    )
    return done.published.folder


def test_a_version_is_the_same_whatever_is_known_of_its_fields(tmp_path: Path) -> None:
    without = publish(tmp_path, None)
    worse = replace(told(), fields=published_world.fields({"band": "0-10", "grade": "D"}))
    assert publish(tmp_path, told(), as_of=date(2025, 3, 2)) == without
    assert publish(tmp_path, worse, as_of=date(2025, 3, 3)) == without
    assert len(list((tmp_path / "releases" / "demo").glob("*+*"))) == 1


def test_the_facts_stand_inside_the_version_and_are_verified(tmp_path: Path) -> None:
    folder = publish(tmp_path, told())
    assert {path.name for path in (folder / "quality").iterdir()} == {
        "quality.nb.md",
        "quality.en.md",
        "variables.parquet",
        "fields.parquet",
        "results.parquet",
    }
    assert pl.read_parquet(folder / "quality/fields.parquet").equals(told().fields)
    assert verify(folder).problems == ()
    (folder / "quality").chmod(0o750)
    page = folder / "quality/quality.nb.md"
    page.chmod(0o640)
    page.write_text(page.read_text("utf-8").replace("25", "90"), "utf-8")
    assert verify(folder).problems == ("quality/quality.nb.md is not what was published",)


def test_codebook_and_manifest_carry_the_mark_and_are_verified(tmp_path: Path) -> None:
    request = changed(tmp_path, accepts_unfit=UNFIT)
    folder = publish(tmp_path, told(MARK, request=request), request=request)
    marks = json.loads((folder / "manifest.json").read_bytes())["unfit"]
    assert [mark["variable"] for mark in marks] == UNFIT
    codebook = (folder / "codebook.nb.md").read_text("utf-8")
    assert codebook.count("uegnet til bruk siden 2025-03-01 (Fagsystemavdelingen): Tomt.") == len(UNFIT)
    assert "unfit for use since 2025-03-01" in (folder / "codebook.en.html").read_text("utf-8")
    assert verify(folder).problems == ()
    without = publish(tmp_path / "other", told()) if (tmp_path / "other").mkdir() is None else None
    assert without is not None and "uegnet" not in (without / "codebook.nb.md").read_text("utf-8")


def test_a_first_version_with_an_unfit_field_is_refused_and_a_series_goes_on(tmp_path: Path) -> None:
    with pytest.raises(RequestRefused, match="unfit for use"):
        publish(tmp_path, told(MARK))
    assert not (tmp_path / "releases" / "demo").exists()
    first = publish(tmp_path, told())
    assert publish(tmp_path, told(MARK), as_of=date(2025, 3, 2)) == first


# --- words -----------------------------------------------------------------------------------------------


def test_a_methods_paragraph_has_the_figures_the_grade_and_what_was_found_in_both_languages() -> None:
    about = ("background", "education_level")
    args = (published_world.fields({}), published_world.results({}), (MARK,), AS_OF)
    assert paragraph(about, *args, "en") == (
        "“Level of education” (background) is registered in Socio, and asked for by nobody. "
        "The field is expected to be filled for at least 40 %. "
        "As of 2025-03-01 about 200 values were expected of participants in the programme; 25–50 % had one. "
        "Grade C (under 60 % have a value; sparse): only with treatment of what is missing. "
        "The checks found: filled less than promised, participants in the programme. "
        "Since 2025-03-01 Fagsystemavdelingen has marked the field as unfit for use: Empty."
    )
    norwegian = paragraph(about, *args, "nb")
    assert "Per 01.03.2025 var om lag 200 verdier ventet" in norwegian
    assert "har siden 01.03.2025 merket" in norwegian
    assert norwegian.startswith("«Utdanningsnivå» (bakgrunn) registreres i Socio, og etterspørres av ingen.")
    assert norwegian.endswith("merket feltet som uegnet til bruk: Tomt.")


def test_by_when_a_value_is_due_is_told_where_somebody_says() -> None:
    about = {"table": "result", "column": "nir_exit"}
    args = (published_world.fields(about), published_world.results().clear(), (), AS_OF)
    said = paragraph(("result", "nir_exit"), *args, "en")
    assert DEADLINES[Demand.NIR].en in said
    assert DEADLINES[Demand.NIR].nb in paragraph(("result", "nir_exit"), *args, "nb")
    nobodys = paragraph(("background", "education_level"), published_world.fields({}), *args[1:], "en")
    assert not [limit for limit in DEADLINES.values() if limit.en in nobodys]


def test_what_is_alike_of_years_in_a_row_is_said_once() -> None:
    told = published_world.fields(
        {},
        {"place": "0"},
        *({"place": str(year)} for year in (2009, 2010, 2011)),
        {"place": "2012", "grade": "B"},
        *({"place": str(year), "grade": "B"} for year in (2014, 2015)),
        {"place": "2016", "band": None, "grade": None},
        {"place": "2017", "population": "grant_only", "grade": None},
    )
    assert years_in_words(told, "en") == [
        "Share with a value, year by year, grant-eligible, not in the programme: "
        "2017: 25–50 %, no grade (fewer than 100 expected values)",
        "Share with a value, year by year, participants in the programme: "
        "2009–2011: 25–50 %, grade C; 2012: 25–50 %, grade B; 2014–2015: 25–50 %, grade B; 2016: not shown",
    ]
    assert "2009–2011: 25–50 %, karakter C" in years_in_words(told, "nb")[1]


def test_what_was_found_alike_of_several_years_is_one_finding() -> None:
    shift = {"check": "break_between_years", "effect_kind": "change", "effect_percent": 20}
    found = published_world.results(
        *({**shift, "result_id": f"{year}" * 4, "year": year} for year in (2011, 2009, 2010, 2014)),
        {**shift, "result_id": "e" * 16, "year": 2012, "effect_percent": -20},
    )
    assert findings_in_words(found.to_dicts(), "en") == [
        "break between two years (down about 20 percentage points from the year before), 2012, "
        "participants in the programme",
        "break between two years (up about 20 percentage points from the year before), 2009–2011, 2014, "
        "participants in the programme",
    ]


def test_what_comes_late_is_told_as_it_is_now_and_as_it_is_expected_in_the_end() -> None:
    late = {"effect_kind": "expected_final", "effect_percent": 90, "now_percent": 60}

    def told(language: str = "en", **more: int | None) -> str:
        return effect_of(late | more, language).replace("\N{NO-BREAK SPACE}", " ")

    assert told() == "latest 24 months: now about 60 %, expected in the end at least about 90 %"
    assert told("nb") == "siste 24 måneder: nå rundt 60 %, ventet til slutt minst rundt 90 %"
    assert told(now_percent=10).startswith("latest 24 months: now at most about 10 %")
    assert told(now_percent=90) == (
        "latest 24 months: now at least about 90 %, and little more is expected; more than 10 % of the "
        "values came after the time limit or are still to come"
    )
    assert told(now_percent=None) == "expected in the end: about 90 %"
    assert told(effect_percent=None) == ""


def test_the_paragraph_of_a_late_field_says_what_there_is_now_and_in_the_end() -> None:
    late = {
        "check": "registration_delay", "flag": "late", "effect_kind": "expected_final", "effect_percent": 90,
        "now_percent": 60,
    }  # fmt: skip
    field = ("background", "education_level")
    said = paragraph(
        field, published_world.fields({}), published_world.results(late), (), AS_OF, "nb"
    ).replace("\N{NO-BREAK SPACE}", " ")
    assert "(siste 24 måneder: nå rundt 60 %, ventet til slutt minst rundt 90 %)" in said


def test_a_year_without_a_grade_says_why_and_a_blank_that_is_an_answer_is_said_to_be_one() -> None:
    cell = {"grade": None, "reasons": "not_ripe"}
    assert grade_in_words(cell, "en") == "No grade (the year is still filling up)."
    assert grade_in_words(cell | {"reasons": None}, "en") == "No grade (fewer than 100 expected values)."
    # Of several reasons, the one that a grade is withheld for.
    assert why_no_grade("not_ripe below_20 sparse", "en") == "the year is still filling up"
    told = [
        {"place": "2021", **cell},
        {"place": "2022", **cell},
        {"place": "2023", "grade": None, "reasons": None},
    ]
    assert years_in_words(published_world.fields(*told), "nb") == [
        "Andel med verdi, år for år, deltakere i introduksjonsprogram: "
        "2021–2022: 25–50 %, ingen karakter (året fylles fortsatt); "
        "2023: 25–50 %, ingen karakter (færre enn 100 ventede verdier)"
    ]
    about = {"table": "case", "column": "closed_on"}
    said = paragraph(
        ("case", "closed_on"), published_world.fields(about), published_world.results(), (), AS_OF, "en"
    )
    assert "An empty field may be an answer: The case is open." in said


def test_an_effect_is_told_where_it_may_be_seen() -> None:
    found = {"check": "bydel_spread", "flag": "uneven", "effect_kind": "spread", "effect_percent": 40}
    said = paragraph(
        ("background", "education_level"),
        published_world.fields({}),
        published_world.results(found),
        (),
        AS_OF,
        "en",
    )
    assert (
        "The checks found: spread between bydeler (about 40 percentage points between highest and lowest), "
        "participants in the programme." in said
    )


def test_what_is_too_small_is_said_to_be_and_what_is_not_measured_too() -> None:
    hidden = published_world.fields({"n": None, "band": None, "grade": None, "reasons": None})
    none = published_world.results().clear()
    said = paragraph(("background", "education_level"), hidden, none, (), AS_OF, "en")
    assert "Of participants in the programme the figures are too small to show." in said
    assert "No check could run and be shown." in said and "%" in said and "Grade" not in said
    other = paragraph(("education", "nus2000"), hidden, none, (), AS_OF, "en")
    assert "The field is not measured" in other and "No check" not in other


def test_what_a_steward_wrote_stays_text_on_the_page() -> None:
    written = "a\n\n# Heading\n<b>x</b> [c](javascript:d) | *e* `f`"
    facts = told(replace(MARK, owner=written, nb=written, en=written))
    for language in ("nb", "en"):
        page = markdown(facts.variables, facts.fields, facts.results, facts.unfit, AS_OF, language)
        assert page.count(r"a \# Heading &lt;b>x&lt;/b> \[c\](javascript:d) \| \*e\* \`f\`") == 2
        assert "<b>" not in page and "\n# Heading" not in page


def test_the_page_has_a_row_for_each_variable_and_says_what_is_not_measured() -> None:
    facts = told()
    page = markdown(facts.variables, facts.fields, facts.results, facts.unfit, AS_OF, "en")
    assert "| `person.education_level` | Level of education (`background.education_level`) |" in page
    assert "- `person.sex`: Sex (`person.sex`)" in page
    assert page.count("## ") == 2
