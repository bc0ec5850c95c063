"""What the quality measurement asks for by name is read from its declaration: no code is written twice."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from schemas import BY_NAME, codes

PIPELINE = Path(__file__).parents[2] / "pipeline"
QUALITY = sorted((PIPELINE / "quality").glob("*.py"))
# Lists of the linked tables: their codes are the linkage's to write, and quality's to read by name.
LINKED = {
    code for listed in (codes.RECONCILIATION_KIND, codes.PROGRAMME_FLAG) for code in listed.values()
} - set(codes.QUALITY_CHECK.values())  # a check may have the name of the flag it counts
_QUOTED = re.compile(r"'([^']*)'")


@pytest.mark.parametrize("path", QUALITY, ids=lambda p: p.stem)
def test_no_code_of_a_linked_table_is_written_in_the_measurement(path: Path) -> None:
    texts = {n.value for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Constant)}
    assert not {text for text in texts if isinstance(text, str)} & LINKED


def quoted(path: Path) -> set[str]:
    lines = path.read_text("utf-8").splitlines()
    return {found for line in lines if not line.startswith("--") for found in _QUOTED.findall(line)}


def test_the_measurements_queries_hold_no_value_but_the_names_of_what_they_were_shown() -> None:
    shown = "^(value|reason):", "^value:"  # the prefixes that `counting.py` gives its columns
    for path in sorted((PIPELINE / "quality").glob("*.sql")):
        assert quoted(path) <= set(shown), path.name


def test_the_linkage_quality_names_no_register_and_no_series() -> None:
    declared = set(BY_NAME) | set(codes.EMPLOYMENT_SERIES.values())
    assert not quoted(PIPELINE / "linkage" / "match_rate.sql") & declared
