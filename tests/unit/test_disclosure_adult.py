"""The bars on the real Adult data, through the command line, scored from the files as written."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli_disclosure import anonymise
from tests import adult


def released(tmp_path: Path, *, k: int, mode: str, **rules: object) -> pl.DataFrame:
    columns = {
        name: {"role": "quasi", "hierarchy": str(adult.folder() / f"adult_hierarchy_{name}.csv")}
        for name in adult.QUASI
    }
    columns[adult.SENSITIVE] = {"role": "sensitive", **rules} if rules else {"role": "kept"}
    roles = tmp_path / "roles.yaml"
    roles.write_text(yaml.safe_dump({"k": k, "mode": mode, "columns": columns}), encoding="utf-8")
    out = tmp_path / "out.parquet"
    words = [str(adult.folder() / "adult.csv"), "--roles", str(roles), "--out", str(out)]
    CliRunner().invoke(anonymise, words, standalone_mode=False, catch_exceptions=False)
    return pl.read_parquet(out)


def smallest(frame: pl.DataFrame) -> tuple[int, int]:
    """The fewest rows, and the fewest different occupations, of a class."""
    names = ", ".join(f'"{name}"' for name in adult.QUASI)
    found = duckdb.execute(
        f"select min(n), min(kinds) from (select count(*) as n, count(distinct occupation) as kinds "
        f"from frame group by {names})"
    ).fetchall()
    return found[0]


@pytest.mark.parametrize(
    ("k", "rules", "optimum", "suppressed"),
    [(5, {}, 0.17834, 1346), (10, {}, 0.23257, 1437), (5, {"distinct": 2}, 0.17834, 1346)],
)
def test_one_level_for_each_column_reaches_the_true_optimum(
    tmp_path: Path, k: int, rules: dict[str, int], optimum: float, suppressed: int
) -> None:
    everybody = adult.table().height
    coarse = released(tmp_path, k=k, mode="level", **rules)
    assert float(adult.loss(coarse, everybody)) == pytest.approx(optimum, abs=1e-5)
    assert everybody - coarse.height == suppressed <= 0.05 * everybody
    assert smallest(coarse) >= (k, rules.get("distinct", 1))
    assert all(coarse[name].n_unique() > 1 for name in ("sex", "race", "salary-class"))


@pytest.mark.parametrize(
    ("k", "rules", "most"), [(5, {}, 0.0716), (10, {}, 0.1044), (5, {"distinct": 3}, 0.0716)]
)
def test_levels_by_class_lose_less_than_the_bar_and_leave_nobody_out(
    tmp_path: Path, k: int, rules: dict[str, int], most: float
) -> None:
    everybody = adult.table().height
    coarse = released(tmp_path, k=k, mode="class", **rules)
    assert coarse.height == everybody
    assert float(adult.loss(coarse, everybody)) <= most
    rows, kinds = smallest(coarse)
    assert rows >= k and kinds >= rules.get("distinct", 1)
