"""How coarse a variable may become at most: in the engine, in a role file, in a request, and in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipeline.disclosure import verify_engine as engine_verifier
from pipeline.disclosure.anonymise import anonymise, recoded
from pipeline.disclosure.coarsen import level_lists, roles_of
from pipeline.disclosure.engine.encode import encode
from pipeline.disclosure.engine.hierarchy import hierarchy
from pipeline.disclosure.engine.lattice import search
from pipeline.disclosure.engine.local import refine
from pipeline.disclosure.engine.targets import Targets
from pipeline.disclosure.roles import Mode, Roles, asked, load
from pipeline.disclosure.verify import verify
from pipeline.errors import NotVerified, RequestRefused, TargetUnreachable
from pipeline.releases.manifest import request_text
from pipeline.requests.request import Request
from pipeline.requests.request import load as load_request
from schemas.research import CoarsenedOutcome
from schemas.variable import columns
from tests.release_world import coarsened_request

LINES = [("1", "low", "*"), ("2", "low", "*"), ("3", "high", "*"), ("4", "high", "*")]
AGE = hierarchy("age", LINES)
# Two of each sex at each age but one; the one is left out where sexes must be told apart.
PEOPLE = pl.DataFrame({"age": list("112233441"), "sex": list("mfmfmfmfo")})


def roles(mode: Mode, **coarsest: int) -> Roles:
    quasi: dict[str, Any] = {name: {"role": "quasi"} for name in ("age", "sex")}
    for name, level in coarsest.items():
        quasi[name]["coarsest"] = level
    return Roles(k=2, suppression=0.2, mode=mode, columns=quasi)


def test_without_its_coarser_levels_a_hierarchy_costs_what_it_did() -> None:
    capped = AGE.up_to(1)
    assert (capped.levels, capped.capped) == (2, True)
    assert capped.labels == AGE.labels[:2]
    assert capped.under.tolist() == [[1, 1, 1, 1], [2, 2, 2, 2]]
    assert AGE.up_to(2) == AGE and not AGE.up_to(2).capped


@pytest.mark.parametrize("level", [-1, 3])
def test_a_level_that_there_is_not_is_refused(level: int) -> None:
    with pytest.raises(RequestRefused, match="levels 0 to 2"):
        AGE.up_to(level)


@pytest.mark.parametrize("mode", list(Mode))
def test_groups_to_be_compared_are_never_merged_and_who_stands_out_so_is_left_out(mode: Mode) -> None:
    """Whole, the one of sex o goes into `*` with the others; with sex as it is, it is left out."""
    free = recoded(PEOPLE, roles(mode), {"age": AGE})
    kept = recoded(PEOPLE, roles(mode, sex=0), {"age": AGE})
    assert (free.cost.suppressed == 0) is (mode is Mode.CLASS)
    assert kept.cost.suppressed == 1
    assert sorted(kept.rows["sex"].to_list()) == ["f"] * 4 + ["m"] * 4
    assert set(kept.rows["age"]) == {"low", "high"}


@pytest.mark.parametrize("mode", list(Mode))
def test_the_refusal_names_what_was_kept_from_becoming_coarser_and_how_to_let_it(mode: Mode) -> None:
    with pytest.raises(TargetUnreachable) as refused:
        recoded(PEOPLE, roles(mode, age=0, sex=0), {"age": AGE})
    assert "Kept from becoming coarser, as was asked for: age, sex." in str(refused.value)
    assert "let age or sex become coarser (coarsest)" in str(refused.value)
    plain = pl.DataFrame({"age": ["1"], "sex": ["m"]})
    with pytest.raises(TargetUnreachable) as refused:
        recoded(plain, roles(mode), {"age": AGE})
    assert "coarser (coarsest)" not in str(refused.value)


def test_a_stored_level_above_the_limit_is_not_taken_again() -> None:
    made = recoded(PEOPLE, roles(Mode.LEVEL, sex=0), {"age": AGE}, stored={"age": 2, "sex": 1})
    assert made.levels == {"age": 1, "sex": 0}
    again = recoded(PEOPLE, roles(Mode.LEVEL, sex=0), {"age": AGE}, stored={"age": 2, "sex": 0})
    assert again.levels == {"age": 2, "sex": 0}


@pytest.mark.parametrize("find", [search, refine])
def test_the_limit_of_a_column_without_a_hierarchy_is_its_values(find: Any) -> None:
    frame = pl.DataFrame({"sex": ["m", "m", "f"]})
    problem = encode(
        frame, ["sex"], Targets(k=2, suppression=Fraction(1, 3)), hierarchies={}, coarsest={"sex": 0}
    ).problem
    assert find(problem).suppressed == 1


def role_file(folder: Path, **age: Any) -> Path:
    (folder / "age.csv").write_text("\n".join(";".join(line) for line in LINES), "utf-8")
    columns_ = {"age": {"role": "quasi", "hierarchy": "age.csv"} | age, "sex": {"role": "quasi"}}
    (folder / "roles.yaml").write_text(yaml.safe_dump({"k": 2, "suppression": 0.2, "columns": columns_}))
    return folder / "roles.yaml"


def test_a_role_file_says_it_by_the_level(tmp_path: Path) -> None:
    limited = load(role_file(tmp_path, coarsest=1))
    assert limited.coarsest() == {"age": 1}
    assert asked(limited, tmp_path).coarsest == {"age": 1}
    assert set(anonymise(PEOPLE, limited, tmp_path).rows["age"]) == {"low", "high"}
    with pytest.raises(RequestRefused, match="levels 0 to 2"):
        anonymise(PEOPLE, load(role_file(tmp_path, coarsest=3)), tmp_path)


@pytest.mark.parametrize(
    ("column_", "said"),
    [
        ({"coarsest": -1}, "greater than or equal to 0"),
        ({"role": "kept", "hierarchy": None, "coarsest": 1}, "belong to a quasi-identifier"),
    ],
)
def test_a_role_file_that_says_it_wrongly_is_refused(
    tmp_path: Path, column_: Mapping[str, Any], said: str
) -> None:
    with pytest.raises(RequestRefused, match=said):
        load(role_file(tmp_path, **column_))


def test_a_request_says_it_by_a_code_list_of_the_variables_ladder() -> None:
    (output,) = coarsened_request(coarsest={"country_of_birth": "country_group"}).outputs
    approved = output.approved("coarsened_outcome")
    limited = roles_of(approved, output.weights, output.coarsest_of("coarsened_outcome"))
    (country,) = [c for c in approved if c.name == "country_of_birth"]
    assert level_lists(country)[limited.coarsest()["country_of_birth"]] == "country_group"
    assert list(limited.coarsest()) == ["country_of_birth"]


@pytest.mark.parametrize(
    ("coarsest", "said"),
    [
        ({"country_of_birth": "country_groups"}, "did you mean country_group?"),
        ({"sex": "country_group"}, "there is no 'country_group'; there are sex"),
        ({"country_of_brith": "country_group"}, "did you mean country_of_birth?"),
        ({"chronic_illness": "yes_no"}, "there is no 'chronic_illness'"),
        ({"exit_year": "year"}, "there is no 'exit_year'"),  # not asked for
    ],
)
def test_a_request_that_says_it_wrongly_is_told_the_nearest(coarsest: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match="coarsest") as refused:
        coarsened_request(coarsest=coarsest)
    assert said in str(refused.value)


def test_a_pseudonymised_output_has_no_coarsest() -> None:
    whole = coarsened_request()
    plain = {"kind": "pseudonymised", "tables": {"person": ["sex"]}, "coarsest": {"sex": "sex"}}
    with pytest.raises(ValueError, match="coarsest belongs to a coarsened output"):
        Request.model_validate(whole.model_dump() | {"outputs": [plain]})


def test_what_was_not_asked_for_does_not_stand_in_the_request(tmp_path: Path) -> None:
    plain, limited = coarsened_request(), coarsened_request(coarsest={"sex": "sex"})
    assert "coarsest" not in plain.canonical and '"coarsest"' in limited.canonical
    path = tmp_path / "request.yaml"
    path.write_bytes(request_text(limited))
    assert load_request(path).canonical == limited.canonical


@pytest.mark.parametrize(
    ("value", "limit", "sound"),
    [("2", 0, True), ("1+", 0, False), ("1+", 1, True), ("*", 1, False), ("*", 2, True)],
)
def test_the_verifier_finds_a_value_coarser_than_was_asked_for(
    tmp_path: Path, value: str, limit: int, sound: bool
) -> None:
    names = [c.name for c in columns(CoarsenedOutcome) if c.name in ("children", "status_y0")]
    rows = [(value, status) for status in ("work", "other") * 5]
    pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").write_parquet(
        tmp_path / "file.parquet"
    )

    def check() -> object:
        return verify(
            tmp_path / "file.parquet", CoarsenedOutcome, coarsened=True, rows=10, coarsest={"children": limit}
        )

    if sound:
        check()
        return
    with pytest.raises(NotVerified, match="children has values coarser than was asked for"):
        check()


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    ("limits", "sound"), [({}, True), ({"age": 1}, True), ({"age": 0}, False), ({"sex": 0}, False)]
)
def test_the_engines_verifier_finds_it_too(
    tmp_path: Path, mode: Mode, limits: dict[str, int], sound: bool
) -> None:
    """Ages as low and high, sexes as `*`: what was made without limits, held against some."""
    role_file(tmp_path)
    free = roles(mode)
    columns_ = {
        "age": free.columns["age"].model_copy(update={"hierarchy": "age.csv"}),
        "sex": free.columns["sex"],
    }
    rows = [("low", "*"), ("low", "*"), ("low", "*"), ("low", "*"), ("high", "*"), ("high", "*")]
    written = pl.DataFrame(rows, schema=["age", "sex"], orient="row")
    written.write_parquet(tmp_path / "out.parquet")
    source = pl.DataFrame({"age": list("121233"), "sex": list("mfmfmf")})
    asked_for = asked(free.model_copy(update={"columns": columns_}), tmp_path)

    def check() -> object:
        return engine_verifier.verify(source, tmp_path / "out.parquet", replace(asked_for, coarsest=limits))

    if sound:
        check()
        return
    with pytest.raises(NotVerified, match="has values coarser than was asked for"):
        check()
